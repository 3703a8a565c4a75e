"""The server answers with PostgreSQL's values, or with an error."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from cirrusql.apps.srv.dialect.meanings import worded
from tests.apps.srv.conftest import Server


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("7 / 2", 3),
        ("-7 / 2", -3),
        ("7 / 2.0", 3.5),
        ("'abc' SIMILAR TO '(a|b)%'", True),
        ("'abc' SIMILAR TO 'a'", False),
        ("'a.c' SIMILAR TO 'a_c'", True),
        ("'abc' SIMILAR TO 'a.c'", False),
        ("'abd' NOT SIMILAR TO 'ab[a-c]'", True),
        ("'a_b' LIKE 'a\\_b'", True),
        ("'axb' LIKE 'a\\_b'", False),
        ("'axb' NOT ILIKE 'A\\_B'", True),
        ("'a!b' LIKE 'a!!b' ESCAPE '!'", True),
        ("1.23456::numeric", Decimal("1.23456")),
        ("CAST(1.5 AS numeric) * 1.5::numeric", Decimal("2.25")),
        ("0.1::numeric + 0.2::numeric", Decimal("0.3")),
        ("1.23456::numeric(6, 2)", Decimal("1.23")),
        ("'\\x01ff'::bytea", b"\x01\xff"),
        ("CAST('\\x' AS bytea)", b""),
        ("format('{}', 1)", "1"),
        ("(SELECT x FROM (VALUES (1), (NULL)) t(x) ORDER BY x DESC LIMIT 1)", None),
        ("(SELECT x FROM (VALUES (1), (NULL)) t(x) ORDER BY x LIMIT 1)", 1),
        ("(SELECT sum(x) / count(*) FROM (VALUES (1), (2)) t(x))", 1),
        ("(SELECT count(*) FROM generate_series(1, 3) AS t(i))", 3),
        ("initcap('hello WORLD-wide 2nd')", "Hello World-Wide 2nd"),
        ("initcap('')", ""),
        ("btrim('  a ')", "a"),
        ("btrim('xyax', 'xy')", "a"),
        ("quote_literal('it''s')", "'it''s'"),
        ("quote_ident('A b')", '"A b"'),
        ("quote_ident('ab')", "ab"),
        ("to_hex(255)", "ff"),
        ("decode('AQI=', 'base64')", b"\x01\x02"),
        ("decode('0102', 'hex')", b"\x01\x02"),
        ("encode('\\x01ff'::bytea, 'hex')", "01ff"),
        ("encode('\\x0102'::bytea, 'base64')", "AQI="),
        ("div(-7, 2)", -3),
        ("array_remove(array[1, 2, 1], 1)", [2]),
        ("array_upper(array[5, 6], 1)", 2),
        ("array_lower(array[]::int[], 1)", None),
        ("string_to_array('a,,b', ',')", ["a", "", "b"]),
        ("string_to_array('abc', NULL)", ["a", "b", "c"]),
        ("string_to_array('', ',')", []),
        (
            "to_char(timestamp '2024-01-02 03:04:05', 'YYYY-MM-DD HH24:MI:SS')",
            "2024-01-02 03:04:05",
        ),
        ("to_char(date '2024-03-05', 'Mon DD, \"in\" YY')", "Mar 05, in 24"),
        ("to_char(date_trunc('month', date '2024-03-05'), 'YYYY-MM')", "2024-03"),
        ("to_date('05/03/2024', 'DD/MM/YYYY')", date(2024, 3, 5)),
        (
            "to_timestamp('2024-03-05 06:07', 'YYYY-MM-DD HH24:MI')",
            datetime(2024, 3, 5, 6, 7, tzinfo=UTC),
        ),
        ("to_timestamp(0)", datetime(1970, 1, 1, tzinfo=UTC)),
        ("'{\"a\": [1, 2]}'::jsonb -> 'a' ->> 1", "2"),
        ("json_build_object('a', 1)::text", '{"a":1}'),
        ("(SELECT json_agg(x)::text FROM (VALUES (1), (2)) t(x))", "[1,2]"),
        ("jsonb_array_length('[1,2]'::jsonb)", 2),
    ],
)
@pytest.mark.parametrize("is_prepared", [False, True])
def test_an_expression_has_postgresql_s_value(
    sql: str, value: object, is_prepared: bool, server: Server
) -> None:
    with server.connect() as connection:
        row = connection.execute(f"SELECT {sql}", prepare=is_prepared).fetchone()
    assert row is not None
    assert row[0] == value


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT format('%s', 1)",
        "SELECT format('%I.%I', 'a', 'b')",
        "SELECT generate_series(1, 3)",
        "SELECT 1, generate_series(1, 3) AS n",
        "SELECT 'a' SIMILAR TO x FROM (VALUES ('a')) t(x)",
        "SELECT 'a' SIMILAR TO 'a!%' ESCAPE '!'",
        "SELECT B'101'",
        "SELECT x'1F'",
        "SELECT 5::bit(3)",
        "SELECT CAST(5 AS bit)",
        "SELECT to_char(now(), 'Q')",
        "SELECT to_char(now(), 'MONTH')",
        "SELECT to_char(now(), x) FROM (VALUES ('YYYY')) t(x)",
    ],
)
def test_what_has_no_words_is_refused(sql: str, server: Server) -> None:
    with server.connect() as connection, pytest.raises(psycopg.errors.FeatureNotSupported):
        connection.execute(sql)


@pytest.mark.parametrize("sql", ["SELECT decode('a', 'utf8')", "SELECT to_char(1.5, '999')"])
def test_what_a_function_lacks_is_an_error(sql: str, server: Server) -> None:
    with server.connect() as connection, pytest.raises(psycopg.Error):
        connection.execute(sql)


def test_a_division_by_zero_is_an_error(server: Server) -> None:
    with server.connect() as connection, pytest.raises(psycopg.DataError, match="zero"):
        connection.execute("SELECT 1 / 0")


def test_a_query_that_only_the_engine_can_read_has_rows(server: Server) -> None:
    with server.connect() as connection:
        assert connection.execute("SELECT 4!, 1 AS n").fetchall() == [(24, 1)]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1 AS numeric, (SELECT 2 AS decimal)",
        "SELECT '\\x01ff'",
        "SELECT 'a::numeric', \"numeric\" FROM t",
        "SELECT x LIKE y FROM t",
        "SELECT format(x, '%s') FROM t",
        "SELECT b '1', x AS bit FROM t",
        "SELECT jsonb FROM t",
        'SELECT to_char, "json_agg"(1), s.json_agg(1) FROM t',
        "-- 1::numeric\nSELECT 'SIMILAR TO'",
    ],
)
def test_what_only_looks_so_stays(text: str) -> None:
    assert worded(text) == text


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SELECT a::jsonb || '{}' FROM (SELECT '{}' AS a)", "jsonb"),
        ("SELECT '{}' || a::jsonb FROM (SELECT '{}' AS a)", "jsonb"),
        ("SELECT '{\"a\": 1}'::json #>> x FROM (SELECT '{a}' AS x)", "literal path"),
        ("SELECT substring('abc', 1, -1)", "negative substring length"),
        ("SELECT array_length(ARRAY[1], 2)", "dimension 1"),
    ],
)
def test_what_would_be_answered_otherwise_is_an_error(
    connection: psycopg.Connection[Any], sql: str, says: str
) -> None:
    with pytest.raises(psycopg.Error, match=says):
        connection.execute(sql)


def test_moments_without_end_arrive_as_such(connection: psycopg.Connection[Any]) -> None:
    sql = "SELECT 'infinity'::timestamp, '-infinity'::date, date '2024-01-01'"
    for is_binary in (0, 1):
        result = connection.pgconn.exec_params(sql.encode(), None, result_format=is_binary)
        found = [result.get_value(0, i) for i in range(3)]
        wanted = [
            [b"infinity", b"-infinity", b"2024-01-01"],
            [(2**63 - 1).to_bytes(8), (2**31).to_bytes(4), (8766).to_bytes(4)],
        ]
        assert found == wanted[is_binary]
