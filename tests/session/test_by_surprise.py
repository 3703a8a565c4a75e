"""No statement writes a thing that it neither names literally nor shows:
what an attacker would try."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.errors import ConfirmationRequired, Error
from cirrusql.execution.writes.preview import Preview
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session.session import Session
from tests.session.conftest import rows_of
from tests.support.fault_proxy import FaultProxy

Open = Callable[..., Session]
Client = Callable[..., Any]

_IDS = "SELECT InstanceId FROM aws.ec2.instances"
_TERMINATE = "EXEC aws.ec2.instances.terminate_instances"
_SOME = "SELECT UserName FROM aws.iam.users"


@pytest.fixture
def instances(client: Client) -> list[str]:
    """Three instances, all called web."""
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}]}]
    made = client("ec2").run_instances(
        ImageId="ami-12c6146b", MinCount=3, MaxCount=3, TagSpecifications=tags
    )
    return [i["InstanceId"] for i in made["Instances"]]


@pytest.fixture
def users(client: Client) -> list[str]:
    """Three users under one path."""
    for name in ("ann", "bob", "eve"):
        client("iam").create_user(UserName=name, Path="/old/")
    return ["ann", "bob", "eve"]


FOUND = (
    # EXEC with arguments that are not literals.
    f"{_TERMINATE} @InstanceIds = (SELECT list(InstanceId) FROM aws.ec2.instances)",
    f"{_TERMINATE} @InstanceIds = (SELECT to_json(list(InstanceId)) FROM aws.ec2.instances)",
    f"{_TERMINATE} @@json = (SELECT to_json({{'InstanceIds': list(InstanceId)}}) FROM "
    "aws.ec2.instances)",
    f"SELECT * FROM ({_TERMINATE} @InstanceIds = (SELECT list(InstanceId) FROM aws.ec2.instances))",
    f"{_TERMINATE} @InstanceIds = $ids",
    f"{_TERMINATE} @InstanceIds = $text",
    f"{_TERMINATE} @@json = $document",
    f"{_TERMINATE} @InstanceIds = (SELECT list(x) FROM unnest($ids) t(x))",
    f"CREATE TABLE mine AS {_IDS}; {_TERMINATE} @InstanceIds = (SELECT list(InstanceId) FROM mine)",
    f"CREATE VIEW mine AS {_IDS}; {_TERMINATE} @InstanceIds = (SELECT list(InstanceId) FROM mine)",
    f"SET VARIABLE mine = (SELECT list(InstanceId) FROM aws.ec2.instances); {_TERMINATE} "
    "@InstanceIds = getvariable('mine')",
    # DELETE and UPDATE by a condition.
    "DELETE FROM aws.ec2.instances WHERE true",
    "DELETE FROM aws.ec2.instances WHERE ImageId = 'ami-12c6146b'",
    f"DELETE FROM aws.ec2.instances WHERE InstanceId IN ({_IDS})",
    "DELETE FROM aws.ec2.instances WHERE InstanceId = ANY($ids)",
    "DELETE FROM aws.ec2.instances WHERE InstanceId IN (SELECT unnest($ids))",
    "DELETE FROM aws.ec2.instances i WHERE EXISTS (SELECT 1 FROM aws.ec2.vpcs v WHERE v.VpcId = "
    "i.VpcId)",
    f"CREATE VIEW mine AS {_IDS}; DELETE FROM aws.ec2.instances WHERE InstanceId IN (FROM mine)",
    f"WITH mine AS ({_IDS}) DELETE FROM aws.ec2.instances WHERE InstanceId IN (FROM mine)",
    f"WITH mine AS ({_IDS}) UPDATE aws.ec2.instances SET Tags['a'] = 'b' WHERE InstanceId IN "
    "(FROM mine)",
    "UPDATE aws.ec2.instances SET Tags['a'] = 'b' WHERE true",
    "UPDATE aws.ec2.instances SET Tags = MAP {'a': 'b'} WHERE ImageId = 'ami-12c6146b'",
    "EXEC aws.ec2.tags.create_tags @Resources = (SELECT list(InstanceId) FROM aws.ec2.instances), "
    "@Tags = [{'Key': 'a', 'Value': 'b'}]",
    "EXEC aws.resourcegroupstaggingapi.resources.tag_resources @Tags = MAP {'a': 'b'}, "
    "@ResourceARNList = "
    "(SELECT list('arn:aws:ec2:us-east-1:123456789012:instance/' || InstanceId) FROM "
    "aws.ec2.instances)",
    # As many as the service finds, though the statement is all literals.
    "EXEC aws.ssm.commands.send_command @DocumentName = 'AWS-RunShellScript', "
    "@Targets = [{'Key': 'tag:a', 'Values': ['b']}]",
    # Several statements as one.
    "BEGIN; DELETE FROM aws.ec2.instances WHERE PrivateIpAddress = $ip1; DELETE FROM "
    "aws.ec2.instances "
    "WHERE PrivateIpAddress = $ip2; COMMIT",
)


@pytest.mark.parametrize("sql", FOUND)
def test_what_is_found_is_not_written_without_a_yes(
    sql: str, instances: list[str], client: Client, open_session: Open, proxy: FaultProxy
) -> None:
    described = client("ec2").describe_instances()["Reservations"][0]["Instances"]
    given = {
        "ids": instances,
        "text": json.dumps(instances),
        "document": json.dumps({"InstanceIds": instances}),
        "ip1": described[0]["PrivateIpAddress"],
        "ip2": described[1]["PrivateIpAddress"],
    }
    proxy.reset()
    with pytest.raises(ConfirmationRequired):
        rows_of(open_session(), sql, **{n: v for n, v in given.items() if f"${n}" in sql})
    wrote = {"ec2:TerminateInstances", "ec2:CreateTags", "ssm:SendCommand"} & set(proxy.calls)
    assert not wrote


@pytest.mark.parametrize(
    "sql",
    [
        f"INSERT INTO aws.iam.access_keys (UserName) {_SOME}",
        "REPLACE INTO aws.iam.user_policies (UserName, PolicyName, PolicyDocument) "
        "SELECT UserName, 'p', '{}' FROM aws.iam.users",
        "UPDATE aws.iam.users SET NewPath = '/new/' WHERE Path = '/old/'",
        "DELETE FROM aws.iam.users WHERE Path LIKE '/old/%'",
        "DELETE FROM aws.iam.users WHERE UserName IN ('ann') OR Path = '/old/'",
        "INSERT INTO aws.iam.access_keys (UserName) SELECT unnest(['ann', 'bob'])",
    ],
)
def test_what_a_query_finds_is_not_written_without_a_yes(
    sql: str, users: list[str], client: Client, open_session: Open
) -> None:
    with pytest.raises(ConfirmationRequired):
        rows_of(open_session(), sql)
    assert (
        sorted(u["UserName"] for u in client("iam").list_users(PathPrefix="/old/")["Users"])
        == users
    )
    assert not client("iam").list_access_keys(UserName="ann")["AccessKeyMetadata"]


REFUSED = (
    f"PREPARE p AS SELECT * FROM ({_TERMINATE} @InstanceIds = ['i-1'])",
    f"CREATE MACRO m() AS TABLE SELECT * FROM ({_TERMINATE} @InstanceIds = ['i-1'])",
    "CREATE MACRO m() AS TABLE SELECT * FROM (EXEC aws.ec2.instances.describe_instances)",
    f"CREATE VIEW v AS SELECT * FROM ({_TERMINATE} @InstanceIds = ['i-1'])",
    f"DESCRIBE SELECT * FROM ({_TERMINATE} @InstanceIds = ['i-1'])",
    f"EXPLAIN ANALYZE SELECT * FROM ({_TERMINATE} @InstanceIds = ['i-1'])",
    f"SET VARIABLE x = (SELECT 1 FROM ({_TERMINATE} @InstanceIds = ['i-1']))",
    "INSERT OR REPLACE INTO aws.ec2.instances (ImageId) VALUES ('ami-1')",
    "DELETE FROM aws.ec2.instances USING aws.ec2.vpcs WHERE true",
    "UPDATE aws.ec2.instances SET InstanceType = 't3.micro' FROM aws.ec2.vpcs v WHERE true",
    "COPY aws.ec2.instances FROM 'x.csv'",
    "WITH gone AS (DELETE FROM aws.ec2.instances WHERE true RETURNING InstanceId) FROM gone",
    f"WITH mine AS ({_IDS}) DELETE FROM aws.ec2.instances",
    f"CREATE TABLE gone AS SELECT * FROM ({_TERMINATE} @InstanceIds = ({_IDS} LIMIT 1))",
    f"PREPARE p AS {_TERMINATE} @InstanceIds = ['i-1']",
    "PREPARE p AS DELETE FROM aws.ec2.instances WHERE true",
    "CREATE VIEW v AS DELETE FROM aws.ec2.instances WHERE true",
    "INSERT INTO aws.ec2.instances (ImageId, MinCount, MaxCount) VALUES ('a', 1, 1) ON CONFLICT "
    "DO NOTHING",
    "MERGE INTO aws.ec2.instances i USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
    "TRUNCATE aws.ec2.instances",
    "DELETE FROM aws.ec2.instances",
    "UPDATE aws.ec2.instances SET InstanceType = 't3.micro'",
    "EXPLAIN ANALYZE DELETE FROM aws.ec2.instances WHERE true",
    "COPY (DELETE FROM aws.ec2.instances WHERE true) TO 'x.csv'",
)


@pytest.mark.parametrize("sql", REFUSED)
def test_other_forms_of_a_write_are_refused_and_call_nothing(
    sql: str, open_session: Open, proxy: FaultProxy
) -> None:
    proxy.reset()
    with pytest.raises(Error):
        rows_of(open_session(), sql)
    assert not {name for name in proxy.calls if not name.startswith(("ec2:Describe", "sts:"))}


def test_what_is_named_is_written(
    instances: list[str], open_session: Open, proxy: FaultProxy
) -> None:
    one, two, three = instances
    ended = rows_of(open_session(), f"{_TERMINATE} @InstanceIds = ['{one}', '{two}']")
    assert [r["InstanceId"] for r in ended] == [one, two]
    rows = rows_of(open_session(), "DELETE FROM aws.ec2.instances WHERE InstanceId = $i", i=three)
    assert [r["status"] for r in rows] == ["done"]
    assert proxy.passed["ec2:TerminateInstances"] == 2


def test_parts_of_one_update_that_act_on_several_things_are_counted_together(
    users: list[str], client: Client, open_session: Open
) -> None:
    """One user has a tag too many, another one too few: each operation has one thing,
    and they are two."""
    client("iam").tag_user(
        UserName="ann", Tags=[{"Key": "a", "Value": "b"}, {"Key": "x", "Value": "y"}]
    )
    client("iam").delete_user(UserName="eve")
    with pytest.raises(ConfirmationRequired, match="2 things by"):
        rows_of(
            open_session(), "UPDATE aws.iam.users SET Tags = MAP {'a': 'b'} WHERE Path = '/old/'"
        )


def test_one_thing_that_several_operations_change_is_one(
    client: Client, open_session: Open
) -> None:
    client("s3").create_bucket(Bucket="logs-1")
    sql = (
        "UPDATE aws.s3.buckets SET VersioningStatus = 'Enabled', Tags['a'] = 'b' WHERE Name "
        "LIKE 'logs-%'"
    )
    rows = rows_of(open_session(), sql)
    assert {r["status"] for r in rows} == {"done"}
    assert len(rows) == 2


def test_more_than_max_writes_asks_though_all_are_named(open_session: Open) -> None:
    session = open_session(max_writes=3)
    run = (
        "INSERT INTO aws.ec2.instances (ImageId, MinCount, MaxCount) VALUES ('ami-12c6146b', 1, 4)"
    )
    with pytest.raises(ConfirmationRequired, match="4 things by 1 call"):
        rows_of(session, run)


def test_a_yes_is_asked_for_with_everything_shown(instances: list[str], open_session: Open) -> None:
    shown: list[str] = []

    def refuse(preview: Preview) -> bool:
        shown.extend(row[1] for row in preview.rows())
        return False

    session = open_session(options=WriteOptions(confirm=refuse))
    with pytest.raises(ConfirmationRequired):
        rows_of(session, "DELETE FROM aws.ec2.instances WHERE true")
    assert sorted(shown) == sorted(f"InstanceIds={i}" for i in instances)


@pytest.mark.parametrize("change", ["TTL = 99", "Name = 'x' || Name"])
def test_records_of_one_zone_are_as_many_things(
    change: str, client: Client, open_session: Open, proxy: FaultProxy
) -> None:
    zone = client("route53").create_hosted_zone(Name="shop.example", CallerReference="1")
    records = [
        {
            "Action": "CREATE",
            "ResourceRecordSet": {
                "Name": f"{name}.shop.example",
                "Type": "A",
                "TTL": 60,
                "ResourceRecords": [{"Value": "192.0.2.1"}],
            },
        }
        for name in ("a", "b")
    ]
    client("route53").change_resource_record_sets(
        HostedZoneId=zone["HostedZone"]["Id"], ChangeBatch={"Changes": records}
    )
    proxy.reset()
    with pytest.raises(ConfirmationRequired, match="2 things"):
        rows_of(
            open_session(), f"UPDATE aws.route53.resource_record_sets SET {change} WHERE Type = 'A'"
        )
    assert "route53:ChangeResourceRecordSets" not in proxy.calls


def test_the_attributes_of_an_item_and_the_actions_of_a_permission_are_no_things(
    open_session: Open, client: Client
) -> None:
    for name in ("carts", "orders"):
        client("dynamodb").create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    item = {"id": {"S": "1"}, "a": {"S": "x"}, "b": {"N": "2"}, "c": {"BOOL": True}}
    client("dynamodb").put_item(TableName="carts", Item=item)
    client("sqs").create_queue(QueueName="mail")
    with open_session() as session:
        copied = rows_of(
            session,
            "INSERT INTO aws.dynamodb.items (TableName, Item) "
            "SELECT 'orders', Item FROM aws.dynamodb.items WHERE TableName = 'carts'",
        )
        allowed = rows_of(
            session,
            "INSERT INTO aws.sqs.permissions (QueueUrl, Label, AWSAccountIds, Actions) "
            "SELECT QueueUrl, 'p', ['111122223333'], ['SendMessage', 'ReceiveMessage'] "
            "FROM aws.sqs.queues",
        )
    assert [r["status"] for r in (*copied, *allowed)] == ["done", "done"]
    assert client("dynamodb").scan(TableName="orders")["Items"] == [item]


@pytest.fixture
def group(client: Client) -> str:
    """A security group with two rules in and two out."""
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    made = ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"]
    for port in (80, 443):
        rule = {
            "IpProtocol": "tcp",
            "FromPort": port,
            "ToPort": port,
            "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
        }
        ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[rule])
    rule = {
        "IpProtocol": "tcp",
        "FromPort": 25,
        "ToPort": 25,
        "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
    }
    ec2.authorize_security_group_egress(GroupId=made, IpPermissions=[rule])
    return str(made)


@pytest.fixture
def zone(client: Client) -> str:
    """A zone with three records besides its own two."""
    route53 = client("route53")
    made = route53.create_hosted_zone(Name="a.example", CallerReference="1")["HostedZone"]["Id"]
    changes = [
        {
            "Action": "CREATE",
            "ResourceRecordSet": {
                "Name": f"{name}.a.example",
                "Type": "A",
                "TTL": 60,
                "ResourceRecords": [{"Value": "10.0.0.1"}],
            },
        }
        for name in ("www", "mail", "db")
    ]
    route53.change_resource_record_sets(HostedZoneId=made, ChangeBatch={"Changes": changes})
    return str(made).rpartition("/")[2]


WITHIN = (
    "UPDATE aws.ec2.security_group_rules SET CidrIpv4 = '0.0.0.0/0' WHERE GroupId = '{group}' "
    "AND FromPort >= 80",
    "UPDATE aws.ec2.security_group_rules SET Description = 'x' WHERE GroupId = '{group}'",
    "DELETE FROM aws.ec2.security_group_rules WHERE GroupId = '{group}'",
    "DELETE FROM aws.ec2.security_group_rules WHERE GroupId = '{group}' AND FromPort IN (80, 25)",
    "UPDATE aws.route53.resource_record_sets SET TTL = 5 WHERE HostedZoneId = '{zone}' "
    "AND Type = 'A'",
    "UPDATE aws.route53.resource_record_sets SET TTL = 5 WHERE HostedZoneId = '{zone}' "
    "AND TTL < 100",
    "DELETE FROM aws.route53.resource_record_sets WHERE HostedZoneId = '{zone}'",
    "DELETE FROM aws.route53.resource_record_sets WHERE HostedZoneId = '{zone}' AND Type = 'A' "
    "AND TTL < 100",
)


@pytest.mark.parametrize("sql", WITHIN)
def test_a_container_names_none_of_its_rows(
    open_session: Open, proxy: FaultProxy, group: str, zone: str, sql: str
) -> None:
    proxy.reset()
    with (
        open_session() as session,
        pytest.raises(ConfirmationRequired, match=r"would write [2-9] things"),
    ):
        rows_of(session, sql.format(group=group, zone=zone))
    writes = ("Modify", "Revoke", "Change")
    assert not [name for name in proxy.calls if name.partition(":")[2].startswith(writes)]


def test_a_row_within_a_container_is_named_by_its_own_key(
    open_session: Open, group: str, zone: str
) -> None:
    with open_session() as session:
        done = rows_of(
            session,
            f"UPDATE aws.route53.resource_record_sets SET TTL = 5 WHERE HostedZoneId = '{zone}' "
            "AND Name = 'www.a.example.' AND Type = 'A'",
        )
        (rule, *_) = rows_of(
            session,
            "SELECT SecurityGroupRuleId AS id FROM aws.ec2.security_group_rules "
            f"WHERE GroupId = '{group}' AND FromPort = 80",
        )
        done += rows_of(
            session,
            "UPDATE aws.ec2.security_group_rules SET Description = 'x' "
            f"WHERE GroupId = '{group}' AND SecurityGroupRuleId = '{rule['id']}'",
        )
    assert [r["status"] for r in done] == ["done", "done"]
