"""EXPLAIN (POLICY) proven: with exactly its actions a statement runs, with any one less it does
not.

moto enforces IAM here: it checks signatures, and the actions of inline policies, as its
``core/authorization.py`` and ``iam/access_control.py`` have them. Two kinds of service are not
among the statements: those whose actions bear another name than their signatures (CloudWatch, API
Gateway), since moto names actions by the signature; and REST services read by GET (Lambda, EFS,
Route 53), since moto refuses every signature of theirs, boto3's too. Nor are the encryption and the
public access block of buckets, for which moto has names that are not IAM's.
"""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cirrusql.errors import AccessDenied, Error
from cirrusql.execution.writes.write_runner import WriteOptions
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from tests.support import moto_state
from tests.support.catalog import CATALOG
from tests.support.fault_proxy import FaultProxy

TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", '
    '"Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'
)

STATEMENTS = (
    "SELECT UserName FROM aws.iam.users",
    "SELECT UserName FROM aws.iam.users WHERE UserName = 'ann'",
    "SELECT k.AccessKeyId FROM aws.iam.users u JOIN aws.iam.access_keys k ON k.UserName = "
    "u.UserName",
    "SELECT u.UserName FROM aws.iam.users u ANTI JOIN aws.iam.mfa_devices m ON m.UserName = "
    "u.UserName",
    "SELECT PolicyArn FROM aws.iam.attached_role_policies",
    "SELECT SummaryMap FROM aws.iam.account_summaries",
    "SELECT InstanceId FROM aws.ec2.instances",
    "SELECT VolumeId FROM aws.ec2.volumes WHERE NOT Encrypted",
    "SELECT v.VpcId, s.SubnetId FROM aws.ec2.vpcs v JOIN aws.ec2.subnets s ON s.VpcId = v.VpcId",
    "SELECT Name FROM aws.s3.buckets",
    "SELECT Key FROM aws.s3.objects WHERE Bucket = 'a-bucket'",
    "SELECT p.Policy FROM aws.s3.buckets b JOIN aws.s3.bucket_policies p ON p.Bucket = b.Name",
    "SELECT v.Status FROM aws.s3.buckets b JOIN aws.s3.bucket_versionings v ON v.Bucket = b.Name",
    "SELECT b.Name FROM aws.s3.buckets b "
    "ANTI JOIN aws.s3.bucket_lifecycle_configurations l ON l.Bucket = b.Name",
    "SELECT s.KeyRotationEnabled FROM aws.kms.keys k "
    "JOIN aws.kms.key_rotation_statuses s ON s.KeyId = k.KeyId",
    "SELECT a.Attributes FROM aws.sqs.queues q JOIN aws.sqs.queue_attributes a ON a.QueueUrl = "
    "q.QueueUrl",
    "SELECT TopicArn FROM aws.sns.topics",
    "SELECT b.PointInTimeRecoveryDescription FROM aws.dynamodb.tables t "
    "JOIN aws.dynamodb.continuous_backups b ON b.TableName = t.TableName",
    "SELECT Item FROM aws.dynamodb.items WHERE TableName = 'a-table'",
    "SELECT StreamName FROM aws.kinesis.streams",
    "SELECT StackName FROM aws.cloudformation.stacks",
    "SELECT ClusterIdentifier FROM aws.redshift.clusters",
    "SELECT logGroupName FROM aws.logs.log_groups",
    "SELECT Name FROM aws.ssm.parameters",
    "SELECT Name FROM aws.secretsmanager.secrets",
    "SELECT s.IsLogging FROM aws.cloudtrail.trails t "
    "JOIN aws.cloudtrail.trail_statuses s ON s.Name = t.TrailARN",
    "SELECT s.serviceArn FROM aws.ecs.clusters c JOIN aws.ecs.services s ON s.cluster = "
    "c.clusterArn",
    "SELECT repositoryName FROM aws.ecr.repositories",
    "SELECT LoadBalancerName FROM aws.elbv2.load_balancers",
    "SELECT t.Id FROM aws.events.rules r JOIN aws.events.targets t ON t.Rule = r.Name",
    "SELECT name FROM aws.stepfunctions.state_machines",
    "SELECT AutoScalingGroupName FROM aws.autoscaling.auto_scaling_groups",
    "SELECT DBInstanceIdentifier FROM aws.rds.db_instances",
    "SELECT Id FROM aws.organizations.accounts",
    "INSERT INTO aws.iam.groups (GroupName) VALUES ('made')",
    "UPDATE aws.iam.access_keys SET Status = 'Inactive' WHERE UserName = 'ann' AND Status = "
    "'Active'",
    "DELETE FROM aws.sqs.queues WHERE QueueUrl LIKE '%/ends'",
    "REPLACE INTO aws.ssm.parameters (Name, Value, Type) VALUES ('/a', '1', 'String')",
    "EXEC aws.sns.topics.create_topic @Name = 'made'",
)


def fill(client: Callable[[str], Any]) -> None:
    """Creates something of every kind the statements read, so that all their calls are made."""
    iam, s3 = client("iam"), client("s3")
    iam.create_user(UserName="ann")
    iam.create_access_key(UserName="ann")
    role = iam.create_role(RoleName="runs", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    s3.create_bucket(Bucket="a-bucket")
    s3.put_object(Bucket="a-bucket", Key="a")
    client("kms").create_key()
    for name in ("a-queue", "ends"):
        client("sqs").create_queue(QueueName=name)
    client("sns").create_topic(Name="a-topic")
    client("dynamodb").create_table(
        TableName="a-table",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client("cloudtrail").create_trail(Name="a-trail", S3BucketName="a-bucket")
    client("ecs").create_cluster(clusterName="a-cluster")
    client("events").put_rule(Name="a-rule", ScheduleExpression="rate(1 day)")
    machine = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'
    client("stepfunctions").create_state_machine(name="a-machine", definition=machine, roleArn=role)
    client("organizations").create_organization(FeatureSet="ALL")


class Principal:
    """A user who may do what it is given, at a server that asks."""

    def __init__(self, server: str, address: str, client: Callable[[str], Any]) -> None:
        self._server = server
        self._address = address
        self._iam = client("iam")
        self._iam.create_user(UserName="poor", Path="/principals/")
        key = self._iam.create_access_key(UserName="poor")["AccessKey"]
        self.environ = {
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        }

    def tried(self, sql: str, policy: dict[str, Any]) -> list[Error]:
        """Run a statement with exactly that policy; returns its errors."""
        self._iam.put_user_policy(
            UserName="poor", PolicyName="given", PolicyDocument=json.dumps(policy)
        )
        settings = Settings(endpoint_url=self._address, region="us-east-1", audit="off")
        options = WriteOptions(assume_yes=True)
        with Session(settings, os.environ, options=options, catalog=CATALOG) as session:
            set_enforced(self._server, True)
            try:
                for result in session.run(sql):
                    rows = result.table().to_pylist()
                    refused = [f.error for f in result.failures]
                    if result.exit_status:
                        refused += [
                            AccessDenied(str(row["error"])) for row in rows if row.get("error")
                        ]
                    return refused
            except Error as error:
                return [error]
            finally:
                set_enforced(self._server, False)
        raise AssertionError("nothing ran")


def set_enforced(server: str, is_enforced: bool) -> None:
    """Let moto check every request from now on, or none."""
    post(f"{server}/moto-api/reset-auth", b"0" if is_enforced else b"inf")


def post(url: str, body: bytes = b"") -> None:
    """Send moto itself a command."""
    request = urllib.request.Request(
        url, data=body, method="POST", headers={"Content-Type": "text/plain"}
    )
    with urllib.request.urlopen(request, timeout=30):
        pass


@pytest.fixture(scope="module")
def _principal(aws_server: str, _proxy: FaultProxy) -> Iterator[Principal]:
    """The user, in an AWS with something of everything in it."""
    import boto3

    moto_state.empty()
    made: list[Any] = []

    def client(service: str) -> Any:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        made.append(boto3.client(service, "us-east-1", endpoint_url=aws_server, **keys))
        return made[-1]

    fill(client)
    yield Principal(aws_server, _proxy.url, client)
    set_enforced(aws_server, False)
    for one in made:
        one.close()


@pytest.fixture
def principal(_principal: Principal, monkeypatch: pytest.MonkeyPatch) -> Principal:
    """The user, whose keys are those of the environment."""
    for name, value in _principal.environ.items():
        monkeypatch.setenv(name, value)
    return _principal


def policy_of(sql: str) -> dict[str, Any]:
    """What EXPLAIN (POLICY) prints; it makes no call."""
    with Session(Settings(), {}, catalog=CATALOG) as session:
        (result,) = session.run(f"EXPLAIN (POLICY) {sql}")
        (row,) = result.table().to_pylist()
    document: dict[str, Any] = json.loads(next(iter(row.values())))
    return document


def without(policy: dict[str, Any], action: str) -> dict[str, Any]:
    """The policy minus one action. A statement must allow something."""
    (statement,) = policy["Statement"]
    left = [a for a in statement["Action"] if a != action] or ["none:None"]
    return {**policy, "Statement": [{**statement, "Action": left}]}


@pytest.mark.parametrize("sql", STATEMENTS)
def test_its_policy_lets_a_statement_run_and_none_of_it_can_be_left_out(
    sql: str, principal: Principal
) -> None:
    policy = policy_of(sql)
    (statement,) = policy["Statement"]
    for action in statement["Action"]:
        refused = principal.tried(sql, without(policy, action))
        assert refused, f"it ran without {action}"
        assert any("AccessDenied" in str(e) or "not authorized" in str(e) for e in refused), refused
    assert principal.tried(sql, policy) == []


def test_regions_may_be_looked_up_and_need_not(principal: Principal) -> None:
    sql = "SELECT VpcId FROM aws.ec2.vpcs WHERE region = '*'"
    policy = policy_of(sql)
    assert policy["Statement"][0]["Action"] == ["ec2:DescribeRegions", "ec2:DescribeVpcs"]
    # A region that is not enabled would then fail by itself; moto has none.
    assert principal.tried(sql, without(policy, "ec2:DescribeRegions")) == []


def test_thirty_statements_and_more_are_proven() -> None:
    services = {policy_of(sql)["Statement"][0]["Action"][0].split(":")[0] for sql in STATEMENTS}
    assert len(STATEMENTS) >= 30
    assert len(services) >= 20
