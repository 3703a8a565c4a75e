"""Options, scopes and time windows against real servers: the same rows however they are bound."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from cirrusql.errors import InvalidParameter
from cirrusql.session.session import Session
from tests.session.conftest import Ask, rows_of
from tests.support.fault_proxy import FaultProxy
from tests.support.scripted_api import JSON, Asked, Reply, ScriptedApi

Open = Callable[..., Session]


@pytest.fixture
def parameters(client: Callable[..., Any], proxy: FaultProxy) -> FaultProxy:
    """Three under /a of which one is secret, and two elsewhere."""
    ssm = client("ssm")
    given = {
        "/a/b": "String",
        "/a/b/c": "SecureString",
        "/a/empty": "String",
        "/xy": "StringList",
        "plain": "String",
    }
    for name, kind in given.items():
        ssm.put_parameter(Name=name, Value="v", Type=kind)
    return proxy


@pytest.mark.parametrize(
    "condition",
    [
        "Recursive = true",
        "Recursive",
        "Recursive IS TRUE",
        "Recursive <> false",
        "NOT (Recursive = false)",
        "Recursive IN (true)",
        "Recursive = $yes",
        "Recursive = (SELECT true)",
    ],
)
def test_a_truth_gives_the_same_rows_in_every_form(
    condition: str, ask: Ask, parameters: FaultProxy
) -> None:
    sql = (
        f"SELECT Name FROM aws.ssm.parameters_by_paths WHERE Path = '/a' AND {condition} ORDER BY 1"
    )
    assert [r["Name"] for r in ask(sql, yes=True)] == ["/a/b", "/a/b/c", "/a/empty"]
    assert parameters.calls == {"ssm:GetParametersByPath": 1}


def test_another_condition_calls_nothing(ask: Ask, parameters: FaultProxy) -> None:
    with pytest.raises(InvalidParameter, match="Recursive is an option"):
        ask(
            "SELECT Name FROM aws.ssm.parameters_by_paths WHERE Path = '/a' AND (Recursive OR "
            "Name = 'x')"
        )
    assert parameters.calls == {}


def test_an_option_shows_the_value_sent_else_null(ask: Ask, parameters: FaultProxy) -> None:
    shown = "SELECT Name, Recursive FROM aws.ssm.parameters_by_paths WHERE Path = '/a'"
    assert ask(f"{shown} AND Recursive AND Name = '/a/b'") == [{"Name": "/a/b", "Recursive": True}]
    assert {r["Recursive"] for r in ask(shown)} == {None}


def test_an_option_of_the_calls_that_describe_each_row_goes_with_them(
    ask: Ask, parameters: FaultProxy
) -> None:
    sql = "SELECT Name, Value FROM aws.ssm.parameters WHERE Type = 'SecureString'"
    (plain,) = ask(sql)
    assert plain["Value"] != "v"
    parameters.reset()
    assert ask(f"{sql} AND WithDecryption") == [{"Name": "/a/b/c", "Value": "v"}]
    assert parameters.calls == {"ssm:DescribeParameters": 1, "ssm:GetParameters": 1}


def test_one_value_stands_for_a_list_of_one(
    ask: Ask, client: Callable[..., Any], proxy: FaultProxy
) -> None:
    ec2 = client("ec2")
    reservation = ec2.run_instances(ImageId="ami-12c6146b", MinCount=2, MaxCount=2)
    first, second = sorted(i["InstanceId"] for i in reservation["Instances"])
    proxy.reset()
    for condition in (
        f"= '{first}'",
        f"= ['{first}']",
        f"IN ('{first}')",
        f"LIKE '{first}'",
        f"< '{second}'",
    ):
        sql = f"SELECT InstanceId, InstanceIds FROM aws.ec2.instances WHERE InstanceIds {condition}"
        assert ask(sql) == [{"InstanceId": first, "InstanceIds": [first]}], condition
    others = ask(f"SELECT InstanceId FROM aws.ec2.instances WHERE NOT (InstanceIds = '{first}')")
    assert [r["InstanceId"] for r in others] == [second]
    assert ask("SELECT InstanceId FROM aws.ec2.instances WHERE InstanceIds IS NULL") == []
    owned = ask("SELECT ImageId, Owners FROM aws.ec2.images WHERE Owners = 'amazon' LIMIT 1")
    assert [r["Owners"] for r in owned] == [["amazon"]]


EVENTS = [
    {"EventId": "1", "EventName": "ConsoleLogin", "EventTime": 1767268800.0},
    {"EventId": "2", "EventName": "RunInstances", "EventTime": 1767272400.0},
]


def trail(asked: Asked) -> Reply:
    """What happened at 12 and at 13 o'clock on 2026-01-01, within the window asked for."""
    low, high = asked.json.get("StartTime", 0), asked.json.get("EndTime", 1 << 40)
    return 200, JSON, {"Events": [e for e in EVENTS if low <= e["EventTime"] <= high]}


@pytest.fixture
def without_pytz(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedApi]:
    """A trail, read where pytz is not installed."""
    monkeypatch.setitem(sys.modules, "pytz", None)
    with ScriptedApi(trail) as api:
        yield api


@pytest.mark.parametrize(
    "condition",
    [
        "StartTime = '2026-01-01 12:30'",
        "StartTime >= '2026-01-01 12:30'",
        "StartTime > TIMESTAMPTZ '2026-01-01 12:29' + INTERVAL 1 MINUTE",
        "StartTime = $moment",
        "StartTime >= $moment",
        "StartTime BETWEEN $moment AND now()",
        "StartTime = (SELECT TIMESTAMPTZ '2026-01-01 13:30+01')",
        "StartTime IN (TIMESTAMPTZ '2026-01-01 12:30')",
        "StartTime >= DATE '2026-01-01' + TIME '12:30'",
    ],
)
def test_a_time_with_a_zone_is_sent_without_pytz(
    condition: str, open_session: Open, without_pytz: ScriptedApi
) -> None:
    session = open_session(endpoint_url=without_pytz.url)
    moment = datetime(2026, 1, 1, 14, 30, tzinfo=timezone(timedelta(hours=2)))
    found = rows_of(
        session, f"SELECT EventId FROM aws.cloudtrail.events WHERE {condition}", moment=moment
    )
    assert [r["EventId"] for r in found] == ["2"]
    (asked,) = [a for a in without_pytz.asked if a.operation == "LookupEvents"]
    assert asked.json["StartTime"] == datetime(2026, 1, 1, 12, 30, tzinfo=UTC).timestamp()


def test_a_join_gives_times_with_a_zone(open_session: Open, without_pytz: ScriptedApi) -> None:
    session = open_session(endpoint_url=without_pytz.url)
    found = rows_of(
        session,
        "SELECT d.n, e.EventId FROM (VALUES (1, TIMESTAMPTZ '2026-01-01 11:00'), (2, TIMESTAMPTZ "
        "'2026-01-01 12:30')) d(n, day) JOIN aws.cloudtrail.events e ON e.StartTime = d.day ORDER "
        "BY ALL",
    )
    assert [(r["n"], r["EventId"]) for r in found] == [(1, "1"), (1, "2"), (2, "2")]


def test_a_window_on_either_end_binds_both(open_session: Open, without_pytz: ScriptedApi) -> None:
    session = open_session(endpoint_url=without_pytz.url)
    sql = (
        "SELECT EventId FROM aws.cloudtrail.events "
        "WHERE StartTime >= '2026-01-01' AND StartTime < '2026-01-01 12:30'"
    )
    assert [r["EventId"] for r in rows_of(session, sql)] == ["1"]


def test_the_period_asked_for_is_not_the_period_of_each_row(open_session: Open) -> None:
    days = [
        {"Start": "2026-01-01", "End": "2026-01-02"},
        {"Start": "2026-01-02", "End": "2026-01-03"},
    ]

    def costs(asked: Asked) -> Reply:
        assert asked.json["TimePeriod"] == {"Start": "2026-01-01", "End": "2026-01-03"}
        total = {"UnblendedCost": {"Amount": "1.5", "Unit": "USD"}}
        return 200, JSON, {"ResultsByTime": [{"TimePeriod": d, "Total": total} for d in days]}

    sql = (
        "SELECT TimePeriod.Start AS day FROM aws.ce.cost_and_usages WHERE Granularity = 'DAILY' "
        "AND "
        "Metrics = 'UnblendedCost' AND TimePeriod = {'Start': '2026-01-01', 'End': '2026-01-03'}"
    )
    with ScriptedApi(costs) as api:
        session = open_session(endpoint_url=api.url)
        assert [r["day"] for r in rows_of(session, sql)] == ["2026-01-01", "2026-01-02"]
        later = rows_of(session, f"{sql} AND TimePeriod.Start > '2026-01-01'")
    assert [r["day"] for r in later] == ["2026-01-02"]


PAGES = ["first", "second", "third"]


def log(asked: Asked) -> Reply:
    """A log of three pages, read on from its head or back from its end;
    at its bounds a token repeats."""
    given = asked.json
    start = 0 if given.get("startFromHead") else 2
    here = int(given["pageToken"]) if "pageToken" in given else start
    events = [{"createdAt": 0.0, "message": PAGES[here]}] if 0 <= here <= 2 else []
    answer = {
        "resourceLogEvents": events,
        "nextForwardToken": str(min(here + 1, 3)),
        "nextBackwardToken": str(max(here - 1, -1)),
    }
    return 200, JSON, answer


@pytest.mark.parametrize(
    ("condition", "order"), [("startFromHead", [0, 1, 2]), ("NOT startFromHead", [2, 1, 0])]
)
def test_a_log_is_read_on_from_its_head_or_back_from_its_end(
    condition: str, order: list[int], open_session: Open
) -> None:
    sql = (
        "SELECT message FROM aws.lightsail.relational_database_log_events "
        f"WHERE relationalDatabaseName = 'd' AND logStreamName = 's' AND {condition}"
    )
    with ScriptedApi(log) as api:
        found = rows_of(open_session(endpoint_url=api.url), sql)
    assert [r["message"] for r in found] == [PAGES[i] for i in order]


def test_structures_made_of_rows_feed_a_parameter(
    ask: Ask, client: Callable[..., Any], proxy: FaultProxy
) -> None:
    made = client("ec2").run_instances(ImageId="ami-12c6146b", MinCount=2, MaxCount=2)["Instances"]
    now = datetime.now(UTC)
    for number, instance in enumerate(made):
        datum = {
            "MetricName": "Load",
            "Timestamp": now - timedelta(minutes=5),
            "Value": float(number),
            "Dimensions": [{"Name": "InstanceId", "Value": instance["InstanceId"]}],
        }
        client("cloudwatch").put_metric_data(Namespace="own", MetricData=[datum])
    proxy.reset()
    found = ask(
        "SELECT i.InstanceId, m.Sum FROM aws.ec2.instances i JOIN "
        "aws.cloudwatch.metric_statistics m "
        "ON m.Dimensions = [{'Name': 'InstanceId', 'Value': i.InstanceId}] WHERE m.Namespace = "
        "'own' AND "
        "m.MetricName = 'Load' AND m.Period = 60 AND m.Statistics = 'Sum' AND m.StartTime >= "
        "now() - "
        "INTERVAL 1 HOUR AND m.EndTime <= now() ORDER BY m.Sum"
    )
    assert [(r["InstanceId"], r["Sum"]) for r in found] == [
        (instance["InstanceId"], float(number)) for number, instance in enumerate(made)
    ]
    assert proxy.calls == {"ec2:DescribeInstances": 1, "monitoring:GetMetricStatistics": 2}


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("PathPrefix = '/x/'", ["in", "under"]),
        ("NOT (PathPrefix = '/x/')", ["out"]),
        ("path_prefix <> '/x/'", ["out"]),
        ("u.PathPrefix IN ('/x/', '/x/y/')", ["in", "under"]),
        ("PathPrefix = '/x/y/' OR UserName = 'out'", ["out", "under"]),
        ("CASE WHEN PathPrefix = '/x/' THEN UserName = 'in' ELSE true END", ["in", "out"]),
    ],
)
def test_a_prefix_selects_the_rows_whose_field_begins_with_it(
    ask: Ask, client: Callable[..., Any], condition: str, names: list[str]
) -> None:
    for name, path in (("in", "/x/"), ("under", "/x/y/"), ("out", "/z/")):
        client("iam").create_user(UserName=name, Path=path)
    found = ask(f"SELECT UserName FROM aws.iam.users u WHERE {condition} ORDER BY 1")
    assert [r["UserName"] for r in found] == names


@pytest.mark.parametrize(
    "condition", ["PathPrefix LIKE '/x/%'", "PathPrefix IS NULL", "PathPrefix > '/'"]
)
def test_a_prefix_is_compared_with_constants_alone(ask: Ask, condition: str) -> None:
    with pytest.raises(InvalidParameter, match="a prefix of Path"):
        ask(f"SELECT UserName FROM aws.iam.users WHERE {condition}")
