"""Documents written as structures leave out whatever an item does not have."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.session.conftest import Ask

Client = Callable[..., Any]

_STATEMENTS = (
    "{'Version': '2012-10-17', 'Statement': ["
    "{'Effect': 'Allow', 'Principal': {'Service': 'ec2.amazonaws.com'}, "
    "'Action': 'sts:AssumeRole'}, "
    "{'Sid': 'b', 'Effect': 'Deny', 'Principal': {'AWS': '*'}, 'Action': 'sts:AssumeRole', "
    "'Condition': {'Bool': {'aws:SecureTransport': false}}}]}"
)


def test_the_statements_of_a_policy_have_their_own_members_only(ask: Ask, client: Client) -> None:
    ask(
        "INSERT INTO aws.iam.roles (RoleName, AssumeRolePolicyDocument) "
        f"VALUES ('r', {_STATEMENTS})"
    )
    role = client("iam").get_role(RoleName="r")["Role"]
    allow, deny = role["AssumeRolePolicyDocument"]["Statement"]
    assert set(allow) == {"Effect", "Principal", "Action"}
    assert allow["Principal"] == {"Service": "ec2.amazonaws.com"}
    assert set(deny) == {"Sid", "Effect", "Principal", "Action", "Condition"}
    assert deny["Principal"] == {"AWS": "*"}


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        (
            "{'detail': [{'a': ['x']}, {'b': ['y']}]}",
            {"detail": [{"a": ["x"]}, {"b": ["y"]}]},
        ),
        ('\'{"detail": {"a": [null]}}\'', {"detail": {"a": [None]}}),
    ],
)
def test_an_event_pattern_matches_what_was_written(
    ask: Ask, client: Client, written: str, sent: object
) -> None:
    ask(f"INSERT INTO aws.events.rules (Name, EventPattern) VALUES ('r', {written})")
    found = client("events").describe_rule(Name="r")["EventPattern"]
    assert json.loads(found) == sent
