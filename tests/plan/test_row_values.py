"""UPDATE sets a column by the name SELECT shows, wherever in the request it goes."""

from __future__ import annotations

import pytest

from cirrusql.errors import ProgrammingError
from tests.plan.planned import Row, outcome, plan_of

# SQL, the row found, operation, parameters.
CASES: list[tuple[str, Row, str, Row]] = [
    (
        "UPDATE aws.s3.buckets SET VersioningStatus = 'Enabled' WHERE Name = 'b'",
        {"Name": "b", "Bucket": "b"},
        "s3:PutBucketVersioning",
        {"Bucket": "b", "VersioningConfiguration": {"Status": "Enabled", "MFADelete": None}},
    ),
    (
        "UPDATE aws.sqs.queues SET VisibilityTimeout = 60 WHERE QueueUrl = 'q'",
        {},
        "sqs:SetQueueAttributes",
        {"QueueUrl": "q", "Attributes": {"VisibilityTimeout": 60}},
    ),
    (
        "UPDATE aws.sns.topics SET DisplayName = 'd' WHERE TopicArn = 't'",
        {},
        "sns:SetTopicAttributes",
        {"TopicArn": "t", "AttributeName": "DisplayName", "AttributeValue": "d"},
    ),
    (
        "UPDATE aws.iam.roles SET AssumeRolePolicyDocument = '{}' WHERE RoleName = 'r'",
        {},
        "iam:UpdateAssumeRolePolicy",
        {"RoleName": "r", "PolicyDocument": "{}"},
    ),
    (
        "UPDATE aws.rds.db_instances SET IAMDatabaseAuthenticationEnabled = true "
        "WHERE DBInstanceIdentifier = 'd'",
        {},
        "rds:ModifyDBInstance",
        {"DBInstanceIdentifier": "d", "EnableIAMDatabaseAuthentication": True},
    ),
    (
        "UPDATE aws.rds.db_instances SET VpcSecurityGroups = [{'VpcSecurityGroupId': 'sg-1'}] "
        "WHERE DBInstanceIdentifier = 'd'",
        {},
        "rds:ModifyDBInstance",
        {"DBInstanceIdentifier": "d", "VpcSecurityGroupIds": ["sg-1"]},
    ),
]


@pytest.mark.parametrize(("sql", "row", "operation", "parameters"), CASES)
def test_a_column_is_set_where_the_request_takes_it(
    sql: str, row: Row, operation: str, parameters: Row
) -> None:
    found = outcome(sql, [row] if row else [])
    assert (found.write, found.calls) == (operation, [parameters])
    assert found.is_found_by_reading is bool(row)


def test_what_a_structure_holds_besides_stays_as_it_is() -> None:
    place = {"region": "us-east-1", "connection": "c"}
    row = {"Name": "b", "Bucket": "b", "WebsiteIndexDocument": {"Suffix": "i.html"}, **place}
    sql = "UPDATE aws.s3.buckets SET WebsiteErrorDocument = {'Key': 'e.html'} WHERE Name = 'b'"
    (call,) = outcome(sql, [row]).calls
    given = {n: v for n, v in call["WebsiteConfiguration"].items() if v is not None}
    assert given == {"IndexDocument": {"Suffix": "i.html"}, "ErrorDocument": {"Key": "e.html"}}


def test_a_structure_that_a_put_would_reset_is_sent_again() -> None:
    row = {"Name": "b", "Bucket": "b", "LifecycleConfigurationRules": [{"ID": "r"}]}
    sql = "UPDATE aws.s3.buckets SET TransitionDefaultMinimumObjectSize = 'x' WHERE Name = 'b'"
    (call,) = outcome(sql, [row]).calls
    (rule,) = call["LifecycleConfiguration"]["Rules"]
    assert rule["ID"] == "r"
    (call,) = outcome(sql, [{"Name": "b", "Bucket": "b"}]).calls
    assert "LifecycleConfiguration" not in call


def test_what_another_operation_needs_is_set_before_it() -> None:
    both = "ReplicationRole = 'r', ReplicationRules = [], VersioningStatus = 'Enabled'"
    plan = plan_of(f"UPDATE aws.s3.buckets SET {both} WHERE Name = 'b'")
    called = ["s3:PutBucketVersioning", "s3:PutBucketReplication"]
    assert [w.method.operation.id for w in plan.writes] == called
    columns = "(Name, ReplicationRole, ReplicationRules, VersioningStatus)"
    plan = plan_of(f"INSERT INTO aws.s3.buckets {columns} VALUES ('b', 'r', [], 'Enabled')")
    assert [w.method.operation.id for w in plan.writes] == ["s3:CreateBucket", *called]


def test_attributes_that_take_one_call_each_are_several_writes() -> None:
    sql = "UPDATE aws.sns.topics SET DisplayName = 'd', KmsMasterKeyId = 'k' WHERE TopicArn = 't'"
    assert [w.method.operation.id for w in plan_of(sql).writes] == ["sns:SetTopicAttributes"] * 2


def test_columns_of_several_operations_are_set_by_each() -> None:
    sql = (
        "UPDATE aws.iam.roles SET AssumeRolePolicyDocument = '{}', Description = 'd' WHERE "
        "RoleName = 'r'"
    )
    found = {w.method.operation.id for w in plan_of(sql).writes}
    assert found == {"iam:UpdateAssumeRolePolicy", "iam:UpdateRoleDescription"}


@pytest.mark.parametrize(
    ("sql", "operation", "parameters"),
    [
        (
            "INSERT INTO aws.ec2.vpcs (CidrBlock, Tags) VALUES ('10.0.0.0/16', [{'Key': 'a', "
            "'Value': 'b'}])",
            "ec2:CreateVpc",
            {
                "CidrBlock": "10.0.0.0/16",
                "TagSpecifications": [
                    {"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}
                ],
            },
        ),
        (
            "INSERT INTO aws.sqs.queues (QueueName, VisibilityTimeout) SELECT 'q', 60",
            "sqs:CreateQueue",
            {"QueueName": "q", "Attributes": {"VisibilityTimeout": 60}},
        ),
        (
            "INSERT INTO aws.ec2.vpcs (cidr_block, Tags, region) VALUES ('10.0.0.0/16', NULL, "
            "'eu-west-1')",
            "ec2:CreateVpc",
            {"CidrBlock": "10.0.0.0/16", "region": "eu-west-1"},
        ),
        (
            "INSERT INTO aws.rds.db_clusters (DBClusterIdentifier, Engine, DBSubnetGroup, "
            "EnabledCloudwatchLogsExports, ScalingConfigurationInfo) "
            "VALUES ('c', 'e', 'g', ['l'], {'MinCapacity': 1})",
            "rds:CreateDBCluster",
            {
                "DBClusterIdentifier": "c",
                "Engine": "e",
                "DBSubnetGroupName": "g",
                "EnableCloudwatchLogsExports": ["l"],
                "ScalingConfiguration": {"MinCapacity": 1},
            },
        ),
        (
            "INSERT INTO aws.sns.topics (Name, FifoTopic) VALUES ('t.fifo', true)",
            "sns:CreateTopic",
            {"Name": "t.fifo", "Attributes": {"FifoTopic": True}},
        ),
    ],
)
def test_a_row_is_inserted_under_the_names_it_is_read_by(
    sql: str, operation: str, parameters: Row
) -> None:
    found = outcome(sql)
    assert (found.write, found.calls) == (operation, [parameters])


def test_a_parameter_given_as_a_whole_and_in_part_is_an_error() -> None:
    with pytest.raises(ProgrammingError, match="Attributes and DelaySeconds set the same"):
        plan_of(
            "INSERT INTO aws.sqs.queues (QueueName, Attributes, DelaySeconds) VALUES ('q', MAP "
            "{}, 1)"
        )
