"""The async twin: the same rows, and a connection that survives cancelled tasks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

import cirrusql
from cirrusql.errors import ProgrammingError
from tests.apps.python.test_threads import ENDLESS
from tests.support.fault_proxy import FaultProxy, Faults

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run in an event loop of its own, closed at the end."""
    with asyncio.Runner() as runner:
        return runner.run(work)


def test_rows_are_awaited(con: cirrusql.Connection, users: list[str]) -> None:
    async def work() -> list[Any]:
        sql = "SELECT UserName FROM aws.iam.users WHERE UserName <> $u ORDER BY 1"
        return await (await con.asql(sql, {"u": "bob"})).fetchall()

    assert run(work()) == [("ann",), ("cleo",)]


def test_every_shape_is_awaited(local: cirrusql.Connection) -> None:
    async def work() -> list[Any]:
        async with await local.asql("SELECT 1 AS a") as relation:
            sizes = [
                (await relation.arrow()).num_rows,
                len(await relation.df()),
                len(await relation.pl()),
            ]
            return [*sizes, relation.columns, relation.types, await relation.fetchone()]

    assert run(work()) == [1, 1, 1, ["a"], ["INTEGER"], (1,)]


def test_rows_and_batches_are_iterated(local: cirrusql.Connection) -> None:
    async def work() -> tuple[int, int]:
        rows = [row async for row in await local.asql("SELECT range FROM range(3000)")]
        relation = await local.asql("SELECT range FROM range(50000)")
        return len(rows), sum([batch.num_rows async for batch in relation.batches()])

    assert run(work()) == (3000, 50_000)


def test_errors_arrive(local: cirrusql.Connection) -> None:
    with pytest.raises(ProgrammingError):
        run(local.asql("SELEC 1"))


async def cancel_soon(local: cirrusql.Connection, sql: str) -> None:
    async def read() -> None:
        await (await local.asql(sql)).fetchall()

    task = asyncio.create_task(read())
    await asyncio.sleep(0.1)
    task.cancel()
    await task


def test_cancelling_a_task_cancels_its_query(local: cirrusql.Connection) -> None:
    with pytest.raises(asyncio.CancelledError):
        run(cancel_soon(local, ENDLESS))
    assert local.sql("SELECT 1").fetchall() == [(1,)]


def test_cancelling_a_task_cancels_its_calls(con: cirrusql.Connection, proxy: FaultProxy) -> None:
    proxy.faults = Faults(stall=1.0)
    with pytest.raises(asyncio.CancelledError):
        run(cancel_soon(con, "SELECT UserName FROM aws.iam.users"))
    proxy.reset()
    assert con.sql("SELECT UserName FROM aws.iam.users").fetchall() == []


def test_cancelling_one_that_waits_leaves_the_other_alone(local: cirrusql.Connection) -> None:
    local.sql("CREATE TABLE t (a INT)")

    async def work() -> Any:
        turn = threading.Event()
        first = asyncio.create_task(local.threads.run(lambda: local.guarded(turn.wait)))
        await asyncio.sleep(0.05)
        second = asyncio.create_task(local.asql("INSERT INTO t VALUES (1)"))
        await asyncio.sleep(0.05)
        second.cancel()
        await asyncio.sleep(0.05)
        turn.set()
        with pytest.raises(asyncio.CancelledError):
            await second
        return await first

    assert run(work()) is True
    assert local.sql("SELECT * FROM t").fetchall() == []


def test_many_at_once(local: cirrusql.Connection) -> None:
    async def one(number: int) -> Any:
        return await (await local.asql("SELECT ?", [number])).fetchone()

    async def work() -> list[Any]:
        return await asyncio.gather(*map(one, range(20)))

    assert run(work()) == [(number,) for number in range(20)]
