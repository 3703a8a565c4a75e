# mypy: ignore-errors
"""Python's clients against a server: see README.md. Every line says ok, or what was wrong."""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

URL = sys.argv[1] if len(sys.argv) > 1 else "postgresql://ann@127.0.0.1:5432/aws"
PARTS = urlsplit(URL)
ADDRESS: dict[str, Any] = {"host": PARTS.hostname, "port": PARTS.port, "user": PARTS.username}
NAMES = """SELECT "UserName" FROM iam.users ORDER BY 1"""
USERS = ["ann", "bob", "eve"]
CHECKS: list[Callable[[], bool]] = []


def check(work: Callable[[], bool]) -> Callable[[], bool]:
    """Run it."""
    CHECKS.append(work)
    return work


@check
def psycopg2_rows_cursors_and_copy() -> bool:
    import psycopg2
    import psycopg2.extras

    connection = psycopg2.connect(dbname="aws", **ADDRESS)
    cursor = connection.cursor("named")
    cursor.execute(NAMES)
    names = [row[0] for row in cursor]
    connection.commit()
    plain = connection.cursor()
    plain.execute("CREATE TABLE v (a int, b text)")
    psycopg2.extras.execute_values(plain, "INSERT INTO v VALUES %s", [(1, "x"), (2, "y")])
    target = io.StringIO()
    plain.copy_expert("COPY v TO STDOUT WITH CSV", target)
    connection.close()
    return names == USERS and target.getvalue() == "1,x\n2,y\n"


@check
def pg8000_parameters() -> bool:
    import pg8000.native

    connection = pg8000.native.Connection(database="aws", **ADDRESS)
    found = connection.run("SELECT :a::int + 1, :b", a=1, b="x")
    connection.close()
    return bool(found == [[2, "x"]])


@check
def aiopg_rows() -> bool:
    import aiopg

    async def work() -> list[Any]:
        dsn = f"host={PARTS.hostname} port={PARTS.port} user={PARTS.username} dbname=aws"
        async with aiopg.connect(dsn) as connection, connection.cursor() as cursor:
            await cursor.execute(NAMES)
            return [row[0] for row in await cursor.fetchall()]

    return asyncio.run(work()) == USERS


def reflected(driver: str) -> bool:
    """SQLAlchemy reads the table's columns and selects by them."""
    import sqlalchemy as sa

    engine = sa.create_engine(URL.replace("postgresql://", f"postgresql+{driver}://"))
    users = sa.Table("users", sa.MetaData(), schema="iam", autoload_with=engine)
    query = sa.select(users.c.UserName).where(users.c.UserName.in_(USERS))
    with engine.connect() as connection:
        names = connection.execute(query.order_by(users.c.UserName)).scalars().all()
    engine.dispose()
    return list(names) == USERS


@check
def sqlalchemy_over_psycopg2() -> bool:
    return reflected("psycopg2")


@check
def sqlalchemy_over_pg8000() -> bool:
    return reflected("pg8000")


@check
def pandas_reads_and_writes_tables() -> bool:
    import pandas as pd
    import sqlalchemy as sa

    engine = sa.create_engine(URL.replace("postgresql://", "postgresql+psycopg2://"))
    with engine.connect() as connection:
        users = pd.read_sql_table("users", connection, schema="iam")
        pd.DataFrame({"a": [1, 2]}).to_sql("frame", connection, index=False)
        frame = pd.read_sql_table("frame", connection)
    engine.dispose()
    return len(users) == 3 and list(frame.a) == [1, 2]


@check
def connectorx_in_binary_and_by_cursor() -> bool:
    import connectorx

    found = [connectorx.read_sql(URL, NAMES, protocol=p) for p in ("binary", "cursor")]
    return all(list(frame.UserName) == USERS for frame in found)


@check
def polars_by_uri() -> bool:
    import polars as pl

    return pl.read_database_uri(NAMES, URL)["UserName"].to_list() == USERS


@check
def adbc_as_arrow() -> bool:
    import adbc_driver_postgresql.dbapi as adbc

    with adbc.connect(URL) as connection, connection.cursor() as cursor:
        cursor.execute(NAMES)
        return bool(cursor.fetch_arrow_table()["UserName"].to_pylist() == USERS)


@check
def peewee_models_and_introspection() -> bool:
    import peewee

    database = peewee.PostgresqlDatabase("aws", **ADDRESS)
    names = [row[0] for row in database.execute_sql(NAMES).fetchall()]
    return names == USERS and "users" in database.get_tables("iam")


@check
def asyncpg_pool_and_copy() -> bool:
    import asyncpg

    async def work() -> str:
        address = {**ADDRESS, "database": "aws", "ssl": False}
        async with asyncpg.create_pool(**address, min_size=1) as pool:
            async with pool.acquire() as connection:
                await connection.fetch(NAMES)
            async with pool.acquire() as connection:
                with tempfile.TemporaryFile() as target:
                    return str(await connection.copy_from_query(NAMES, output=target))

    return asyncio.run(work()) == "COPY 3"


if __name__ == "__main__":
    for each in CHECKS:
        try:
            print("ok  " if each() else "FAIL", each.__name__)
        except Exception as error:
            print("FAIL", each.__name__, f"{type(error).__name__}: {error}".splitlines()[0])
