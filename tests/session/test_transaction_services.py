"""Whatever a failed transaction created, in any service, is gone."""

from __future__ import annotations

from tests.session.conftest import Ask

POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
MADE = {
    "aws.sqs.queues (QueueName)": "('q')",
    "aws.sns.topics (Name)": "('t')",
    "aws.s3.buckets (Bucket)": "('a-bucket-of-ours')",
    "aws.ec2.vpcs (CidrBlock)": "('10.7.0.0/16')",
    "aws.ec2.volumes (AvailabilityZone, Size)": "('us-east-1a', 8)",
    "aws.ec2.security_groups (GroupName, Description)": "('sg', 'ours')",
    "aws.ec2.key_pairs (KeyName)": "('kp')",
    "aws.iam.roles (RoleName, AssumeRolePolicyDocument)": "('r', '{}')",
    "aws.iam.policies (PolicyName, PolicyDocument)": f"('p', '{POLICY}')",
    "aws.logs.log_groups (logGroupName)": "('lg')",
    "aws.ssm.parameters (Name, Value, Type)": "('sp', 'v', 'String')",
    "aws.secretsmanager.secrets (Name, SecretString)": "('s', 'x')",
    "aws.kms.aliases (AliasName, TargetKeyId)": "('alias/ours', $key)",
    "aws.dynamodb.tables (TableName, KeySchema, AttributeDefinitions, BillingMode)": (
        "('d', [{'AttributeName': 'k', 'KeyType': 'HASH'}], "
        "[{'AttributeName': 'k', 'AttributeType': 'S'}], 'PAY_PER_REQUEST')"
    ),
    "aws.ecs.clusters (clusterName)": "('c')",
    "aws.ecr.repositories (repositoryName)": "('ours')",
    "aws.kinesis.streams (StreamName, ShardCount)": "('k', 1)",
    "aws.events.event_buses (Name)": "('b')",
    "aws.apigateway.rest_apis (name)": "('api')",
    "aws.cognito_idp.user_pools (PoolName)": "('up')",
}

GONE = {
    "aws.secretsmanager.secrets": "WHERE DeletedDate IS NULL",
    "aws.ecs.clusters": "WHERE status = 'ACTIVE'",
}
"""What AWS goes on to list for a while after it was deleted."""


def counts(ask: Ask) -> dict[str, int]:
    """How many exist in each table, except those scheduled for deletion."""
    found = {}
    for table in {into.partition(" ")[0] for into in MADE}:
        found[table] = int(ask(f"SELECT count(*) AS n FROM {table} {GONE.get(table, '')}")[0]["n"])
    return found


def test_a_transaction_that_fails_leaves_twenty_tables_as_they_were(ask: Ask) -> None:
    (key,) = ask("INSERT INTO aws.kms.keys (Description) VALUES ('k') RETURNING KeyId")
    before = counts(ask)
    ask("BEGIN")
    for into, values in MADE.items():
        ask(f"INSERT INTO {into} VALUES {values}", key=key["KeyId"])
    told = ask("EXPLAIN COMMIT")
    assert [r["undo"] for r in told if r["undo"].startswith("cannot")] == []
    done = ask("DELETE FROM aws.iam.users WHERE UserName = 'nobody'; COMMIT")
    left = {r["operation"]: r["undo"] or r["error"] for r in done if r["status"] != "undone"}
    assert list(left) == ["iam:DeleteUser"], left
    assert counts(ask) == before
