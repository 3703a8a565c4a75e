"""Walks through services: create, read, update, tag and delete a thing by SQL only."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.session.conftest import Ask

ROLE = '{"Version": "2012-10-17", "Statement": []}'
ARN = "arn:aws:iam::123456789012:role/r"


@dataclass(frozen=True)
class Walk:
    """What is said of one service. ``{id}`` is what the first statement returned."""

    table: str
    make: str
    """Columns and values, and ``RETURNING`` what it is known by."""
    where: str
    read: str
    """A column, and what it is at first."""
    first: object
    change: str
    """What SET sets; empty where nothing of it can be changed."""
    changed: object = None
    changed_column: str = ""
    tags: str = "Tags"
    before: str = ""
    """What makes the things that it needs."""
    left: str = "true"
    """Which rows of the table say that it is gone: statuses of what is still listed for a while."""


WALKS = [
    Walk("iam.users", "(UserName) VALUES ('ann') RETURNING "
                      "UserName", "UserName = '{id}'", "Path", "/",
         "NewPath = '/people/'", "/people/", "Path"),
    Walk("iam.roles", f"(RoleName, AssumeRolePolicyDocument) VALUES ('r', '{ROLE}') RETURNING "
                      "RoleName",
         "RoleName = '{id}'", "Path", "/", "Description = 'it'", "it", "Description"),
    Walk("s3.buckets", "(Bucket) VALUES ('bucket') RETURNING "
                       "'bucket'", "Name = '{id}'", "Name", "bucket",
         "VersioningConfiguration = {{'Status': 'Enabled'}}", "Enabled", "VersioningStatus"),
    Walk("sqs.queues", "(QueueName) VALUES ('q') RETURNING QueueUrl", "QueueUrl = '{id}'",
         "QueueUrl LIKE '%/q'", True, "Attributes = MAP {{'VisibilityTimeout': '31'}}"),
    Walk("sns.topics", "(Name) VALUES ('t') RETURNING "
                       "TopicArn", "TopicArn = '{id}'", "TopicArn LIKE '%:t'",
         True, "AttributeName = 'DisplayName', AttributeValue = 'it'", "it", "DisplayName"),
    Walk("kms.aliases", "(AliasName, TargetKeyId) VALUES ('alias/a', (SELECT min(KeyId) FROM "
                        "aws.kms.keys)) "
         "RETURNING 'alias/a'", "AliasName = '{id}'", "AliasName", "alias/a",
         "TargetKeyId = (SELECT max(KeyId) FROM aws.kms.keys)", True,
         "TargetKeyId = (SELECT max(KeyId) FROM aws.kms.keys)", tags="",
         before="INSERT INTO aws.kms.keys (Description) VALUES ('one'), ('two')"),
    Walk("secretsmanager.secrets", "(Name, SecretString) VALUES ('s', 'x') RETURNING "
                                   "ARN", "ARN = '{id}'",
         "Name", "s", "Description = 'it'", "it", "Description"),
    Walk("ssm.parameters", "(Name, Value, Type) VALUES ('p', '1', 'String') RETURNING "
                           "'p'", "Name = '{id}'",
         "Type", "String", "Value = '2', Overwrite = true", "2", "Value"),
    Walk("logs.log_groups", "(logGroupName) VALUES ('g') RETURNING 'g'", "logGroupName = '{id}'",
         "logGroupName", "g", "retentionInDays = 7", 7, "retentionInDays", tags="tags"),
    Walk("dynamodb.tables", "(TableName, KeySchema, AttributeDefinitions, BillingMode) VALUES "
                            "('t', "
         "[{{'AttributeName': 'a', 'KeyType': 'HASH'}}], [{{'AttributeName': 'a', "
         "'AttributeType': 'S'}}], "
         "'PAY_PER_REQUEST') RETURNING TableName", "TableName = '{id}'", "TableStatus", "ACTIVE",
         "DeletionProtectionEnabled = false", False, "DeletionProtectionEnabled"),
    Walk("ecr.repositories", "(repositoryName) VALUES ('repo') RETURNING repositoryName",
         "repositoryName = "
         "'{id}'", "imageTagMutability", "MUTABLE", "imageTagMutability = 'IMMUTABLE'",
         "IMMUTABLE", "imageTagMutability", tags="tags"),
    Walk("ecs.clusters", "(clusterName) VALUES ('c') RETURNING clusterArn", "clusterArn = '{id}'",
         "clusterName", "c", "settings = [{{'name': 'containerInsights', 'value': 'enabled'}}]",
         tags="tags", left="status <> 'INACTIVE'"),
    Walk("stepfunctions.state_machines", f"(name, definition, roleArn) VALUES ('m', '{{{{}}}}', "
                                         f"'{ARN}') "
         "RETURNING stateMachineArn", "stateMachineArn = '{id}'", "name", "m",
         f"roleArn = '{ARN}2'", tags="tags"),
    Walk("kinesis.streams", "(StreamName, ShardCount) VALUES ('s', 1) RETURNING "
                            "'s'", "StreamName = '{id}'",
         "StreamName", "s", "StreamModeDetails = {{'StreamMode': 'ON_DEMAND'}}"),
    Walk("elbv2.target_groups", "(Name, Protocol, Port, VpcId) "
         "VALUES ('t', 'HTTP', 80, (SELECT min(VpcId) FROM aws.ec2.vpcs)) RETURNING TargetGroupArn",
         "TargetGroupArn = '{id}'", "TargetGroupName", "t", "HealthCheckPath = '/x'", "/x",
         "HealthCheckPath"),
    Walk("eks.clusters", "(name, roleArn, resourcesVpcConfig) "
         f"VALUES ('c', '{ARN}', {{{{'subnetIds': ['s']}}}}) RETURNING 'c'", "name = '{id}'", "name", "c",  # noqa: E501
         "resourcesVpcConfig = {{'endpointPublicAccess': false}}", tags="tags"),
    Walk("events.rules", "(Name, ScheduleExpression) VALUES ('r', 'rate(1 day)') RETURNING 'r'",
         "Name = '{id}'", "State", "ENABLED", "Description = 'it', ScheduleExpression = 'rate(2 days)'",  # noqa: E501
         "rate(2 days)", "ScheduleExpression"),
    Walk("ec2.vpcs", "(CidrBlock) VALUES ('10.9.0.0/16') RETURNING VpcId", "VpcId = '{id}'", "CidrBlock",  # noqa: E501
         "10.9.0.0/16", "EnableDnsSupport = true, EnableDnsHostnames = true"),
    Walk("ec2.volumes", "(AvailabilityZone, Size) VALUES ('us-east-1a', 8) RETURNING VolumeId",
         "VolumeId = '{id}'", "Size", 8, "Size = Size * 2", 16, "Size"),
    Walk("rds.db_instances", "(DBInstanceIdentifier, DBInstanceClass, Engine, AllocatedStorage, "
         "MasterUsername, MasterUserPassword) VALUES ('d', 'db.t3.micro', 'mysql', 20, 'u', 'sesame123') "  # noqa: E501
         "RETURNING DBInstanceIdentifier", "DBInstanceIdentifier = '{id}'", "AllocatedStorage", 20,
         "AllocatedStorage = 30", 30, "AllocatedStorage", tags="TagList"),
    Walk("route53.hosted_zones", "(Name, CallerReference) VALUES ('x.example', '1') RETURNING Id",
         "Id = '{id}'", "Name", "x.example.", "Comment = 'it'"),
    Walk("athena.work_groups", "(Name) VALUES ('w') RETURNING 'w'", "Name = '{id}'", "State", "ENABLED",  # noqa: E501
         "", tags=""),
]  # fmt: skip


@pytest.mark.parametrize("walk", WALKS, ids=[w.table for w in WALKS])
def test_a_thing_is_made_read_changed_tagged_and_deleted(ask: Ask, walk: Walk) -> None:
    table = f"aws.{walk.table}"
    if walk.before:
        ask(walk.before)
    before = ask(f"SELECT count(*) AS n FROM {table} WHERE {walk.left}")
    (made,) = ask(f"INSERT INTO {table} {walk.make.replace('{{', '{').replace('}}', '}')}")
    (known_by,) = made.values()
    where = walk.where.format(id=known_by)
    assert ask(f"SELECT {walk.read} AS v FROM {table} WHERE {where}") == [{"v": walk.first}]
    if walk.change:
        done = ask(f"UPDATE {table} SET {walk.change.format()} WHERE {where}")
        assert {row["status"] for row in done} == {"done"}, done
    if walk.changed_column:
        changed = ask(f"SELECT {walk.changed_column} AS v FROM {table} WHERE {where}")
        assert changed == [{"v": walk.changed}]
    if walk.tags:
        done = ask(f"UPDATE {table} SET {walk.tags}['team'] = 'web' WHERE {where}")
        assert {row["status"] for row in done} == {"done"}
        done = ask(f"UPDATE {table} SET {walk.tags}['team'] = NULL WHERE {where}")
        assert {row["status"] for row in done} == {"done"}
    done = ask(f"DELETE FROM {table} WHERE {where}")
    assert [row["status"] for row in done] == ["done"]
    assert ask(f"SELECT count(*) AS n FROM {table} WHERE {walk.left}") == before
