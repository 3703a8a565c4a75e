"""The asyncio interface: the same relations, with the work done in threads.

Cancelling a task cancels its statement, waits until it has ended, and leaves the connection usable.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, TypeVar

from cirrusql.errors import Interrupted

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from cirrusql.apps.python.relation import Relation, Row
    from cirrusql.transport.model import Failure

T = TypeVar("T")

_AGAIN = 0.05
"""Seconds after which cancelling is repeated: a cancel between two calls has no effect."""


class Threads:
    """Runs blocking work for coroutines. ``cancel`` stops what a thread is doing, by its id."""

    def __init__(self, cancel: Callable[[int], None]) -> None:
        self._cancel = cancel
        self._pool = ThreadPoolExecutor(4, "cirrusql-async")
        self._here = threading.local()

    async def run(self, work: Callable[[], T]) -> T:
        """Return the result of the work. Raises its exception, or CancelledError once
        it has ended."""
        job = _Job(work, self._here)
        future = asyncio.get_running_loop().run_in_executor(self._pool, job.run)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            job.is_cancelled = True
            while not future.done():
                if job.thread is not None:
                    self._cancel(job.thread)
                with suppress(asyncio.CancelledError):
                    await asyncio.wait({future}, timeout=_AGAIN)
            with suppress(BaseException):
                future.exception()
            raise

    def check(self) -> None:
        """Raise Interrupted if this thread's work was cancelled while waiting for its turn."""
        job = getattr(self._here, "job", None)
        if job is not None and job.is_cancelled:
            raise Interrupted("cancelled before it began")

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class _Job(Generic[T]):
    """Work that can be cancelled before it starts."""

    def __init__(self, work: Callable[[], T], here: threading.local) -> None:
        self._work = work
        self._here = here
        self.thread: int | None = None
        self.is_cancelled = False

    def run(self) -> T:
        self.thread = threading.get_ident()
        self._here.job = self
        try:
            return self._work()
        finally:
            self._here.job = None


class AsyncRelation:
    """A Relation whose rows are awaited."""

    def __init__(self, relation: Relation, threads: Threads) -> None:
        self.relation = relation
        self._threads = threads

    @property
    def columns(self) -> list[str]:
        """See ``Relation.columns``."""
        return self.relation.columns

    @property
    def types(self) -> list[str]:
        """See ``Relation.types``."""
        return self.relation.types

    @property
    def failures(self) -> list[Failure]:
        """See ``Relation.failures``."""
        return self.relation.failures

    @property
    def rows_written(self) -> int:
        """See ``Relation.rows_written``."""
        return self.relation.rows_written

    async def arrow(self) -> pa.Table:
        """All rows as a pyarrow Table."""
        return await self._threads.run(self.relation.arrow)

    async def df(self) -> pd.DataFrame:
        """All rows as a pandas DataFrame."""
        return await self._threads.run(self.relation.df)

    async def pl(self) -> pl.DataFrame:
        """All rows as a polars DataFrame."""
        return await self._threads.run(self.relation.pl)

    async def show(self, limit: int = 100) -> None:
        """Print the first rows."""
        await self._threads.run(lambda: self.relation.show(limit))

    async def fetchone(self) -> Row | None:
        """The next row; None after the last."""
        return await self._threads.run(self.relation.fetchone)

    async def fetchmany(self, size: int = 1) -> list[Row]:
        """The next ``size`` rows, or as many as there are."""
        return await self._threads.run(lambda: self.relation.fetchmany(size))

    async def fetchall(self) -> list[Row]:
        """The rows from here to the last."""
        return await self._threads.run(self.relation.fetchall)

    async def batches(self) -> AsyncIterator[pa.RecordBatch]:
        """The rows as they arrive, in bounded memory: to be read once."""
        batches = self.relation.batches()
        while (batch := await self._threads.run(lambda: next(batches, None))) is not None:
            yield batch

    async def __aiter__(self) -> AsyncIterator[Row]:
        while rows := await self.fetchmany(1000):
            for row in rows:
                yield row

    async def close(self) -> None:
        """Cancel what is in progress for it."""
        await self._threads.run(self.relation.close)

    async def __aenter__(self) -> AsyncRelation:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()
