"""SQLite's functions and forms answer as SQLite itself does."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta

import pytest

from cirrusql.engine.database import Database
from cirrusql.engine.sqlite_forms import spelled
from cirrusql.errors import Error
from cirrusql.sql.tree import parsed

SAME = (
    "datetime('2026-03-15 10:20:30')",
    "datetime('2026-03-15 10:20:30', '-1 day')",
    "datetime('2026-03-15 10:20:30', 'start of month', '-1 day')",
    "datetime('2026-03-15', 'start of year', '+2 months', '-1.5 hours')",
    "datetime(1767225600, 'unixepoch')",
    "datetime(1767225600, 'unixepoch', '+1 hour')",
    "datetime(2461041.5)",
    "date('2026-03-15 10:20:30', '+1 year')",
    "date('2026-03-15', 'weekday 1')",
    "date('2026-03-15', 'weekday 0')",
    "date('2026-03-15', 'start of month', '+1 month', '-1 day')",
    "time('2026-03-15 10:20:30')",
    "time('2026-03-15 10:20:30', '+90 minutes')",
    "julianday('2026-03-15 12:00:00')",
    "julianday('2026-03-15') - julianday('2026-01-01')",
    "unixepoch('2026-03-15 10:20:30')",
    "strftime('%Y-%m', '2026-03-15')",
    "strftime('%d.%m.%Y %H:%M', '2026-03-15 10:20:30', '+1 day')",
    "strftime('%s', '2026-03-15 10:20:30')",
    "strftime('%J | %%s | %f', '2026-03-15 12:00:00')",
    "date('2020-01-31', '+1 month')",
    "date('2020-02-29', '+1 year')",
    "datetime(1767225600, 'auto')",
    "datetime(NULL)",
    "date('2026-03-15', NULL)",
    "iif(1 > 2, 'a', 'b')",
    "char(65, 66, 67)",
    "total(n) FROM (SELECT 1 AS n UNION ALL SELECT 2)",
    "total(n) FROM (SELECT 1 AS n) WHERE n > 1",
    "group_concat(n, ';') FROM (SELECT 'a' AS n)",
    "ifnull(NULL, 'a')",
    "instr('abc', 'b')",
    "json_extract('{\"a\": \"x\"}', '$.a') = 'x'",
    "json_extract('{\"a\": \"x\"}', '$.a') <> 'y'",
    "'x' = json_extract('{\"a\": \"x\"}', '$.a')",
    "json_extract('{\"a\": \"x\"}', '$.a') IN ('x', 'y')",
    "json_extract('{\"a\": \"x\"}', '$.a') NOT IN ('y')",
    "json_extract('{\"a\": \"xyz\"}', '$.a') LIKE 'x%'",
    "json_extract('{\"a\": 10}', '$.a') > 9",
    "json_extract('{\"a\": \"x\"}', '$.a') || 'y'",
    "upper(json_extract('{\"a\": \"x\"}', '$.a'))",
    "time('12:00', '+30 minutes')",
    "datetime('23:59:30')",
    "json_set('{\"a\":1}', '$.a', 2)",
    "json_set('{\"a\":1}', '$.b', 'text', '$.c', 1.5)",
    "json_set(json_set('{}', '$.a', json('[1,2]')), '$.b', 'x')",
    "json_insert('{\"a\":1}', '$.a', 2, '$.b', 3)",
    "json_replace('{\"a\":1}', '$.a', 'x', '$.b', 3)",
    "json_replace(json_remove('{\"a\":{\"b\":1},\"c\":2}', '$.c', '$.a.d'), '$.a.b', 'x')",
    "json_remove('{\"a\":1,\"b\":2,\"c\":3}', '$.a', '$.b', '$.c')",
    'json_patch(\'{"a":1,"b":2}\', \'{"a":null,"c":3}\')',
)


@pytest.mark.parametrize("expression", SAME)
def test_an_expression_has_sqlites_value(expression: str, database: Database) -> None:
    with closing(sqlite3.connect(":memory:")) as sqlite:
        (expected,) = sqlite.execute(f"SELECT {expression}").fetchone()
    ((found,),) = database.rows(f"SELECT {expression}")
    if isinstance(found, bool):
        found = int(found)
    elif isinstance(found, datetime | date | time):
        found = str(found)
    assert found == expected


MOMENTS = (
    "2020-01-31",
    "2020-02-29 23:59:59.5",
    "2021-12-31 10:20:30",
    "2023-03-30 00:00:00",
    "1999-10-31T12:00",
    "2461041.5",
)
MODIFIERS = (
    *(f"{n} {unit}s" for n in ("+1", "-11", "1.5", "-0.25")
      for unit in ("second", "minute", "hour", "day", "month", "year")),
    *("1 month", "+1 day", "start of day", "start of month", "start of year"),
    *(f"weekday {n}" for n in range(7)),
    *("+10:30", "-01:15", "00:00:01.5", "+23:59:59"),
    *("utc", "auto", "Start Of Month", "+3 Days"),
)  # fmt: skip


def rows_of_both(database: Database, calls: list[str]) -> Iterator[tuple[str, str, str]]:
    """The differences: the call, the engine's value, SQLite's."""
    moments = ", ".join(f"('{m}')" for m in MOMENTS)
    sql = f"WITH t(m) AS (VALUES {moments}) SELECT m, {', '.join(calls)} FROM t"
    found = {row[0]: row for row in database.rows(sql)}
    with closing(sqlite3.connect(":memory:")) as sqlite:
        rows = sqlite.execute(sql).fetchall()
    for row in rows:
        for call, ours, theirs in zip(["m", *calls], found[row[0]], row, strict=True):
            if str(ours) != str(theirs):
                yield f"{row[0]}: {call}", str(ours), str(theirs)


def test_each_modifier_moves_a_time_as_in_sqlite(database: Database) -> None:
    written = [f"strftime('%Y-%m-%d %H:%M:%f', m, '{modifier}')" for modifier in MODIFIERS]
    assert list(rows_of_both(database, written)) == []


@pytest.mark.parametrize("function", ["date", "datetime", "time", "unixepoch"])
def test_several_modifiers_are_applied_in_their_order(function: str, database: Database) -> None:
    shifts = ("+1 month", "start of month", "-1 day")
    calls = [f"{function}(m, '{a}', '{b}')" for a in shifts for b in shifts]
    assert list(rows_of_both(database, calls)) == []


@pytest.mark.parametrize("modifier", ["1days", "next week", "weekday 9"])
def test_a_modifier_that_sqlite_does_not_know_is_an_error(
    modifier: str, database: Database
) -> None:
    sql = f"SELECT datetime('2026-01-01', '{modifier}')"
    with closing(sqlite3.connect(":memory:")) as sqlite:
        assert sqlite.execute(sql).fetchone() == (None,)
    with pytest.raises(Error, match="unknown modifier"):
        database.rows(sql)


def test_now_is_the_clocks(database: Database) -> None:
    ((moment, day, before),) = database.rows(
        "SELECT datetime('now'), date('now'), datetime('now', '-90 days')"
    )
    now = datetime.now(UTC).replace(tzinfo=None)
    assert timedelta(0) <= now - moment < timedelta(minutes=1)
    assert (day, (moment - before).days) == (moment.date(), 90)


def test_a_time_of_the_engine_is_taken_in_utc(database: Database) -> None:
    sql = "SELECT datetime(TIMESTAMPTZ '2026-01-01 12:00:00+02', '+1 hour')"
    assert database.rows(sql) == [(datetime(2026, 1, 1, 11),)]


@pytest.mark.parametrize("expression", ["date('now', 'next week')", "datetime('soon')"])
def test_what_is_no_time_is_an_error(expression: str, database: Database) -> None:
    with pytest.raises(Error):
        database.rows(f"SELECT {expression}")


def test_json_stays_json_so_that_numbers_sort_as_numbers(database: Database) -> None:
    rows = "(VALUES ('{\"n\": 9}'), ('{\"n\": 10}'), ('{\"n\": 100}')) t(j)"
    sql = f"SELECT json_extract(j, '$.n') FROM {rows} ORDER BY CAST(json_extract(j, '$.n') AS INT)"
    assert [row[0] for row in database.rows(sql)] == ["9", "10", "100"]
    ((kind,),) = database.rows("SELECT typeof(json_extract('{\"n\": 9}', '$.n'))")
    assert kind == "JSON"


def test_a_structure_is_compared_by_its_member(database: Database) -> None:
    sql = "SELECT json_extract({'Name': 'running', 'Code': 16}, '$.Name') = 'running'"
    assert database.rows(sql) == [(True,)]


def test_seconds_since_1970_of_a_time_of_the_engine(database: Database) -> None:
    sql = "SELECT strftime('%s', TIMESTAMPTZ '1970-01-01 01:00:07+01')"
    assert database.rows(sql) == [("7",)]


UNCHANGED = (
    "SELECT CAST(x AS char(3)), x::time, CAST(x AS time(3))",
    "CREATE TABLE t (a char(3), b time, c date)",
    "SELECT 'date(''now'')', \"date\"('now') -- time('now')",
    "SELECT date(CreateDate), strftime(x, '%Y'), strftime('%Y', x)",
    "SELECT DATE '2026-01-01', TIME '10:00'",
    "SELECT json_extract(x, '$.a'), json_extract(x, '$.a') = 10",
    "SELECT json_extract(x, '$.a') = '\"x\"', json_extract(x, '$.a') = '[1]'",
    "SELECT json_extract(x, '$.a') = e.value, json_extract(x, '$.a') IN (SELECT value FROM e)",
    "SELECT json_extract(x, ['$.a', '$.b']) = json_extract(y, '$.a')",
    "SELECT my_date('now'), t.date",
)


@pytest.mark.parametrize("sql", UNCHANGED)
def test_what_the_engine_reads_stays_to_the_letter(sql: str) -> None:
    assert spelled(sql) == sql


@pytest.mark.parametrize(
    "expression", ["date('now', '-1 day')", "char(65, 66)", "datetime('now')", "time('now')"]
)
def test_a_call_that_the_planner_prints_keeps_its_arguments(expression: str) -> None:
    (tree,) = parsed(f"SELECT {expression}")
    assert tree.sql(dialect="duckdb").lower() == f"select {expression}"


def test_a_policy_is_compared_under_its_other_name(database: Database) -> None:
    assert database.rows("SELECT aws_policy_equal('{\"a\": [1]}', '{\"a\": [1]}')") == [(True,)]


def test_a_heading_is_the_users_own_call(database: Database) -> None:
    rows = database.run("SELECT date('2026-01-02', '-1 day'), datetime('2026-01-01') AS d")
    assert rows.schema.names == ["date('2026-01-02', '-1 day')", "d"]
    assert next(b.to_pydict() for b in rows.batches())["d"] == [datetime(2026, 1, 1)]


def test_an_error_names_no_macro(database: Database) -> None:
    with pytest.raises(Error) as caught:
        database.rows("SELECT date('now', 1, 2, 3, 4)")
    assert "_sqlite" not in str(caught.value)
