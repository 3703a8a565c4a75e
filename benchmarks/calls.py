"""The CPU cost of a call, and how calls are scheduled, against a server of canned responses.

``python -m benchmarks.calls`` prints: CPU per ListAccessKeys page of 100 rows into Arrow, against
raw aiohttp and against aiobotocore (it pins botocore, so it has its own environment: give its
interpreter as ``--rival-python PATH``); 17 regions × 10 accounts × 3 pages at 60 ms; 2,000 detail
calls at 40 ms under a limit of 100 per second.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import time
from collections.abc import Iterator
from functools import lru_cache

import aiohttp

from benchmarks.canned import canned
from benchmarks.emulator import REGIONS
from cirrusql.apps.cli.process.process_tuning import own_process
from cirrusql.catalog.model import Column, Method
from cirrusql.providers import providers
from cirrusql.providers.registry import default_catalog
from cirrusql.settings import ConnectionSettings, Settings
from cirrusql.transport.fetcher import Fetcher
from cirrusql.transport.model import Batch, Call, Target

_CALLS = 2_000
_TURNS = 5
_KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


@lru_cache(maxsize=1)
def _method() -> Method:
    table = default_catalog().table("aws", "iam", "access_keys")
    return next(m for m in table.methods if m.operation.name == "ListAccessKeys")


@lru_cache(maxsize=1)
def _columns() -> tuple[Column, ...]:
    table = default_catalog().table("aws", "iam", "access_keys")
    rows = _method().rows
    assert rows is not None
    return tuple(c for c in table.columns if c.name in rows.fields)


def listing(target: Target, **parameters: object) -> Call:
    """ListAccessKeys into its four fields."""
    return Call(_method().operation, parameters, target, _method().rows, _columns())


def read(url: str, calls: Iterator[Call], **settings: object) -> tuple[float, float, int]:
    """Seconds, CPU seconds and rows of some calls, after one warm-up call."""
    given = Settings(endpoint_url=url, region="us-east-1", **settings)  # type: ignore[arg-type]
    fetcher = Fetcher(given, os.environ, providers())
    try:
        started, cpu, rows = time.perf_counter(), time.process_time(), 0
        for outcome in fetcher.batches(calls):
            assert isinstance(outcome, Batch), outcome
            rows += outcome.rows.num_rows
        return time.perf_counter() - started, time.process_time() - cpu, rows
    finally:
        fetcher.close()


async def raw(url: str, calls: int, connections: int) -> float:
    """CPU seconds of the same bytes through aiohttp alone."""
    connector = aiohttp.TCPConnector(limit=connections)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def some(count: int) -> None:
            for _ in range(count):
                async with session.post(url, data=b"Action=ListAccessKeys") as answer:
                    await answer.read()

        cpu = time.process_time()
        each = calls // connections + 1
        await asyncio.gather(*(some(each) for _ in range(connections)))
        return (time.process_time() - cpu) * calls / (connections * each)


_RIVAL = """
import asyncio, sys, time
from importlib.metadata import version
from aiobotocore.session import get_session

async def main(url, calls):
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    async with get_session().create_client("iam", "us-east-1", endpoint_url=url, **keys) as client:
        async def some(count):
            for _ in range(count):
                assert len((await client.list_access_keys())["AccessKeyMetadata"]) == 100
        await some(5)
        cpu = time.process_time()
        await asyncio.gather(*(some(calls // 10) for _ in range(10)))
        print((time.process_time() - cpu) / (calls // 10 * 10), version("aiobotocore"), version("botocore"))

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""  # noqa: E501


def rival(python: str, url: str, calls: int) -> tuple[float, str]:
    """CPU seconds per call of the aiobotocore in that environment, and its versions."""
    command = [python, "-c", _RIVAL, url, str(calls)]
    out = subprocess.run(
        command, check=True, capture_output=True, text=True, env={**os.environ, **_KEYS}
    )
    seconds, own, botocore = out.stdout.split()
    return float(seconds), f"aiobotocore {own}, botocore {botocore}"


def cpu_per_call(rival_python: str | None) -> None:
    """Rows 1 and 2 of the table: alternating, the least of each, to reduce the effect of other
    load."""
    here = listing(Target(None, "us-east-1"))
    with canned() as server:
        read(server.url, iter([here] * 50))
        for connections in (16, 32, 64):
            ours = bare = float("inf")
            for _ in range(_TURNS):
                _, cpu, rows = read(server.url, iter([here] * _CALLS), concurrency=connections)
                assert rows == _CALLS * 100
                ours = min(ours, cpu / _CALLS)
                bare = min(bare, asyncio.run(raw(server.url, _CALLS, connections)) / _CALLS)
            print(f"CPU per call, {connections} connections: ours {ours * 1e3:.3f} ms, aiohttp "
                  f"{aiohttp.__version__} {bare * 1e3:.3f} ms: {ours / bare:.2f}x (reach: "
                  "4x)")  # fmt: skip
        if rival_python is None:
            print("aiobotocore: give --rival-python an interpreter that has it")
            return
        theirs, names = min(rival(rival_python, server.url, 300) for _ in range(3))
    print(f"CPU per call: {names}: {theirs * 1e3:.3f} ms, {theirs / ours:.1f}x ours (reach: 10x)")


def regions_and_accounts() -> None:
    """Row 5: each run looks up credentials, connections and places again; the least of them."""
    connections = {f"a{i}": ConnectionSettings(f"a{i}") for i in range(10)}
    places = [Target(name, region) for name in connections for region in REGIONS]
    with canned(latency=0.06, pages=3) as server:
        for concurrency in (64, 256):
            turns = []
            for _ in range(_TURNS):
                calls = map(listing, places)
                seconds, _, rows = read(
                    server.url, calls, concurrency=concurrency, connections=connections
                )
                assert rows == 170 * 300
                turns.append(seconds)
            least, most = min(turns), max(turns)
            print(f"17 regions x 10 accounts x 3 pages at 60 ms, concurrency {concurrency}: "
                  f"{least:.3f} s (to {most:.3f}), {least / 0.18:.2f}x the ideal (reach: "
                  "1.5x)")  # fmt: skip


def limited() -> None:
    """Row 6."""
    calls = (listing(Target(None, "us-east-1"), UserName=f"user-{i}") for i in range(2_000))
    with canned(latency=0.04, rate=100, burst=100, rows=1) as server:
        seconds, _, rows = read(server.url, calls, max_attempts=20)
    assert rows == 2_000
    print(f"2,000 detail calls, 100/s: {seconds:.2f} s, {seconds / 20:.3f}x of 20 s (reach: "
          "1.15x); "
          f"throttled in the first second {server.early}, after it {server.late} "
          f"({server.late / 20:.2f} %, reach: 2 %)")  # fmt: skip


if __name__ == "__main__":
    # botocore looks for credentials in the process's own environment.
    os.environ.update(_KEYS)
    own_process()  # as the command line does
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rival-python", help="a Python that has aiobotocore")
    cpu_per_call(parser.parse_args().rival_python)
    regions_and_accounts()
    limited()
