"""Documents written as structures leave out whatever an item does not have."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from tests.session.conftest import Ask

_STATEMENTS = (
    "{'Version': '2012-10-17', 'Statement': ["
    "{'Effect': 'Allow', 'Principal': {'Service': 'ec2.amazonaws.com'}, "
    "'Action': 'sts:AssumeRole'}, "
    "{'Sid': 'b', 'Effect': 'Deny', 'Principal': {'AWS': '*'}, 'Action': 'sts:AssumeRole', "
    "'Condition': {'Bool': {'aws:SecureTransport': false}}}]}"
)


def client_of(service: str, aws: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=aws,
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )


def test_the_statements_of_a_policy_have_their_own_members_only(ask: Ask, aws: str) -> None:
    ask(
        "INSERT INTO aws.iam.roles (RoleName, AssumeRolePolicyDocument) "
        f"VALUES ('r', {_STATEMENTS})"
    )
    role = client_of("iam", aws).get_role(RoleName="r")["Role"]
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
    ask: Ask, aws: str, written: str, sent: object
) -> None:
    ask(f"INSERT INTO aws.events.rules (Name, EventPattern) VALUES ('r', {written})")
    found = client_of("events", aws).describe_rule(Name="r")["EventPattern"]
    assert json.loads(found) == sent
