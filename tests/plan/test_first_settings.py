"""Settings that are something of their own are created at first, and updated from then on."""

from __future__ import annotations

from typing import Any

import pytest

from cirrusql.errors import ProgrammingError
from tests.plan.planned import numbers, outcome, plan_of

# A statement without its WHERE, what finds the row, and a value that the row has if the setting is
# there; the operations that create and change it.
SETTINGS: list[tuple[str, dict[str, Any], dict[str, Any], str, str]] = [
    (
        "aws.lambda.functions SET AuthType = 'NONE'",
        {"FunctionName": "f"},
        {"FunctionUrl": "https://u"},
        "lambda:CreateFunctionUrlConfig",
        "lambda:UpdateFunctionUrlConfig",
    ),
    (
        "aws.iam.users SET Password = 'p', PasswordResetRequired = true",
        {"UserName": "u"},
        {"PasswordResetRequired": False},
        "iam:CreateLoginProfile",
        "iam:UpdateLoginProfile",
    ),
    (
        "aws.ses.configuration_sets SET TrackingOptions = {'CustomRedirectDomain': 'd'}",
        {"ConfigurationSetName": "c", "Name": "c"},
        {"TrackingOptions": {"CustomRedirectDomain": "e"}},
        "ses:CreateConfigurationSetTrackingOptions",
        "ses:UpdateConfigurationSetTrackingOptions",
    ),
]


@pytest.mark.parametrize(
    ("sql", "key", "there", "creates", "changes"), SETTINGS, ids=[s[3] for s in SETTINGS]
)
def test_an_update_creates_what_is_not_there_and_changes_what_is(
    sql: str, key: dict[str, Any], there: dict[str, Any], creates: str, changes: str
) -> None:
    column, value = next(iter(key.items()))
    update = f"UPDATE {sql} WHERE {column} = '{value}'"
    assert numbers(update, [key]) == {creates: 1, changes: 0}
    assert numbers(update, [{**key, **there}]) == {creates: 0, changes: 1}


def test_an_insert_creates_it() -> None:
    plan = plan_of("INSERT INTO aws.iam.users (UserName, Password) VALUES ('u', 'p')")
    called = [w.method.operation.id for w in plan.writes]
    assert called == ["iam:CreateUser", "iam:CreateLoginProfile"]


def test_what_is_called_after_a_thing_and_created_apart_is_another_thing() -> None:
    # An app block and its builder have names of their own.
    with pytest.raises(ProgrammingError, match="cannot be changed"):
        plan_of("UPDATE aws.appstream.app_blocks SET Description = 'd' WHERE Arn = 'a'")


def test_what_is_given_a_value_is_enabled_and_null_disables_it() -> None:
    table = "aws.dynamodb.tables"
    row = {"TableName": "t", "TimeToLiveAttributeName": "a"}
    update = f"UPDATE {table} SET TimeToLiveAttributeName = 'b' WHERE TableName = 't'"
    (call,) = outcome(update, [row]).calls
    assert call["TimeToLiveSpecification"] == {"AttributeName": "b", "Enabled": True}
    update = f"UPDATE {table} SET TimeToLiveAttributeName = NULL WHERE TableName = 't'"
    (call,) = outcome(update, [row]).calls
    assert call["TimeToLiveSpecification"] == {"AttributeName": "a", "Enabled": False}
    assert outcome(update, [{"TableName": "t"}]).calls == []
