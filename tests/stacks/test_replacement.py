"""Scenarios 9 and 12: what cannot be changed is replaced; what holds data or is protected stays."""

from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.stacks.language.statements import StackError
from cirrusql.stacks.planning.plan import Action
from cirrusql.stacks.planning.planner import StackOptions
from tests.stacks.stack_folder import StackFolder, actions

_QUEUE = """
STACK 'replace';
RESOURCE q IN aws.sqs.queues AS SELECT 'NAME' AS QueueName FIFO;
RESOURCE topic IN aws.sns.topics AS SELECT 'r-topic' AS Name;
RESOURCE sub IN aws.sns.subscriptions AS
  SELECT topic.TopicArn, 'sqs' AS Protocol, q.QueueArn AS Endpoint FROM topic, q;
"""
_TABLE = """
STACK 'replace';
RESOURCE t IN aws.dynamodb.tables MORE AS
  SELECT 'r-t' AS TableName, 'PAY_PER_REQUEST' AS BillingMode,
         [{'AttributeName': 'KEY', 'AttributeType': 'S'}] AS AttributeDefinitions,
         [{'AttributeName': 'KEY', 'KeyType': 'HASH'}] AS KeySchema;
"""


def _table(key: str, more: str = "") -> str:
    return _TABLE.replace("KEY'", f"{key}'").replace("MORE", more)


def test_a_queue_with_another_name_is_replaced_and_what_uses_it_follows(
    stack: StackFolder, client: Callable[..., Any]
) -> None:
    stack.write(_QUEUE.replace("NAME", "r-q").replace("FIFO", ""))
    stack.applied()
    stack.write(_QUEUE.replace("NAME", "r-q.fifo").replace("FIFO", ", true AS FifoQueue"))
    (change,) = (c for c in stack.plan().changes if c.address == "q")
    assert change.action is Action.REPLACE
    assert change.reason == "QueueName, FifoQueue cannot be changed"
    stack.write(_QUEUE.replace("NAME", "r-q2").replace("FIFO", ""))
    assert actions(stack.plan()) == {"q": Action.REPLACE, "sub": Action.REPLACE}
    stack.applied()
    urls = client("sqs").list_queues()["QueueUrls"]
    assert [url.rsplit("/", 1)[1] for url in urls] == ["r-q2"]
    (sub,) = client("sns").list_subscriptions()["Subscriptions"]
    assert sub["Endpoint"].endswith(":r-q2")


def test_a_table_is_not_replaced_unless_that_is_said(
    stack: StackFolder, client: Callable[..., Any]
) -> None:
    stack.write(_table("id"))
    stack.applied()
    stack.write(_table("other"))
    plan = stack.plan()
    (change,) = plan.refusals
    assert change.refused == "it keeps data and would be replaced"
    assert change.hint == "--replace t"
    before = stack.writes()
    with pytest.raises(StackError) as raised:
        stack.apply()
    assert raised.value.exit_status == 2
    assert stack.writes() == before
    stack.apply(StackOptions(replaces=frozenset({"t"})))
    assert stack.writes() - before == {"dynamodb:DeleteTable": 1, "dynamodb:CreateTable": 1}
    table = client("dynamodb").describe_table(TableName="r-t")["Table"]
    assert table["KeySchema"] == [{"AttributeName": "other", "KeyType": "HASH"}]
    stack.is_silent()


def test_protection_survives_the_removal_of_the_code(
    stack: StackFolder, client: Callable[..., Any]
) -> None:
    stack.write(_table("id", "ON DELETE RESTRICT"))
    stack.applied()
    stack.write("STACK 'replace';")
    assert [c.refused for c in stack.plan().refusals] == ["ON DELETE RESTRICT protects it"]
    for options in (None, StackOptions(is_destroy=True)):
        before = stack.writes()
        with pytest.raises(StackError, match="ON DELETE RESTRICT protects it"):
            stack.apply(options)
        assert stack.writes() == before
    stack.write(_table("other", "ON DELETE RESTRICT"))
    with pytest.raises(StackError, match="ON DELETE RESTRICT"):
        stack.apply(StackOptions(replaces=frozenset({"t"})))
    stack.write(_table("id", "ON DELETE RETAIN"))
    stack.applied()
    stack.write("STACK 'replace';")
    plan = stack.plan()
    assert actions(plan) == {"t": Action.FORGET}
    assert plan.changes[0].reason == "ON DELETE RETAIN: it stays"
    assert stack.applied() == {}
    assert client("dynamodb").list_tables()["TableNames"] == ["r-t"]
