"""What PostgreSQL means is what the server answers, or an error: the values are PostgreSQL's."""

from __future__ import annotations

from decimal import Decimal

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
    ],
)
def test_what_has_no_words_is_refused(sql: str, server: Server) -> None:
    with server.connect() as connection, pytest.raises(psycopg.errors.FeatureNotSupported):
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
        "-- 1::numeric\nSELECT 'SIMILAR TO'",
    ],
)
def test_what_only_looks_so_stays(text: str) -> None:
    assert worded(text) == text
