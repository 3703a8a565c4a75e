"""psycopg2, pg8000, ADBC, connectorx and pgcli, from their releases, against a live server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest

from tests.apps.srv.conftest import USERS, Server, StartServer

NAMES = """SELECT "UserName" FROM iam.users WHERE "Path" <> '/clients/' ORDER BY 1"""
MOMENT = datetime(2024, 2, 29, 1, 2, 3, tzinfo=UTC)


@pytest.fixture
def guarded(start: StartServer) -> Server:
    """A server that asks ann for her password by SCRAM."""
    return start(authentication="scram", users=USERS)


@pytest.fixture
def psycopg2_connection(server: Server) -> Iterator[Any]:
    psycopg2 = import_module("psycopg2")
    connection = psycopg2.connect(server.dsn())
    connection.autocommit = True
    yield connection
    connection.close()


def test_psycopg2_signs_in_with_scram(guarded: Server) -> None:
    psycopg2 = import_module("psycopg2")
    connection = psycopg2.connect(guarded.dsn(password="sesame"))
    connection.close()
    with pytest.raises(psycopg2.OperationalError, match="ann"):
        psycopg2.connect(guarded.dsn(password="wrong"))


def test_psycopg2_reads_every_type(psycopg2_connection: Any) -> None:
    cursor = psycopg2_connection.cursor()
    cursor.execute(
        "SELECT %s, %s::int, %s::timestamptz, %s::int[], %s::jsonb, {'a': 1}, NULL",
        ("x", None, MOMENT, [1, 2], '{"b": 2}'),
    )
    assert cursor.fetchone() == ("x", None, MOMENT, [1, 2], {"b": 2}, {"a": 1}, None)


def test_psycopg2_says_the_sqlstate(psycopg2_connection: Any) -> None:
    psycopg2 = import_module("psycopg2")

    with pytest.raises(psycopg2.Error) as caught:
        psycopg2_connection.cursor().execute("SELECT nothing FROM iam.users")
    assert caught.value.pgcode == "42703"


def test_psycopg2_inserts_and_counts_rows(psycopg2_connection: Any) -> None:
    cursor = psycopg2_connection.cursor()
    sql = 'INSERT INTO iam.users ("UserName", "Path") VALUES (%s, %s), (%s, %s)'
    cursor.execute(sql, ("psy1", "/clients/", "psy2", "/clients/"))
    assert cursor.rowcount == 2
    cursor.execute("""DELETE FROM iam.users WHERE "UserName" IN ('psy1', 'psy2')""")
    assert cursor.rowcount == 2


def test_psycopg2_streams_through_a_named_cursor(server: Server) -> None:
    psycopg2 = import_module("psycopg2")
    connection = psycopg2.connect(server.dsn())
    cursor = connection.cursor("named")
    cursor.itersize = 60
    cursor.execute("SELECT * FROM range(500)")
    assert [row[0] for row in cursor] == list(range(500))
    connection.close()


def test_pg8000_signs_in_reads_types_and_says_the_sqlstate(guarded: Server) -> None:
    native = import_module("pg8000.native")
    connection = native.Connection(
        "ann", host=guarded.host, port=guarded.port, database="aws", password="sesame"
    )
    sql = "SELECT :a::int + 1, :b::text, :c::timestamptz, :d::int[], :e::text, '[1]'::jsonb"
    row = connection.run(sql, a=1, b="x", c=MOMENT, d=[1, 2], e=None)
    assert row == [[2, "x", MOMENT, [1, 2], None, [1]]]
    with pytest.raises(native.DatabaseError) as caught:
        connection.run("SELECT nothing FROM iam.users")
    assert caught.value.args[0]["C"] == "42703"
    connection.run("""INSERT INTO iam.users ("UserName", "Path") VALUES (:n, :p)""",
                   n="pg8000", p="/clients/")  # fmt: skip
    assert connection.row_count == 1
    connection.run("""DELETE FROM iam.users WHERE "UserName" = 'pg8000'""")
    connection.close()


def test_adbc_reads_arrow_and_the_catalog(server: Server) -> None:
    adbc = import_module("adbc_driver_postgresql.dbapi")
    url = f"postgresql://ann@{server.host}:{server.port}/aws"
    with adbc.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(NAMES)
        assert cursor.fetch_arrow_table()["UserName"].to_pylist() == ["ann", "bob", "eve"]
        cursor.execute("SELECT $1::bigint + 1, $2::text, [1, 2], NULL::text", (1, "x"))
        assert cursor.fetchone() == (2, "x", [1, 2], None)
        schema = connection.adbc_get_table_schema("users", db_schema_filter="iam")
        assert {"UserName", "CreateDate"} <= set(schema.names)


@pytest.mark.parametrize("protocol", ["binary", "csv", "cursor", "simple"])
def test_connectorx_reads_by_each_of_its_protocols(server: Server, protocol: str) -> None:
    connectorx = import_module("connectorx")
    url = f"postgresql://ann@{server.host}:{server.port}/aws"
    table = connectorx.read_sql(url, NAMES, protocol=protocol, return_type="arrow")
    assert table["UserName"].to_pylist() == ["ann", "bob", "eve"]


@pytest.fixture
def pgcli_executor(server: Server) -> Iterator[Any]:
    module = import_module("pgcli.pgexecute")
    made = module.PGExecute(
        database="aws", user="ann", host=server.host, port=server.port, password=""
    )
    yield made
    made.conn.close()


def test_pgcli_knows_schemas_tables_and_columns(pgcli_executor: Any) -> None:
    assert {"iam", "s3"} <= set(pgcli_executor.schemata())
    assert ("iam", "users") in set(pgcli_executor.tables())
    columns = {(c[0], c[1], c[2]) for c in pgcli_executor.table_columns()}
    assert ("iam", "users", "UserName") in columns
    assert list(pgcli_executor.foreignkeys()) == []
    assert "aws" in pgcli_executor.databases()
    list(pgcli_executor.datatypes())
