"""PREPARE, EXECUTE and DEALLOCATE in SQL."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from cirrusql.apps.srv.dialect.prepared_texts import PreparedTexts

Connection = psycopg.Connection[Any]


@pytest.mark.parametrize(
    ("prepare", "execute", "made"),
    [
        ("PREPARE p AS SELECT 1", "EXECUTE p", "SELECT 1"),
        ("PREPARE p AS SELECT 1", "execute p()", "SELECT 1"),
        (
            "PREPARE p AS SELECT $2, $1, '$1'",
            "EXECUTE p(1, f(2, 3))",
            "SELECT (f(2, 3)), (1), '$1'",
        ),
        ("PREPARE p(int) AS SELECT $1 + 1", "EXECUTE p('2')", "SELECT CAST('2' AS int) + 1"),
        (
            'PREPARE "a b" (numeric(4, 2)) AS SELECT $1',
            'EXECUTE "a b"(1)',
            "SELECT CAST(1 AS numeric(4, 2))",
        ),
    ],
)
def test_arguments_stand_for_parameters(prepare: str, execute: str, made: str) -> None:
    texts = PreparedTexts()
    assert texts.prepare(prepare)
    assert texts.executed(execute) == made


def test_prepared_statements_give_their_rows(connection: Connection) -> None:
    connection.execute('PREPARE p(text) AS SELECT "UserName" FROM iam.users WHERE "UserName" = $1')
    assert connection.execute("EXECUTE p('ann')").fetchall() == [("ann",)]
    assert connection.execute("EXECUTE p('bob')").fetchall() == [("bob",)]
    with pytest.raises(psycopg.errors.DuplicatePreparedStatement):
        connection.execute("PREPARE p AS SELECT 1")
    with pytest.raises(psycopg.Error, match="wrong number of parameters"):
        connection.execute("EXECUTE p(1, 2)")
    connection.execute("DEALLOCATE p")
    with pytest.raises(psycopg.errors.InvalidSqlStatementName):
        connection.execute("EXECUTE p('ann')")


def test_discard_all_forgets_them(connection: Connection) -> None:
    connection.execute("PREPARE q AS SELECT 1")
    connection.execute("DISCARD ALL")
    with pytest.raises(psycopg.errors.InvalidSqlStatementName):
        connection.execute("EXECUTE q")
