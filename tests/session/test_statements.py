"""Policy statements as rows: permissions of functions, queues, topics and event buses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.errors import Error
from tests.session.conftest import Ask
from tests.support.fault_proxy import FaultProxy

ARN = "arn:aws:sqs:us-east-1:123456789012:"


@pytest.fixture
def queue(ask: Ask) -> str:
    """The URL of a queue, beside another one without a policy."""
    ask("INSERT INTO aws.sqs.queues (QueueName) VALUES ('other')")
    (made,) = ask("INSERT INTO aws.sqs.queues (QueueName) VALUES ('q') RETURNING QueueUrl")
    return str(made["QueueUrl"])


LABELS = (
    "SELECT Label, AWSAccountIds AS a, Actions AS d, Effect AS e FROM aws.sqs.permissions "
    "ORDER BY Label"
)


def test_a_permission_of_a_queue_is_a_row(ask: Ask, queue: str, proxy: FaultProxy) -> None:
    ask(
        "INSERT INTO aws.sqs.permissions (QueueUrl, Label, AWSAccountIds, Actions) VALUES "
        "($q, 'a', ['111122223333'], ['SendMessage']), "
        "($q, 'b', ['111122223333', '444455556666'], ['ReceiveMessage', 'DeleteMessage'])",
        q=queue,
    )
    a = {"Label": "a", "a": ["111122223333"], "d": ["SendMessage"], "e": "Allow"}
    b = {
        "Label": "b",
        "a": ["111122223333", "444455556666"],
        "d": ["ReceiveMessage", "DeleteMessage"],
        "e": "Allow",
    }
    assert ask(LABELS) == [a, b]
    ask("DELETE FROM aws.sqs.permissions WHERE list_contains(AWSAccountIds, '444455556666')")
    assert ask(LABELS) == [a]
    # There is one statement per label: the old one is removed first.
    (done,) = ask("UPDATE aws.sqs.permissions SET Actions = ['ReceiveMessage'] WHERE Label = 'a'")
    assert done["operation"] == "sqs:RemovePermission, sqs:AddPermission"
    assert ask(LABELS) == [{**a, "d": ["ReceiveMessage"]}]
    (done,) = ask("UPDATE aws.sqs.permissions SET Label = 'c' WHERE Label = 'a'")
    assert done["operation"] == "sqs:AddPermission, sqs:RemovePermission"
    assert [r["Label"] for r in ask(LABELS)] == ["c"]
    proxy.calls.clear()
    assert ask("SELECT count(*) AS n FROM aws.sqs.permissions WHERE QueueUrl = $q", q=queue) == [
        {"n": 1}
    ]
    assert proxy.calls == {"sqs:GetQueueAttributes": 1}


def test_a_statement_that_no_permission_says_is_a_row_and_is_not_made_anew(
    ask: Ask, queue: str
) -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": {
            "Sid": "tls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sqs:*",
            "Resource": f"{ARN}q",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    }
    ask("UPDATE aws.sqs.queues SET Policy = $p WHERE QueueUrl = $q", p=json.dumps(policy), q=queue)
    (row,) = ask("SELECT * FROM aws.sqs.permissions")
    told = {n: row[n] for n in ("Label", "AWSAccountIds", "Actions", "Effect", "Resource")}
    assert told == {
        "Label": "tls",
        "AWSAccountIds": ["*"],
        "Actions": ["*"],
        "Effect": "Deny",
        "Resource": f"{ARN}q",
    }
    assert json.loads(row["Condition"]) == {"Bool": {"aws:SecureTransport": "false"}}
    with pytest.raises(Error, match="has elements that AddPermission cannot set"):
        ask("UPDATE aws.sqs.permissions SET Label = 'x' WHERE Label = 'tls'")
    assert [r["Label"] for r in ask(LABELS)] == ["tls"]


def test_a_permission_of_a_topic_is_a_row(ask: Ask) -> None:
    (made,) = ask("INSERT INTO aws.sns.topics (Name) VALUES ('t') RETURNING TopicArn")
    ask(
        "INSERT INTO aws.sns.permissions (TopicArn, Label, AWSAccountId, ActionName) "
        "VALUES ($t, 'p', ['111122223333'], ['Publish'])",
        t=made["TopicArn"],
    )
    own = (
        "SELECT Label, AWSAccountId AS a, ActionName AS d FROM aws.sns.permissions WHERE Label "
        "= 'p'"
    )
    assert ask(own) == [{"Label": "p", "a": ["111122223333"], "d": ["Publish"]}]
    (default,) = ask("SELECT Label, Condition FROM aws.sns.permissions WHERE Label <> 'p'")
    assert default["Label"] == "__default_statement_ID"
    ask("DELETE FROM aws.sns.permissions WHERE Label = 'p'")
    assert ask(own) == []


@pytest.fixture
def function(ask: Ask, client: Callable[..., Any]) -> str:
    """The name of a function."""
    ask(
        "INSERT INTO aws.iam.roles (RoleName, AssumeRolePolicyDocument) VALUES "
        """('r', '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": """  # noqa: E501
        """"lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}')"""
    )
    client("lambda").create_function(
        FunctionName="f",
        Role="arn:aws:iam::123456789012:role/r",
        Code={"ZipFile": b"x"},
        Runtime="python3.12",
        Handler="f.f",
    )
    return "f"


PERMITTED = (
    "SELECT FunctionName, StatementId, Action, Principal, SourceArn, Condition FROM "
    "aws.lambda.permissions"
)


def test_a_permission_of_a_function_is_a_row(ask: Ask, function: str) -> None:
    assert ask(PERMITTED) == []
    ask(
        "INSERT INTO aws.lambda.permissions (FunctionName, StatementId, Action, Principal, "
        "SourceArn) VALUES "
        "('f', 's3', 'lambda:InvokeFunction', 's3.amazonaws.com', 'arn:aws:s3:::b')"
    )
    row = {
        "FunctionName": "f",
        "StatementId": "s3",
        "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com",
        "SourceArn": "arn:aws:s3:::b",
        "Condition": None,
    }
    assert ask(PERMITTED) == [row]
    ask("UPDATE aws.lambda.permissions SET SourceArn = 'arn:aws:s3:::c' WHERE StatementId = 's3'")
    assert ask(PERMITTED) == [{**row, "SourceArn": "arn:aws:s3:::c"}]
    ask("DELETE FROM aws.lambda.permissions WHERE Principal = 's3.amazonaws.com'")
    assert ask(PERMITTED) == []


def test_a_permission_is_undone_in_a_transaction(ask: Ask, function: str) -> None:
    ask("BEGIN")
    ask(
        "INSERT INTO aws.lambda.permissions (FunctionName, StatementId, Action, Principal) "
        "VALUES ('f', 's3', 'lambda:InvokeFunction', 's3.amazonaws.com')"
    )
    ask("EXEC aws.iam.users.delete_user @UserName = 'nobody'")
    assert [r["status"] for r in ask("COMMIT")] == ["undone", "failed"]
    assert ask(PERMITTED) == []


def test_a_permission_of_an_event_bus_is_a_row(ask: Ask) -> None:
    ask("INSERT INTO aws.events.event_buses (Name) VALUES ('b')")
    ask(
        "INSERT INTO aws.events.permissions (EventBusName, StatementId, Action, Principal) VALUES "
        "('b', 'x', 'events:PutEvents', '111122223333'), ('default', 'y', 'events:PutEvents', "
        "'111122223333')"
    )
    listed = (
        "SELECT EventBusName AS b, StatementId AS s, Principal AS p FROM "
        "aws.events.permissions ORDER BY 1"
    )
    assert ask(listed) == [
        {"b": "b", "s": "x", "p": "111122223333"},
        {"b": "default", "s": "y", "p": "111122223333"},
    ]
    ask("UPDATE aws.events.permissions SET Principal = '444455556666' WHERE StatementId = 'x'")
    assert [r["p"] for r in ask(listed)] == ["444455556666", "111122223333"]
    ask("DELETE FROM aws.events.permissions WHERE StatementId = 'x'")
    assert [r["s"] for r in ask(listed)] == ["y"]
