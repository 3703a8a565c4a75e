"""Scenario 13: what is inside a row keeps it from being deleted, unless the RESOURCE says so."""

from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.stacks.language.statements import StackError
from cirrusql.stacks.planning.planner import StackOptions
from tests.stacks.stack_folder import StackFolder
from tests.support.catalog import CATALOG

_TEXT = """
STACK 'full';
RESOURCE q IN aws.sqs.queues AS SELECT 'full-q' AS QueueName;
RESOURCE x IN aws.s3.buckets MORE AS
  SELECT 'full-b' AS Bucket, {'Status': 'Enabled'} AS VersioningConfiguration;
"""


@pytest.fixture
def full(stack: StackFolder, client: Callable[..., Any]) -> StackFolder:
    """A stack whose bucket has 2 objects, 1 older version and 1 delete marker."""
    stack.write(_TEXT.replace("MORE ", ""))
    stack.applied()
    s3 = client("s3")
    s3.put_object(Bucket="full-b", Key="a", Body=b"1")
    s3.put_object(Bucket="full-b", Key="a", Body=b"2")
    s3.put_object(Bucket="full-b", Key="b", Body=b"3")
    s3.delete_object(Bucket="full-b", Key="b")
    return stack


def test_a_full_bucket_keeps_everything_from_being_destroyed(full: StackFolder) -> None:
    plan = full.plan(StackOptions(is_destroy=True))
    (change,) = plan.refusals
    assert change.refused == "3 objects and 1 delete marker would be in the way"
    before = full.writes()
    with pytest.raises(StackError, match="would be in the way") as raised:
        full.apply(StackOptions(is_destroy=True))
    assert raised.value.exit_status == 2
    assert full.writes() == before


def test_cascade_deletes_what_is_inside(full: StackFolder, client: Callable[..., Any]) -> None:
    full.write(_TEXT.replace("MORE", "ON DELETE CASCADE"))
    full.applied()
    plan = full.plan(StackOptions(is_destroy=True))
    assert [c.notes for c in plan.changes if c.address == "x"] == [
        ["with 3 objects and 1 delete marker"]
    ]
    full.destroyed()
    assert client("s3").list_buckets()["Buckets"] == []


def test_what_the_stack_deletes_itself_is_not_in_the_way(stack: StackFolder) -> None:
    stack.write(
        """
        STACK 'role';
        RESOURCE role IN aws.iam.roles AS
          SELECT 'c-role' AS RoleName,
                 '{"Version": "2012-10-17", "Statement": []}' AS AssumeRolePolicyDocument;
        RESOURCE policy IN aws.iam.policies AS
          SELECT 'c-policy' AS PolicyName,
                 '{"Version": "2012-10-17", "Statement": [
                    {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]}'
                   AS PolicyDocument;
        RESOURCE attached IN aws.iam.attached_role_policies AS
          SELECT role.RoleName, policy.Arn AS PolicyArn FROM role, policy;
        """
    )
    stack.applied()
    assert stack.destroyed() == {
        "iam:DetachRolePolicy": 1,
        "iam:DeleteRole": 1,
        "iam:DeletePolicy": 1,
    }


def test_every_table_and_column_of_the_data_file_exists() -> None:
    overlay = CATALOG.table("aws", "s3", "buckets").methods[0].operation.overlay
    for name, entries in overlay.section("dangers.toml", "contents").items():
        table = CATALOG.table(*name.split("."))
        for entry in entries:
            inner = CATALOG.table(*entry["of"].split("."))
            CATALOG.table(*entry.get("remove", entry["of"]).split("."))
            for column, own in entry["where"].items():
                assert column.lower() in inner.by_alias
                assert own.lower() in table.by_alias
            assert all(c.lower() in inner.by_alias for c in entry["by"])
