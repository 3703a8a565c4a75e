"""A cancel applies to the whole statement, whichever of its jobs is running."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from cirrusql.apps.srv.blocking_worker import BlockingWorker
from cirrusql.apps.srv.protocol.message_stream import MessageStream
from cirrusql.apps.srv.variables import Variables
from cirrusql.apps.srv.worker import Worker
from cirrusql.errors import Interrupted


class Jobs:
    """Jobs of a session: one that ends at once, and one that ends when it is cancelled."""

    def __init__(self) -> None:
        self.is_cancelled = threading.Event()

    def cancel(self) -> None:
        self.is_cancelled.set()

    def close(self) -> None:
        """The session has nothing open."""

    def short(self) -> int:
        return 1

    def long(self) -> int:
        if self.is_cancelled.wait(20):
            raise Interrupted("cancelled")
        return 2


class Stream:
    """A client that stays connected."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()


def test_a_cancel_between_two_jobs_stops_the_next_and_no_other_statement() -> None:
    async def work() -> None:
        jobs: Any = Jobs()
        threads = ThreadPoolExecutor(1)
        stream = cast(MessageStream, Stream())
        blocking = BlockingWorker(cast(Worker, jobs), stream, Variables({}, "ann", 0), threads)
        assert await blocking.do(jobs.short) == 1
        blocking.stop("canceling statement due to user request")
        with pytest.raises(Interrupted, match="user request"):
            await blocking.do(jobs.long)
        blocking.begin()
        jobs.is_cancelled.clear()
        assert await blocking.do(jobs.short) == 1
        assert not jobs.is_cancelled.is_set()
        await blocking.end()

    asyncio.run(work())
