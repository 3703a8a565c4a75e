"""Tables are complete: an omitted parameter that would narrow is filled, in counted calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.session.session import Session
from tests.session.conftest import Ask, rows_of
from tests.support.fault_proxy import FaultProxy
from tests.support.scripted_api import REST_JSON, Asked, Reply, ScriptedApi

Client = Callable[..., Any]


def _calls(session: Session) -> list[str]:
    """The operations of the statement, the first page of each call."""
    made = (r for r in session.records if r.page == 1 and r.service != "sts")
    return sorted(f"{r.service}:{r.operation}" for r in made)


@pytest.fixture
def keys(client: Client) -> dict[str, str]:
    """Two users with a key each, by user."""
    iam = client("iam")
    for name in ("ann", "bob"):
        iam.create_user(UserName=name)
    return {
        n: iam.create_access_key(UserName=n)["AccessKey"]["AccessKeyId"] for n in ("ann", "bob")
    }


def test_access_keys_are_those_of_all_users(session: Session, keys: dict[str, str]) -> None:
    found = rows_of(
        session, "SELECT UserName, AccessKeyId FROM aws.iam.access_keys ORDER BY UserName"
    )
    assert [tuple(row.values()) for row in found] == list(keys.items())
    assert _calls(session) == ["iam:ListAccessKeys", "iam:ListAccessKeys", "iam:ListUsers"]


def test_a_user_that_is_named_is_asked_alone(session: Session, keys: dict[str, str]) -> None:
    found = rows_of(session, "SELECT AccessKeyId FROM aws.iam.access_keys WHERE UserName = 'bob'")
    assert found == [{"AccessKeyId": keys["bob"]}]
    assert _calls(session) == ["iam:ListAccessKeys"]


def test_the_names_of_the_api_mean_what_the_api_means_and_it_is_said(
    session: Session, keys: dict[str, str]
) -> None:
    (result,) = session.run("SELECT * FROM aws.iam_api.access_keys", {})
    assert result.table().num_rows == 0
    assert result.notices == [
        "aws.iam_api.access_keys: ListAccessKeys without UserName does not return everything; "
        "aws.iam does"
    ]
    (result,) = session.run("SELECT * FROM aws.iam_api.access_keys WHERE UserName = 'ann'", {})
    assert result.table().num_rows == 1
    assert not result.notices


@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET Status = 'Inactive'"])
def test_a_write_finds_whose_key_it_is(
    session: Session, keys: dict[str, str], client: Client, statement: str
) -> None:
    target = statement.format("aws.iam.access_keys")
    (done,) = rows_of(session, f"{target} WHERE AccessKeyId = '{keys['bob']}'")
    assert done["status"] == "done"
    left = client("iam").list_access_keys(UserName="bob")["AccessKeyMetadata"]
    assert [k["Status"] for k in left] == ([] if "DELETE" in statement else ["Inactive"])
    (other,) = client("iam").list_access_keys(UserName="ann")["AccessKeyMetadata"]
    assert other["Status"] == "Active"


def test_a_write_that_says_whose_key_it_is_reads_nothing(
    session: Session, keys: dict[str, str]
) -> None:
    where = f"WHERE AccessKeyId = '{keys['bob']}' AND UserName = 'bob'"
    rows_of(session, f"DELETE FROM aws.iam.access_keys {where}")
    assert _calls(session) == ["iam:DeleteAccessKey"]


@pytest.fixture
def buses(client: Client) -> None:
    """A rule on the default bus, one on another, and one of the same name on both."""
    events = client("events")
    events.create_event_bus(Name="orders")
    for rule, bus in (("r1", "default"), ("r2", "orders"), ("both", "default"), ("both", "orders")):
        events.put_rule(Name=rule, EventBusName=bus, EventPattern='{"source": ["x"]}')
    events.put_targets(
        Rule="both",
        EventBusName="orders",
        Targets=[{"Id": "1", "Arn": "arn:aws:sns:us-east-1:123456789012:t"}],
    )


@pytest.mark.usefixtures("buses")
def test_rules_are_those_of_all_buses(session: Session) -> None:
    sql = "SELECT Name, EventBusName FROM aws.events.rules ORDER BY ALL"
    assert [tuple(r.values()) for r in rows_of(session, sql)] == [
        ("both", "default"),
        ("both", "orders"),
        ("r1", "default"),
        ("r2", "orders"),
    ]
    assert _calls(session) == ["events:ListEventBuses", *["events:ListRules"] * 2]


@pytest.mark.usefixtures("buses")
def test_a_rule_is_found_on_whichever_bus_it_is(ask: Ask) -> None:
    sql = "SELECT EventBusName FROM aws.events.rules WHERE Name = 'both' ORDER BY 1"
    assert ask(sql) == [{"EventBusName": "default"}, {"EventBusName": "orders"}]
    assert ask("SELECT Rule, EventBusName FROM aws.events.targets") == [
        {"Rule": "both", "EventBusName": "orders"}
    ]


@pytest.mark.usefixtures("buses")
def test_a_rule_is_deleted_on_its_own_bus(ask: Ask, client: Client) -> None:
    ask("DELETE FROM aws.events.rules WHERE Name = 'r2'")
    assert not client("events").list_rules(EventBusName="orders", NamePrefix="r2")["Rules"]
    assert client("events").list_rules(NamePrefix="r1")["Rules"]


def test_certificates_are_of_every_type_of_key(ask: Ask, client: Client, proxy: FaultProxy) -> None:
    acm = client("acm")
    for name, algorithm in (("a.example", "RSA_2048"), ("b.example", "EC_prime256v1")):
        acm.request_certificate(DomainName=name, KeyAlgorithm=algorithm)
    found = ask("SELECT DomainName FROM aws.acm.certificates ORDER BY 1")
    assert [r["DomainName"] for r in found] == ["a.example", "b.example"]


def test_queries_are_those_of_all_work_groups(ask: Ask, client: Client) -> None:
    athena = client("athena")
    athena.create_work_group(Name="other", Configuration={})
    for group in ("primary", "other"):
        athena.create_named_query(Name="q", Database="d", QueryString="SELECT 1", WorkGroup=group)
    found = ask("SELECT WorkGroup FROM aws.athena.named_queries ORDER BY 1")
    assert [r["WorkGroup"] for r in found] == ["other", "primary"]


def test_each_kind_is_asked_and_none_twice(session: Session) -> None:
    sql = (
        "SELECT LocationType, count(*) AS n FROM aws.ec2.instance_type_offerings GROUP BY 1 "
        "ORDER BY 1"
    )
    kinds = rows_of(session, sql)
    assert [k["LocationType"] for k in kinds] == [
        "availability-zone",
        "availability-zone-id",
        "region",
    ]
    one = "SELECT count(*) AS n FROM aws.ec2.instance_type_offerings WHERE LocationType = 'region'"
    assert rows_of(session, one) == [{"n": kinds[2]["n"]}]
    assert _calls(session) == ["ec2:DescribeInstanceTypeOfferings"]


def test_an_api_that_knows_no_kinds_gives_no_row_twice(ask: Ask, client: Client) -> None:
    dynamodb = client("dynamodb")
    dynamodb.create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.create_backup(TableName="t", BackupName="nightly")
    assert ask("SELECT BackupName FROM aws.dynamodb.backups") == [{"BackupName": "nightly"}]


def test_images_are_the_accounts_own_unless_a_key_or_the_scope_says_otherwise(
    session: Session, client: Client
) -> None:
    amazons = client("ec2").describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    assert rows_of(session, "SELECT ImageId FROM aws.ec2.images") == []
    assert rows_of(session, f"SELECT ImageId FROM aws.ec2.images WHERE ImageId = '{amazons}'") == [
        {"ImageId": amazons}
    ]
    assert rows_of(session, "SELECT ImageId FROM aws.ec2.images WHERE Owners = ['amazon'] LIMIT 1")
    assert rows_of(session, "SELECT ImageId FROM aws.ec2.images WHERE ImageId = 'no-image'") == []


def test_an_image_is_found_for_its_instances(session: Session, client: Client) -> None:
    amazons = client("ec2").describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    client("ec2").run_instances(ImageId=amazons, MinCount=2, MaxCount=2)
    joined = "FROM aws.ec2.instances i LEFT JOIN aws.ec2.images m ON m.ImageId = i.ImageId"
    found = rows_of(session, f"SELECT i.InstanceId, m.ImageId AS image {joined}")
    assert [r["image"] for r in found] == [amazons, amazons]
    assert _calls(session) == ["ec2:DescribeImages", "ec2:DescribeInstances"]
    gone = "NOT EXISTS (SELECT 1 FROM aws.ec2.images m WHERE m.ImageId = i.ImageId)"
    assert rows_of(session, f"SELECT 1 FROM aws.ec2.instances i WHERE {gone}") == []


def test_policies_are_the_customers_own_and_scope_widens_them(
    session: Session, client: Client
) -> None:
    document = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", '
        '"Resource": "*"}]}'
    )
    made = client("iam").create_policy(PolicyName="mine", PolicyDocument=document)["Policy"]
    with_scope: list[tuple[str, str]] = []
    by_arn, by_id = f" WHERE Arn = '{made['Arn']}'", f" WHERE PolicyId = '{made['PolicyId']}'"
    for where in ("", " WHERE Scope = 'All'", by_id, by_arn):
        rows_of(session, f"SELECT PolicyName FROM aws.iam.policies{where}")
        plan = rows_of(session, f"EXPLAIN SELECT PolicyName FROM aws.iam.policies{where}")
        with_scope.append((where, plan[0]["completeness"]))
    assert with_scope == [
        ("", "scope: Scope = Local"),
        (" WHERE Scope = 'All'", "scope: Scope set by the statement"),
        (by_id, "PolicyId is given: any owner"),
        # One GetPolicy, whatever the owner.
        (by_arn, "set by the statement"),
    ]


def test_a_terminated_instance_has_its_status_too(ask: Ask, client: Client) -> None:
    ec2 = client("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    made = ec2.run_instances(ImageId=image, MinCount=2, MaxCount=2)["Instances"]
    ec2.stop_instances(InstanceIds=[made[0]["InstanceId"]])
    states = ask("SELECT InstanceState.Name AS state FROM aws.ec2.instance_statuses ORDER BY 1")
    assert [s["state"] for s in states] == ["running", "stopped"]


def packages(asked: Asked) -> Reply:
    """Two npm packages of one name, of which one has a namespace:
    it takes its namespace to name it."""
    if asked.path == "/v1/repositories":
        return 200, REST_JSON, {"repositories": [{"name": "r", "domainName": "d"}]}
    if asked.path == "/v1/packages":
        plain = {"format": "npm", "package": "node"}
        return 200, REST_JSON, {"packages": [plain, {**plain, "namespace": "types"}]}
    versions = {None: "1.0", "types": "2.0"}
    version = versions[asked.query.get("namespace")]
    return 200, REST_JSON, {"versions": [{"version": version, "status": "Published"}]}


def test_versions_are_those_of_packages_with_a_namespace_too(
    open_session: Callable[..., Session],
) -> None:
    with ScriptedApi(packages) as api:
        session = open_session(endpoint_url=api.url)
        sql = (
            "SELECT package, namespace, version FROM aws.codeartifact.package_versions ORDER "
            "BY version"
        )
        found = rows_of(session, sql)
    assert [tuple(row.values()) for row in found] == [
        ("node", None, "1.0"),
        ("node", "types", "2.0"),
    ]
    assert _calls(session) == [
        "codeartifact:ListPackageVersions",
        "codeartifact:ListPackageVersions",
        "codeartifact:ListPackages",
        "codeartifact:ListRepositories",
    ]
