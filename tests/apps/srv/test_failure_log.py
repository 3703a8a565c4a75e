"""Statements that failed: a table for their user, a line for the operator."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from cirrusql.apps.srv.failure_log import FailureLog
from tests.apps.srv.conftest import Server
from tests.apps.srv.test_command import address, started

Connection = psycopg.Connection[Any]
LAST = "SELECT sqlstate, message, query FROM pg_last_errors ORDER BY at DESC LIMIT 1"


def last(connection: Connection) -> list[str]:
    (found,) = connection.execute(LAST).fetchall()
    return [str(cell) for cell in found]


def test_a_user_sees_the_last_statements_that_failed(connection: Connection) -> None:
    with pytest.raises(psycopg.Error):
        connection.execute('SELECT "Nosuch" FROM iam.users')
    sqlstate, message, query = last(connection)
    assert (sqlstate, query) == ("42703", 'SELECT "Nosuch" FROM iam.users')
    assert "Nosuch" in message


def test_a_prepared_statement_that_fails_is_named(connection: Connection) -> None:
    with pytest.raises(psycopg.Error):
        connection.execute("SELECT %s::int / 0 + nosuch(1)", (1,))
    assert "nosuch" in last(connection)[2]


def test_literals_are_hidden(connection: Connection) -> None:
    with pytest.raises(psycopg.Error):
        connection.execute("SELECT 'geheimnis'::int")
    told = last(connection)
    assert "geheimnis" not in str(told)
    assert told[2] == "SELECT '*********'::int"


def test_other_users_do_not_see_it(server: Server, connection: Connection) -> None:
    with pytest.raises(psycopg.Error):
        connection.execute("SELECT nosuch")
    with psycopg.connect(server.dsn(user="bob")) as bob:
        assert bob.execute(LAST).fetchall() == []


def test_only_the_last_are_kept() -> None:
    log = FailureLog()
    for number in range(2000):
        log.record("ann", 1, "42000", f"{number}", "SELECT")
    kept = [one.message for one in log.of("ann")]
    assert (len(kept), kept[-1]) == (500, "1999")


def test_verbose_prints_each_failure_on_a_line(endpoint: str) -> None:
    with started(endpoint, "-v", "--auth", "trust") as (process, lines):
        with address(lines).connect() as connection, pytest.raises(psycopg.Error):
            connection.execute("SELECT nosuch,\n  'a' FROM iam.users")
        assert process.stderr is not None
        line = process.stderr.readline()
    assert line.startswith("ann (1): 42703: unknown column 'nosuch'")
    assert line.endswith("SELECT nosuch, '*' FROM iam.users\n")
