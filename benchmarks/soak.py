"""Faults of every kind for minutes: no leaked socket, task or memory, and no wrong row.

``python -m benchmarks.soak --minutes 10`` puts the fault proxy before an emulator (in its own
process, so that this one's memory and sockets are only the session's and the proxy's) and runs
listings and joins under one fault after another. Every result is either complete or says what
failed.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.fault_proxy import FaultProxy, Faults

from benchmarks.emulator import emulator
from cirrusql.errors import Error
from cirrusql.session.session import Session
from cirrusql.settings import Settings

_USERS = 40
_RATE = 40.0
_FAULTS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "throttle": {"throttle": 0.3},
    "server_error": {"server_error": 0.2},
    "reset_before": {"reset_before": 0.2},
    "reset_after": {"reset_after": 0.2},
    "truncate": {"truncate": 0.2},
    "stall": {"stall": 0.05},
    "malform": {"malform": 0.2},
    "expired": {"expire_first": 1},
    "denied": {"deny": frozenset({"iam:ListAccessKeys"})},
}
_STATEMENTS = {
    "SELECT UserName FROM aws.iam.users": _USERS,
    "SELECT u.UserName FROM aws.iam.users u "
    "LEFT JOIN aws.iam.access_keys k ON k.UserName = u.UserName": _USERS,
    "SELECT UserName FROM aws.iam.users LIMIT 5": 5,
}


@contextmanager
def _filled() -> Iterator[str]:
    """The URL of an emulator with users in it."""
    with emulator() as url:
        with Session(Settings(endpoint_url=url, region="us-east-1"), os.environ) as session:
            for number in range(_USERS):
                _run(session, f"INSERT INTO aws.iam.users (UserName) VALUES ('user-{number:02}')")
        yield url


def _run(session: Session, sql: str) -> tuple[int, int]:
    """Rows and failures of one statement."""
    rows = failures = 0
    for result in session.run(sql):
        try:
            rows += sum(batch.num_rows for batch in result.batches)
        finally:
            result.close()
        failures += len(result.failures)
    return rows, failures


def measured(session: Session) -> dict[str, int]:
    """Sockets of this process, tasks of the session's loop, MB of memory held now."""
    gc.collect()
    sockets = 0
    for entry in Path("/proc/self/fd").iterdir():
        try:
            sockets += os.readlink(entry).startswith("socket:")
        except OSError:
            continue
    loop = session.fetcher._running()
    held = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())
    assert held is not None
    return {"sockets": sockets, "tasks": len(asyncio.all_tasks(loop)), "MB": int(held[1]) // 1024}


def soak(seconds: float) -> None:
    """One fault after another until the time is up; prints sockets, tasks and memory before and
    after."""
    counts: Counter[str] = Counter()
    with _filled() as upstream:
        proxy = FaultProxy(upstream).start()
        # A fixed rate: one learned from random throttling would be the slowest possible.
        settings = Settings(
            endpoint_url=proxy.url,
            region="us-east-1",
            max_attempts=6,
            read_timeout=1.0,
            concurrency=16,
            limits={"iam": _RATE},
        )
        try:
            with Session(settings, os.environ) as session:
                _round(session, proxy, counts)  # What is made once is made now.
                before = _settled(session, proxy)
                print(f"at the start: {before}", flush=True)
                end, counts = time.monotonic() + seconds, Counter()
                by_minute = [before["MB"]]
                while time.monotonic() < end:
                    _round(session, proxy, counts)
                    if (time.monotonic() - end + seconds) // 60 >= len(by_minute):
                        by_minute.append(measured(session)["MB"])
                print(f"MB by the minute: {by_minute}", flush=True)
                after = _settled(session, proxy)
        finally:
            proxy.stop()
    print(f"at the end: {after}; {dict(counts)}")
    assert counts["wrong answers"] == 0
    assert after["tasks"] <= before["tasks"], "tasks were left"
    assert after["sockets"] <= before["sockets"] + settings.concurrency, "sockets were left"


def _round(session: Session, proxy: FaultProxy, counts: Counter[str]) -> None:
    for seed, (name, fault) in enumerate(_FAULTS.items()):
        proxy.faults = Faults(seed=seed + counts["statements"], **fault)
        # The proxy's log and counts are not measured.
        counts["calls"] += sum(proxy.calls.values())
        proxy.log.clear()
        proxy.calls.clear()
        for sql, expected in _STATEMENTS.items():
            counts["statements"] += 1
            try:
                rows, failures = _run(session, sql)
            except Error:
                counts["errors told"] += 1
                continue
            if failures:
                counts["failures told"] += 1
            elif rows != expected:
                counts["wrong answers"] += 1
                print(f"{name}: {sql}: {rows} rows instead of {expected}", flush=True)


def _settled(session: Session, proxy: FaultProxy) -> dict[str, int]:
    """What is held once the last calls have ended."""
    proxy.faults = Faults()
    _run(session, "SELECT UserName FROM aws.iam.users")
    time.sleep(2.0)
    return measured(session)


if __name__ == "__main__":
    os.environ.update({"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"})
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    soak(parser.parse_args().minutes * 60)
