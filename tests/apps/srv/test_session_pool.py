"""Clients that share a few sessions see nothing of each other."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from cirrusql.apps.srv.session_pool import MOST_IDLE
from cirrusql.apps.srv.statement_kinds import leaves_something
from cirrusql.engine import open_databases as engine
from cirrusql.sql.parse import parse
from tests.apps.srv.conftest import Server, StartServer

Connection = psycopg.Connection[Any]


@pytest.fixture
def other(server: Server) -> Any:
    with server.connect() as found:
        yield found


def value(connection: Connection, sql: str, *given: object) -> object:
    (found,) = connection.execute(sql, given or None).fetchone() or (None,)
    return found


def test_many_clients_keep_few_engines(start: StartServer) -> None:
    server, before = start(), len(engine._alive)
    with ExitStack() as stack:
        clients = [stack.enter_context(server.connect()) for _ in range(3 * MOST_IDLE)]
        for turn in range(2):
            assert [value(c, "SELECT %s::int", turn) for c in clients] == [turn] * len(clients)
        assert len(engine._alive) - before <= MOST_IDLE


def test_local_tables_are_their_clients_own(connection: Connection, other: Connection) -> None:
    connection.execute("CREATE TABLE mine AS SELECT 1 AS a")
    with pytest.raises(psycopg.errors.UndefinedTable):
        other.execute("SELECT * FROM mine")
    assert value(connection, "SELECT a FROM mine") == 1


def test_settings_move_with_the_client(connection: Connection, other: Connection) -> None:
    connection.execute("SET region = 'eu-west-1'")
    assert value(other, "SHOW region") == "us-east-1"
    assert value(connection, "SHOW region") == "eu-west-1"
    connection.execute("RESET region")
    assert value(connection, "SHOW region") == "us-east-1"


def test_time_zones_move_with_the_client(connection: Connection, other: Connection) -> None:
    sql = "SELECT ('2024-01-01 12:00'::timestamptz AT TIME ZONE 'UTC')::text"
    connection.execute("SET TIME ZONE 'Asia/Tokyo'")
    assert value(connection, sql) == "2024-01-01 03:00:00"
    assert value(other, sql) == "2024-01-01 12:00:00"


def test_the_log_of_calls_moves_with_the_client(connection: Connection, other: Connection) -> None:
    connection.execute("SELECT * FROM iam.groups")
    assert value(other, "SELECT count(*) FROM cirrusql.calls") == 0
    assert value(connection, "SELECT count(*) FROM cirrusql.calls WHERE service = 'iam'") == 1


def test_a_prepared_statement_runs_in_any_session(
    connection: Connection, other: Connection
) -> None:
    sql = "SELECT initcap(%s)"
    for _ in range(8):
        assert connection.execute(sql, ("one two",), prepare=True).fetchone() == ("One Two",)
    other.execute("BEGIN")
    other.execute("DECLARE held CURSOR WITH HOLD FOR SELECT i FROM generate_series(1, 9000) t(i)")
    assert value(other, "FETCH 1 FROM held") == 1
    other.execute("COMMIT")
    assert connection.execute(sql, ("one two",), prepare=True).fetchone() == ("One Two",)
    assert value(other, "FETCH 1 FROM held") == 2


def test_a_cancelled_session_serves_nobody_else(start: StartServer) -> None:
    server = start()
    with server.connect() as first, server.connect() as second:
        before = len(engine._alive)
        timer = threading.Timer(0.2, first.cancel_safe)
        timer.start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            first.execute("SELECT count(*) FROM range(100000000000) a(i) WHERE sin(i) = 2")
        timer.join()
        assert [value(c, "SELECT 1") for c in (second, first, second)] == [1, 1, 1]
        assert len(engine._alive) <= before + 1


@pytest.mark.parametrize(
    ("sql", "is_left"),
    [
        ("SELECT 1", False),
        ("WITH a AS (SELECT 1 AS b) SELECT * FROM a", False),
        ("VALUES (1)", False),
        ("SHOW SERVICES IN aws", False),
        ("EXPLAIN SELECT 1", False),
        ("SET region = 'eu-west-1'", False),
        ("DELETE FROM aws.iam.users WHERE UserName = 'a'", False),
        ("EXEC aws.iam.users.list_users", False),
        ("SELECT setseed(0.5)", True),
        ("CREATE TABLE a AS SELECT 1 AS b", True),
        ("EXPLAIN ANALYZE CREATE TABLE a AS SELECT 1 AS b", True),
        ("CREATE VIEW a AS SELECT 1 AS b", True),
        ("CREATE MACRO a() AS 1", True),
        ("INSERT INTO a VALUES (1)", True),
        ("SET VARIABLE a = 1", True),
        ("PREPARE a AS SELECT 1", True),
        ("ATTACH ':memory:' AS a", True),
        ("SET threads = 1", True),
    ],
)
def test_what_leaves_something_in_a_session_keeps_it(sql: str, is_left: bool) -> None:
    assert leaves_something(parse(sql)) is is_left
