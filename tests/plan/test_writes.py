"""Writes: the method, what is read first, and the calls, as pairs over many services."""

from __future__ import annotations

import pytest

from cirrusql.catalog.model import Verb
from cirrusql.catalog.write_rules.write_identity import is_single
from cirrusql.errors import (
    Error,
    MissingParameter,
    NotSupportedError,
    ProgrammingError,
    SqlSyntaxError,
    UnknownColumn,
    UnknownMethod,
)
from cirrusql.plan.explain import steps
from cirrusql.plan.writes.write_conditions import bound_by_where
from cirrusql.plan.writes.write_methods import sources
from tests.plan.planned import Row, catalog, outcome, plan_of

# SQL, operation, the calls' parameters. Nothing is read.
DIRECT: list[tuple[str, str, list[Row]]] = [
    (
        "INSERT INTO aws.iam_api.users (UserName) VALUES ('ann')",
        "iam:CreateUser",
        [{"UserName": "ann"}],
    ),
    (
        "INSERT INTO aws.iam.users (user_name, PATH, Tags, region) VALUES "
        "('a', '/x/', [{'Key': 'k', 'Value': 'v'}], 'us-east-1'), ('b', NULL, NULL, NULL)",
        "iam:CreateUser",
        [
            {
                "UserName": "a",
                "Path": "/x/",
                "Tags": [{"Key": "k", "Value": "v"}],
                "region": "us-east-1",
            },
            {"UserName": "b"},
        ],
    ),
    (
        "INSERT INTO aws.iam.users SELECT 'x' || n AS UserName FROM range(2) t(n) ORDER BY n DESC",
        "iam:CreateUser",
        [{"UserName": "x1"}, {"UserName": "x0"}],
    ),
    (
        "INSERT INTO aws.iam.users (UserName) WITH t AS (SELECT 'a' AS x) SELECT x FROM t LIMIT 1",
        "iam:CreateUser",
        [{"UserName": "a"}],
    ),
    (
        "INSERT INTO aws.iam.users (UserName, Path) SELECT * FROM (VALUES ('a', '/'))",
        "iam:CreateUser",
        [{"UserName": "a", "Path": "/"}],
    ),
    (
        "INSERT INTO aws.s3.buckets (Bucket, CreateBucketConfiguration) "
        "VALUES ('b', {'LocationConstraint': 'eu-west-1'})",
        "s3:CreateBucket",
        [{"Bucket": "b", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}],
    ),
    (
        "INSERT INTO aws.s3.objects (Bucket, Key, Body) VALUES ('b', 'k', 'text')",
        "s3:PutObject",
        [{"Bucket": "b", "Key": "k", "Body": "text"}],
    ),
    (
        "REPLACE INTO aws.s3.bucket_policies (Bucket, Policy) VALUES ('b', '{}')",
        "s3:PutBucketPolicy",
        [{"Bucket": "b", "Policy": "{}"}],
    ),
    (
        "INSERT INTO aws.ec2.instances (ImageId, MinCount, MaxCount) VALUES ('ami-1', 1, 2)",
        "ec2:RunInstances",
        [{"ImageId": "ami-1", "MinCount": 1, "MaxCount": 2}],
    ),
    (
        "INSERT INTO aws.dynamodb.tables (TableName, KeySchema, AttributeDefinitions) VALUES "
        "('t', [{'AttributeName': 'id', 'KeyType': 'HASH'}], '[]')",
        "dynamodb:CreateTable",
        [
            {
                "TableName": "t",
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "AttributeDefinitions": "[]",
            }
        ],
    ),
    (
        "INSERT INTO aws.sqs.queues (QueueName, Attributes) VALUES ('q', MAP{'DelaySeconds': '5'})",
        "sqs:CreateQueue",
        [{"QueueName": "q", "Attributes": {"DelaySeconds": "5"}}],
    ),
    (
        "UPDATE aws.iam.access_keys SET Status = 'Inactive' WHERE UserName = 'ann' AND "
        "AccessKeyId = 'A'",
        "iam:UpdateAccessKey",
        [{"UserName": "ann", "AccessKeyId": "A", "Status": "Inactive"}],
    ),
    (
        "UPDATE aws.iam_api.access_keys SET status = 'Inactive' WHERE access_key_id IN ('B', 'A')",
        "iam:UpdateAccessKey",
        [{"AccessKeyId": "A", "Status": "Inactive"}, {"AccessKeyId": "B", "Status": "Inactive"}],
    ),
    (
        "UPDATE aws.ssm_api.parameters SET Value = 'w' WHERE Name = 'p' OR Name = 'q'",
        "ssm:PutParameter",
        [
            {"Name": "p", "Value": "w", "Overwrite": True},
            {"Name": "q", "Value": "w", "Overwrite": True},
        ],
    ),
    (
        "UPDATE aws.rds.db_instances SET BackupRetentionPeriod = 7 "
        "WHERE DBInstanceIdentifier = 'd' AND ApplyImmediately = true",
        "rds:ModifyDBInstance",
        [{"DBInstanceIdentifier": "d", "BackupRetentionPeriod": 7, "ApplyImmediately": True}],
    ),
    (
        "UPDATE aws.lambda.functions SET MemorySize = 512 WHERE FunctionName = 'f'",
        "lambda:UpdateFunctionConfiguration",
        [{"FunctionName": "f", "MemorySize": 512}],
    ),
    (
        "UPDATE aws.kms.keys SET Description = 'x' WHERE KeyId = 'k'",
        "kms:UpdateKeyDescription",
        [{"KeyId": "k", "Description": "x"}],
    ),
    (
        "UPDATE aws.ec2.instances SET InstanceType = {'Value': 't3.large'} WHERE InstanceId = "
        "'i-1'",
        "ec2:ModifyInstanceAttribute",
        [{"InstanceId": "i-1", "InstanceType": {"Value": "t3.large"}}],
    ),
    (
        "DELETE FROM aws.iam.access_keys WHERE AccessKeyId = 'A' AND UserName = 'ann' AND region "
        "= 'x'",
        "iam:DeleteAccessKey",
        [{"AccessKeyId": "A", "UserName": "ann"}],
    ),
    ("DELETE FROM aws.s3.buckets WHERE Name = 'b'", "s3:DeleteBucket", [{"Bucket": "b"}]),
    (
        "DELETE FROM aws.ec2.instances WHERE InstanceId IN ('i-1', 'i-2')",
        "ec2:TerminateInstances",
        [{"InstanceIds": ["i-1"]}, {"InstanceIds": ["i-2"]}],
    ),
    (
        "DELETE FROM aws.rds.db_instances WHERE DBInstanceIdentifier = 'd' AND SkipFinalSnapshot "
        "= true",
        "rds:DeleteDBInstance",
        [{"DBInstanceIdentifier": "d", "SkipFinalSnapshot": True}],
    ),
    (
        "DELETE FROM aws.ecs.clusters WHERE clusterName = 'c'",
        "ecs:DeleteCluster",
        [{"cluster": "c"}],
    ),
    (
        "DELETE FROM aws.ecs.clusters WHERE clusterArn = 'arn:c'",
        "ecs:DeleteCluster",
        [{"cluster": "arn:c"}],
    ),
    (
        "DELETE FROM aws.cloudwatch.alarms WHERE AlarmName = 'a'",
        "cloudwatch:DeleteAlarms",
        [{"AlarmNames": ["a"]}],
    ),
    (
        "DELETE FROM aws.s3.objects WHERE Bucket = 'b' AND Key = 'k' AND BypassGovernanceRetention",
        "s3:DeleteObject",
        [{"Bucket": "b", "Key": "k", "BypassGovernanceRetention": True}],
    ),
    (
        "DELETE FROM aws.s3.objects WHERE Bucket = 'b' AND Key = 'k' AND "
        "BypassGovernanceRetention <> false",
        "s3:DeleteObject",
        [{"Bucket": "b", "Key": "k", "BypassGovernanceRetention": True}],
    ),
    (
        "DELETE FROM aws.s3.objects WHERE Bucket = 'b' AND Key = 'k' AND VersionId = 'v'",
        "s3:DeleteObject",
        [{"Bucket": "b", "Key": "k", "VersionId": "v"}],
    ),
    (
        "DELETE FROM aws.ec2.security_groups WHERE GroupId = 'sg-1'",
        "ec2:DeleteSecurityGroup",
        [{"GroupId": "sg-1"}],
    ),
    (
        "DELETE FROM aws.ec2_api.security_groups WHERE GroupName = 'web'",
        "ec2:DeleteSecurityGroup",
        [{"GroupName": "web"}],
    ),
    (
        "DELETE FROM aws.ec2_api.security_groups WHERE GroupId = 'sg-1' AND GroupName = 'web'",
        "ec2:DeleteSecurityGroup",
        [{"GroupId": "sg-1", "GroupName": "web"}],
    ),
    (
        "DELETE FROM aws.iam_api.access_keys WHERE AccessKeyId = 'A'",
        "iam:DeleteAccessKey",
        [{"AccessKeyId": "A"}],
    ),
    (
        "DELETE FROM aws.iam_api.access_keys WHERE AccessKeyId = 'A' AND UserName = 'ann'",
        "iam:DeleteAccessKey",
        [{"AccessKeyId": "A", "UserName": "ann"}],
    ),
    (
        "DELETE FROM aws.network_firewall.firewalls WHERE FirewallArn = 'arn:f'",
        "network-firewall:DeleteFirewall",
        [{"FirewallArn": "arn:f"}],
    ),
    ("DELETE FROM aws.kms.keys WHERE KeyId = 'k'", "kms:ScheduleKeyDeletion", [{"KeyId": "k"}]),
    (
        "EXEC aws.iam_api.access_keys.access_keys_Update @AccessKeyId = 'A', @status = 'No', "
        "@region = 'x'",
        "iam:UpdateAccessKey",
        [{"AccessKeyId": "A", "Status": "No", "region": "x"}],
    ),
    (
        "EXEC aws.ec2.instances.start_instances @InstanceIds = ['i-1']",
        "ec2:StartInstances",
        [{"InstanceIds": ["i-1"]}],
    ),
    (
        "EXEC aws.iam.users.create_user @@json = '{\"UserName\": \"ann\"}', @region = 'x'",
        "iam:CreateUser",
        [{"_request": '{"UserName": "ann"}', "region": "x"}],
    ),
]


@pytest.mark.parametrize(
    ("sql", "operation", "calls"), DIRECT, ids=[sql[:60] for sql, _, _ in DIRECT]
)
def test_what_the_statement_says_is_called_without_reading(
    sql: str, operation: str, calls: list[Row]
) -> None:
    found = outcome(sql)
    assert (found.reads, found.write, found.calls) == ([], operation, calls)
    assert not found.is_found_by_reading


HERE = {"region": "eu-west-1", "connection": "prod"}

# SQL, what is read, the rows found, operation, the calls' parameters.
READ: list[tuple[str, list[str], list[Row], str, list[Row]]] = [
    (
        "DELETE FROM aws.iam.users WHERE UserName LIKE 'tmp-%'",
        ["iam:ListUsers"],
        [{"UserName": "tmp-2", **HERE}, {"UserName": "ann"}, {"UserName": "tmp-1", **HERE}],
        "iam:DeleteUser",
        [{"UserName": "tmp-1", **HERE}, {"UserName": "tmp-2", **HERE}],
    ),
    (
        "DELETE FROM aws.iam.access_keys k WHERE k.status = 'Inactive' AND k.user_name = 'ann'",
        ["iam:ListAccessKeys"],
        [
            {"UserName": "ann", "AccessKeyId": "A", "Status": "Inactive"},
            {"UserName": "ann", "AccessKeyId": "B", "Status": "Active"},
        ],
        "iam:DeleteAccessKey",
        [{"UserName": "ann", "AccessKeyId": "A"}],
    ),
    (
        "DELETE FROM aws.iam.users WHERE UserName IN (SELECT UserName FROM aws.iam.users WHERE "
        "Path = '/x/')",
        ["iam:ListUsers"],
        [{"UserName": "a", "Path": "/x/"}, {"UserName": "b", "Path": "/"}],
        "iam:DeleteUser",
        [{"UserName": "a"}],
    ),
    (
        "UPDATE aws.rds.db_instances SET DeletionProtection = true "
        "WHERE DBInstanceIdentifier = 'd' AND MultiAZ = true",
        ["rds:DescribeDBInstances"],
        [{"DBInstanceIdentifier": "d", "MultiAZ": False}],
        "rds:ModifyDBInstance",
        [],
    ),
    (
        "UPDATE aws.rds.db_instances SET BackupRetentionPeriod = BackupRetentionPeriod + 1 "
        "WHERE DBInstanceIdentifier = 'd' AND BackupRetentionPeriod = 0",
        ["rds:DescribeDBInstances"],
        [{"DBInstanceIdentifier": "d", "BackupRetentionPeriod": 0, "MultiAZ": True}],
        "rds:ModifyDBInstance",
        [{"DBInstanceIdentifier": "d", "BackupRetentionPeriod": 1}],
    ),
    (
        "UPDATE aws.iam.roles SET Description = upper(role_name) WHERE RoleName = 'r'",
        ["iam:GetRole"],
        [{"RoleName": "r"}],
        "iam:UpdateRole",
        [{"RoleName": "r", "Description": "R"}],
    ),
    (
        "UPDATE aws.logs.log_groups SET retentionInDays = 30 WHERE retentionInDays IS NULL",
        ["logs:DescribeLogGroups"],
        [{"logGroupName": "a"}, {"logGroupName": "b", "retentionInDays": 1}],
        "logs:PutRetentionPolicy",
        [{"logGroupName": "a", "retentionInDays": 30}],
    ),
    (
        "DELETE FROM aws.s3.objects WHERE Bucket = 'b' AND Key LIKE 'x%'",
        ["s3:ListObjectsV2"],
        [{"Bucket": "b", "Key": "x1", **HERE}, {"Bucket": "b", "Key": "y"}],
        "s3:DeleteObject",
        [{"Bucket": "b", "Key": "x1", **HERE}],
    ),
    (
        "DELETE FROM aws.ec2.instances WHERE tags(Tags)['Name'] = 'x' AND region = '*'",
        ["ec2:DescribeInstances"],
        [{"InstanceId": "i-1", "Tags": [{"Key": "Name", "Value": "x"}], **HERE}],
        "ec2:TerminateInstances",
        [{"InstanceIds": ["i-1"], **HERE}],
    ),
    (
        "DELETE FROM aws.ec2.security_groups WHERE GroupName = 'web'",
        ["ec2:DescribeSecurityGroups"],
        [
            {"GroupId": "sg-1", "GroupName": "web"},
            {"GroupId": "sg-2", "GroupName": "web"},
            {"GroupId": "sg-3"},
        ],
        "ec2:DeleteSecurityGroup",
        [{"GroupId": "sg-1"}, {"GroupId": "sg-2"}],
    ),
    (
        "UPDATE aws.ssm.parameters SET Value = 'w' WHERE Name = 'p'",
        ["ssm:DescribeParameters"],
        [
            {
                "Name": "p",
                "Description": "d",
                "Type": "SecureString",
                "KeyId": "alias/aws/ssm",
                "Tier": "Standard",
            }
        ],
        "ssm:PutParameter",
        [
            {
                "Name": "p",
                "Value": "w",
                "Overwrite": True,
                "Description": "d",
                "Type": "SecureString",
                "KeyId": "alias/aws/ssm",
                "Tier": "Standard",
            }
        ],
    ),
    (
        "UPDATE aws.events.rules SET State = 'DISABLED' WHERE Name = 'r' AND EventBusName = 'b'",
        ["events:DescribeRule"],
        [
            {
                "Name": "r",
                "EventBusName": "b",
                "ScheduleExpression": "rate(1 day)",
                "State": "ENABLED",
            }
        ],
        "events:PutRule",
        [
            {
                "Name": "r",
                "EventBusName": "b",
                "ScheduleExpression": "rate(1 day)",
                "State": "DISABLED",
            }
        ],
    ),
    (
        "DELETE FROM aws.ec2.security_groups WHERE GroupId = 'sg-1' AND GroupName = 'web'",
        ["ec2:DescribeSecurityGroups"],
        [{"GroupId": "sg-1", "GroupName": "db"}],
        "ec2:DeleteSecurityGroup",
        [],
    ),
    (
        "DELETE FROM aws.cloudformation.stacks WHERE StackName = 's' AND RoleARN = 'arn:r'",
        ["cloudformation:DescribeStacks"],
        [{"StackName": "s", "RoleARN": "arn:other"}],
        "cloudformation:DeleteStack",
        [],
    ),
    (
        "DELETE FROM aws.ec2.client_vpn_connections WHERE ClientVpnEndpointId = 'e'",
        ["ec2:DescribeClientVpnConnections"],
        [{"ClientVpnEndpointId": "e", "ConnectionId": "c"}],
        "ec2:TerminateClientVpnConnections",
        [{"ClientVpnEndpointId": "e", "ConnectionId": "c"}],
    ),
    (
        "DELETE FROM aws.iam.service_specific_credentials WHERE ServiceSpecificCredentialId = 'x'",
        ["iam:ListServiceSpecificCredentials"],
        [{"ServiceSpecificCredentialId": "x", "UserName": "ann"}],
        "iam:DeleteServiceSpecificCredential",
        [{"ServiceSpecificCredentialId": "x", "UserName": "ann"}],
    ),
    (
        "UPDATE aws.elasticbeanstalk.environments SET Description = 'x' WHERE ApplicationName = "
        "'a'",
        ["elasticbeanstalk:DescribeEnvironments"],
        [
            {"ApplicationName": "a", "EnvironmentId": "e-1"},
            {"ApplicationName": "a", "EnvironmentId": "e-2"},
        ],
        "elasticbeanstalk:UpdateEnvironment",
        [
            {"EnvironmentId": "e-1", "Description": "x"},
            {"EnvironmentId": "e-2", "Description": "x"},
        ],
    ),
    (
        "DELETE FROM aws.autoscaling.policies WHERE PolicyName = 'p'",
        ["autoscaling:DescribePolicies"],
        [{"PolicyName": "p", "AutoScalingGroupName": g} for g in ("a", "b")],
        "autoscaling:DeletePolicy",
        [{"PolicyName": "p", "AutoScalingGroupName": g} for g in ("a", "b")],
    ),
    (
        "DELETE FROM aws.ec2.addresses WHERE AssociationId IS NULL",
        ["ec2:DescribeAddresses"],
        [{"AllocationId": "a"}, {"AllocationId": "b", "AssociationId": "c"}],
        "ec2:ReleaseAddress",
        [{"AllocationId": "a"}],
    ),
    (
        "DELETE FROM aws.secretsmanager.secrets WHERE Name = 'x'",
        ["secretsmanager:ListSecrets"],
        [{"ARN": "arn:x", "Name": "x"}],
        "secretsmanager:DeleteSecret",
        [{"SecretId": "arn:x"}],
    ),
    (
        "DELETE FROM aws.sns.topics WHERE TopicArn LIKE '%old%'",
        ["sns:ListTopics"],
        [{"TopicArn": "arn:old"}, {"TopicArn": "arn:new"}],
        "sns:DeleteTopic",
        [{"TopicArn": "arn:old"}],
    ),
    (
        "UPDATE aws.iam.account_password_policies SET MinimumPasswordLength = 14 WHERE true",
        ["iam:GetAccountPasswordPolicy"],
        [HERE],
        "iam:UpdateAccountPasswordPolicy",
        [{"MinimumPasswordLength": 14, **HERE}],
    ),
]


@pytest.mark.parametrize(
    ("sql", "reads", "found", "operation", "calls"), READ, ids=[case[0][:60] for case in READ]
)
def test_what_must_be_found_is_read_by_the_same_where(
    sql: str, reads: list[str], found: list[Row], operation: str, calls: list[Row]
) -> None:
    seen = outcome(sql, found)
    assert (seen.reads, seen.write, seen.calls) == (reads, operation, calls)
    assert seen.is_found_by_reading


def test_two_columns_of_several_values_are_read_since_not_every_pair_exists() -> None:
    sql = (
        "DELETE FROM aws.iam.access_keys WHERE UserName IN ('a', 'b') AND AccessKeyId IN ('X', 'Y')"
    )
    rows = [{"UserName": "a", "AccessKeyId": "X"}, {"UserName": "b", "AccessKeyId": "Y"}]
    found = outcome(sql, rows)
    assert found.reads == ["iam:ListAccessKeys"]
    assert found.calls == rows


def test_rows_of_a_select_are_no_targets_found_by_reading() -> None:
    sql = (
        "INSERT INTO aws.iam.users (UserName) SELECT GroupName FROM aws.iam.groups WHERE Path = '/'"
    )
    found = outcome(sql, [{"GroupName": "g", "Path": "/"}, {"GroupName": "h", "Path": "/x/"}])
    assert (found.reads, found.calls, found.is_found_by_reading) == (
        ["iam:ListGroups"],
        [{"UserName": "g"}],
        False,
    )


def test_bound_parameters_are_values_and_never_text() -> None:
    evil = "x'); DROP TABLE t; --"
    sql = "INSERT INTO aws.iam.users (UserName) VALUES ($u)"
    assert outcome(sql, parameters={"u": evil}).calls == [{"UserName": evil}]
    sql = "DELETE FROM aws.iam.users WHERE UserName = $u"
    assert outcome(sql, parameters={"u": evil}).calls == [{"UserName": evil}]


def test_comments_may_end_any_part_of_a_statement() -> None:
    sql = (
        "UPDATE aws.iam_api.access_keys SET Status = 'a' -- x\nWHERE AccessKeyId = 'A' -- "
        "y\nRETURNING * --"
    )
    assert outcome(sql).calls == [{"AccessKeyId": "A", "Status": "a"}]
    sql = "INSERT INTO aws.iam.users (UserName) VALUES ('a') -- one\n"
    assert outcome(sql).calls == [{"UserName": "a"}]
    sql = "DELETE FROM aws.iam.users WHERE UserName LIKE 'a%' -- these"
    assert outcome(sql, [{"UserName": "ab"}]).calls == [{"UserName": "ab"}]


def test_the_places_of_a_direct_write_are_its_scope() -> None:
    (write,) = plan_of(
        "DELETE FROM aws.ec2.volumes WHERE VolumeId = 'v' AND region IN ('a', 'b')"
    ).writes
    assert write.scope.regions == ("a", "b")


@pytest.mark.parametrize(
    ("sql", "kind", "message"),
    [
        ("INSERT INTO aws.iam.users (Nam) VALUES ('a')", UnknownColumn, "unknown column 'Nam'"),
        ("INSERT INTO aws.iam.users (Path) VALUES ('a')", MissingParameter, "UserName is required"),
        (
            "INSERT INTO aws.route53.hosted_zones (Name, Config) VALUES ('a', {'Comment': 'c'})",
            MissingParameter,
            "CallerReference is required",
        ),
        (
            "INSERT INTO aws.ec2.route_tables (VpcId, Tags, Routes) VALUES ('v', MAP {'a': 'b'}, "
            "[])",
            UnknownColumn,
            "unknown column 'Routes'",
        ),
        ("INSERT INTO aws.iam.users VALUES ('a')", ProgrammingError, "must name its columns"),
        (
            "INSERT INTO aws.iam.users SELECT * FROM aws.iam.groups",
            ProgrammingError,
            "must name its columns",
        ),
        (
            "INSERT INTO aws.iam.users (UserName, Path) VALUES ('a')",
            ProgrammingError,
            "row 1 has 1 value",
        ),
        (
            "INSERT INTO aws.iam.users (UserName) VALUES ('a'), ('b', 'c')",
            ProgrammingError,
            "row 2 has 2 values",
        ),
        (
            "INSERT INTO aws.iam.users (UserName) SELECT 'a', 'b'",
            ProgrammingError,
            "names 1 column, and row 1",
        ),
        (
            "INSERT INTO aws.iam.users (UserName, user_name) VALUES ('a', 'b')",
            ProgrammingError,
            "twice",
        ),
        (
            "INSERT INTO aws.sts.caller_identities (a) VALUES (1)",
            ProgrammingError,
            "no method for INSERT",
        ),
        (
            "UPDATE aws.iam.access_keys SET Status = 'Inactive'",
            ProgrammingError,
            "requires WHERE",
        ),
        (
            "UPDATE aws.iam.access_keys SET Statu = 'x' WHERE true",
            UnknownColumn,
            "unknown column 'Statu'",
        ),
        (
            "UPDATE aws.iam.access_keys SET AccessKeyId = 'x' WHERE true",
            ProgrammingError,
            "identifies the access_key",
        ),
        (
            "UPDATE aws.acm.certificates SET RevocationReason = 'x' WHERE CertificateArn = 'arn:c'",
            ProgrammingError,
            "EXEC aws.acm.certificates.revoke_certificate",
        ),
        (
            "UPDATE aws.ec2.addresses SET PublicIp = '203.0.113.7' WHERE AllocationId = 'a'",
            ProgrammingError,
            "identifies the address",
        ),
        (
            "UPDATE aws.ec2.launch_templates SET LaunchTemplateName = 'x' WHERE true",
            ProgrammingError,
            "cannot be changed",
        ),
        (
            "UPDATE aws.cloudhsmv2.backups SET BackupId = 'b' WHERE true",
            ProgrammingError,
            "identifies the backup",
        ),
        (
            "UPDATE aws.rds.db_cluster_snapshots SET Port = 1 WHERE DBClusterSnapshotIdentifier = "
            "'s'",
            ProgrammingError,
            "no operation updates Port of aws.rds.db_cluster_snapshots",
        ),
        (
            "UPDATE aws.rds.db_instances SET ForceFailover = true WHERE DBInstanceIdentifier = 'd'",
            ProgrammingError,
            "EXEC aws.rds.db_instances.reboot_db_instance",
        ),
        (
            "UPDATE aws.iam.access_keys SET Status = nosuch WHERE true",
            UnknownColumn,
            "unknown column 'nosuch'",
        ),
        (
            "UPDATE aws.iam.access_keys SET Status = 'a', Status = 'b' WHERE true",
            ProgrammingError,
            "twice",
        ),
        (
            "UPDATE aws.iam.access_keys SET Status = 'a' FROM x WHERE true",
            SqlSyntaxError,
            "a single value",
        ),
        (
            "UPDATE aws.sts.caller_identities SET a = 1 WHERE true",
            ProgrammingError,
            "no method for UPDATE",
        ),
        (
            "UPDATE aws.iam.users SET region = 'x' WHERE true",
            ProgrammingError,
            "region selects where",
        ),
        ("DELETE FROM aws.iam.users", ProgrammingError, "requires WHERE"),
        (
            "DELETE FROM aws.iam.users USING aws.iam.groups WHERE true",
            SqlSyntaxError,
            "DELETE requires WHERE",
        ),
        ("DELETE FROM aws.iam.users WHERE Nosuch = 1", UnknownColumn, "unknown column 'Nosuch'"),
        (
            "DELETE FROM aws.sts.caller_identities WHERE true",
            ProgrammingError,
            "no method for DELETE",
        ),
        ("EXEC aws.iam.users.nosuch", UnknownMethod, "unknown method 'nosuch'"),
        ("EXEC aws.iam.users.create_user", MissingParameter, "UserName is required"),
        ("EXEC aws.iam.users.create_user @Nope = 1", UnknownColumn, "unknown column 'Nope'"),
        ("EXEC aws.iam.users.create_user @UserName = 'a' AS b", SqlSyntaxError, "a single value"),
        ("EXEC aws.iam.users", ProgrammingError, "does not name a method"),
    ],
)
def test_what_is_wrong_is_said_before_any_call(sql: str, kind: type[Error], message: str) -> None:
    with pytest.raises(kind) as caught:
        plan_of(sql)
    assert message in caught.value.message


def test_a_delete_whose_rows_hold_no_key_says_which_where_to_write() -> None:
    with pytest.raises(MissingParameter) as caught:
        plan_of("DELETE FROM aws.dynamodb.items WHERE TableName = 't' AND Item IS NOT NULL")
    assert str(caught.value.hint).endswith("use only WHERE TableName = '…' AND Key = {…}")
    done = outcome(
        "DELETE FROM aws.dynamodb.items WHERE TableName = 't' AND Key = {'k': {'S': '1'}}"
    )
    assert (done.reads, done.write) == ([], "dynamodb:DeleteItem")


def test_a_revision_is_no_part_of_what_a_where_must_say() -> None:
    done = outcome(
        "DELETE FROM aws.lambda.permissions WHERE FunctionName = 'f' AND StatementId = 'x'"
    )
    assert (done.reads, done.write) == ([], "lambda:RemovePermission")


def test_an_unknown_column_says_what_there_is() -> None:
    with pytest.raises(UnknownColumn) as caught:
        plan_of("EXEC aws.iam.access_keys.update_access_key @Xyz = 1")
    assert "AccessKeyId" in (caught.value.hint or "")


INSERT_KEY = "INSERT INTO aws.iam.access_keys (UserName) VALUES ('a') RETURNING "


@pytest.mark.parametrize(
    ("returning", "sql"),
    [
        ("AccessKeyId", "AccessKeyId"),
        ("access_key_id, status", '"AccessKeyId" AS "access_key_id", "Status" AS "status"'),
        ("access_key_id AS k, lower(user_name)", '"AccessKeyId" AS k, lower("UserName")'),
        ("list_filter([1], lambda x: x > 0)", "list_filter([1], lambda x: x > 0)"),
    ],
)
def test_returning_takes_any_spelling_and_keeps_the_heading(returning: str, sql: str) -> None:
    (write,) = plan_of(INSERT_KEY + returning).writes
    assert write.returning is not None
    assert write.returning.sql == f"SELECT {sql} FROM _write_1"


def test_returning_everything_is_the_answer_what_was_sent_and_where_but_no_secret() -> None:
    (write,) = plan_of(INSERT_KEY + "*").writes
    assert write.returning is not None
    assert write.returning.sql == (
        'SELECT "UserName", "AccessKeyId", "Status", '
        'CASE WHEN "SecretAccessKey" IS NOT NULL THEN \'****\' END AS "SecretAccessKey", '
        '"CreateDate", "region", "account_id", "connection" FROM _write_1'
    )


def test_returning_an_unknown_column_is_said_before_the_call() -> None:
    with pytest.raises(UnknownColumn, match="unknown column 'nosuch' in RETURNING"):
        plan_of(INSERT_KEY + "nosuch")


def test_a_method_that_reads_is_paged_by_exec() -> None:
    plan = plan_of("EXEC aws.iam.users.list_users @PathPrefix = '/x/'")
    assert plan.writes == ()
    assert [c.method.operation.id for s in plan.scans for c in s.calls] == ["iam:ListUsers"]


def test_every_deleting_method_of_every_service_says_which_thing_it_deletes() -> None:
    """No plan of ``DELETE … WHERE true`` makes a call without a parameter,
    save of what is single."""
    tables = [
        catalog().table("aws", service, name)
        for service in (
            "iam",
            "ec2",
            "s3",
            "rds",
            "ecs",
            "lambda",
            "ssm",
            "elbv2",
            "glue",
            "backup",
        )
        for name in catalog().resources("aws", service)
    ]
    blind = [
        method.operation.id
        for table in tables
        for method in table.reached_by(Verb.DELETE)
        if sources(table, method, ()) == {} and not is_single(table)
    ]
    assert blind == []


@pytest.mark.parametrize(
    ("where", "values", "is_all"),
    [
        ("UserName = 'a'", {"UserName": "(VALUES ('a'))"}, True),
        ("'a' = k.user_name", {"UserName": "(VALUES ('a'))"}, True),
        (
            "(UserName = 'a' AND (AccessKeyId = lower('B')))",
            {"UserName": 1, "AccessKeyId": 1},
            True,
        ),
        ("UserName IN ('a', 'b')", {"UserName": "(VALUES ('a'), ('b'))"}, True),
        (
            "UserName = 'a' OR UserName IN ('b', 'c')",
            {"UserName": "(VALUES ('a'), ('b'), ('c'))"},
            True,
        ),
        ("UserName = $u", {"UserName": "(VALUES ($u))"}, True),
        ("UserName = (SELECT UserName FROM aws.iam.users)", {"UserName": 1}, True),
        ("UserName IN (SELECT k.x FROM t k)", {"UserName": 1}, True),
        ("UserName IN (SELECT x FROM t WHERE t.y = k.Status)", {}, False),
        ("UserName IN (SELECT * FROM t)", {}, False),
        ("UserName = 'a' AND UserName = 'b'", {"UserName": 1}, False),
        ("UserName = 'a' OR Status = 'b'", {}, False),
        ("UserName = 'a' OR true", {}, False),
        ("NOT UserName = 'a'", {}, False),
        ("UserName = NULL", {}, False),
        ("UserName = Status", {}, False),
        ("UserName <> 'a'", {}, False),
        ("UserName LIKE 'a%'", {}, False),
        ("account_id = '1'", {}, False),
        ("region = 'x' AND connection LIKE 'p%'", {}, True),
        ("region <> 'x'", {}, False),
        ("region = 'x' AND region = 'y'", {}, False),
        ("Nosuch = 1", {}, False),
        ("true", {}, False),
    ],
)
def test_a_where_says_values_or_that_rows_must_be_read(
    where: str, values: dict[str, object], is_all: bool
) -> None:
    bound = bound_by_where(catalog().table("aws", "iam", "access_keys"), "k", where)
    assert set(bound.values) == set(values)
    assert all(bound.values[k] == v for k, v in values.items() if v != 1)
    assert bound.is_all == is_all


@pytest.mark.parametrize(
    ("where", "regions"),
    [
        ("region = 'eu_1'", ("eu\\_1",)),
        ("region IN ('a', 'b')", ("a", "b")),
        ("region LIKE 'eu-%'", ("eu-%",)),
        ("region = '*'", ("%",)),
        ("UserName = 'a'", None),
    ],
)
def test_the_places_of_a_where_are_patterns(where: str, regions: tuple[str, ...] | None) -> None:
    bound = bound_by_where(catalog().table("aws", "iam", "access_keys"), "k", where)
    assert (bound.scope.regions, bound.is_all) == (regions, True)


def test_a_key_that_a_subquery_finds_is_one_call_without_reading_the_table() -> None:
    sql = (
        "UPDATE aws.kms.key_rotations SET RotationPeriodInDays = 365 WHERE region = 'us-east-1' "
        "AND KeyId = (SELECT KeyId FROM aws.kms.keys WHERE region = 'us-east-1')"
    )
    found = outcome(sql, [{"KeyId": "k", "region": "us-east-1"}])
    assert (found.reads, found.write) == (["kms:ListKeys"], "kms:EnableKeyRotation")
    assert found.calls == [{"KeyId": "k", "RotationPeriodInDays": 365}]


def test_a_query_over_an_exec_that_reads_runs_over_its_rows() -> None:
    plan = plan_of(
        "SELECT u.UserName, count(*) AS n FROM (EXEC aws.iam.users.list_users @PathPrefix = "
        "'/x/') u "
        "JOIN aws.iam.groups g ON g.Path = u.Path GROUP BY ALL"
    )
    assert [c.method.operation.id for s in plan.scans for c in s.calls] == [
        "iam:ListGroups",
        "iam:ListUsers",
    ]
    assert plan.query is not None
    assert plan.query.sql.startswith(
        "SELECT u.UserName, count(*) AS n FROM _scan_0 u JOIN _scan_1 "
    )


def test_a_query_over_an_exec_that_writes_is_its_returning() -> None:
    (write,) = plan_of(
        "SELECT UserName FROM (EXEC aws.iam.users.create_user @UserName = 'a')"
    ).writes
    assert write.returning is not None
    assert write.returning.sql == "SELECT UserName FROM _write_1"
    with pytest.raises(NotSupportedError, match="cannot read other tables"):
        plan_of("SELECT * FROM (EXEC aws.iam.users.create_user @UserName = 'a'), aws.iam.groups")


def test_an_argument_of_exec_may_be_read_from_the_cloud() -> None:
    plan = plan_of(
        "EXEC aws.iam.access_keys.list_access_keys @UserName = (SELECT UserName FROM aws.iam.users)"
    )
    assert [c.method.operation.id for s in plan.scans for c in s.calls] == [
        "iam:ListUsers",
        "iam:ListAccessKeys",
    ]


# Updates split over several operations: SQL, and the parameters of each call.
SPLIT: list[tuple[str, list[tuple[str, list[str]]]]] = [
    (
        "UPDATE aws.ec2.instances SET InstanceType = 'm5.large', EbsOptimized = true WHERE InstanceId = 'i'",  # noqa: E501
        [
            ("ec2:ModifyInstanceAttribute", ["InstanceId", "InstanceType"]),
            ("ec2:ModifyInstanceAttribute", ["InstanceId", "EbsOptimized"]),
        ],
    ),
    (
        "UPDATE aws.ec2.images SET Attribute = 'description', Value = 'x' WHERE ImageId = 'i'",
        [("ec2:ModifyImageAttribute", ["ImageId", "Attribute", "Value"])],
    ),
    (
        "UPDATE aws.s3.buckets SET VersioningConfiguration = {'Status': 'Enabled'}, "
        "PublicAccessBlockConfiguration = {'BlockPublicAcls': true} WHERE Name LIKE 'x%'",
        [
            ("s3:PutBucketVersioning", ["Bucket", "VersioningConfiguration"]),
            ("s3:PutPublicAccessBlock", ["Bucket", "PublicAccessBlockConfiguration"]),
        ],
    ),
    (
        "UPDATE aws.lambda.functions SET MemorySize = 256, Timeout = 9, ReservedConcurrentExecutions = 4 "  # noqa: E501
        "WHERE FunctionName = 'f'",
        [
            ("lambda:UpdateFunctionConfiguration", ["FunctionName", "MemorySize", "Timeout"]),
            ("lambda:PutFunctionConcurrency", ["FunctionName", "ReservedConcurrentExecutions"]),
        ],
    ),
    (
        "UPDATE aws.dynamodb.tables SET BillingMode = 'PAY_PER_REQUEST', "
        "TimeToLiveSpecification = {'Enabled': true, 'AttributeName': 'a'} WHERE TableName = 't'",
        [
            ("dynamodb:UpdateTable", ["TableName", "BillingMode"]),
            ("dynamodb:UpdateTimeToLive", ["TableName", "TimeToLiveSpecification"]),
        ],
    ),
]


@pytest.mark.parametrize(("sql", "calls"), SPLIT)
def test_what_one_operation_does_not_take_others_do(
    sql: str, calls: list[tuple[str, list[str]]]
) -> None:
    plan = plan_of(sql)
    assert [(w.method.operation.id, sorted(w.given)) for w in plan.writes] == [
        (operation, sorted(names)) for operation, names in calls
    ]
    assert len({step.step for step in steps(plan)}) == len(plan.scans) + len(calls)


def test_an_update_that_could_create_says_so_where_nothing_can_be_read_first() -> None:
    sql = (
        "UPDATE aws.qbusiness.groups SET groupMembers = $v WHERE applicationId = 'a' "
        "AND indexId = 'i' AND groupName = 'g' AND type = 'INDEX'"
    )
    plan = plan_of(sql, {"v": "{}"})
    assert not plan.scans
    assert [n.partition(" that does")[0] for n in plan.notices] == [
        "qbusiness:PutGroup may create a group"
    ]
    read_first = plan_of(
        "UPDATE aws.iam.user_policies SET PolicyDocument = '{}' "
        "WHERE UserName = 'a' AND PolicyName = 'p'"
    )
    assert read_first.scans
    assert not read_first.notices
