"""Scenario 3: an update makes the calls of what changed, NULL unsets, and a column that is left
out is no longer managed."""

from collections.abc import Callable
from typing import Any

from cirrusql.stacks.planning.plan import Action
from tests.stacks.stack_folder import StackFolder, actions

_TEXT = """
STACK 'updates';
RESOURCE bucket IN aws.s3.buckets AS
  SELECT 'up-b' AS Bucket, {'Status': 'STATUS'} AS VersioningConfiguration,
         MAP {'env': 'TAG'} AS TagsMORE;
"""
_BLOCK = (
    ", {'BlockPublicAcls': true, 'IgnorePublicAcls': true, 'BlockPublicPolicy': true, "
    "'RestrictPublicBuckets': true} AS PublicAccessBlockConfiguration"
)


def _text(status: str, tag: str, more: str = "") -> str:
    return _TEXT.replace("STATUS", status).replace("TAG", tag).replace("MORE", more)


def test_an_update_is_split_into_the_calls_of_what_changed(
    stack: StackFolder, client: Callable[..., Any]
) -> None:
    s3 = client("s3")
    stack.write(_text("Enabled", "dev"))
    stack.applied()
    stack.write(_text("Suspended", "prod", _BLOCK))
    assert actions(stack.plan()) == {"bucket": Action.UPDATE}
    assert stack.applied() == {"s3:PUT /up-b": 3}
    assert s3.get_bucket_versioning(Bucket="up-b")["Status"] == "Suspended"
    stack.write(_text("Suspended", "prod", ", NULL AS PublicAccessBlockConfiguration"))
    assert stack.applied() == {"s3:DELETE /up-b": 1}


def test_a_column_that_is_left_out_is_no_longer_managed(
    stack: StackFolder, client: Callable[..., Any]
) -> None:
    s3 = client("s3")
    stack.write(_text("Enabled", "dev", _BLOCK))
    stack.applied()
    stack.write(_text("Enabled", "dev"))
    plan = stack.plan()
    (change,) = plan.changes
    assert change.action is Action.NONE
    assert change.notes == ["no longer managed: PublicAccessBlockConfiguration"]
    assert stack.applied() == {}
    assert s3.get_public_access_block(Bucket="up-b")
    s3.delete_public_access_block(Bucket="up-b")
    stack.is_silent()


def test_one_tag_is_managed_without_the_others(
    stack: StackFolder, client: Callable[..., Any]
) -> None:
    sqs = client("sqs")
    stack.write(
        "STACK 'one';RESOURCE q IN aws.sqs.queues AS "
        "SELECT 'one-q' AS QueueName, 'a' AS \"Tags['team']\";"
    )
    stack.applied()
    url = sqs.get_queue_url(QueueName="one-q")["QueueUrl"]
    sqs.tag_queue(QueueUrl=url, Tags={"other": "x"})
    stack.is_silent()
    stack.write(
        "STACK 'one';RESOURCE q IN aws.sqs.queues AS "
        "SELECT 'one-q' AS QueueName, 'b' AS \"Tags['team']\";"
    )
    stack.applied()
    tags = sqs.list_queue_tags(QueueUrl=url)["Tags"]
    assert {k: v for k, v in tags.items() if not k.startswith("cirrusql:")} == {
        "team": "b",
        "other": "x",
    }
