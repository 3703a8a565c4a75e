"""What an API shows in more regions than one is one row, in one place,
whichever regions are asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from cirrusql.session.session import Session
from tests.session.conftest import rows_of
from tests.support.scripted_api import JSON, REST_JSON, XML, Asked, Reply, ScriptedApi

REGIONS = ("eu-west-1", "us-east-1", "us-west-2")
TABLES = {"orders": ("eu-west-1", "us-west-2"), "users": ("us-west-2", "us-east-1")}
DATASTORES = {"sgaui": ("us-west-2", "eu-west-1"), "virxk": ("eu-west-1", "us-east-1")}


def answer(asked: Asked) -> Reply:
    """Three regions; global tables and datastores seen from those that have a part,
    groups from all."""
    match asked.operation:
        case "GetCallerIdentity":
            account = "<GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult>"
            return 200, XML, f"<GetCallerIdentityResponse>{account}</GetCallerIdentityResponse>"
        case "DescribeRegions":
            items = "".join(f"<item><regionName>{r}</regionName></item>" for r in REGIONS)
            return (
                200,
                XML,
                f"<DescribeRegionsResponse><regionInfo>{items}</regionInfo></DescribeRegionsResponse>",
            )
        case "ListGlobalTables":
            seen = [
                {"GlobalTableName": name, "ReplicationGroup": [{"RegionName": r} for r in replicas]}
                for name, replicas in TABLES.items()
                if asked.region in replicas
            ]
            return 200, JSON, {"GlobalTables": seen}
        case "DescribeGlobalReplicationGroups":
            return _datastores(asked)
    if asked.path == "/groups":
        groups = [{"Name": r, "Arn": f"arn:aws:synthetics:{r}:1:group:{r}"} for r in REGIONS[:2]]
        return 200, REST_JSON, {"Groups": groups}
    return 400, JSON, {"__type": "UnknownOperationException"}


def _datastores(asked: Asked) -> Reply:
    found = ""
    for name, (primary, secondary) in DATASTORES.items():
        if asked.region not in (primary, secondary):
            continue
        members = "".join(
            f"<GlobalReplicationGroupMember><ReplicationGroupRegion>{r}</ReplicationGroupRegion>"
            f"<Role>{role}</Role></GlobalReplicationGroupMember>"
            for r, role in ((secondary, "SECONDARY"), (primary, "PRIMARY"))
        )
        shown = members if asked.form.get("ShowMemberInfo") == "true" else ""
        found += (
            f"<GlobalReplicationGroup><GlobalReplicationGroupId>{name}</GlobalReplicationGroupId>"
            f"<Members>{shown}</Members></GlobalReplicationGroup>"
        )
    body = f"<GlobalReplicationGroups>{found}</GlobalReplicationGroups>"
    name = "DescribeGlobalReplicationGroups"
    return 200, XML, f"<{name}Response><{name}Result>{body}</{name}Result></{name}Response>"


Read = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture
def read(open_session: Callable[..., Session]) -> Iterator[Read]:
    with ScriptedApi(answer) as api:
        session = open_session(endpoint_url=api.url, region="us-west-2")
        yield lambda sql: [tuple(r.values()) for r in rows_of(session, sql)]


ROWS = [
    (
        "dynamodb.global_tables",
        "GlobalTableName",
        [("orders", "eu-west-1"), ("users", "us-east-1")],
    ),
    (
        "elasticache.global_replication_groups",
        "GlobalReplicationGroupId",
        [("sgaui", "us-west-2"), ("virxk", "eu-west-1")],
    ),
    ("synthetics.groups", "Name", [(r, r) for r in REGIONS[:2]]),
    ("ec2.regions", "RegionName", [(r, r) for r in REGIONS]),
]


@pytest.mark.parametrize(("table", "key", "rows"), ROWS, ids=[t for t, *_ in ROWS])
def test_over_all_regions_each_is_one_row_in_its_place(
    read: Read, table: str, key: str, rows: list[tuple[str, str]]
) -> None:
    sql = f"SELECT {key}, region FROM aws.{table} WHERE region"
    assert read(f"{sql} = '*' ORDER BY 1") == rows
    assert read(f"SELECT count(*) FROM aws.{table} WHERE region = '*'") == [(len(rows),)]
    for region in REGIONS:
        assert read(f"{sql} = '{region}' ORDER BY 1") == [row for row in rows if row[1] == region]
    assert read(f"{sql} <> 'eu-west-1' ORDER BY 1") == [
        row for row in rows if row[1] != "eu-west-1"
    ]


def test_without_a_word_of_regions_it_is_what_the_sessions_region_shows(read: Read) -> None:
    shown = read("SELECT GlobalTableName, region FROM aws.dynamodb.global_tables ORDER BY 1")
    assert shown == [("orders", "eu-west-1"), ("users", "us-east-1")]
    shown = read(
        "SELECT GlobalReplicationGroupId, region FROM aws.elasticache.global_replication_groups"
    )
    assert shown == [("sgaui", "us-west-2")]


def test_a_listing_of_all_regions_is_asked_once(open_session: Callable[..., Session]) -> None:
    with ScriptedApi(answer) as api:
        session = open_session(endpoint_url=api.url, region="us-west-2")
        rows_of(session, "SELECT Name FROM aws.synthetics.groups WHERE region = '*'")
        assert [a.region for a in api.asked if a.path == "/groups"] == ["us-west-2"]


def test_what_says_no_region_of_its_own_is_asked_about_where_it_was_seen(
    open_session: Callable[..., Session],
) -> None:
    """A multi-region cluster that has no cluster in any region yet."""
    arn = "arn:aws:memorydb::1:multiregioncluster/new"

    def memorydb(asked: Asked) -> Reply:
        match asked.operation:
            case "DescribeMultiRegionClusters":
                new = {"MultiRegionClusterName": "new", "ARN": arn}
                return (
                    200,
                    JSON,
                    {"MultiRegionClusters": [new] if asked.region == "eu-west-1" else []},
                )
            case "ListTags":
                return 200, JSON, {"TagList": [{"Key": "seen", "Value": asked.region}]}
            case "GetCallerIdentity" | "DescribeRegions":
                return answer(asked)
        return 200, JSON, {}

    with ScriptedApi(memorydb) as api:
        session = open_session(endpoint_url=api.url, region="us-west-2")
        found = rows_of(session, "SELECT Value, region FROM aws.memorydb.tags WHERE region = '*'")
        assert found == [{"Value": "eu-west-1", "region": "eu-west-1"}]
        assert [a.region for a in api.asked if a.operation == "ListTags"] == ["eu-west-1"]
