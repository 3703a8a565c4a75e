"""The PostgreSQL server against a real one, in one run: rows to libpq, round trips, a cached cloud
table.

Run: ``python -m benchmarks.postgresql "host=127.0.0.1 port=5432 user=postgres dbname=postgres"``
with the address of a PostgreSQL server. Prints ratios of the best of several rounds: 2.0 takes
twice as long.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from benchmarks.canned import canned
from cirrusql.apps.srv.server_options import ServerOptions
from cirrusql.apps.srv.serving import listener_of
from cirrusql.settings import Settings

ROUNDS = 7
ROWS = 100_000
TRIPS = 200

TABLE = f"CREATE TEMP TABLE t AS SELECT i FROM generate_series(1, {ROWS}) AS g(i)"
COLUMNS = "i, 'name ' || i, CAST(i AS DOUBLE PRECISION) / 3, TIMESTAMPTZ '2024-02-29 01:02:03+00'"


CLOUD = """CREATE TEMP TABLE access_keys AS SELECT 'user-0001' AS "UserName",
  'AKIAIOSFODNN7EX' || lpad((i % 100)::text, 5, '0') AS "AccessKeyId", 'Active' AS "Status",
  TIMESTAMPTZ '2024-05-01 10:00:00+00' AS "CreateDate" FROM generate_series(1, 100000) AS g(i)"""
CLOUD_COLUMNS = '"UserName", "AccessKeyId", "Status", "CreateDate"'


@contextmanager
def ours(endpoint: str) -> Iterator[str]:
    """The address of our server over an endpoint of canned responses."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    settings = Settings(sandbox=True, endpoint_url=endpoint, region="us-east-1", cache_ttl=3600)
    listener = listener_of(ServerOptions(port=0, authentication="trust"), settings, os.environ)
    try:
        asyncio.run_coroutine_threadsafe(listener.start(), loop).result()
        host, port = listener.address
        yield f"host={host} port={port} user=bench dbname=aws"
        asyncio.run_coroutine_threadsafe(listener.stop(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def best(work: Callable[[], object]) -> float:
    """Seconds of the fastest of several rounds."""
    found = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return min(found)


def measures(dsn: str, cloud: str) -> dict[str, float]:
    """Seconds by what was measured. ``cloud``: the table of 100,000 access keys."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(TABLE)
        if "." not in cloud:
            connection.execute(CLOUD)

        def rows(is_binary: int) -> Any:
            query = f"SELECT {COLUMNS} FROM t".encode()
            return connection.pgconn.exec_params(query, None, result_format=is_binary)

        def keys(is_binary: int) -> Any:
            query = f"SELECT {CLOUD_COLUMNS} FROM {cloud}".encode()
            result = connection.pgconn.exec_params(query, None, result_format=is_binary)
            assert result.ntuples == ROWS, result.error_message
            return result

        keys(0)
        return {
            f"{ROWS} cached keys in text": best(lambda: keys(0)),
            f"{ROWS} cached keys in binary": best(lambda: keys(1)),
            f"{ROWS} rows in text": best(lambda: rows(0)),
            f"{ROWS} rows in binary": best(lambda: rows(1)),
            "SELECT 1": best(lambda: [connection.execute("SELECT 1") for _ in range(TRIPS)])
            / TRIPS,
        }


def main() -> None:
    """Measure both and print the ratios."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    theirs = measures(sys.argv[1], "access_keys")
    with canned(pages=ROWS // 100) as cloud, ours(cloud.url) as dsn:
        own = measures(dsn, "iam.access_keys")
    print(f"load {os.getloadavg()[0]:.1f}")
    for name, seconds in own.items():
        print(
            f"{name:24} {seconds * 1000:9.2f} ms  PostgreSQL {theirs[name] * 1000:8.2f} ms  "
            f"ratio {seconds / theirs[name]:6.1f}"
        )


if __name__ == "__main__":
    main()
