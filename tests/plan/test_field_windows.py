"""Bounds of a row's own moment: sent where the API has parameters for them,
and never more than they say."""

from __future__ import annotations

import pytest

from cirrusql.catalog.behaviour.time_windows import field_bounds, window_data
from cirrusql.engine.database import Database
from cirrusql.plan.model import Feed
from cirrusql.plan.planner import plan_query
from cirrusql.providers.aws.overlay import OVERLAY
from cirrusql.sql.parse import parse
from cirrusql.sql.statements import QueryStatement
from tests.plan.planned import catalog


def sent(sql: str) -> list[dict[str, str]]:
    """The time window of each call, as text in UTC."""
    statement = parse(sql)
    assert isinstance(statement, QueryStatement)
    plan = plan_query(statement.text, statement.tree, catalog())
    (calls,) = plan.scans[-1].calls
    feeds = [b for b in calls.bindings if isinstance(b, Feed) and not b.needs]
    database = Database()
    try:
        database.execute("SET TimeZone = 'UTC'")
        rows = [(f.parameters, row) for f in feeds for row in database.rows(f.sql, {})]
        return [{n: str(v) for n, v in zip(names, row, strict=True)} for names, row in rows]
    finally:
        database.close()


EVENTS = "SELECT EventName FROM aws.cloudtrail.events WHERE "


@pytest.mark.parametrize(
    ("sql", "want"),
    [
        (
            EVENTS + "EventTime BETWEEN '2026-01-02' AND TIMESTAMPTZ '2026-02-01 00:00:00+00'",
            [{"StartTime": "2026-01-01 23:59:59+00:00", "EndTime": "2026-02-01 00:00:01+00:00"}],
        ),
        (EVENTS + "'2026-01-02' < event_time", [{"StartTime": "2026-01-01 23:59:59+00:00"}]),
        (
            EVENTS + "EventTime >= '2026-01-02' AND EventTime >= '2026-01-05'",
            [{"StartTime": "2026-01-04 23:59:59+00:00"}],
        ),
        (EVENTS + "EventTime > '2026-03-01' AND EventTime < '2026-02-01'", []),
        (
            "SELECT message FROM aws.logs.log_events WHERE logGroupName = 'g' AND timestamp >= 500 "
            "AND timestamp < 9000",
            [{"startTime": "0", "endTime": "10000"}],
        ),
        (
            "SELECT ModelName FROM aws.sagemaker.models WHERE CreationTime <= '2026-01-02'",
            [{"CreationTimeBefore": "2026-01-02 00:00:01+00:00"}],
        ),
    ],
)
def test_a_bound_of_the_field_is_sent_a_second_wider(sql: str, want: list[dict[str, str]]) -> None:
    assert sent(sql) == want


@pytest.mark.parametrize(
    "condition",
    [
        "NOT EventTime >= '2026-01-02'",
        "EventTime >= '2026-01-02' OR EventName = 'x'",
        "EventTime::DATE >= '2026-01-02'",
        "EventTime < 'infinity'",
    ],
)
def test_what_not_every_row_fulfils_is_not_sent(condition: str) -> None:
    assert sent(EVENTS + condition) == []


@pytest.mark.parametrize("key", sorted(window_data(OVERLAY)))
def test_data_names_parameters_and_a_field_that_there_are(key: str) -> None:
    service, _, operation = key.partition(":")
    found, _ = catalog().loaded("aws", service.replace("-", "_"))
    bounds = {b.parameter: b.field for b in field_bounds(found.method(operation))}
    given = window_data(OVERLAY)[key]
    assert bounds == {given["start"]: given["field"], given["end"]: given["field"]}
