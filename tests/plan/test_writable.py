"""DESCRIBE EXTENDED and the planner agree on how a column is written."""

from __future__ import annotations

import pytest

from cirrusql.errors import ProgrammingError
from cirrusql.plan.writes.writable import writable
from tests.plan.planned import catalog, plan_of


@pytest.mark.parametrize(
    ("table", "column", "write"),
    [
        ("iam.access_keys", "AccessKeyId", "identity"),
        ("iam.access_keys", "Status", "updatable"),
        ("iam.access_keys", "CreateDate", "read_only"),
        ("iam.access_keys", "region", ""),
        ("iam.roles", "Path", "create_only"),
        ("iam.roles", "Tags", "updatable"),
        ("iam.login_profiles", "Password", "write_only"),
        ("ssm.parameters", "Description", "updatable"),
        ("sqs.queues", "VisibilityTimeout", "updatable"),
        ("sqs.queues", "FifoQueue", "create_only"),
        ("s3.buckets", "VersioningStatus", "updatable"),
        ("ec2.instances", "ImageId", "create_only"),
        ("ec2.instances", "InstanceType", "updatable"),
        ("ec2.instances", "LaunchTime", "read_only"),
    ],
)
def test_a_column_is_told_by_what_can_be_done_to_it(table: str, column: str, write: str) -> None:
    found = catalog().table("aws", *table.split("."))
    assert writable(catalog(), found)[column] == write


@pytest.mark.parametrize(
    "name", ["iam.users", "sqs.queues", "lambda.functions", "rds.db_instances"]
)
def test_what_is_not_updatable_is_an_error_to_set(name: str) -> None:
    table = catalog().table("aws", *name.split("."))
    for column, write in writable(catalog(), table).items():
        if write in ("read_only", "create_only", "identity"):
            with pytest.raises(ProgrammingError):
                plan_of(f"UPDATE aws.{name} SET \"{column}\" = 'x' WHERE true")
