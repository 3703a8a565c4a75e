"""The PostgreSQL server under load: what idle clients keep, and the CPU of small statements.

Run: ``python -m benchmarks.postgresql_load``. The server is a process of its own over canned
responses. Rates are 1 / (the server's CPU seconds per statement), so that other work on the machine
does not count.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.canned import canned

CLIENTS = 500
ROUNDS = 300
CLOUD = """SELECT "AccessKeyId" FROM iam.access_keys WHERE "UserName" = 'user-0001'"""

_SERVER = """
import asyncio, os, sys
from cirrusql.apps.srv.server_options import ServerOptions
from cirrusql.apps.srv.serving import listener_of
from cirrusql.settings import Settings
async def main():
    settings = Settings(sandbox=True, endpoint_url=sys.argv[1], region="us-east-1", cache_ttl=3600)
    options = ServerOptions(port=0, authentication="trust", max_connections=1000)
    listener = listener_of(options, settings, os.environ)
    await listener.start()
    print(listener.address[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await listener.stop()
asyncio.run(main())
"""


@contextmanager
def server(endpoint: str) -> Iterator[tuple[int, str]]:
    """A server's process and its address."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER, endpoint],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline())
        yield process.pid, f"host=127.0.0.1 port={port} user=bench dbname=aws"
    finally:
        process.stdin.close()
        process.wait()


def kept(pid: int) -> tuple[int, int]:
    """Megabytes of resident memory, and threads."""
    told = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(told["VmRSS"].split()[0]) // 1024, int(told["Threads"])


def cpu(pid: int) -> float:
    """CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def each(pid: int, connection: psycopg.Connection[Any], sql: str) -> float:
    """CPU seconds of the server for one statement that ran before."""
    for _ in range(5):
        connection.execute(sql).fetchall()
    before = cpu(pid)
    for _ in range(ROUNDS):
        connection.execute(sql).fetchall()
    return (cpu(pid) - before) / ROUNDS


def main() -> None:
    """Measure and print."""
    with canned(pages=1, rows=5) as cloud, server(cloud.url) as (pid, dsn):
        with psycopg.connect(dsn, autocommit=True, prepare_threshold=None) as connection:
            read, one = each(pid, connection, CLOUD), each(pid, connection, "SELECT 1")
        print(f"load {os.getloadavg()[0]:.1f}")
        print(f"cached small read   {read * 1000:8.2f} ms CPU   goal 5")
        print(f"SELECT 1            {one * 1000:8.2f} ms CPU, {1 / one:.0f}/s   goal 2,000/s")
        for name, sql in (("SELECT 1", "SELECT 1"), ("a cloud table", CLOUD)):
            with ExitStack() as stack:
                for _ in range(CLIENTS):
                    client = stack.enter_context(psycopg.connect(dsn, autocommit=True))
                    client.execute(sql).fetchall()
                memory, threads = kept(pid)
            print(f"{CLIENTS} clients, {name:14} {memory} MB, {threads} threads   goal 600, 100")


if __name__ == "__main__":
    main()
