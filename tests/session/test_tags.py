"""Tags of every shape, set and removed in the same way: on 16 services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.errors import Error
from tests.session.conftest import Ask
from tests.support.fault_proxy import FaultProxy

ROLE = '{"Version": "2012-10-17", "Statement": []}'


# What makes the thing by boto3, and then: table, the column of tags, the WHERE, what reads its
# tags.
Made = tuple[str, str, str, Callable[[], Any]]


def iam_user(client: Any) -> Made:
    iam = client("iam")
    iam.create_user(UserName="ann")
    return (
        "iam.users",
        "Tags",
        "UserName = 'ann'",
        lambda: iam.list_user_tags(UserName="ann")["Tags"],
    )


def iam_role(client: Any) -> Made:
    iam = client("iam")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=ROLE)
    return (
        "iam.roles",
        "Tags",
        "RoleName LIKE 'r%'",
        lambda: iam.list_role_tags(RoleName="r")["Tags"],
    )


def ec2_vpc(client: Any) -> Made:
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]

    def read() -> Any:
        return ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0].get("Tags", [])

    return "ec2.vpcs", "Tags", "CidrBlock = '10.9.0.0/16'", read


def s3_bucket(client: Any) -> Made:
    s3 = client("s3")
    s3.create_bucket(Bucket="bucket")

    def read() -> Any:
        try:
            return s3.get_bucket_tagging(Bucket="bucket")["TagSet"]
        except s3.exceptions.ClientError:
            return []

    return "s3.buckets", "Tags", "Name = 'bucket'", read


def lambda_function(client: Any) -> Made:
    made = client("lambda")
    role = client("iam").create_role(RoleName="l", AssumeRolePolicyDocument=ROLE)["Role"]["Arn"]
    arn = made.create_function(
        FunctionName="f", Runtime="python3.12", Role=role, Handler="a.b", Code={"ZipFile": b"x"}
    )["FunctionArn"]
    return (
        "lambda.functions",
        "Tags",
        "FunctionName = 'f'",
        lambda: made.list_tags(Resource=arn)["Tags"],
    )


def sqs_queue(client: Any) -> Made:
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]

    def read() -> Any:
        return sqs.list_queue_tags(QueueUrl=url).get("Tags", {})

    return "sqs.queues", "Tags", "QueueUrl LIKE '%/q'", read


def sns_topic(client: Any) -> Made:
    sns = client("sns")
    arn = sns.create_topic(Name="t")["TopicArn"]

    def read() -> Any:
        return sns.list_tags_for_resource(ResourceArn=arn)["Tags"]

    return "sns.topics", "Tags", "TopicArn LIKE '%:t'", read


def kms_key(client: Any) -> Made:
    kms = client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]

    def read() -> Any:
        return kms.list_resource_tags(KeyId=key)["Tags"]

    return "kms.keys", "Tags", f"KeyId = '{key}'", read


def secret(client: Any) -> Made:
    made = client("secretsmanager")
    made.create_secret(Name="s", SecretString="x")

    def read() -> Any:
        return made.describe_secret(SecretId="s").get("Tags", [])

    return "secretsmanager.secrets", "Tags", "Name = 's'", read


def ssm_parameter(client: Any) -> Made:
    ssm = client("ssm")
    ssm.put_parameter(Name="p", Value="x", Type="String")

    def read() -> Any:
        return ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="p")["TagList"]

    return "ssm.parameters", "Tags", "Name = 'p'", read


def log_group(client: Any) -> Made:
    logs = client("logs")
    logs.create_log_group(logGroupName="g")
    arn = logs.describe_log_groups()["logGroups"][0]["arn"].removesuffix(":*")

    def read() -> Any:
        return logs.list_tags_for_resource(resourceArn=arn)["tags"]

    return "logs.log_groups", "tags", "logGroupName = 'g'", read


def dynamodb_table(client: Any) -> Made:
    made = client("dynamodb")
    arn = made.create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )["TableDescription"]["TableArn"]

    def read() -> Any:
        return made.list_tags_of_resource(ResourceArn=arn)["Tags"]

    return "dynamodb.tables", "Tags", "TableName = 't'", read


def ecr_repository(client: Any) -> Made:
    ecr = client("ecr")
    arn = ecr.create_repository(repositoryName="repo")["repository"]["repositoryArn"]

    def read() -> Any:
        return ecr.list_tags_for_resource(resourceArn=arn)["tags"]

    return "ecr.repositories", "tags", "repositoryName = 'repo'", read


def ecs_cluster(client: Any) -> Made:
    ecs = client("ecs")
    arn = ecs.create_cluster(clusterName="c")["cluster"]["clusterArn"]

    def read() -> Any:
        return ecs.list_tags_for_resource(resourceArn=arn)["tags"]

    return "ecs.clusters", "tags", "clusterArn LIKE '%/c'", read


def state_machine(client: Any) -> Made:
    made = client("stepfunctions")
    role = "arn:aws:iam::123456789012:role/r"
    arn = made.create_state_machine(name="m", definition="{}", roleArn=role)["stateMachineArn"]

    def read() -> Any:
        return made.list_tags_for_resource(resourceArn=arn)["tags"]

    return "stepfunctions.state_machines", "tags", "name = 'm'", read


def kinesis_stream(client: Any) -> Made:
    made = client("kinesis")
    made.create_stream(StreamName="s", ShardCount=1)

    def read() -> Any:
        return made.list_tags_for_stream(StreamName="s")["Tags"]

    return "kinesis.streams", "Tags", "StreamName = 's'", read


def rule(client: Any) -> Made:
    events = client("events")
    arn = events.put_rule(Name="r", ScheduleExpression="rate(1 day)")["RuleArn"]

    def read() -> Any:
        return events.list_tags_for_resource(ResourceARN=arn)["Tags"]

    return "events.rules", "Tags", "Name = 'r'", read


def certificate(client: Any) -> Made:
    acm = client("acm")
    arn = acm.request_certificate(DomainName="example.com")["CertificateArn"]

    def read() -> Any:
        return acm.list_tags_for_certificate(CertificateArn=arn)["Tags"]

    return "acm.certificates", "Tags", "DomainName = 'example.com'", read


def alarm(client: Any) -> Made:
    made = client("cloudwatch")
    made.put_metric_alarm(
        AlarmName="a",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        MetricName="m",
        Namespace="n",
        Period=60,
        Statistic="Sum",
        Threshold=1,
    )
    arn = made.describe_alarms()["MetricAlarms"][0]["AlarmArn"]

    def read() -> Any:
        return made.list_tags_for_resource(ResourceARN=arn)["Tags"]

    return "cloudwatch.alarms", "Tags", "AlarmName = 'a'", read


def db_instance(client: Any) -> Made:
    rds = client("rds")
    arn = rds.create_db_instance(
        DBInstanceIdentifier="d",
        DBInstanceClass="db.t3.micro",
        Engine="mysql",
        MasterUsername="u",
        MasterUserPassword="password",
        AllocatedStorage=20,
    )["DBInstance"]["DBInstanceArn"]

    def read() -> Any:
        return rds.list_tags_for_resource(ResourceName=arn)["TagList"]

    return "rds.db_instances", "TagList", "DBInstanceIdentifier = 'd'", read


def load_balancer(client: Any) -> Made:
    ec2, elb = client("ec2"), client("elbv2")
    subnets = [s["SubnetId"] for s in ec2.describe_subnets()["Subnets"]][:2]
    arn = elb.create_load_balancer(Name="l", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]

    def read() -> Any:
        return elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]

    return "elbv2.load_balancers", "Tags", "LoadBalancerName = 'l'", read


def hosted_zone(client: Any) -> Made:
    made = client("route53")
    zone = made.create_hosted_zone(Name="x.example", CallerReference="1")["HostedZone"]["Id"]
    zone = zone.removeprefix("/hostedzone/")

    def read() -> Any:
        found = made.list_tags_for_resource(ResourceType="hostedzone", ResourceId=zone)
        return found["ResourceTagSet"]["Tags"]

    return "route53.hosted_zones", "Tags", "Name = 'x.example.'", read


THINGS = [
    iam_user, iam_role, ec2_vpc, s3_bucket, lambda_function, sqs_queue, sns_topic, kms_key, secret,
    ssm_parameter, log_group, dynamodb_table, ecr_repository, ecs_cluster, state_machine, kinesis_stream,  # noqa: E501
    rule, certificate, alarm, db_instance, load_balancer, hosted_zone,
]  # fmt: skip


def as_map(tags: Any) -> dict[str, str]:
    """Tags as boto3 gives them, whatever their shape."""
    if isinstance(tags, dict):
        return tags
    folded = [{k.lower().removeprefix("tag"): v for k, v in tag.items()} for tag in tags]
    return {tag["key"]: tag["value"] for tag in folded}


@pytest.mark.parametrize("make", THINGS, ids=lambda make: make.__name__)
def test_tags_are_set_taken_away_and_replaced(
    ask: Ask, client: Callable[..., Any], proxy: FaultProxy, make: Callable[[Any], Made]
) -> None:
    table, column, where, read = make(client)
    update = f"UPDATE aws.{table} SET"
    ask(f"{update} {column}['a'] = '1', {column}['b'] = 'x' || 2 WHERE {where}")
    assert as_map(read()) == {"a": "1", "b": "x2"}
    done = ask(f"{update} {column}['a'] = NULL, {column}['c'] = '3' WHERE {where}")
    assert as_map(read()) == {"b": "x2", "c": "3"}
    assert {row["status"] for row in done} == {"done"}
    if make is load_balancer:
        # Its DescribeTags takes a list of ARNs, which nothing feeds yet.
        return
    ask(f"{update} {column} = MAP {{'c': '4', 'd': '5'}} WHERE {where}")
    assert as_map(read()) == {"c": "4", "d": "5"}
    ask(f"{update} {column} = [{{'Key': 'd', 'Value': '6'}}] WHERE {where}")
    assert as_map(read()) == {"d": "6"}
    # Where a statement may hold a secret, the engine's message is not shown.
    none = rf"SET assigns NULL to {column}; write NULL itself|^\*\*\*\*$"
    with pytest.raises(Error, match=none):
        ask(f"{update} {column} = CASE WHEN now() IS NULL THEN MAP {{'e': '7'}} END WHERE {where}")
    with pytest.raises(Error, match=none):
        ask(f"{update} {column} = $tags WHERE {where}", tags=None)
    assert as_map(read()) == {"d": "6"}
    ask(f"{update} {column} = NULL WHERE {where}")
    assert as_map(read()) == {}
