"""A table is complete: no operation that returns only some rows replaces the listing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from cirrusql.session.session import Session
from tests.session.conftest import Ask, rows_of
from tests.session.test_hydration import calls_of

Client = Callable[..., Any]


def test_a_batch_without_keys_is_fed_by_the_listing(ask: Ask, client: Client) -> None:
    secrets = client("secretsmanager")
    secrets.create_secret(Name="a b/c", SecretString='{"u": "x"}')
    secrets.create_secret(Name="bin", SecretBinary=b"\x00\xff")
    found = ask(
        "SELECT Name, SecretString, SecretBinary FROM aws.secretsmanager.secret_values ORDER BY 1"
    )
    assert [(r["Name"], r["SecretString"], r["SecretBinary"]) for r in found] == [
        ("a b/c", '{"u": "x"}', None),
        ("bin", None, b"\x00\xff"),
    ]


def test_collections_are_listed_and_then_described(session: Session, client: Client) -> None:
    serverless = client("opensearchserverless")
    rules = [{"ResourceType": "collection", "Resource": ["collection/logs"]}]
    policy = json.dumps(
        {"Rules": rules, "AWSOwnedKey": False, "KmsARN": "arn:aws:kms:us-east-1:1:key/k"}
    )
    serverless.create_security_policy(name="all", type="encryption", policy=policy)
    serverless.create_collection(name="logs", type="TIMESERIES")
    (row,) = rows_of(session, "SELECT name, type FROM aws.opensearchserverless.collections")
    assert (row["name"], row["type"]) == ("logs", "TIMESERIES")
    assert calls_of(session) == {"ListCollections": 1, "BatchGetCollection": 1}


def test_launch_template_versions_are_those_of_every_template(ask: Ask, client: Client) -> None:
    ec2 = client("ec2")
    for name in ("web", "db"):
        ec2.create_launch_template(
            LaunchTemplateName=name, LaunchTemplateData={"InstanceType": "t3.nano"}
        )
    found = ask("SELECT LaunchTemplateName FROM aws.ec2.launch_template_versions ORDER BY 1")
    assert [r["LaunchTemplateName"] for r in found] == ["db", "web"]


def test_a_parameter_in_the_stead_of_the_key_is_sent_at_once(
    session: Session, client: Client
) -> None:
    ec2 = client("ec2")
    for name in ("web", "db"):
        ec2.create_launch_template(
            LaunchTemplateName=name, LaunchTemplateData={"InstanceType": "t3.nano"}
        )
    sql = (
        "SELECT VersionNumber FROM aws.ec2.launch_template_versions WHERE LaunchTemplateName = "
        "'web'"
    )
    assert rows_of(session, sql) == [{"VersionNumber": 1}]
    assert calls_of(session) == {"DescribeLaunchTemplateVersions": 1}


def test_clusters_are_those_of_both_kinds(ask: Ask, client: Client) -> None:
    kafka = client("kafka")
    kafka.create_cluster_v2(
        ClusterName="srv", Serverless={"VpcConfigs": [{"SubnetIds": ["subnet-1"]}]}
    )
    kafka.create_cluster(
        ClusterName="prov",
        BrokerNodeGroupInfo={"InstanceType": "kafka.m5.large", "ClientSubnets": ["subnet-1"]},
        KafkaVersion="2.8.1",
        NumberOfBrokerNodes=1,
    )
    found = ask("SELECT ClusterName, ClusterType FROM aws.kafka.clusters ORDER BY 1")
    assert [(r["ClusterName"], r["ClusterType"]) for r in found] == [
        ("prov", "PROVISIONED"),
        ("srv", "SERVERLESS"),
    ]


def test_entries_are_those_of_every_managed_prefix_list(ask: Ask, client: Client) -> None:
    ec2 = client("ec2")
    ec2.create_managed_prefix_list(
        PrefixListName="mine", MaxEntries=2, AddressFamily="IPv4", Entries=[{"Cidr": "10.9.0.0/16"}]
    )
    found = ask("SELECT Cidr FROM aws.ec2.managed_prefix_list_entries WHERE Cidr = '10.9.0.0/16'")
    assert found == [{"Cidr": "10.9.0.0/16"}]


def test_items_that_only_wrap_a_thing_are_the_thing(ask: Ask, client: Client) -> None:
    cloudfront = client("cloudfront")
    key = {"CallerReference": "1", "Name": "pk", "EncodedKey": "k"}
    made = cloudfront.create_public_key(PublicKeyConfig=key)["PublicKey"]["Id"]
    group = cloudfront.create_key_group(KeyGroupConfig={"Name": "signers", "Items": [made]})[
        "KeyGroup"
    ]["Id"]
    found = ask("SELECT Id, KeyGroupConfig.Name AS name FROM aws.cloudfront.key_groups")
    assert found == [{"Id": group, "name": "signers"}]


def test_a_list_that_is_not_to_be_used_is_not_the_rows(ask: Ask, client: Client) -> None:
    query = json.dumps(
        {
            "ResourceTypeFilters": ["AWS::AllSupported"],
            "TagFilters": [{"Key": "a", "Values": ["b"]}],
        }
    )
    client("resource-groups").create_group(
        Name="mine", ResourceQuery={"Type": "TAG_FILTERS_1_0", "Query": query}
    )
    assert ask("SELECT GroupName FROM aws.resource_groups.groups") == [{"GroupName": "mine"}]


def test_a_second_listing_is_read_once_beside_the_first(session: Session, client: Client) -> None:
    template = json.dumps(
        {"Description": "a queue", "Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}
    )
    for name in ("one", "two"):
        client("cloudformation").create_stack(StackName=name, TemplateBody=template)
    sql = "SELECT StackName, TemplateDescription FROM aws.cloudformation.stacks"
    assert sorted(tuple(r.values()) for r in rows_of(session, sql)) == [
        ("one", "a queue"),
        ("two", "a queue"),
    ]
    assert calls_of(session) == {"DescribeStacks": 1, "ListStacks": 1}
    of_one = f"{sql} WHERE StackName = 'one' AND TemplateDescription LIKE 'a %'"
    assert rows_of(session, of_one) == [{"StackName": "one", "TemplateDescription": "a queue"}]
    said = rows_of(session, f"EXPLAIN {sql}")[1]
    assert (said["parameters"], said["calls"]) == ("", "per place of step 1, by pages")


def test_a_parent_is_read_as_its_own_table_is(session: Session, client: Client) -> None:
    cloudformation = client("cloudformation")
    template = json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}})
    for name in ("gone", "here"):
        cloudformation.create_stack(StackName=name, TemplateBody=template)
    cloudformation.delete_stack(StackName="gone")
    found = rows_of(session, "SELECT StackName FROM aws.cloudformation.stack_resources")
    assert found == [{"StackName": "here"}]
    assert calls_of(session) == {"DescribeStacks": 1, "DescribeStackResources": 1}


def test_a_map_of_identities_is_a_row_for_each(session: Session, client: Client) -> None:
    ses = client("ses")
    names = [f"user{n}@example.com" for n in range(3)]
    for name in names:
        ses.verify_email_identity(EmailAddress=name)
    table = "aws.ses.identity_verification_attributes"
    found = rows_of(session, f"SELECT * FROM {table} ORDER BY Identity")
    assert [(r["Identity"], r["VerificationStatus"]) for r in found] == [
        (n, "Success") for n in names
    ]
    assert calls_of(session) == {"ListIdentities": 1, "GetIdentityVerificationAttributes": 1}
    some = (
        f"SELECT Identity FROM {table} WHERE Identity LIKE 'user1%' AND VerificationStatus = "
        "'Success'"
    )
    assert rows_of(session, some) == [{"Identity": names[1]}]


def test_one_entry_is_asked_for_by_its_key(session: Session, client: Client) -> None:
    for n in range(3):
        client("ses").verify_email_identity(EmailAddress=f"user{n}@example.com")
    one = "SELECT Identity, NotificationType FROM aws.ses.identity_notification_attributes WHERE {}"
    for condition in ("Identity = 'user1@example.com'", "Identities = ['user1@example.com']"):
        found = rows_of(session, one.format(condition).replace(", NotificationType", ""))
        assert found == [{"Identity": "user1@example.com"}], condition
        assert calls_of(session) == {"GetIdentityNotificationAttributes": 1}


def test_entries_of_a_map_are_details_of_the_things_they_are_named_by(
    session: Session, client: Client
) -> None:
    ses = client("ses")
    ses.verify_email_identity(EmailAddress="a@example.com")
    ses.verify_domain_identity(Domain="example.com")
    ses.set_identity_feedback_forwarding_enabled(Identity="example.com", ForwardingEnabled=False)
    found = rows_of(
        session, "SELECT Identity, ForwardingEnabled FROM aws.ses.identities ORDER BY Identity"
    )
    assert found == [
        {"Identity": "a@example.com", "ForwardingEnabled": True},
        {"Identity": "example.com", "ForwardingEnabled": False},
    ]
    assert calls_of(session) == {"ListIdentities": 1, "GetIdentityNotificationAttributes": 1}


def test_what_is_listed_of_a_thing_is_another_column_than_the_thing(
    ask: Ask, client: Client
) -> None:
    sqs = client("sqs")
    dead, other = (sqs.create_queue(QueueName=n)["QueueUrl"] for n in ("dead", "other"))
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
    sqs.create_queue(QueueName="source", Attributes={"RedrivePolicy": policy})
    table = "SELECT QueueUrl, DeadLetterSourceQueueUrl FROM aws.sqs.dead_letter_source_queues"
    for condition, count in (
        (f"WHERE QueueUrl = '{dead}'", 1),
        ("", 1),
        (f"WHERE QueueUrl = '{other}'", 0),
    ):
        found = ask(f"{table} {condition}")
        names = [tuple(url.rpartition("/")[2] for url in r.values()) for r in found]
        assert names == [("dead", "source")] * count, condition
