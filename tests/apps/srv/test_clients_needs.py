"""What drivers and tools ask for besides queries: COPY in binary, resets of pools, options of
EXPLAIN, catalogs that are empty here."""

from __future__ import annotations

import asyncio
import io
import shutil
import subprocess
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from cirrusql.apps.srv.dialect.explain_options import with_our_options
from cirrusql.errors import NotSupportedError
from tests.apps.srv.conftest import Server
from tests.apps.srv.test_other_clients import needs_psql, run

Connection = psycopg.Connection[Any]

TYPES = ["int4", "text", "timestamptz", "int4[]"]
ROW = (1, "a\tb", datetime(2024, 1, 1, tzinfo=UTC), [1, 2])


def copied(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    sql = f"COPY ({query}) TO STDOUT (FORMAT binary)"
    with connection.cursor() as cursor, cursor.copy(sql) as copy:
        copy.set_types(TYPES)
        return list(copy.rows())


def test_rows_are_copied_in_binary(connection: Connection) -> None:
    query = "SELECT 1::int4, E'a\\tb', timestamptz '2024-01-01 00:00+00', ARRAY[1, 2]"
    assert copied(connection, f"{query} UNION ALL SELECT NULL, NULL, NULL, NULL") == [
        ROW,
        (None, None, None, None),
    ]
    assert copied(connection, f"{query} WHERE false") == []


def test_a_large_copy_in_binary_has_one_signature(connection: Connection) -> None:
    sql = "COPY (SELECT i::int4 FROM range(30000) r(i)) TO STDOUT (FORMAT binary)"
    with connection.cursor() as cursor, cursor.copy(sql) as copy:
        copy.set_types(["int4"])
        assert [row[0] for row in copy.rows()] == list(range(30_000))


def test_asyncpg_copies_and_resets_its_pool(server: Server) -> None:
    import asyncpg

    async def work() -> list[object]:
        address = {"host": server.host, "port": server.port, "user": "ann", "database": "aws"}
        async with asyncpg.create_pool(**address, ssl=False, min_size=1, max_size=1) as pool:
            async with pool.acquire() as connection:
                await connection.execute("SET search_path = iam")
                target = io.BytesIO()
                told = await connection.copy_from_query("SELECT 1", output=target, format="binary")
            async with pool.acquire() as connection:
                return [told, target.getvalue()[:6], await connection.fetchval("SHOW search_path")]

    assert asyncio.run(work()) == ["COPY 1", b"PGCOPY", '"$user", public']


def test_asyncpg_is_told_that_nothing_would_be_notified(server: Server) -> None:
    async def listen(connection: Any) -> None:
        await connection.add_listener("a", print)

    with pytest.raises(Exception, match="LISTEN is not supported"):
        run(server, listen)


@pytest.mark.parametrize(
    ("sql", "made"),
    [
        ("EXPLAIN (VERBOSE, FORMAT json) SELECT 1", "EXPLAIN (FORMAT json) SELECT 1"),
        ("explain (analyze off, costs on, timing off) SELECT 1", "EXPLAIN SELECT 1"),
        ("EXPLAIN (ANALYZE, BUFFERS) SELECT 1", "EXPLAIN (ANALYZE) SELECT 1"),
        ("EXPLAIN ANALYZE VERBOSE SELECT 1", "EXPLAIN (ANALYZE) SELECT 1"),
        ("EXPLAIN VERBOSE SELECT 1", "EXPLAIN SELECT 1"),
        ("EXPLAIN (POLICY) SELECT 1", "EXPLAIN (POLICY) SELECT 1"),
        ("SELECT 'EXPLAIN VERBOSE'", "SELECT 'EXPLAIN VERBOSE'"),
    ],
)
def test_explain_takes_postgresqls_options(sql: str, made: str) -> None:
    assert with_our_options(sql) == made


def test_explain_refuses_formats_that_it_lacks() -> None:
    with pytest.raises(NotSupportedError, match="xml"):
        with_our_options("EXPLAIN (FORMAT xml) SELECT 1")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM pg_policies",
        "SELECT * FROM pg_stat_database",
        "SELECT a.grantee FROM pg_class c, aclexplode(c.relacl) a",
        "SELECT (aclexplode(relacl)).grantee FROM pg_class",
    ],
)
def test_what_a_cloud_lacks_is_empty(connection: Connection, sql: str) -> None:
    assert connection.execute(sql).fetchall() == []


LETTERS = (
    "d da dA dAc dAf dAp db dc dC dconfig dd dD ddp dE det des dew df dF dFd dFp dFt dg di dl dL "
    "dm dn dO dp dP drds dRp dRs ds dt dT du dv dx dX dy l z"
).split()


@needs_psql
def test_psql_describes_everything(server: Server) -> None:
    commands = [part for letters in LETTERS for part in ("-c", f"\\{letters}")]
    assert shutil.which("psql")
    told = subprocess.run(
        ["psql", "-XAt", server.dsn(), *commands], capture_output=True, text=True, timeout=120
    )
    assert [line for line in told.stderr.splitlines() if "ERROR" in line] == []
