"""SET column = NULL: what takes a value away, and what is an error before any call."""

from __future__ import annotations

import re

import pytest

from cirrusql.errors import ProgrammingError
from tests.plan.planned import outcome, plan_of

# SQL, the operation that takes the value away, the rows found, its calls.
TAKEN = [
    (
        "UPDATE aws.iam.users SET PermissionsBoundary = NULL WHERE true",
        "iam:DeleteUserPermissionsBoundary",
        [
            {"UserName": "a", "PermissionsBoundary": {"PermissionsBoundaryArn": "arn:b"}},
            {"UserName": "b", "PermissionsBoundary": None},
        ],
        [{"UserName": "a"}],
    ),
    (
        "UPDATE aws.logs.log_groups SET retentionInDays = NULL WHERE logGroupName = 'g'",
        "logs:DeleteRetentionPolicy",
        [{"logGroupName": "g", "retentionInDays": 7}],
        [{"logGroupName": "g"}],
    ),
    (
        "UPDATE aws.logs.log_groups SET kmsKeyId = null WHERE logGroupName = 'g'",
        "logs:DisassociateKmsKey",
        [{"logGroupName": "g", "kmsKeyId": "arn:k"}],
        [{"logGroupName": "g"}],
    ),
    (
        "UPDATE aws.ec2.addresses SET InstanceId = NULL WHERE AllocationId = 'a'",
        "ec2:DisassociateAddress",
        [{"AllocationId": "a", "AssociationId": "x", "InstanceId": "i-1"}],
        [{"AssociationId": "x"}],
    ),
    (
        "UPDATE aws.events.rules SET Description = NULL, State = 'DISABLED' WHERE Name = 'r'",
        "events:PutRule",
        [
            {
                "Name": "r",
                "EventBusName": "b",
                "EventPattern": "{}",
                "Description": "d",
                "State": "ENABLED",
            }
        ],
        [{"Name": "r", "EventBusName": "b", "EventPattern": "{}", "State": "DISABLED"}],
    ),
    (
        "UPDATE aws.ecs.services SET loadBalancers = NULL WHERE cluster = 'c' AND serviceName = "
        "'s'",
        "ecs:UpdateService",
        [{"cluster": "c", "serviceName": "s", "loadBalancers": [{"containerName": "x"}]}],
        [{"cluster": "c", "service": "s", "loadBalancers": []}],
    ),
]


@pytest.mark.parametrize(
    ("sql", "operation", "found", "calls"), TAKEN, ids=[c[0][:60] for c in TAKEN]
)
def test_null_is_made_by_what_takes_the_value_away(
    sql: str, operation: str, found: list[dict[str, object]], calls: list[dict[str, object]]
) -> None:
    done = outcome(sql, found)
    places = {"region", "connection"}
    made = [{k: v for k, v in call.items() if k not in places} for call in done.calls]
    assert (done.write, made) == (operation, calls)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE aws.iam.users SET Path = NULL WHERE UserName = 'a'", "Path cannot be set to NULL"),
        (
            "UPDATE aws.rds.db_instances SET AllocatedStorage = NULL WHERE true",
            "cannot be set to NULL",
        ),
        (
            "UPDATE aws.iam.users SET PasswordResetRequired = NULL WHERE true",
            "cannot be set to NULL",
        ),
        (
            "UPDATE aws.ec2.instances SET ImageId = 'ami-1' WHERE InstanceId = 'i-1'",
            r"set when it is created and cannot be changed \(AWS::EC2::Instance\)",
        ),
        ("UPDATE aws.ec2.subnets SET CidrBlock = 'x' WHERE true", "set when it is created"),
        (
            "UPDATE aws.dynamodb.tables SET KeySchema = [] WHERE TableName = 't'",
            "set when it is created",
        ),
        (
            "UPDATE aws.ec2.vpcs SET CidrBlock = '10.0.0.0/8' WHERE true",
            r"set when it is created and cannot be changed \(AWS::EC2::VPC\)",
        ),
        (
            "UPDATE aws.kinesis.streams SET RetentionPeriodHours = 48 WHERE StreamName = 's'",
            "EXEC aws.kinesis.stream_retention_periods.increase_stream_retention_period",
        ),
        (
            "UPDATE aws.ec2.instances SET LaunchTime = now() WHERE true",
            "LaunchTime .* can be read only",
        ),
    ],
)
def test_what_cannot_be_unset_or_changed_is_said(sql: str, said: str) -> None:
    with pytest.raises(ProgrammingError) as raised:
        plan_of(sql)
    assert re.search(said, str(raised.value))
