"""Updates undone by a failed transaction: each column has its previous value."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.session.conftest import Ask, Rows

Client = Callable[..., Any]
FAILS = "DELETE FROM aws.iam.users WHERE UserName = 'nobody'; COMMIT"


def failed(ask: Ask, *updates: str) -> Rows:
    """The report of a transaction of these updates whose last step fails, each of them undone."""
    ask("; ".join(("BEGIN", *updates)))
    promised = {r["operation"]: r["undo"] for r in ask("EXPLAIN COMMIT")}
    report = ask(FAILS)
    assert [r["status"] for r in report] == ["undone"] * len(updates) + ["failed"], report
    assert all(r["undo"] in promised[r["operation"]] for r in report[:-1]), promised
    return report[:-1]


def test_a_bucket_has_its_versioning_tags_and_rules_back(ask: Ask, client: Client) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="a-bucket")
    s3.put_bucket_versioning(Bucket="a-bucket", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_tagging(Bucket="a-bucket", Tagging={"TagSet": [{"Key": "env", "Value": "prod"}]})
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://example.org"]}
    s3.put_bucket_cors(Bucket="a-bucket", CORSConfiguration={"CORSRules": [rule]})
    block = {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": False,
        "BlockPublicPolicy": True,
        "RestrictPublicBuckets": False,
    }
    s3.put_public_access_block(Bucket="a-bucket", PublicAccessBlockConfiguration=block)
    change = "UPDATE aws.s3.buckets SET {} WHERE Name = 'a-bucket'"
    failed(
        ask,
        change.format("VersioningStatus = 'Suspended'"),
        change.format("TagSet = [{'Key': 'env', 'Value': 'test'}]"),
        change.format("CORSRules = [{'AllowedMethods': ['PUT'], 'AllowedOrigins': ['*']}]"),
        change.format("RestrictPublicBuckets = true"),
    )
    assert s3.get_bucket_versioning(Bucket="a-bucket")["Status"] == "Enabled"
    assert s3.get_bucket_tagging(Bucket="a-bucket")["TagSet"] == [{"Key": "env", "Value": "prod"}]
    assert s3.get_bucket_cors(Bucket="a-bucket")["CORSRules"] == [rule]
    assert s3.get_public_access_block(Bucket="a-bucket")["PublicAccessBlockConfiguration"] == block


def test_what_a_bucket_did_not_have_is_taken_away_again(ask: Ask, client: Client) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="a-bucket")
    change = "UPDATE aws.s3.buckets SET {} WHERE Name = 'a-bucket'"
    report = failed(
        ask, change.format("CORSRules = [{'AllowedMethods': ['PUT'], 'AllowedOrigins': ['*']}]")
    )
    assert [r["undo"] for r in report] == ["s3:DeleteBucketCors"]
    with pytest.raises(ClientError, match="NoSuchCORSConfiguration"):
        s3.get_bucket_cors(Bucket="a-bucket")


def test_versioning_that_was_never_set_is_told_to_stay(ask: Ask, client: Client) -> None:
    client("s3").create_bucket(Bucket="a-bucket")
    ask("BEGIN; UPDATE aws.s3.buckets SET VersioningStatus = 'Enabled' WHERE Name = 'a-bucket'")
    (promised,) = ask("EXPLAIN COMMIT")
    assert (
        promised["provided"]
        == "each changed value was set before (s3:GetBucketVersioning by Bucket)"
    )
    report = ask(FAILS)
    assert (report[0]["status"], report[0]["undo"]) == (
        "not undone",
        "not undone: VersioningConfiguration had no previous value",
    )


def test_attributes_of_a_queue_and_a_topic_are_back(ask: Ask, client: Client) -> None:
    sqs, sns = client("sqs"), client("sns")
    url = sqs.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "45"})["QueueUrl"]
    arn = sns.create_topic(Name="t", Attributes={"DisplayName": "before"})["TopicArn"]
    failed(
        ask,
        "UPDATE aws.sqs.queues SET VisibilityTimeout = 60, DelaySeconds = 5 WHERE QueueUrl = "
        f"'{url}'",
        f"UPDATE aws.sns.topics SET DisplayName = 'after' WHERE TopicArn = '{arn}'",
    )
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert (told["VisibilityTimeout"], told["DelaySeconds"]) == ("45", "0")
    assert sns.get_topic_attributes(TopicArn=arn)["Attributes"]["DisplayName"] == "before"


def test_a_functions_configuration_and_concurrency_are_back(ask: Ask, client: Client) -> None:
    role = client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps({}))["Role"][
        "Arn"
    ]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("f.py", "def h(event, context): return 1")
    functions = client("lambda")
    functions.create_function(
        FunctionName="f",
        Runtime="python3.12",
        Role=role,
        Handler="f.h",
        Description="before",
        Timeout=5,
        Environment={"Variables": {"A": "1"}},
        Code={"ZipFile": packed.getvalue()},
    )
    change = "UPDATE aws.lambda.functions SET {} WHERE FunctionName = 'f'"
    failed(
        ask,
        change.format("Description = 'after', Timeout = 9"),
        change.format("ReservedConcurrentExecutions = 5"),
    )
    told = functions.get_function_configuration(FunctionName="f")
    assert (told["Description"], told["Timeout"]) == ("before", 5)
    assert told["Environment"] == {"Variables": {"A": "1"}}
    assert "ReservedConcurrentExecutions" not in functions.get_function_concurrency(
        FunctionName="f"
    )


def test_retention_is_back_or_taken_away_where_there_was_none(ask: Ask, client: Client) -> None:
    logs = client("logs")
    logs.create_log_group(logGroupName="kept")
    logs.put_retention_policy(logGroupName="kept", retentionInDays=7)
    logs.create_log_group(logGroupName="endless")
    change = "UPDATE aws.logs.log_groups SET retentionInDays = 30 WHERE logGroupName = '{}'"
    report = failed(ask, change.format("kept"), change.format("endless"))
    assert [r["undo"] for r in report] == ["logs:PutRetentionPolicy", "logs:DeleteRetentionPolicy"]
    groups = {
        g["logGroupName"]: g.get("retentionInDays") for g in logs.describe_log_groups()["logGroups"]
    }
    assert groups == {"kept": 7, "endless": None}


def test_the_comment_of_a_hosted_zone_is_back(ask: Ask, client: Client) -> None:
    dns = client("route53")
    config = {"Comment": "before", "PrivateZone": False}
    zone = dns.create_hosted_zone(Name="example.org", CallerReference="1", HostedZoneConfig=config)
    name = zone["HostedZone"]["Id"]
    failed(
        ask,
        f"UPDATE aws.route53.hosted_zones SET Config = {{'Comment': 'after'}} WHERE Id = '{name}'",
    )
    assert dns.get_hosted_zone(Id=name)["HostedZone"]["Config"]["Comment"] == "before"


def test_attributes_that_are_set_one_by_one_are_back(ask: Ask, client: Client) -> None:
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    made = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)
    instance = made["Instances"][0]["InstanceId"]
    failed(
        ask,
        f"UPDATE aws.ec2.vpcs SET EnableDnsHostnames = true WHERE VpcId = '{vpc}'",
        f"UPDATE aws.ec2.vpcs SET EnableDnsSupport = false WHERE VpcId = '{vpc}'",
        "UPDATE aws.ec2.instances SET DisableApiTermination = true "
        f"WHERE InstanceId = '{instance}'",
    )
    kept = {"EnableDnsHostnames": False, "EnableDnsSupport": True}
    for name, value in kept.items():
        told = ec2.describe_vpc_attribute(VpcId=vpc, Attribute=name[0].lower() + name[1:])
        assert told[name]["Value"] is value
    told = ec2.describe_instance_attribute(InstanceId=instance, Attribute="disableApiTermination")
    assert told["DisableApiTermination"]["Value"] is False


def test_of_a_row_that_was_read_no_undo_is_promised_that_needs_it_absent(
    ask: Ask, client: Client
) -> None:
    client("ssm").put_parameter(Name="p", Value="v", Type="String")
    ask("BEGIN; UPDATE aws.ssm.parameters SET Value = 'w' WHERE Name = 'p'")
    ask("INSERT INTO aws.ssm.parameters (Name, Value, Type) VALUES ('q', 'v', 'String')")
    updated, inserted = ask("EXPLAIN COMMIT")
    assert (updated["undo"].partition(":")[0], updated["provided"]) == ("cannot be undone", None)
    assert inserted["undo"] == "ssm:DeleteParameter"
    report = ask(FAILS)
    assert [r["status"] for r in report] == ["not undone", "undone", "failed"]
    assert updated["undo"].partition(": ")[2] == report[0]["undo"].partition(": ")[2]


def test_what_a_replace_added_to_a_row_is_undone_though_all_else_was_the_same(ask: Ask) -> None:
    ask("INSERT INTO aws.events.rules (Name, ScheduleExpression) VALUES ('r', 'rate(1 day)')")
    ask(
        "BEGIN; REPLACE INTO aws.events.rules (Name, ScheduleExpression, Description, EventBusName)"
        " VALUES ('r', 'rate(1 day)', 'new', 'default')"
    )
    ask("DELETE FROM aws.iam.users WHERE UserName = 'nobody'")
    report = ask("COMMIT")
    assert [(r["status"], r["undo"]) for r in report] == [
        ("undone", "events:PutRule"),
        ("failed", None),
    ]
    assert ask("SELECT Description FROM aws.events.rules WHERE Name = 'r'") == [
        {"Description": None}
    ]
