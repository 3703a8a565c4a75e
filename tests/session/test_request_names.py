"""What is written by one name and shown by another is read by either: laws 1, 2 and 5."""

from __future__ import annotations

import pytest

from cirrusql.errors import UnknownColumn
from tests.session.conftest import Ask
from tests.support.fault_proxy import FaultProxy

POOLS = "aws.cognito_idp.user_pools"


@pytest.fixture
def pools(ask: Ask) -> None:
    ask(f"INSERT INTO {POOLS} (PoolName) VALUES ('a'), ('b'), ('c')")


def test_a_document_is_read_as_it_was_written(ask: Ask) -> None:
    document = (
        "{'Version': '2012-10-17', 'Statement': [{'Effect': 'Deny', 'Action': '*', "
        "'Resource': '*'}]}"
    )
    ask(f"INSERT INTO aws.iam.policies (PolicyName, PolicyDocument) VALUES ('p', {document})")
    (row,) = ask("SELECT policy_document, PolicyDocument, Document FROM aws.iam.policies")
    assert list(row) == ["policy_document", "PolicyDocument", "Document"]
    assert len({*row.values()}) == 1
    assert '"2012-10-17"' in row["Document"]


@pytest.mark.parametrize(
    "condition",
    ["= 'a'", "IN ('a', 'x')", "LIKE 'a%'", "< 'b'", "BETWEEN '0' AND 'a'", "= ANY (['a'])"],
)
@pytest.mark.usefixtures("pools")
def test_a_condition_on_it_is_one_on_its_column(ask: Ask, condition: str) -> None:
    assert ask(f"SELECT Name FROM {POOLS} WHERE PoolName {condition}") == [{"Name": "a"}]
    assert len(ask(f"SELECT Name FROM {POOLS} WHERE NOT PoolName {condition}")) == 2
    assert ask(f"SELECT Name FROM {POOLS} WHERE (PoolName {condition}) IS NULL") == []


@pytest.mark.usefixtures("pools")
def test_it_joins_groups_and_orders(ask: Ask) -> None:
    joined = (
        f"SELECT p.PoolName FROM {POOLS} p JOIN {POOLS} q ON p.PoolName = q.Name ORDER BY "
        "p.PoolName DESC"
    )
    assert [r["PoolName"] for r in ask(joined)] == ["c", "b", "a"]
    assert len(ask(f"SELECT PoolName, count(*) AS n FROM {POOLS} GROUP BY PoolName")) == 3
    assert "PoolName" not in ask(f"SELECT * FROM {POOLS} LIMIT 1")[0]


@pytest.mark.usefixtures("pools")
def test_a_write_finds_its_rows_by_it(ask: Ask, proxy: FaultProxy) -> None:
    ask(f"UPDATE {POOLS} SET MfaConfiguration = 'OFF' WHERE PoolName = 'b'")
    ask(f"DELETE FROM {POOLS} WHERE PoolName IN ('a', 'x')")
    assert [r["Name"] for r in ask(f"SELECT Name FROM {POOLS} ORDER BY Name")] == ["b", "c"]
    assert (
        proxy.calls["cognito-idp:UpdateUserPool"],
        proxy.calls["cognito-idp:DeleteUserPool"],
    ) == (1, 1)


def test_a_condition_on_it_changes_nothing(ask: Ask, proxy: FaultProxy) -> None:
    ask(
        "UPDATE aws.rds.db_instances SET AllocatedStorage = 20 "
        "WHERE DBInstanceIdentifier = 'd' AND EnableIAMDatabaseAuthentication = true"
    )
    assert set(proxy.calls) == {"rds:DescribeDBInstances"}


def test_what_rows_show_in_another_form_is_told_with_that(ask: Ask) -> None:
    with pytest.raises(UnknownColumn) as raised:
        ask("SELECT VpcSecurityGroupIds FROM aws.rds.db_instances")
    assert "the rows have it in VpcSecurityGroups" in str(raised.value.hint)


def test_describe_says_whose_name_it_is(ask: Ask) -> None:
    rows = {r["name"]: r["description"] for r in ask(f"DESCRIBE EXTENDED {POOLS}")}
    assert rows["PoolName"].startswith("Another name of Name. ")


def test_an_error_names_the_column_that_is_not_taken(ask: Ask) -> None:
    with pytest.raises(UnknownColumn, match="Encrypted"):
        ask(
            "INSERT INTO aws.ec2.snapshots (VolumeId, Tags, Encrypted) VALUES ('v', MAP {'a': "
            "'b'}, true)"
        )
