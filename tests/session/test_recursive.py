"""Recursive CTEs and cloud tables: which keys they can supply, and which they cannot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.errors import MissingParameter
from tests.session.conftest import Ask
from tests.support.fault_proxy import FaultProxy

PATHS = "WITH RECURSIVE n(p) AS (SELECT '/a' UNION ALL SELECT p || '/b' FROM n WHERE length(p) < 6)"


@pytest.fixture(autouse=True)
def parameters(client: Callable[..., Any]) -> None:
    """One under each of two paths, and one that is under neither."""
    for name in ("/a/x", "/a/b/y", "/c/z"):
        client("ssm").put_parameter(Name=name, Value="v", Type="String")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT x.Name FROM n JOIN aws.ssm.parameters_by_paths x ON x.Path = n.p",
        "SELECT x.Name FROM n, aws.ssm.parameters_by_paths x WHERE x.Path = n.p || ''",
        "SELECT Name FROM aws.ssm.parameters_by_paths WHERE Path IN (SELECT p FROM n)",
        "SELECT x.Name FROM n, LATERAL (SELECT * FROM aws.ssm.parameters_by_paths WHERE Path = "
        "n.p) x",
    ],
)
def test_a_recursive_query_feeds_a_table_with_each_of_its_values(
    query: str, ask: Ask, proxy: FaultProxy
) -> None:
    assert [r["Name"] for r in ask(f"{PATHS} {query} ORDER BY 1")] == ["/a/b/y", "/a/x"]
    assert proxy.calls["ssm:GetParametersByPath"] == 3  # for /a, /a/b and /a/b/b


def test_a_table_that_can_be_listed_is_walked_from_within_the_recursion(
    ask: Ask, proxy: FaultProxy
) -> None:
    walked = ask(
        "WITH RECURSIVE n(name, depth) AS (SELECT '/a', 0 UNION ALL SELECT t.Name, depth + 1 FROM "
        "n "
        "JOIN aws.ssm.parameters t ON t.Name LIKE n.name || '/%' WHERE depth < 3) "
        "SELECT DISTINCT name FROM n ORDER BY 1"
    )
    assert [r["name"] for r in walked] == ["/a", "/a/b/y", "/a/x"]
    assert proxy.calls["ssm:DescribeParameters"] == 1


def test_a_key_that_only_the_recursion_itself_gives_is_an_error_and_no_empty_answer(
    ask: Ask, proxy: FaultProxy
) -> None:
    with pytest.raises(MissingParameter, match="Path is required") as refused:
        ask(
            "WITH RECURSIVE n(p) AS (SELECT '/a' UNION SELECT x.Name FROM n "
            "JOIN aws.ssm.parameters_by_paths x ON x.Path = n.p) SELECT * FROM n"
        )
    assert "the values that n returns are unknown before the table is read" in str(refused.value)
    assert not proxy.calls


@pytest.fixture
def units(client: Callable[..., Any]) -> str:
    """An organization with a unit, one in that, and an account in the inner one; the root's id."""
    organizations = client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    root = parent = str(organizations.list_roots()["Roots"][0]["Id"])
    for name in ("outer", "inner"):
        made = organizations.create_organizational_unit(ParentId=parent, Name=name)
        parent = made["OrganizationalUnit"]["Id"]
    account = organizations.create_account(Email="a@example.com", AccountName="app")[
        "CreateAccountStatus"
    ]
    organizations.move_account(
        AccountId=account["AccountId"], SourceParentId=root, DestinationParentId=parent
    )
    return root


def test_the_units_of_an_organization_are_those_of_all_levels(
    ask: Ask, proxy: FaultProxy, units: str
) -> None:
    found = ask("SELECT Name FROM aws.organizations.organizational_units_for_parents ORDER BY 1")
    assert [r["Name"] for r in found] == ["inner", "outer"]
    # The root and each unit: to find the units, and for their rows.
    assert proxy.calls["organizations:ListOrganizationalUnitsForParent"] == 6
    accounts = ask(
        "SELECT Name FROM aws.organizations.accounts_for_parents WHERE ParentId <> $r", r=units
    )
    assert [r["Name"] for r in accounts] == ["app"]


def test_a_recursive_query_walks_the_tree_of_an_organization(ask: Ask, units: str) -> None:
    walked = ask(
        f"WITH RECURSIVE t(id, name, depth) AS (SELECT '{units}', 'root', 0 UNION ALL "
        "SELECT u.Id, u.Name, t.depth + 1 FROM t "
        "JOIN aws.organizations.organizational_units_for_parents u ON u.ParentId = t.id) "
        "SELECT name, depth FROM t ORDER BY depth"
    )
    assert [tuple(r.values()) for r in walked] == [("root", 0), ("outer", 1), ("inner", 2)]
