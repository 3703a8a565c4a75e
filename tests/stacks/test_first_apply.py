"""Scenario 1: three services, rows of a file, and values that are known only after a create."""

from collections.abc import Callable
from typing import Any

from cirrusql.stacks.planning.plan import Action
from tests.stacks.stack_folder import StackFolder, actions

_TEXT = """
STACK 'net';
PARAM env VARCHAR DEFAULT 'dev' CHECK (env IN ('dev', 'prod'));
RESOURCE bucket IN aws.s3.buckets AS
  SELECT 'acme-' || $env AS Bucket, {'Status': 'Enabled'} AS VersioningConfiguration,
         MAP {'env': $env} AS Tags;
RESOURCE topic IN aws.sns.topics AS SELECT 'alerts' AS Name;
RESOURCE subs IN aws.sns.subscriptions KEY (Endpoint) AS
  SELECT topic.TopicArn, 'email' AS Protocol, m.mail AS Endpoint
  FROM read_csv('FOLDER/mails.csv') m, topic;
OUTPUT topic_arn AS SELECT TopicArn FROM topic;
"""
_MAILS = "mail\na@acme.io\nb@acme.io\nc@acme.io\n"


def test_three_services_are_created_in_order(
    stack: StackFolder, client: Callable[..., Any]
) -> None:
    stack.write(_TEXT.replace("FOLDER", str(stack.path)))
    stack.write(_MAILS, "mails.csv")
    plan = stack.plan()
    assert actions(plan) == dict.fromkeys(
        ["bucket", "topic", "subs['a@acme.io']", "subs['b@acme.io']", "subs['c@acme.io']"],
        Action.CREATE,
    )
    subscription = next(c for c in plan.changes if c.address == "subs['a@acme.io']")
    assert {c.column: c.unknown for c in subscription.cells} == {
        "TopicArn": ("topic.TopicArn",),
        "Protocol": (),
        "Endpoint": (),
    }
    with stack.open() as found:
        report = found.apply(found.plan())
    assert report.failed == []
    assert stack.writes() == {
        "s3:PUT /acme-dev": 3,
        "sns:CreateTopic": 1,
        "sns:Subscribe": 3,
    }
    (topic,) = client("sns").list_topics()["Topics"]
    assert report.outputs == {"topic_arn": [{"TopicArn": topic["TopicArn"]}]}
    stack.is_silent()


def test_a_row_that_is_gone_from_the_data_is_deleted(stack: StackFolder) -> None:
    stack.write(_TEXT.replace("FOLDER", str(stack.path)))
    stack.write(_MAILS, "mails.csv")
    stack.applied()
    stack.write(_MAILS.replace("b@acme.io\n", ""), "mails.csv")
    assert actions(stack.plan()) == {"subs['b@acme.io']": Action.DELETE}
    assert stack.applied() == {"sns:Unsubscribe": 1}
