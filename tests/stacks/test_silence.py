"""Scenario 2: whatever the API makes of a value, nothing is planned while nothing has changed."""

from tests.stacks.stack_folder import StackFolder

_TEXT = """
STACK 'quiet';
RESOURCE bucket IN aws.s3.buckets AS
  SELECT 'quiet-b' AS Bucket, {'Status': 'Enabled'} AS VersioningConfiguration,
         MAP {'env': 'x'} AS Tags;
RESOURCE queue IN aws.sqs.queues AS SELECT 'quiet-q' AS QueueName, 60 AS VisibilityTimeout;
RESOURCE role IN aws.iam.roles AS
  SELECT 'quiet-r' AS RoleName,
         '{ "Statement": [ {"Principal": {"Service": "lambda.amazonaws.com"},
            "Action": ["sts:AssumeRole"],   "Effect": "Allow"} ], "Version": "2012-10-17"}'
           AS AssumeRolePolicyDocument;
RESOURCE t IN aws.dynamodb.tables AS
  SELECT 'quiet-t' AS TableName, 'PAY_PER_REQUEST' AS BillingMode,
         [{'AttributeName': 'id', 'AttributeType': 'S'}] AS AttributeDefinitions,
         [{'AttributeName': 'id', 'KeyType': 'HASH'}] AS KeySchema;
RESOURCE logs IN aws.logs.log_groups AS SELECT '/quiet/log' AS logGroupName;
RESOURCE vpc IN aws.ec2.vpcs AS
  SELECT '10.0.0.0/16' AS CidrBlock, MAP {'Name': 'quiet', 'team': 'x'} AS Tags;
RESOURCE zone IN aws.route53.hosted_zones AS
  SELECT 'quiet.example.com' AS Name, 'ref-1' AS CallerReference;
"""


def test_nothing_is_planned_while_nothing_changes(stack: StackFolder) -> None:
    stack.write(_TEXT)
    stack.applied()
    for _ in range(4):
        stack.is_silent()


def test_the_state_has_what_was_created_and_destroy_leaves_nothing(stack: StackFolder) -> None:
    stack.write(_TEXT)
    stack.applied()
    assert set(stack.rows()) == {"bucket", "queue", "role", "t", "logs", "vpc", "zone"}
    stack.destroyed()
    assert stack.rows() == {}
