"""Nested values that are treated as text, or lists as maps, are errors before any call."""

from __future__ import annotations

import pytest

from cirrusql.errors import ProgrammingError
from cirrusql.plan.planner import plan_query
from cirrusql.sql.parse import parse_sql
from cirrusql.sql.split import Piece
from tests.support.catalog import CATALOG

INSTEAD = {
    "State = 'running'": "State.Name = 'running'",
    "'running' = State": "State.Name = 'running'",
    "i.State = 'running'": "i.State.Name = 'running'",
    "State <> 'running'": "State.Name <> 'running'",
    "State IN ('running', 'stopped')": "State.Name IN ('running', 'stopped')",
    "State LIKE 'run%'": "State.Name LIKE 'run%'",
    "NOT State ILIKE 'run%'": "State.Name ILIKE 'run%'",
    "Placement = 'eu-west-1a'": "Placement.",
    "SecurityGroups = 'sg-1'": "list_contains([x.GroupId FOR x IN SecurityGroups], 'sg-1')",
    "SecurityGroups LIKE '%sg-1%'": "CAST(SecurityGroups AS VARCHAR)",
    "Tags = 'web'": "tags(Tags)['Name'] = 'web'",
    "Tags['Name'] = 'web'": "tags(Tags)['Name']",
    "Tags ->> 'Name' = 'web'": "tags(Tags)['Name']",
    "(Tags -> 'Name') IS NULL": "tags(Tags)['Name']",
    "SecurityGroups['GroupId'] = 'sg-1'": "SecurityGroups[1]",
}
FINE = (
    "State.Name = 'running'",
    "State['Name'] = 'running'",
    "(State ->> 'Name') = 'running'",
    """State = '{"Code": 16, "Name": "running"}'""",
    "Tags[1].Key = 'Name'",
    "(Tags ->> '$[0].Key') = 'Name'",
    "tags(Tags)['Name'] = 'web'",
    "CAST(State AS VARCHAR) LIKE '%running%'",
    "InstanceIds = 'i-1'",
    "State IS NULL",
)


def planned(condition: str) -> None:
    sql = f"SELECT InstanceId FROM aws.ec2.instances i WHERE {condition}"
    plan_query(sql, parse_sql(Piece(sql, 0, sql)), CATALOG)


@pytest.mark.parametrize("condition", INSTEAD)
def test_the_error_says_what_to_write(condition: str) -> None:
    with pytest.raises(ProgrammingError) as caught:
        planned(condition)
    assert INSTEAD[condition] in (caught.value.hint or "")


@pytest.mark.parametrize("condition", FINE)
def test_what_is_right_is_planned(condition: str) -> None:
    planned(condition)


def notices(condition: str, table: str = "aws.iam.access_keys k") -> tuple[str, ...]:
    sql = f"SELECT 1 FROM {table} WHERE {condition}"
    return plan_query(sql, parse_sql(Piece(sql, 0, sql)), CATALOG).notices


@pytest.mark.parametrize(
    "condition", ["Status = 'active'", "'active' = k.Status", "Status IN ('active', 'Inactive')"]
)
def test_a_word_that_a_column_never_has_is_said(condition: str) -> None:
    (found,) = [n for n in notices(condition) if "never" in n]
    assert "'active'" in found
    assert "did you mean Active" in found


@pytest.mark.parametrize(
    "condition",
    ["Status = 'Active'", "Status <> 'active'", "UserName = 'x'", "lower(Status) = 'x'"],
)
def test_what_may_be_is_not(condition: str) -> None:
    assert not [n for n in notices(condition) if "never" in n]
