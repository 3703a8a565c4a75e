"""Tables joined over three regions and two accounts: what is found,
and which calls are made for it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.errors import InvalidParameter
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session.session import Session
from cirrusql.settings import ConnectionSettings
from tests.session.conftest import Rows, rows_of
from tests.support.fault_proxy import FaultProxy

_REGIONS = ("ap-south-1", "eu-west-1", "us-east-1")
_THREE = f"region IN {_REGIONS}"
_OTHER = "arn:aws:iam::222222222222:role/reader"
_CONNECTIONS = {
    "prod": ConnectionSettings("prod"),
    "other": ConnectionSettings("other", role_arn=_OTHER),
}

Seeded = dict[tuple[str, str], str]


def _code() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.py", "x")
    return packed.getvalue()


_TRUST = '{"Version": "2012-10-17", "Statement": []}'


def _assumed(client: Callable[..., Any]) -> dict[str, str]:
    """Credentials of the other account."""
    role = client("sts").assume_role(RoleArn=_OTHER, RoleSessionName="test")["Credentials"]
    return {
        "aws_access_key_id": role["AccessKeyId"],
        "aws_secret_access_key": role["SecretAccessKey"],
        "aws_session_token": role["SessionToken"],
    }


@pytest.fixture
def world(client: Callable[..., Any]) -> Seeded:
    """An instance, a function and log groups in each place;
    the one named as the function lacks in one."""
    other = _assumed(client)
    found = {}
    for account, keys in (("1", {}), ("2", other)):
        made = client("iam", **keys).create_role(RoleName="runs", AssumeRolePolicyDocument=_TRUST)
        for number, region in enumerate(_REGIONS):
            ec2 = client("ec2", region, **keys)
            vpc = ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")["Vpc"]["VpcId"]
            cidr = f"10.{number}.{account}.0/24"
            subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=cidr)["Subnet"]["SubnetId"]
            ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1, SubnetId=subnet)
            logs = client("logs", region, **keys)
            logs.create_log_group(logGroupName=f"kept-{region}")
            if region != "ap-south-1":
                logs.create_log_group(logGroupName="/aws/lambda/f")
            client("lambda", region, **keys).create_function(
                FunctionName="f",
                Runtime="python3.12",
                Role=made["Role"]["Arn"],
                Handler="a.x",
                Code={"ZipFile": _code()},
            )
            found[account, region] = cidr
    return found


@pytest.fixture
def session(open_session: Callable[..., Session]) -> Session:
    return open_session(
        region="us-east-1", connections=_CONNECTIONS, options=WriteOptions(assume_yes=True)
    )


def _values(rows: Rows) -> list[tuple[object, ...]]:
    return sorted((tuple(r.values()) for r in rows), key=repr)


_SUBNETS = (
    "FROM aws.ec2.instances i LEFT JOIN aws.ec2.subnets s ON s.SubnetId = i.SubnetId",
    "FROM aws.ec2.instances i LEFT JOIN aws.ec2.subnets s USING (SubnetId)",
    "FROM aws.ec2.subnets s RIGHT JOIN aws.ec2.instances i ON s.SubnetId = i.SubnetId",
    "FROM aws.ec2.instances i, LATERAL (SELECT * FROM aws.ec2.subnets z WHERE z.SubnetId = "
    "i.SubnetId) s",
    "FROM (SELECT * FROM aws.ec2.instances) i JOIN (SELECT SubnetId, CidrBlock FROM "
    "aws.ec2.subnets) s "
    "ON s.SubnetId = i.SubnetId",
)


@pytest.mark.parametrize("source", _SUBNETS)
def test_each_is_looked_up_in_the_region_where_its_key_was_found(
    source: str, world: Seeded, session: Session, proxy: FaultProxy
) -> None:
    rows = rows_of(session, f"SELECT i.region AS r, s.CidrBlock AS c {source} WHERE i.{_THREE}")
    assert _values(rows) == [(r, world["1", r]) for r in _REGIONS]
    assert (proxy.calls["ec2:DescribeInstances"], proxy.calls["ec2:DescribeSubnets"]) == (3, 3)


@pytest.mark.parametrize(
    ("where", "accounts", "regions", "calls"),
    [
        ("i.connection = '*'", "12", ("us-east-1",), 2),
        ("i.connection = 'other'", "2", ("us-east-1",), 1),
        ("i.account_id = '222222222222'", "2", ("us-east-1",), 1),
        (f"i.connection = '*' AND i.{_THREE}", "12", _REGIONS, 6),
        (f"i.account_id LIKE '%222' AND i.{_THREE}", "2", _REGIONS, 3),
    ],
)
def test_and_by_the_connection_that_found_it(
    where: str,
    accounts: str,
    regions: tuple[str, ...],
    calls: int,
    world: Seeded,
    session: Session,
    proxy: FaultProxy,
) -> None:
    rows = rows_of(session, f"SELECT i.region AS r, s.CidrBlock AS c {_SUBNETS[0]} WHERE {where}")
    assert _values(rows) == sorted((r, world[a, r]) for a in accounts for r in regions)
    assert proxy.calls["ec2:DescribeSubnets"] == calls


_GROUPS = (
    "FROM aws.lambda.functions f LEFT JOIN aws.logs.log_groups g "
    "ON g.logGroupName = '/aws/lambda/' || f.FunctionName"
)


def test_things_of_one_name_are_each_region_s_own(
    world: Seeded, session: Session, proxy: FaultProxy
) -> None:
    rows = rows_of(session, f"SELECT f.region AS r, g.arn AS a {_GROUPS} WHERE f.{_THREE}")
    assert [(r, a if a is None else str(a).split(":")[3]) for r, a in _values(rows)] == [
        ("ap-south-1", None),
        ("eu-west-1", "eu-west-1"),
        ("us-east-1", "us-east-1"),
    ]
    assert proxy.calls["logs:DescribeLogGroups"] == 3


def test_a_service_without_regions_is_asked_in_each_account_that_the_keys_are_of(
    world: Seeded, session: Session, proxy: FaultProxy
) -> None:
    source = "FROM aws.lambda.functions f JOIN aws.iam.roles r ON r.Arn = f.Role"
    rows = rows_of(
        session,
        f"SELECT f.region AS a, r.Arn AS b {source} WHERE f.{_THREE} AND f.connection = '*'",
    )
    assert len(rows) == 6
    assert {str(r["b"]).split(":")[4] for r in rows} == {"123456789012", "222222222222"}
    assert proxy.calls["iam:ListRoles"] == 2


def test_a_key_is_asked_for_in_its_own_region_only(
    client: Callable[..., Any], session: Session, proxy: FaultProxy
) -> None:
    for region in _REGIONS:
        for name in ("one", region):
            arn = client("ecs", region).create_cluster(clusterName=name)["cluster"]["clusterArn"]
            client("ecs", region).register_task_definition(family="t", containerDefinitions=[])
            client("ecs", region).create_service(
                cluster=arn, serviceName=f"of-{name}", taskDefinition="t"
            )
    source = "FROM aws.ecs.clusters c JOIN aws.ecs.services s ON s.cluster = c.clusterArn"
    rows = rows_of(session, f"SELECT c.region AS r, s.serviceName AS n {source} WHERE c.{_THREE}")
    assert _values(rows) == sorted((r, f"of-{n}") for r in _REGIONS for n in ("one", r))
    assert proxy.calls["ecs:ListServices"] == 6


def _replicas(client: Callable[..., Any]) -> None:
    """A database in one region, and its replica in another."""
    common = {"DBInstanceClass": "db.t3.micro", "Engine": "mysql"}
    made = client("rds", "eu-west-1").create_db_instance(
        DBInstanceIdentifier="main",
        AllocatedStorage=20,
        MasterUsername="u",
        MasterUserPassword="password1",
        **common,
    )
    client("rds", "us-east-1").create_db_instance_read_replica(
        DBInstanceIdentifier="copy",
        SourceDBInstanceIdentifier=made["DBInstance"]["DBInstanceArn"],
        SourceRegion="eu-west-1",
        DBInstanceClass="db.t3.micro",
    )


@pytest.mark.parametrize("where", ["r.region = 'us-east-1'", f"r.{_THREE}"])
def test_an_arn_says_itself_where_the_thing_is(
    where: str, client: Callable[..., Any], session: Session
) -> None:
    _replicas(client)
    rows = rows_of(
        session,
        "SELECT r.DBInstanceIdentifier AS c, src.DBInstanceIdentifier AS s, src.region AS g "
        "FROM aws.rds.db_instances r LEFT JOIN aws.rds.db_instances src "
        "ON r.ReadReplicaSourceDBInstanceIdentifier = src.DBInstanceArn AND r.Engine = src.Engine "
        f"WHERE {where} AND r.ReadReplicaSourceDBInstanceIdentifier IS NOT NULL",
    )
    assert _values(rows) == [("copy", "main", "eu-west-1")]


def test_what_refers_to_an_arn_may_be_anywhere(
    client: Callable[..., Any], session: Session
) -> None:
    _replicas(client)
    rows = rows_of(
        session,
        "SELECT src.DBInstanceIdentifier AS s, r.DBInstanceIdentifier AS c, r.region AS g "
        "FROM aws.rds.db_instances src JOIN aws.rds.db_instances r "
        "ON r.ReadReplicaSourceDBInstanceIdentifier = src.DBInstanceArn WHERE src.region = "
        "'eu-west-1'",
    )
    assert _values(rows) == [("main", "copy", "us-east-1")]


_NAMED = f"SELECT '/aws/lambda/' || FunctionName FROM aws.lambda.functions WHERE {_THREE}"


def test_a_write_finds_the_rows_that_a_select_has_and_sends_each_to_its_place(
    world: Seeded, session: Session, proxy: FaultProxy
) -> None:
    found = rows_of(
        session,
        f"SELECT region FROM aws.logs.log_groups WHERE logGroupName IN ({_NAMED}) ORDER BY ALL",
    )
    assert [r["region"] for r in found] == ["eu-west-1", "us-east-1"]
    assert proxy.calls["logs:DescribeLogGroups"] == 3
    rows_of(session, f"DELETE FROM aws.logs.log_groups WHERE logGroupName IN ({_NAMED})")
    assert proxy.calls["logs:DeleteLogGroup"] == 2
    left = rows_of(
        session, f"SELECT logGroupName FROM aws.logs.log_groups WHERE {_THREE} ORDER BY ALL"
    )
    assert [r["logGroupName"] for r in left] == [f"kept-{r}" for r in _REGIONS]


@pytest.mark.parametrize(
    "where",
    [
        f"logGroupName NOT IN ({_NAMED})",
        f"logGroupName IN ({_NAMED} GROUP BY 1)",
        "logGroupName = (SELECT max('/x/' || FunctionName) FROM aws.lambda.functions WHERE "
        f"{_THREE})",
        "NOT EXISTS (SELECT 1 FROM aws.lambda.functions f WHERE f.region = '*' "
        "AND logGroupName = '/aws/lambda/' || f.FunctionName)",
    ],
)
def test_a_write_whose_place_does_not_follow_is_refused(
    where: str, world: Seeded, session: Session, proxy: FaultProxy
) -> None:
    with pytest.raises(InvalidParameter, match=r"the statement gives .*the region of") as caught:
        rows_of(session, f"DELETE FROM aws.logs.log_groups WHERE {where}")
    assert "log_groups.region = " in str(caught.value.hint)
    assert not proxy.calls["logs:DeleteLogGroup"]


def test_explain_shows_the_place_that_follows(session: Session, proxy: FaultProxy) -> None:
    rows = rows_of(
        session, f"EXPLAIN SELECT s.CidrBlock {_SUBNETS[0]} WHERE i.{_THREE} AND i.connection = '*'"
    )
    assert rows[1]["regions"] == "all enabled where s.region = i.region"
    assert rows[1]["accounts"] == "all connections where s.connection = i.connection"
    assert not proxy.calls


@pytest.mark.parametrize("keys", ["r.Arn = p.Value", "p.Value = r.Arn AND r.RoleName <> ''"])
@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("p.connection = '*'", ["1", "2"]),
        ("p.connection = 'prod'", ["1"]),
        ("p.account_id LIKE '2%'", ["2"]),
    ],
)
def test_an_arn_says_itself_in_which_account_the_thing_is(
    keys: str,
    where: str,
    found: list[str],
    client: Callable[..., Any],
    session: Session,
    proxy: FaultProxy,
) -> None:
    """Each account keeps the ARN of a role of the other's, and has a role of that name too."""
    credentials: dict[str, dict[str, str]] = {"1": {}, "2": _assumed(client)}
    others = {"1": "222222222222", "2": "123456789012"}
    for account, own in credentials.items():
        client("iam", **own).create_role(RoleName="runs", AssumeRolePolicyDocument=_TRUST)
        arn = f"arn:aws:iam::{others[account]}:role/runs"
        client("ssm", **own).put_parameter(Name=f"of-{account}", Value=arn, Type="String")
        # Nobody's, as far as the connections go: looked for where it was found.
        client("ssm", **own).put_parameter(
            Name="x", Value="arn:aws:iam::9:role/runs", Type="String"
        )
    said = (
        f"FROM aws.ssm.parameters p LEFT JOIN aws.iam.roles r ON {keys} WHERE {where} AND "
        "p.Name LIKE 'of%'"
    )
    rows = rows_of(session, f"SELECT p.Name AS n, r.Arn AS a, r.account_id AS o {said}")
    assert _values(rows) == [
        (f"of-{a}", f"arn:aws:iam::{others[a]}:role/runs", others[a]) for a in found
    ]
    assert proxy.calls["iam:ListRoles"] + proxy.calls["iam:GetRole"] == len(found)
    inner = f"SELECT p.Value FROM aws.ssm.parameters p WHERE {where}"
    rows = rows_of(
        session, f"SELECT RoleName AS n, account_id AS o FROM aws.iam.roles WHERE Arn IN ({inner})"
    )
    assert _values(rows) == sorted(("runs", others[a]) for a in found)
