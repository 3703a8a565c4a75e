"""A condition on a key that a parent lists asks for the parent's rows that it lets through,
and no others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.session.conftest import Ask
from tests.support.fault_proxy import FaultProxy

DOCUMENT = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", '
    '"Resource": "*"}]}'
)
NAMES = ("ann", "anna", "bob", "carl")


@pytest.fixture(autouse=True)
def users(client: Callable[..., Any]) -> None:
    """Four users, each with an inline policy named after it."""
    iam = client("iam")
    for name in NAMES:
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName=f"of-{name}", PolicyDocument=DOCUMENT)


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ("UserName LIKE 'ann%'", {"ann", "anna"}),
        ("user_name ILIKE 'ANN_'", {"anna"}),
        ("UserName > 'b' AND PolicyName <> 'of-bob'", {"bob", "carl"}),
        ("UserName NOT LIKE 'ann%'", {"bob", "carl"}),
        ("(UserName LIKE 'b%' OR UserName LIKE 'c%')", {"bob", "carl"}),
        ("UserName BETWEEN 'anna' AND 'bob'", {"anna", "bob"}),
        ("lower(UserName) LIKE 'ann%'", {"ann", "anna"}),
        ("(UserName LIKE 'ann%' OR PolicyName = 'of-bob')", set(NAMES)),
        ("length(UserName) = 3", set(NAMES)),
    ],
)
def test_only_the_parents_that_a_condition_lets_through_are_asked(
    ask: Ask, proxy: FaultProxy, condition: str, wanted: set[str]
) -> None:
    sql = f"SELECT UserName, PolicyName FROM aws.iam.user_policies WHERE {condition} ORDER BY 1"
    whole = ask("SELECT UserName, PolicyName FROM aws.iam.user_policies")
    assert len(whole) == len(NAMES)
    proxy.calls.clear()
    found = ask(sql)
    assert {"iam:ListUsers": 1, "iam:ListUserPolicies": len(wanted)}.items() <= proxy.calls.items()
    assert {r["UserName"] for r in found} <= wanted
    kept = ask("WITH w AS MATERIALIZED (SELECT * FROM aws.iam.user_policies) SELECT UserName, "
               "PolicyName "
               f"FROM w WHERE {condition} ORDER BY 1")  # fmt: skip
    assert found == kept


def test_an_outer_join_keeps_the_rows_without_a_partner(ask: Ask, proxy: FaultProxy) -> None:
    sql = (
        "SELECT u.UserName, p.PolicyName FROM aws.iam.users u LEFT JOIN aws.iam.user_policies p "
        "ON p.UserName = u.UserName AND p.UserName LIKE 'ann%' ORDER BY 1"
    )
    rows = [(r["UserName"], r["PolicyName"]) for r in ask(sql)]
    assert rows == [("ann", "of-ann"), ("anna", "of-anna"), ("bob", None), ("carl", None)]


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ("p.UserName LIKE 'ann%'", {"ann", "anna"}),
        ("starts_with(p.UserName, 'ann')", {"ann", "anna"}),
        ("p.UserName BETWEEN 'anna' AND 'bob'", {"anna", "bob"}),
        ("p.PolicyName LIKE 'of-a%'", set(NAMES)),
    ],
)
def test_a_condition_on_a_key_that_a_join_feeds_lets_through_its_values(
    ask: Ask, proxy: FaultProxy, condition: str, wanted: set[str]
) -> None:
    proxy.calls.clear()
    sql = (
        "SELECT u.UserName, p.PolicyName FROM aws.iam.users u LEFT JOIN aws.iam.user_policies p "
        f"ON p.UserName = u.UserName AND {condition} ORDER BY 1"
    )
    found = {r["UserName"]: r["PolicyName"] for r in ask(sql)}
    assert proxy.calls == {"iam:ListUsers": 1, "iam:ListUserPolicies": len(wanted)}
    kept = {n for n in wanted if "PolicyName" not in condition or n.startswith("a")}
    assert found == {n: f"of-{n}" if n in kept else None for n in NAMES}
