"""Things with names, tags and contents that other tools were reported to stumble over,
on a real server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from hashlib import md5
from typing import Any

import pytest

from tests.session.conftest import Ask
from tests.support.fault_proxy import FaultProxy

Client = Callable[..., Any]

KEYS = """\
a b|a+b|a%20b|a%2Bb|ü/日本|/leading|//double|./dot|../up|x/../y|a=b/c=d|q?x=1|h#frag|amp&amp;<x>|
tab\tx|ctl\x1e|quote'"|trail/|back\\slash|colon:at@,;|a//b|$1|~t|emoji😀|  sp  |%""".replace(
    "|\n", "|"
).split("|")


def test_objects_are_read_under_the_keys_that_they_have(ask: Ask, client: Client) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="odd-keys")
    for size, key in enumerate(KEYS):
        s3.put_object(Bucket="odd-keys", Key=key, Body=b"x" * size)
    listed = ask("SELECT Key, Size FROM aws.s3.objects WHERE Bucket = 'odd-keys'")
    assert {r["Key"]: r["Size"] for r in listed} == {key: size for size, key in enumerate(KEYS)}
    looked_at = ask(
        "SELECT Key, ETag, Metadata FROM aws.s3.objects "
        "WHERE Bucket = 'odd-keys' AND Key IN (SELECT unnest($keys))",
        keys=KEYS,
    )
    etags = {key: f'"{md5(b"x" * size).hexdigest()}"' for size, key in enumerate(KEYS)}
    assert {r["Key"]: r["ETag"] for r in looked_at} == etags


def test_a_bucket_may_have_dots_and_another_region(ask: Ask, client: Client) -> None:
    client("s3").create_bucket(Bucket="my.dotted.bucket")
    client("s3").put_object(Bucket="my.dotted.bucket", Key="k", Body=b"1")
    there = client("s3", "eu-west-1")
    there.create_bucket(
        Bucket="eu-bkt", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    there.put_object(Bucket="eu-bkt", Key="k e", Body=b"1")
    assert ask("SELECT Bucket, Key FROM aws.s3.objects ORDER BY ALL") == [
        {"Bucket": "eu-bkt", "Key": "k e"},
        {"Bucket": "my.dotted.bucket", "Key": "k"},
    ]


TAGS = {
    "Name": "",
    "name": "lower",
    "NAME": "UPPER",
    "k with space": 'v,with,comma "q" | * ?',
    "ünï": "日本語",
    "a:b/c=d+e@f": "x",
    "team": "web*",
}


@pytest.fixture
def instances(client: Client) -> tuple[str, str, str]:
    """One with odd tags, one with plain ones, one that is terminated and has none."""
    ec2 = client("ec2")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    made = ec2.run_instances(ImageId=image, MinCount=3, MaxCount=3, InstanceType="t3.micro")[
        "Instances"
    ]
    odd, plain, gone = (i["InstanceId"] for i in made)
    ec2.create_tags(Resources=[odd], Tags=[{"Key": k, "Value": v} for k, v in TAGS.items()])
    plain_tags = {"Name": "webserver", "team": "webx"}
    ec2.create_tags(Resources=[plain], Tags=[{"Key": k, "Value": v} for k, v in plain_tags.items()])
    ec2.terminate_instances(InstanceIds=[gone])
    return odd, plain, gone


@pytest.mark.parametrize(("key", "value"), TAGS.items())
def test_a_tag_is_found_by_its_very_key_and_value(
    key: str, value: str, ask: Ask, instances: tuple[str, str, str]
) -> None:
    sql = "SELECT InstanceId FROM aws.ec2.instances WHERE tags(Tags)[{}] = {}"
    texts = [f"'{text.replace(chr(39), chr(39) * 2)}'" for text in (key, value)]
    assert [r["InstanceId"] for r in ask(sql.format(*texts))] == [instances[0]]
    assert [r["InstanceId"] for r in ask(sql.format("$key", "$value"), key=key, value=value)] == [
        instances[0]
    ]


def test_tags_part_the_instances_in_those_that_have_one_and_the_rest(
    ask: Ask, instances: tuple[str, str, str]
) -> None:
    sql = "SELECT InstanceId FROM aws.ec2.instances WHERE "
    odd, plain, gone = instances
    assert {r["InstanceId"] for r in ask(sql + "tags(Tags)['team'] LIKE 'web%'")} == {odd, plain}
    assert {r["InstanceId"] for r in ask(sql + "tags(Tags)['team'] <> 'web*'")} == {plain}
    assert {r["InstanceId"] for r in ask(sql + "tags(Tags)['Name'] IS NULL")} == {gone}


def test_tags_and_settings_of_ecs_are_there_though_they_must_be_asked_for(
    ask: Ask, client: Client
) -> None:
    ecs = client("ecs")
    ecs.create_cluster(
        clusterName="c1",
        settings=[{"name": "containerInsights", "value": "enabled"}],
        tags=[{"key": "team", "value": "web"}],
    )
    ecs.register_task_definition(
        family="f", containerDefinitions=[{"name": "a", "image": "b", "memory": 128}]
    )
    ecs.create_service(
        cluster="c1", serviceName="s1", taskDefinition="f", tags=[{"key": "owner", "value": "x"}]
    )
    assert ask(
        "SELECT clusterName, settings[1].value AS s, tags(tags)['team'] AS t FROM aws.ecs.clusters"
    ) == [{"clusterName": "c1", "s": "enabled", "t": "web"}]
    assert ask("SELECT serviceName, tags(tags)['owner'] AS t FROM aws.ecs.services") == [
        {"serviceName": "s1", "t": "x"}
    ]


def test_log_events_are_all_read_over_their_pages_whatever_their_group_is_called(
    ask: Ask, client: Client
) -> None:
    logs, group, stream = client("logs"), "/aws/lambda/a b+c", "2024/01/01/[$LATEST]abc"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    start = int(time.time() * 1000) - 100_000
    for first in range(0, 12_000, 6_000):
        events = [{"timestamp": start + n, "message": f"m{n}"} for n in range(first, first + 6_000)]
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    sql = "SELECT count(DISTINCT message) AS n FROM aws.logs.log_events WHERE "
    assert ask(sql + "logGroupName = $group", group=group) == [{"n": 12_000}]
    assert ask(sql + f"logStreamName = '{stream}'") == [{"n": 12_000}]


def test_parameters_have_what_their_listing_and_their_reading_say(ask: Ask, client: Client) -> None:
    ssm = client("ssm")
    for name, value, kind in (
        ("/a/b", "1", "String"),
        ("/a/b/c", "2", "SecureString"),
        ("/a/e", " ", "String"),
    ):
        ssm.put_parameter(Name=name, Value=value, Type=kind)
    ssm.put_parameter(
        Name="desc", Value="v", Type="String", Description="hello", AllowedPattern=".*"
    )
    assert ask(
        "SELECT Name, Description AS d, Value AS v FROM aws.ssm.parameters WHERE Type = 'String' "
        "ORDER BY 1"
    ) == [
        {"Name": "/a/b", "d": None, "v": "1"},
        {"Name": "/a/e", "d": None, "v": " "},
        {"Name": "desc", "d": "hello", "v": "v"},
    ]


POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "NotAction": "iam:*",
            "Resource": "*",
            "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/a+b c%20d"}},
        }
    ],
}


def test_policies_are_the_documents_that_were_written(ask: Ask, client: Client) -> None:
    iam = client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"},
    }
    iam.create_role(RoleName="r+=,.@-_x", Path="/a/b/", AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(
        RoleName="r+=,.@-_x", PolicyName="in_line", PolicyDocument=json.dumps(POLICY)
    )
    (role,) = ask(
        "SELECT Path, AssumeRolePolicyDocument AS d FROM aws.iam.roles WHERE RoleName = 'r+=,.@-_x'"
    )
    assert (role["Path"], json.loads(role["d"])) == ("/a/b/", trust)
    (inline,) = ask(
        "SELECT PolicyDocument AS d, policy_equal(PolicyDocument, $p) AS same FROM "
        "aws.iam.role_policies",
        p=json.dumps(POLICY),
    )
    assert (json.loads(inline["d"]), inline["same"]) == (POLICY, True)


def test_a_zone_of_several_pages_has_each_record_once(ask: Ask, client: Client) -> None:
    route53 = client("route53")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]

    def record(name: str, kind: str, value: str, **more: object) -> dict[str, object]:
        found = {
            "Name": name,
            "Type": kind,
            "TTL": 60,
            "ResourceRecords": [{"Value": value}],
            **more,
        }
        return {"Action": "CREATE", "ResourceRecordSet": found}

    changes = [record(f"h{n:03}.example.com", "A", "1.2.3.4") for n in range(350)]
    changes += [
        record("w.example.com", "A", "1.2.3.4", SetIdentifier=f"s{n}", Weight=n) for n in range(5)
    ]
    changes.append(record("*.wild.example.com", "TXT", '"a\\"b; c"'))
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    sql = (
        "SELECT count(*) AS n, count(DISTINCT (Name, Type, SetIdentifier)) AS m "
        "FROM aws.route53.resource_record_sets"
    )
    assert ask(sql) == [{"n": 358, "m": 358}]  # with the zone's own NS and SOA
    (text,) = ask(
        "SELECT Name, ResourceRecords[1].Value AS v FROM aws.route53.resource_record_sets WHERE "
        "Type = 'TXT'"
    )
    assert text == {"Name": "*.wild.example.com.", "v": '"a\\"b; c"'}
    weights = ask(
        "SELECT Weight FROM aws.route53.resource_record_sets WHERE SetIdentifier LIKE 's%' ORDER "
        "BY 1"
    )
    assert [r["Weight"] for r in weights] == [0, 1, 2, 3, 4]


def test_items_over_many_pages_keep_every_kind_of_value(ask: Ask, client: Client) -> None:
    dynamodb = client("dynamodb")
    dynamodb.create_table(
        TableName="a.b-c_D",
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for n in range(60):
        item = {
            "pk": {"S": "p q/é"},
            "sk": {"N": str(n)},
            "big": {"S": "x" * 30_000},
            "n": {"N": "12345678901234567890123456789012345678"},
            "b": {"B": b"\x00\xff"},
            "ns": {"NS": ["1", "2.50"]},
            "m": {"M": {"M1": {"L": [{"NULL": True}, {"BOOL": False}]}}},
            "e": {"S": ""},
        }
        dynamodb.put_item(TableName="a.b-c_D", Item=item)
    rows = ask(
        "SELECT Item['sk'].N AS sk, Item['n'].N AS n, Item['e'].S AS e, Item['b'].B AS b, "
        "list_sort(Item['ns'].NS) AS ns, "
        "Item['m'].M::JSON->>'$.M1.L[1].BOOL' AS no FROM aws.dynamodb.items WHERE TableName = "
        "'a.b-c_D'"
    )
    assert {r["sk"] for r in rows} == {str(n) for n in range(60)}
    assert len(rows) == 60
    del rows[0]["sk"]
    assert rows[0] == {
        "n": "12345678901234567890123456789012345678",
        "e": "",
        "b": b"\x00\xff",
        "ns": ["1", "2.50"],
        "no": "false",
    }


def test_stacks_are_those_that_are_there_with_their_descriptions(ask: Ask, client: Client) -> None:
    stacks = client("cloudformation")
    body = {"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}
    for name in ("s1", "s2"):
        stacks.create_stack(StackName=name, TemplateBody=json.dumps(body))
    stacks.delete_stack(StackName="s2")
    stacks.create_stack(StackName="s3", TemplateBody=json.dumps({"Description": "my text", **body}))
    assert ask(
        "SELECT StackName, TemplateDescription AS d, Description AS e "
        "FROM aws.cloudformation.stacks ORDER BY 1"
    ) == [
        {"StackName": "s1", "d": None, "e": None},
        {"StackName": "s3", "d": "my text", "e": "my text"},
    ]


def test_a_secret_is_text_or_bytes(ask: Ask, client: Client) -> None:
    secrets = client("secretsmanager")
    secrets.create_secret(Name="a b/c", SecretString='{"u":"x"}')
    secrets.create_secret(Name="bin", SecretBinary=b"\x00\xff")
    assert ask(
        "SELECT Name, SecretString AS s, SecretBinary AS b FROM aws.secretsmanager.secrets ORDER "
        "BY 1"
    ) == [
        {"Name": "a b/c", "s": '{"u":"x"}', "b": None},
        {"Name": "bin", "s": None, "b": b"\x00\xff"},
    ]


def test_backups_executions_and_certificates_are_found_from_what_they_hang_on(
    ask: Ask, client: Client
) -> None:
    dynamodb, steps = client("dynamodb"), client("stepfunctions")
    dynamodb.create_table(
        TableName="a.b-c_D",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.create_backup(TableName="a.b-c_D", BackupName="bkp")
    definition = '{"StartAt":"a","States":{"a":{"Type":"Pass","End":true}}}'
    machine = steps.create_state_machine(
        name="m", definition=definition, roleArn="arn:aws:iam::123456789012:role/r"
    )["stateMachineArn"]
    steps.start_execution(stateMachineArn=machine, name="e")
    client("iam").upload_server_certificate(
        ServerCertificateName="sc", CertificateBody="x", PrivateKey="y"
    )
    client("athena").create_work_group(Name="wg", Configuration={})
    assert ask("SELECT BackupName, TableName FROM aws.dynamodb.backups") == [
        {"BackupName": "bkp", "TableName": "a.b-c_D"}
    ]
    assert ask("SELECT name, stateMachineArn AS m FROM aws.stepfunctions.executions") == [
        {"name": "e", "m": machine}
    ]
    assert ask(
        "SELECT ServerCertificateName AS n, CertificateBody AS b FROM aws.iam.server_certificates"
    ) == [{"n": "sc", "b": "x"}]
    assert [r["Name"] for r in ask("SELECT Name FROM aws.athena.work_groups ORDER BY 1")] == [
        "primary",
        "wg",
    ]


def test_users_of_one_path_are_asked_for_by_it(ask: Ask, client: Client) -> None:
    iam = client("iam")
    for n in range(210):
        iam.create_user(UserName=f"u{n:03}", Path="/odd/" if n % 2 else "/even/")
    assert ask("SELECT count(*) AS n FROM aws.iam.users") == [{"n": 210}]
    assert ask("SELECT count(*) AS n FROM aws.iam.users WHERE Path = '/odd/'") == [{"n": 105}]
    assert ask(
        "SELECT count(*) AS n FROM aws.iam.users WHERE Path LIKE '/odd/%' AND UserName < 'u010'"
    ) == [{"n": 5}]
    assert ask("SELECT UserName FROM aws.iam.users WHERE Path = '/even/' ORDER BY 1 LIMIT 2") == [
        {"UserName": "u000"},
        {"UserName": "u002"},
    ]


def test_a_queue_is_found_by_its_name(ask: Ask, client: Client, proxy: FaultProxy) -> None:
    for name in ("a", "b"):
        client("sqs").create_queue(QueueName=name, Attributes={"VisibilityTimeout": "7"})
    of_queues = "SELECT QueueArn, VisibilityTimeout AS t FROM aws.sqs.queues AS q"
    found = [{"QueueArn": "arn:aws:sqs:us-east-1:123456789012:a", "t": 7}]
    assert ask(f"{of_queues} WHERE QueueName = 'a'") == found
    assert ask(f"{of_queues} WHERE QueueName IN ('a', 'nosuch')") == found
    assert not proxy.calls["sqs:ListQueues"]
    assert ask(f"{of_queues} JOIN (VALUES ('a'), ('nosuch')) v(n) ON q.QueueName = v.n") == found
    assert ask(f"{of_queues} WHERE QueueName LIKE 'a%'") == found
    assert ask("SELECT QueueName FROM aws.sqs.queues ORDER BY 1") == [
        {"QueueName": "a"},
        {"QueueName": "b"},
    ]
