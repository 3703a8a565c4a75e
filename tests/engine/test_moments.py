"""Timestamps with a time zone reach Python without pytz, which may not be installed."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest

from cirrusql.engine.database import Database
from cirrusql.errors import DataError

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _without_pytz(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pytz", None)


def test_a_time_with_a_zone_is_aware_and_in_utc(database: Database) -> None:
    (row,) = database.rows("SELECT TIMESTAMPTZ '2026-01-02 14:00+02', 'x', NULL::TIMESTAMPTZ")
    assert row == (NOON, "x", None)
    assert row[0].utcoffset() == timedelta(0)


def test_times_within_structures_lists_and_maps_are_too(database: Database) -> None:
    sql = "SELECT {'a': t, 'b': [t, NULL], 'n': 1}, MAP {'k': t}, [{'t': t}] FROM (SELECT $t AS t)"
    (row,) = database.rows(sql, {"t": NOON.astimezone(timezone(timedelta(hours=5)))})
    assert row == ({"a": NOON, "b": [NOON, None], "n": 1}, [("k", NOON)], [{"t": NOON}])


def test_rows_come_in_their_order_however_many_there_are(database: Database) -> None:
    rows = database.rows("SELECT i, TIMESTAMPTZ '2026-01-02 12:00Z' FROM range(25000) t(i)")
    assert [r[0] for r in rows] == list(range(25000))
    assert database.rows("SELECT TIMESTAMPTZ '2026-01-02 12:00Z' WHERE false") == []


def test_a_time_that_python_has_no_value_for_is_an_error_that_says_so(database: Database) -> None:
    with pytest.raises(DataError, match="years 1 to 9999"):
        database.rows("SELECT 'infinity'::TIMESTAMPTZ")
