"""SET column = NULL: what removes a value, and what is an error before any call."""

from __future__ import annotations

import re

import pytest

from cirrusql.errors import Error, ProgrammingError
from cirrusql.providers.aws.overlay import OVERLAY
from tests.plan.planned import catalog, numbers, outcome, plan_of

NOTHING = dict.fromkeys(
    [
        "QueueConfigurations",
        "TopicConfigurations",
        "LambdaFunctionConfigurations",
        "EventBridgeConfiguration",
    ]
)
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
    # Each member of a structure that is put as a whole.
    (
        "UPDATE aws.s3.buckets SET BlockPublicAcls = NULL, IgnorePublicAcls = NULL, "
        "BlockPublicPolicy = NULL, RestrictPublicBuckets = NULL WHERE Name = 'b'",
        "s3:DeletePublicAccessBlock",
        [{"Name": "b", "Bucket": "b", "BlockPublicAcls": True}, {"Name": "c"}],
        [{"Bucket": "b"}],
    ),
    (
        "UPDATE aws.s3.buckets SET LifecycleConfigurationRules = NULL WHERE Name = 'b'",
        "s3:DeleteBucketLifecycle",
        [{"Name": "b", "Bucket": "b", "LifecycleConfigurationRules": [{"Status": "Enabled"}]}],
        [{"Bucket": "b"}],
    ),
    (
        "UPDATE aws.s3.buckets SET QueueConfigurations = NULL WHERE Name = 'b'",
        "s3:PutBucketNotificationConfiguration",
        [{"Name": "b", "QueueConfigurations": [{"QueueArn": "q", "Events": ["e"]}]}],
        [{"Bucket": "b", "NotificationConfiguration": NOTHING}],
    ),
    # Values equivalent to none.
    (
        "UPDATE aws.sqs.queues SET KmsMasterKeyId = NULL, Policy = NULL WHERE QueueUrl = 'u'",
        "sqs:SetQueueAttributes",
        [],
        [{"QueueUrl": "u", "Attributes": {"KmsMasterKeyId": "", "Policy": ""}}],
    ),
    (
        "UPDATE aws.sns.subscriptions SET FilterPolicy = NULL WHERE SubscriptionArn = 's'",
        "sns:SetSubscriptionAttributes",
        [{"SubscriptionArn": "s", "TopicArn": "t"}],
        [{"SubscriptionArn": "s", "AttributeName": "FilterPolicy", "AttributeValue": "{}"}],
    ),
    (
        "UPDATE aws.lambda.functions SET Layers = NULL, Description = NULL, KMSKeyArn = NULL, "
        "DeadLetterConfig = NULL WHERE FunctionName = 'f'",
        "lambda:UpdateFunctionConfiguration",
        [],
        [
            {
                "FunctionName": "f",
                "Layers": [],
                "Description": "",
                "KMSKeyArn": "",
                "DeadLetterConfig": '{"TargetArn": ""}',
            }
        ],
    ),
    (
        "UPDATE aws.iam.roles SET Description = NULL WHERE RoleName = 'r'",
        "iam:UpdateRoleDescription",
        [],
        [{"RoleName": "r", "Description": ""}],
    ),
    # A member not sent would get its default, so it is sent unchanged.
    (
        "UPDATE aws.rolesanywhere.profiles SET sessionPolicy = 'p' WHERE profileId = 'i'",
        "rolesanywhere:UpdateProfile",
        [{"profileId": "i", "sessionPolicy": "o", "durationSeconds": 7200}],
        [{"profileId": "i", "sessionPolicy": "p", "durationSeconds": 7200}],
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


# The row, and the call made when one member of its structure is set to NULL.
ONE_MEMBER = [
    ({"BlockPublicAcls": True}, {"s3:DeletePublicAccessBlock": 1, "s3:PutPublicAccessBlock": 0}),
    (
        {"BlockPublicAcls": True, "IgnorePublicAcls": False},
        {"s3:DeletePublicAccessBlock": 0, "s3:PutPublicAccessBlock": 1},
    ),
    ({}, {"s3:DeletePublicAccessBlock": 0, "s3:PutPublicAccessBlock": 0}),
]


@pytest.mark.parametrize(("row", "calls"), ONE_MEMBER)
def test_what_is_left_of_a_structure_is_put_and_nothing_left_is_taken_away(
    row: dict[str, object], calls: dict[str, int]
) -> None:
    sql = "UPDATE aws.s3.buckets SET BlockPublicAcls = NULL WHERE Name = 'b'"
    assert numbers(sql, [{"Name": "b", "Bucket": "b", **row}]) == calls


def test_a_structure_that_nothing_takes_away_is_not_put_empty() -> None:
    sql = "UPDATE aws.s3.buckets SET VersioningStatus = NULL WHERE Name = 'b'"
    with pytest.raises(Error, match="VersioningStatus cannot be set to NULL"):
        numbers(sql, [{"Name": "b", "Bucket": "b", "VersioningStatus": "Enabled"}])
    with pytest.raises(ProgrammingError, match="cannot be set to NULL"):
        plan_of(
            "UPDATE aws.s3.buckets SET VersioningStatus = NULL, MFADelete = NULL WHERE Name = 'b'"
        )


def test_the_data_file_gives_empty_values_of_attributes_that_can_be_set() -> None:
    for name, values in OVERLAY.file("writers.toml")["empty"].items():
        schema, _, operation = name.partition(":")
        service, _ = catalog().service_catalog("aws", schema)
        method = service.method(operation)
        told = " ".join(m.documentation for m in method.parameters.values())
        for key, value in values.items():
            assert key in method.parameters or f"{key}</code>" in told, f"{name}: {key}"
            assert value.startswith(("'", "{")), f"{name}: {key}"


def test_a_member_with_an_empty_value_of_its_own_is_given_that() -> None:
    sql = (
        "UPDATE aws.cloudfront.distributions SET DefaultRootObject = NULL, Comment = NULL "
        "WHERE Id = 'd'"
    )
    (call,) = outcome(sql, [{"Id": "d", "Comment": "c", "CallerReference": "r"}]).calls
    config = call["DistributionConfig"]
    assert (config["Comment"], config["DefaultRootObject"]) == ("", None)
    assert config["CallerReference"] == "r"


def test_a_put_that_overwrites_is_sent_the_empty_text_since_it_keeps_what_is_left_out() -> None:
    sql = "UPDATE aws.ssm.parameters SET Description = NULL WHERE Name = 'p'"
    row = {"Name": "p", "Value": "v", "Type": "String", "Description": "d", "Tier": "Standard"}
    (call,) = outcome(sql, [row]).calls
    assert (call["Description"], call["Value"], call["Overwrite"]) == ("", "v", True)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        (
            "UPDATE aws.ssm.parameters SET AllowedPattern = NULL WHERE Name = 'p'",
            "AllowedPattern cannot be set to NULL: ssm:PutParameter keeps values",
        ),
        (
            "UPDATE aws.cloudfront.distributions SET CallerReference = NULL WHERE Id = 'd'",
            "CallerReference cannot be set to NULL: cloudfront:UpdateDistribution",
        ),
        (
            "UPDATE aws.s3.buckets SET ReplicationRules = NULL WHERE Name = 'b'",
            "ReplicationRules cannot be set to NULL alone.*\n.*ReplicationRole = NULL",
        ),
        ("UPDATE aws.sqs.queues SET DelaySeconds = NULL WHERE true", "cannot be set to NULL"),
        ("UPDATE aws.sns.topics SET Policy = NULL WHERE true", "cannot be set to NULL"),
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
            r"set when the resource is created and cannot be changed \(AWS::EC2::Instance\)",
        ),
        (
            "UPDATE aws.ec2.subnets SET CidrBlock = 'x' WHERE true",
            "set when the resource is created",
        ),
        (
            "UPDATE aws.dynamodb.tables SET KeySchema = [] WHERE TableName = 't'",
            "set when the resource is created",
        ),
        (
            "UPDATE aws.ec2.vpcs SET CidrBlock = '10.0.0.0/8' WHERE true",
            r"set when the resource is created and cannot be changed \(AWS::EC2::VPC\)",
        ),
        (
            "UPDATE aws.kinesis.streams SET RetentionPeriodHours = 48 WHERE StreamName = 's'",
            "EXEC aws.kinesis.stream_retention_periods.increase_stream_retention_period",
        ),
        (
            "UPDATE aws.ec2.instances SET LaunchTime = now() WHERE true",
            "LaunchTime .* is read-only",
        ),
    ],
)
def test_what_cannot_be_unset_or_changed_is_said(sql: str, said: str) -> None:
    with pytest.raises(ProgrammingError) as raised:
        plan_of(sql)
    assert re.search(said, str(raised.value))


def test_members_that_are_required_together_are_set_to_null_together() -> None:
    row = {"Name": "b", "Bucket": "b", "LoggingTargetBucket": "l", "LoggingTargetPrefix": "p"}
    names = "Bucket", "Prefix", "Grants", "ObjectKeyFormat"
    sets = ", ".join(f"LoggingTarget{name} = NULL" for name in names)
    (call,) = outcome(f"UPDATE aws.s3.buckets SET {sets} WHERE Name = 'b'", [row]).calls
    assert call["BucketLoggingStatus"] == {"LoggingEnabled": None}
    with pytest.raises(ProgrammingError, match="cannot be set to NULL alone") as caught:
        plan_of("UPDATE aws.s3.buckets SET LoggingTargetBucket = NULL WHERE Name = 'b'")
    assert caught.value.hint is not None
    assert "LoggingTargetPrefix = NULL" in caught.value.hint
