"""psql, asyncpg, SQLAlchemy and the JDBC driver against a live server."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.apps.srv.conftest import Server, StartServer

needs_psql = pytest.mark.skipif(shutil.which("psql") is None, reason="psql is not installed")


def psql(server: Server, *commands: str) -> str:
    """What psql prints for the commands; fails where one of them does."""
    arguments = ["psql", "-X", "-v", "ON_ERROR_STOP=1", "-A", "-t", server.dsn()]
    for command in commands:
        arguments += ["-c", command]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_psql
@pytest.mark.parametrize(
    ("command", "line"),
    [
        (r"\dn", "iam|ann"),
        (r"\dn+ s3", "s3|ann||"),
        (r"\dt iam.us*", "iam|users|table|ann"),
        (r"\d iam.users", "CreateDate|timestamp with time zone|||"),
        (r"\d+ iam.users", "UserName|text||||extended|||The friendly name identifying the user."),
        (r"\df", "public|arn_parse|json|anyelement|func"),
        (r"\l", "aws|ann|UTF8|C|C.UTF-8|||"),
        (r"\du", "ann||{}"),
    ],
)
def test_psql_finds_its_way_around(server: Server, command: str, line: str) -> None:
    assert line in psql(server, command).splitlines()


@needs_psql
@pytest.mark.parametrize(
    "command", [r"\dv", r"\ds", r"\di", r"\dT", r"\da", r"\dx", r"\z iam.users", r"\dconfig", r"\dm", r"\dE",  # noqa: E501
                r"\dp", r"\db", r"\dL", r"\dO", r"\dd", r"\drds", r"\dRp", r"\dRs", r"\dy", r"\dC", r"\dP"]  # noqa: E501
)  # fmt: skip
def test_psql_is_answered_where_there_is_nothing_to_show(server: Server, command: str) -> None:
    psql(server, command)


@needs_psql
def test_psql_runs_statements_of_ours_and_variables_of_its_own(server: Server) -> None:
    out = psql(
        server,
        "SHOW SERVICES IN aws LIKE 'i%'; SELECT 1; SELECT 'two'",
        """SELECT "UserName" FROM iam.users WHERE "UserName" = 'bob'""",
        "SHOW server_version",
    )
    assert out.splitlines() == [
        "aws.iam|iam|AWS Identity and Access Management", "1", "two", "bob", "16.0",
    ]  # fmt: skip


@needs_psql
def test_psql_looks_at_local_tables_and_along_the_search_path(server: Server) -> None:
    out = psql(
        server, "CREATE TABLE t AS SELECT 1 AS a, ['x'] AS "
                "b", r"\dt", r"\d t", "SET search_path = iam",
        r"\dt users", "SELECT count(*) FROM users",
    )  # fmt: skip
    assert {"public|t|table|ann", "a|integer|||", "b|text[]|||", "iam|users|table|ann", "3"} <= set(
        out.splitlines()
    )


@needs_psql
def test_psql_completes_names_of_tables_by_the_catalog(server: Server) -> None:
    sql = (
        "SELECT pg_catalog.quote_ident(c.relname) FROM pg_catalog.pg_class c, "
        "pg_catalog.pg_namespace n "
        "WHERE c.relkind IN ('r', 'v') AND substring(pg_catalog.quote_ident(c.relname),1,4)='user' "
        "AND n.oid = c.relnamespace AND n.nspname = 'iam' ORDER BY 1 LIMIT 1000"
    )
    assert "users" in psql(server, sql).split()


@needs_psql
def test_all_services_are_schemas(
    endpoint: str, start: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cirrusql.providers import default_catalog
    from tests.apps.srv import conftest

    every = default_catalog()
    monkeypatch.setattr(conftest, "CATALOG", every)
    shown = psql(start(), r"\dn").splitlines()
    assert {f"{s.id}|ann" for s in every.services("aws")} <= set(shown)
    # No model was read: an index would have been written.
    assert every.cache_dir is not None
    assert not list(every.cache_dir.glob("index-*"))


def run(server: Server, work: Any) -> Any:
    """An asyncpg session: ``work`` gets the connection."""
    import asyncpg

    async def connected() -> Any:
        connection = await asyncpg.connect(
            host=server.host, port=server.port, user="ann", database="aws", ssl=False
        )
        try:
            return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(connected())


def test_asyncpg_reads_every_type_in_binary(server: Server) -> None:
    sql = """SELECT 1::smallint, 2, 3::bigint, 1.5::double, 1.25::decimal(10,2), true,
      timestamptz '2024-02-29 01:02:03+00', INTERVAL 3 DAY, [1, 2], ['a', NULL], {'a': 1}, NULL"""
    assert tuple(run(server, lambda c: c.fetchrow(sql))) == (
        1, 2, 3, 1.5, Decimal("1.25"), True, datetime(2024, 2, 29, 1, 2, 3, tzinfo=UTC), timedelta(3),  # noqa: E501
        [1, 2], ["a", None], '{"a":1}', None,
    )  # fmt: skip


def test_asyncpg_is_told_the_types_of_parameters_by_where_they_stand(server: Server) -> None:
    sql = (
        'SELECT "UserName", $4::int[] FROM iam.users WHERE "CreateDate" > $1 '
        "AND \"UserName\" IN ($2, 'eve') ORDER BY 1 LIMIT $3"
    )
    rows = run(server, lambda c: c.fetch(sql, datetime(2020, 1, 1, tzinfo=UTC), "ann", 1, [5, 6]))
    assert [tuple(r) for r in rows] == [("ann", [5, 6])]


def test_asyncpg_reads_a_cursor_in_pieces(server: Server) -> None:
    async def work(connection: Any) -> list[int]:
        async with connection.transaction():
            return [r[0] async for r in connection.cursor("SELECT * FROM range(500)", prefetch=60)]

    assert run(server, work) == list(range(500))


def test_asyncpg_prepares_once_and_runs_often(server: Server) -> None:
    async def work(connection: Any) -> list[int]:
        statement = await connection.prepare("SELECT $1::bigint * 2")
        return [await statement.fetchval(i) for i in range(10)]

    assert run(server, work) == [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]


@pytest.fixture
def engine(server: Server) -> Any:
    """An SQLAlchemy engine over psycopg."""
    import sqlalchemy

    made = sqlalchemy.create_engine(f"postgresql+psycopg://ann@{server.host}:{server.port}/aws")
    yield made
    made.dispose()


def test_sqlalchemy_inspects_services_as_schemas(engine: Any) -> None:
    import sqlalchemy

    inspector = sqlalchemy.inspect(engine)
    assert {"ec2", "iam", "s3", "sts"} <= set(inspector.get_schema_names())
    assert "users" in inspector.get_table_names("iam")
    columns = {c["name"]: c["type"] for c in inspector.get_columns("users", "iam")}
    assert isinstance(columns["CreateDate"], sqlalchemy.TIMESTAMP)
    assert inspector.get_table_comment("users", "iam")["text"].startswith("Lists the IAM users")
    assert inspector.get_pk_constraint("users", "iam")["constrained_columns"] == []
    assert inspector.get_foreign_keys("users", "iam") == inspector.get_indexes("users", "iam") == []
    assert inspector.has_table("users", "iam")
    assert not inspector.has_table("users", "s3")


def test_sqlalchemy_reflects_a_table_and_selects_from_it(engine: Any) -> None:
    import sqlalchemy as sa

    users = sa.Table("users", sa.MetaData(), schema="iam", autoload_with=engine)
    query = (
        sa.select(users.c.UserName)
        .where(users.c.UserName.in_(["ann", "bob"]))
        .order_by(users.c.UserName)
    )
    with engine.connect() as connection:
        assert connection.execute(query).scalars().all() == ["ann", "bob"]


JDBC = Path(os.environ.get("POSTGRESQL_JDBC", "/usr/share/java/postgresql.jar"))


needs_jdbc = pytest.mark.skipif(
    shutil.which("java") is None or not JDBC.exists(),
    reason="no java, or no libpostgresql-jdbc-java (POSTGRESQL_JDBC=…/postgresql.jar)",
)


def java(program: str, server: Server) -> list[str]:
    """The lines of a program that is given the server's address; fails where it does."""
    source = Path(__file__).with_name(program)
    url = f"jdbc:postgresql://{server.host}:{server.port}/aws?user=ann"
    command = ["java", "-cp", str(JDBC), str(source), url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@needs_jdbc
def test_jdbc_reads_and_browses(server: Server) -> None:
    assert java("Browse.java", server) == [
        "schema iam", "table users", "column CreateDate timestamptz", "row ann", "rows 1000",
    ]  # fmt: skip


@needs_jdbc
def test_every_question_of_jdbcs_metadata_is_answered(server: Server) -> None:
    lines = java("Metadata.java", server)
    assert [line for line in lines if line.startswith("error")] == []
    tables = next(line for line in lines if line.split()[1:2] == ["tables"])
    assert {"users", "access_keys", "instances", "buckets"} <= set(tables.split())
    assert {
        "0 primary keys",
        "0 imported keys",
        "0 indexes",
        "1 catalogs aws",
        "2 schemas like s3 sts",
    } <= set(lines)
    assert "UserName" in next(line for line in lines if line.split()[1:2] == ["columns"]).split()
    assert "version 16 ann false" in lines


def test_pandas_reads_and_writes_tables(engine: Any) -> None:
    import pandas as pd

    with engine.connect() as connection:
        users = pd.read_sql_table("users", connection, schema="iam", columns=["UserName"])
        assert sorted(users.UserName) == ["ann", "bob", "eve"]
        pd.DataFrame({"a": [1, 2], "b": ["x", None]}).to_sql("frame", connection, index=False)
        frame = pd.read_sql_table("frame", connection)
        assert (list(frame.a), next(iter(frame.b))) == ([1, 2], "x")


def test_polars_reads_through_sqlalchemy_and_psycopg(engine: Any, server: Server) -> None:
    import polars as pl

    query = 'SELECT "UserName", 1.5::float8 AS n FROM iam.users ORDER BY 1'
    with engine.connect() as connection, server.connect() as plain:
        frames = [pl.read_database(query, connection), pl.read_database(query, plain)]
    wanted = {"UserName": ["ann", "bob", "eve"], "n": [1.5, 1.5, 1.5]}
    assert [frame.to_dict(as_series=False) for frame in frames] == [wanted, wanted]
