"""One INSERT, SELECT and DELETE on each of fifteen services: all six wire protocols."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.apps.endtoend.conftest import Done

Execute = Callable[..., Done]


@dataclass(frozen=True)
class Walk:
    """A thing to create, read and delete. ``select`` returns one row while it exists."""

    name: str
    insert: str
    select: str
    delete: str
    gone: tuple[str, ...] = ()
    """Rows that the same SELECT may still give afterwards (a terminated instance stays)."""


ROLE = "arn:aws:iam::123456789012:role/lambda-run"

WALKS = [
    Walk(
        "ec2",
        "INSERT INTO aws.ec2.instances (ImageId, MinCount, MaxCount, TagSpecifications) VALUES "
        "('ami-0c55b159cbfafe1f0', 1, 1, [{'ResourceType': 'instance', "
        "'Tags': [{'Key': 'Name', 'Value': 'walk'}]}])",
        "SELECT State.Name AS v FROM aws.ec2.instances WHERE tags(Tags)['Name'] = 'walk'",
        "DELETE FROM aws.ec2.instances WHERE tags(Tags)['Name'] = 'walk'",
        gone=("terminated",),
    ),
    Walk(
        "s3",
        "INSERT INTO aws.s3.buckets (Bucket) VALUES ('walk-bucket')",
        "SELECT Name AS v FROM aws.s3.buckets WHERE Name = 'walk-bucket'",
        "DELETE FROM aws.s3.buckets WHERE Bucket = 'walk-bucket'",
    ),
    Walk(
        "lambda",
        "INSERT INTO aws.lambda.functions (FunctionName, Role, Code, Runtime, Handler) VALUES "
        f"('walk', '{ROLE}', {{'ZipFile': 'x'::BLOB}}, 'python3.13', 'a.b')",
        "SELECT Runtime AS v FROM aws.lambda.functions WHERE FunctionName = 'walk'",
        "DELETE FROM aws.lambda.functions WHERE FunctionName = 'walk'",
    ),
    Walk(
        "dynamodb",
        "INSERT INTO aws.dynamodb.tables (TableName, AttributeDefinitions, KeySchema, BillingMode) "
        "VALUES ('walk', [{'AttributeName': 'id', 'AttributeType': 'S'}], "
        "[{'AttributeName': 'id', 'KeyType': 'HASH'}], 'PAY_PER_REQUEST')",
        "SELECT TableName AS v FROM aws.dynamodb.tables WHERE TableName = 'walk'",
        "DELETE FROM aws.dynamodb.tables WHERE TableName = 'walk'",
    ),
    Walk(
        "sqs",
        "INSERT INTO aws.sqs.queues (QueueName) VALUES ('walk')",
        "SELECT QueueUrl AS v FROM aws.sqs.queues WHERE QueueUrl LIKE '%/walk'",
        "DELETE FROM aws.sqs.queues WHERE QueueUrl LIKE '%/walk'",
    ),
    Walk(
        "sns",
        "INSERT INTO aws.sns.topics (Name) VALUES ('walk')",
        "SELECT TopicArn AS v FROM aws.sns.topics WHERE TopicArn LIKE '%:walk'",
        "DELETE FROM aws.sns.topics WHERE TopicArn LIKE '%:walk'",
    ),
    Walk(
        "kms",
        "INSERT INTO aws.kms.aliases (AliasName, TargetKeyId) "
        "SELECT 'alias/walk', KeyId FROM aws.kms.keys LIMIT 1",
        "SELECT AliasName AS v FROM aws.kms.aliases WHERE AliasName = 'alias/walk'",
        "DELETE FROM aws.kms.aliases WHERE AliasName = 'alias/walk'",
    ),
    Walk(
        "rds",
        "INSERT INTO aws.rds.db_instances (DBInstanceIdentifier, DBInstanceClass, Engine, "
        "AllocatedStorage, MasterUsername, MasterUserPassword) "
        "VALUES ('walk', 'db.t3.micro', 'postgres', 20, 'shop', 'sandbox-only')",
        "SELECT Engine AS v FROM aws.rds.db_instances WHERE DBInstanceIdentifier = 'walk'",
        "DELETE FROM aws.rds.db_instances WHERE DBInstanceIdentifier = 'walk'",
    ),
    Walk(
        "route53",
        "INSERT INTO aws.route53.hosted_zones (Name, CallerReference) VALUES ('walk.example.', "
        "'w')",
        "SELECT Name AS v FROM aws.route53.hosted_zones WHERE Name = 'walk.example.'",
        "DELETE FROM aws.route53.hosted_zones WHERE Name = 'walk.example.'",
    ),
    Walk(
        "ssm",
        "REPLACE INTO aws.ssm.parameters (Name, Value, Type) VALUES ('/walk', 'x', 'String')",
        "SELECT Value AS v FROM aws.ssm.parameters WHERE Name = '/walk'",
        "DELETE FROM aws.ssm.parameters WHERE Name = '/walk'",
    ),
    Walk(
        "secretsmanager",
        "INSERT INTO aws.secretsmanager.secrets (Name, SecretString) VALUES ('walk', "
        "'sandbox-only')",
        "SELECT Name AS v FROM aws.secretsmanager.secrets WHERE Name = 'walk'",
        "DELETE FROM aws.secretsmanager.secrets WHERE SecretId = 'walk' "
        "AND ForceDeleteWithoutRecovery = true",
    ),
    Walk(
        "logs",
        "INSERT INTO aws.logs.log_groups (logGroupName) VALUES ('/walk')",
        "SELECT logGroupName AS v FROM aws.logs.log_groups WHERE logGroupName = '/walk'",
        "DELETE FROM aws.logs.log_groups WHERE logGroupName = '/walk'",
    ),
    Walk(
        "cloudwatch",
        "REPLACE INTO aws.cloudwatch.metric_alarms (AlarmName, Namespace, MetricName, Statistic, "
        "Period, EvaluationPeriods, Threshold, ComparisonOperator) "
        "VALUES ('walk', 'AWS/EC2', 'CPUUtilization', 'Average', 60, 1, 90, "
        "'GreaterThanThreshold')",
        "SELECT MetricName AS v FROM aws.cloudwatch.metric_alarms WHERE AlarmName = 'walk'",
        "DELETE FROM aws.cloudwatch.alarms WHERE AlarmNames = ['walk']",
    ),
    Walk(
        "ecs",
        "INSERT INTO aws.ecs.clusters (clusterName) VALUES ('walk')",
        "SELECT clusterArn AS v FROM aws.ecs.clusters WHERE clusterArn LIKE '%/walk'",
        "DELETE FROM aws.ecs.clusters WHERE cluster = 'walk'",
        # moto, unlike AWS, goes on listing a cluster that is inactive.
        gone=("arn:aws:ecs:us-east-1:123456789012:cluster/walk",),
    ),
    Walk(
        "cloudformation",
        "INSERT INTO aws.cloudformation.stacks (StackName, TemplateBody) VALUES ('walk', "
        '\'{"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}\')',
        "SELECT StackStatus AS v FROM aws.cloudformation.stacks WHERE StackName = 'walk'",
        "DELETE FROM aws.cloudformation.stacks WHERE StackName = 'walk'",
    ),
]


@pytest.mark.parametrize("walk", WALKS, ids=lambda w: w.name)
def test_a_thing_is_made_seen_and_ended(in_company: Execute, walk: Walk) -> None:
    made = in_company(walk.insert)
    assert (made.status, [r["status"] for r in made.rows]) == (0, ["done"]), made.err
    seen = in_company(walk.select)
    assert (seen.status, len(seen.rows)) == (0, 1), seen.err
    assert seen.rows[0]["v"]
    ended = in_company(walk.delete)
    assert (ended.status, [r["status"] for r in ended.rows]) == (0, ["done"]), ended.err
    left = in_company(walk.select)
    assert (left.status, tuple(r["v"] for r in left.rows)) == (0, walk.gone), left.err
