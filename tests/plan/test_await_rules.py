"""What AWAIT polls after a write, over many services."""

from __future__ import annotations

import pytest

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Verb
from cirrusql.errors import NotSupportedError, ProgrammingError
from cirrusql.plan.explain import steps
from cirrusql.plan.policy import uses
from tests.plan.planned import plan_of

# The write without its hint, what is waited for, and where the parameters of what is asked come
# from.
CASES = [
    (
        "INSERT INTO aws.ec2.instances (ImageId, MinCount, MaxCount) VALUES ('i', 1, 1)",
        "InstanceRunning",
        {"InstanceIds": ("InstanceId", True)},
    ),
    (
        "DELETE FROM aws.ec2.instances WHERE InstanceId = 'i'",
        "InstanceTerminated",
        {"InstanceIds": ("InstanceIds", False)},
    ),
    (
        "EXEC aws.ec2.instances.stop_instances @InstanceIds = ['i']",
        "InstanceStopped",
        {"InstanceIds": ("InstanceIds", False)},
    ),
    (
        "DELETE FROM aws.s3.buckets WHERE Name = 'a'",
        "BucketNotExists",
        {"Bucket": ("Bucket", False)},
    ),
    (
        "INSERT INTO aws.eks.clusters (name, roleArn, resourcesVpcConfig) VALUES ('a', 'r', '{}')",
        "ClusterActive",
        {"name": ("name", False)},
    ),
    (
        "INSERT INTO aws.rds.db_instances (DBInstanceIdentifier, DBInstanceClass, Engine) "
        "VALUES ('a', 'r', 'm')",
        "DBInstanceAvailable",
        {"DBInstanceIdentifier": ("DBInstanceIdentifier", False)},
    ),
    (
        "UPDATE aws.cloudformation.stacks SET TemplateBody = '{}' WHERE StackName = 'a'",
        "StackUpdateComplete",
        {"StackName": ("StackName", False)},
    ),
    (
        "UPDATE aws.lambda.functions SET MemorySize = 256 WHERE FunctionName = 'a'",
        "FunctionUpdated",
        {"FunctionName": ("FunctionName", False)},
    ),
    (
        "INSERT INTO aws.elbv2.load_balancers (Name) VALUES ('a')",
        "LoadBalancerAvailable",
        {"LoadBalancerArns": ("LoadBalancerArn", True)},
    ),
    (
        "INSERT INTO aws.ecs.services (cluster, serviceName) VALUES ('c', 's')",
        "ServicesStable",
        {"cluster": ("cluster", False), "services": ("serviceArn", True)},
    ),
    (
        "UPDATE aws.dynamodb.tables SET BillingMode = 'PAY_PER_REQUEST' WHERE TableName = 't'",
        "TableStatus of dynamodb:DescribeTable",
        {"TableName": ("TableName", False)},
    ),
    (
        "UPDATE aws.ec2.volumes SET Size = 9 WHERE VolumeId = 'v'",
        "State of ec2:DescribeVolumes",
        {"VolumeIds": ("VolumeId", True)},
    ),
    (
        "INSERT INTO aws.efs.file_systems (CreationToken) VALUES ('c')",
        "LifeCycleState of efs:DescribeFileSystems",
        {"FileSystemId": ("FileSystemId", False)},
    ),
    (
        "INSERT INTO aws.mq.brokers (BrokerName, DeploymentMode, EngineType, HostInstanceType, "
        "PubliclyAccessible) VALUES ('a', 'b', 'c', 'd', true)",
        "BrokerState of mq:DescribeBroker",
        {"BrokerId": ("BrokerId", False)},
    ),
]


def awaited(sql: str) -> str:
    verb, _, rest = sql.partition(" ")
    return f"{verb} /*+ AWAIT('5m') */ {rest}"


@pytest.mark.parametrize(("sql", "name", "sources"), CASES, ids=[case[1] for case in CASES])
def test_what_is_waited_for(sql: str, name: str, sources: dict[str, tuple[str, bool]]) -> None:
    (write,) = plan_of(awaited(sql)).writes
    assert write.wait is not None
    assert (write.wait.name, dict(write.wait.sources), write.wait.seconds) == (name, sources, 300)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO aws.sns.topics (Name) VALUES ('a')",
        "UPDATE aws.iam.access_keys SET Status = 'Inactive' WHERE AccessKeyId = 'k' AND UserName "
        "= 'u'",
    ],
)
def test_where_nothing_tells_awaiting_is_refused(sql: str) -> None:
    with pytest.raises(NotSupportedError, match="cannot be observed"):
        plan_of(awaited(sql))


def test_tags_beside_a_change_need_no_waiting_for() -> None:
    sql = "UPDATE aws.eks.clusters SET version = '1.30', tags['a'] = 'b' WHERE name = 'c'"
    changed, tagged = plan_of(awaited(sql)).writes
    assert changed.wait is not None
    assert tagged.method.operation.name == "TagResource"


def test_awaiting_what_only_reads_is_refused() -> None:
    with pytest.raises(ProgrammingError, match="only reads"):
        plan_of("EXEC /*+ AWAIT */ aws.iam.users.list_users")


def test_the_wait_is_a_step_of_explain_and_a_use_for_the_policy() -> None:
    plan = plan_of(awaited("INSERT INTO aws.iam.users (UserName) VALUES ('a')"))
    assert [s.operation for s in steps(plan)] == ["iam:CreateUser", "iam:GetUser"]
    assert steps(plan)[1].calls == "until UserExists, at most 300 s"
    assert ("iam:GetUser", "SELECT") in {(u.method.operation.id, u.verb) for u in uses(plan)}


@pytest.mark.parametrize(
    "service", ["ec2", "rds", "eks", "elasticache", "cloudformation", "dynamodb", "iam"]
)
def test_every_delete_that_a_waiter_could_tell_of_is_told_of_by_one(
    aws: Catalog, service: str
) -> None:
    found, _ = aws.service_catalog("aws", service)
    gone = [w for w in found.service.waiters if w.endswith(("Deleted", "NotExists", "Terminated"))]
    told = set()
    for name in found.resources(False):
        table = found.table(service, name, False)
        for method in table.reached_by(Verb.DELETE):
            given = ", ".join(f"@{p} = '1'" for p in method.required)
            try:
                (write,) = plan_of(
                    f"EXEC /*+ AWAIT */ aws.{service}.{name}.{method.name} {given}"
                ).writes
            except NotSupportedError:
                continue
            told |= {write.wait.name} if write.wait else set()
    assert set(gone) - told <= UNTOLD


UNTOLD = {
    "NetworkInterfaceDeleted",
}
"""Waiters of things that have no DELETE, or that it cannot name."""
