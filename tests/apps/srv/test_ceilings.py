"""The server operator's limits are the most that a client can get,
however it asks for more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from cirrusql.settings import ConnectionSettings as Named
from cirrusql.settings import Policy
from tests.apps.srv.conftest import OPEN, Server, StartServer, running

Connection = psycopg.Connection[Any]

THREADS = "SELECT value FROM duckdb_settings() WHERE name = 'threads'"

REFUSED = [
    "SET threads = 4096",
    "SET GLOBAL threads = 4096",
    "SET SESSION threads TO 4096",
    "RESET threads",
    "PRAGMA threads = 4096",
    "PRAGMA threads(4096)",
    "SET memory_limit = '90%'",
    "RESET memory_limit",
    "PRAGMA memory_limit = '900GB'",
    "PRAGMA max_memory = '900GB'",
    "SET max_temp_directory_size = '900GB'",
    "PRAGMA max_temp_directory_size = '900GB'",
    "SET temp_directory = '/tmp'",
    "PRAGMA temp_directory = '/tmp'",
    "SET lock_configuration = false",
    "PRAGMA lock_configuration = false",
    "SET allowed_configs = ['threads']",
    "SET max_calls = 10001",
    "SET max_rows = 0",
    "SET max_writes = 1000000",
    "SET max_body = 1000000000000",
    "SET concurrency = 100000",
    "SET max_attempts = 1000",
    "SET retry_timeout = 0",
    "SET read_timeout = '1h'",
    "SET throttle_timeout = '10h'",
    "SET statement_timeout = 0",
    "SET statement_timeout = '1h'",
    "SET LOCAL statement_timeout = '1h'",
    "SELECT set_config('statement_timeout', '3600000', false)",
    "CALL enable_logging(storage = 'stdout')",
    "SELECT * FROM enable_logging(storage = 'stdout')",
    "CALL enable_profiling()",
    "PRAGMA enable_profiling",
    "PRAGMA enable_progress_bar",
    "PRAGMA profile_output = '/tmp/x'",
    "PRAGMA enable_verification",
]


@pytest.fixture(scope="module")
def bounded(endpoint: str) -> Iterator[Server]:
    with running(
        replace(OPEN, statement_timeout=30.0), endpoint, max_rows=1000, max_threads=2
    ) as server:
        yield server


@pytest.mark.parametrize("sql", REFUSED)
def test_a_bound_cannot_be_raised(sql: str, bounded: Server) -> None:
    before = (
        "SELECT name, value FROM duckdb_settings() WHERE NOT starts_with(name, 'progress') "
        "ORDER BY ALL"
    )
    with bounded.connect() as connection:
        was = connection.execute(before).fetchall()
        with pytest.raises(psycopg.Error):
            connection.execute(sql).fetchall()
        assert connection.execute(before).fetchall() == was
        shown = connection.execute("SHOW statement_timeout").fetchone()
        assert shown == ("30000",)


@pytest.mark.parametrize(
    "sql",
    [
        "SET max_calls = 10",
        "RESET max_calls",
        "SET concurrency = 4",
        "SET statement_timeout = '5s'",
        "RESET statement_timeout",
        "SET TimeZone = 'Europe/Berlin'",
        "SET cache_ttl = 0",
        "SET strict = on",
        "PRAGMA version",
        "PRAGMA database_list",
    ],
)
def test_what_asks_for_less_or_only_looks_is_let_through(sql: str, bounded: Server) -> None:
    with bounded.connect() as connection:
        connection.execute(sql)
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize(
    "options", ["-c statement_timeout=0", "--statement_timeout=1h", "-c statement_timeout=31s"]
)
def test_the_startup_message_cannot_raise_a_bound(options: str, bounded: Server) -> None:
    with pytest.raises(psycopg.Error, match="the maximum is 30s"):
        bounded.connect(options=options)
    with bounded.connect(options="-c statement_timeout=2s") as connection:
        assert connection.execute("SHOW statement_timeout").fetchone() == ("2s",)


def test_a_lower_bound_can_be_taken_back_and_no_more(bounded: Server) -> None:
    with bounded.connect() as connection:
        connection.execute("SET max_calls = 10")
        connection.execute("SET max_calls = 10000")
        with pytest.raises(psycopg.Error, match="the maximum is 10000"):
            connection.execute("SET max_calls = 10001")


def test_the_engine_has_the_threads_that_it_was_given(bounded: Server) -> None:
    with bounded.connect() as connection:
        assert connection.execute(THREADS).fetchone() == ("2",)


def memory(connection: Connection) -> int:
    (row,) = connection.execute(
        "SELECT memory_limit FROM pragma_database_size() LIMIT 1"
    ).fetchall()
    number, unit = row[0].split()
    return int(float(number) * 1024 ** ("bytes", "KiB", "MiB", "GiB").index(unit))


def test_clients_share_the_memory(endpoint: str) -> None:
    total = 1024**3
    with running(OPEN, endpoint, max_memory=total) as server, server.connect() as first:
        assert memory(first) == pytest.approx(total, rel=0.01)
        with server.connect() as second, server.connect() as third:
            for connection in (second, third, first, second):
                # A client with objects of its own has its own engine.
                connection.execute("CREATE OR REPLACE TABLE own AS SELECT 1 AS a")
            assert sum(map(memory, (first, second, third))) <= total
            assert memory(first) == pytest.approx(total / 3, rel=0.01)
        for _ in range(100):
            if memory(first) > total * 0.9:
                break
        assert memory(first) == pytest.approx(total, rel=0.01)


def test_what_a_client_may_not_have_of_memory_is_an_error_and_the_others_go_on(
    endpoint: str,
) -> None:
    bounds = {"max_memory": 64 * 1024**2, "max_spill": 16 * 1024**2}
    with (
        running(OPEN, endpoint, **bounds) as server,
        server.connect() as greedy,
        server.connect() as other,
    ):
        other.execute("SELECT 1")
        with pytest.raises(psycopg.Error, match=r"(?i)memory|spill|temp"):
            greedy.execute(
                "SELECT list(repeat(i::VARCHAR, 100)) FROM range(10000000) t(i)"
            ).fetchall()
        assert other.execute("SELECT count(*) FROM range(1000)").fetchone() == (1000,)
        assert greedy.execute("SELECT 1").fetchone() == (1,)


def test_rows_read_have_a_bound(endpoint: str) -> None:
    with running(OPEN, endpoint, max_rows=2) as server, server.connect() as connection:
        told: list[str] = []
        connection.add_notice_handler(lambda notice: told.append(notice.message_primary or ""))
        connection.execute('SELECT "UserName" FROM iam.users').fetchall()
        assert any("max_rows" in text for text in told), told


def test_a_user_has_the_connections_that_the_policy_names(endpoint: str) -> None:
    names = ("prod", "dev-a", "dev-b")
    given: dict[str, Any] = {
        "connections": {name: Named(name, endpoint_url=endpoint) for name in names},
        "policy": Policy(
            connections=("prod", "dev-*"), users={"ann": Policy(connections=("dev-*",))}
        ),
    }
    sql = "SELECT DISTINCT connection FROM iam.users WHERE connection = '*' ORDER BY 1"
    with running(OPEN, endpoint, **given) as server:
        with server.connect() as ann:
            assert ann.execute(sql).fetchall() == [("dev-a",), ("dev-b",)]
            with pytest.raises(psycopg.Error, match="prod"):
                ann.execute(
                    "SELECT \"UserName\" FROM iam.users WHERE connection = 'prod'"
                ).fetchall()
        with psycopg.connect(server.dsn(user="bob"), autocommit=True) as bob:
            assert bob.execute(sql).fetchall() == [("dev-a",), ("dev-b",), ("prod",)]


def test_nothing_of_a_client_comes_out_on_the_server_s_standard_output(
    bounded: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()
    with bounded.connect() as connection:
        for sql in REFUSED:
            with pytest.raises(psycopg.Error):
                connection.execute(sql).fetchall()
        connection.execute("SELECT 'a secret'").fetchall()
        connection.execute("EXPLAIN ANALYZE SELECT 'a secret'").fetchall()
    assert capfd.readouterr().out == ""


def test_the_bound_of_the_command_s_statement_timeout_ends_a_statement(start: StartServer) -> None:
    server = start(statement_timeout=1.0)
    with server.connect() as connection, pytest.raises(psycopg.errors.QueryCanceled):
        connection.execute("SELECT count(*) FROM range(10000000000) a(i) WHERE i * i % 7 = 9")


def test_a_statement_that_takes_long_to_plan_is_cancelled_and_holds_nobody_up(
    server: Server,
) -> None:
    long = 'SELECT "UserName" FROM iam.users WHERE ' + " OR ".join(
        f"\"Path\" = '{i}'" for i in range(20_000)
    )
    with server.connect() as busy, server.connect() as other:
        other.execute("SELECT 1")
        outcome: list[BaseException] = []

        def plan() -> None:
            try:
                busy.execute(long).fetchall()
            except psycopg.Error as error:
                outcome.append(error)

        thread = threading.Thread(target=plan)
        thread.start()
        answered = 0
        while thread.is_alive() and answered < 20:
            assert other.execute("SELECT 1").fetchone() == (1,)
            answered += 1
        assert answered == 20
        busy.cancel_safe()
        thread.join(20)
        assert not thread.is_alive()
        assert outcome, "it ended before it was cancelled"
        assert isinstance(outcome[0], psycopg.errors.QueryCanceled)
        assert busy.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize(
    "text",
    ["SELECT '" + "''" * 16_000, "SELECT " + "(" * 30_000, "SELECT '" + "x" * 2_000_000 + "'"],
)
def test_what_is_no_statement_is_told_at_once(text: str, server: Server) -> None:
    with server.connect(options="-c statement_timeout=20s") as connection:
        with pytest.raises((psycopg.errors.SyntaxError, psycopg.errors.StatementTooComplex)):
            connection.execute(text)
        assert connection.execute("SELECT 1").fetchone() == (1,)
