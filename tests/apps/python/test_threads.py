"""threadsafety = 2: threads share a connection, and one can cancel another's statement."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import cirrusql
from cirrusql.errors import Interrupted
from tests.support.fault_proxy import FaultProxy, Faults

ENDLESS = "SELECT count(*) FROM range(1000000000) a, range(1000000) b WHERE a.range + b.range = -1"


def test_threads_share_a_connection(local: cirrusql.Connection) -> None:
    def work(number: int) -> list[Any]:
        rows = local.sql("SELECT ? + range FROM range(20000)", [number])
        return [rows.fetchone(), len(rows.fetchall())]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(work, range(40)))
    assert found == [[(number,), 19_999] for number in range(40)]


def test_threads_share_a_connection_to_a_cloud(con: cirrusql.Connection, users: list[str]) -> None:
    def work(name: str) -> list[Any]:
        return con.sql("SELECT UserName FROM aws.iam.users WHERE UserName = ?", [name]).fetchall()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, users * 4)) == [[(name,)] for name in users * 4]


def cancelled(con: cirrusql.Connection, sql: str, begun: Callable[[], bool]) -> None:
    """Run the statement, and cancel it from another thread once it has begun."""
    done = threading.Event()

    def cancel() -> None:
        while not done.is_set():
            if begun():
                con.cancel()
            done.wait(0.02)

    helper = threading.Thread(target=cancel)
    helper.start()
    try:
        con.sql(sql).fetchall()
    finally:
        done.set()
        helper.join()


def test_a_query_is_cancelled_from_another_thread(local: cirrusql.Connection) -> None:
    with pytest.raises(Interrupted):
        cancelled(local, ENDLESS, lambda: True)
    assert local.sql("SELECT 1").fetchall() == [(1,)]


def test_calls_are_cancelled_from_another_thread(
    con: cirrusql.Connection, proxy: FaultProxy
) -> None:
    proxy.faults = Faults(stall=1.0)
    with pytest.raises(Interrupted):
        cancelled(con, "SELECT UserName FROM aws.iam.users", lambda: bool(proxy.calls))
    proxy.reset()
    assert con.sql("SELECT UserName FROM aws.iam.users").fetchall() == []


def test_cancelling_with_nothing_under_way_does_no_harm(local: cirrusql.Connection) -> None:
    local.cancel()
    assert local.sql("SELECT 1").fetchall() == [(1,)]
