"""Runs a connection's blocking work in one of the server's threads, and stops it on a timeout or
when the client disconnects."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

from cirrusql.apps.srv.protocol.message_stream import MessageStream
from cirrusql.apps.srv.variables import Variables
from cirrusql.apps.srv.worker import Worker
from cirrusql.errors import InternalError, Interrupted
from cirrusql.sql.split import Piece, split

T = TypeVar("T")

_SHORT = 2000
"""Characters that are split within a millisecond."""
_AGAIN = 0.2
"""Seconds after which stopping is repeated."""


class BlockingWorker:
    """One connection's jobs, one at a time, in threads that all connections share."""

    def __init__(
        self,
        worker: Worker,
        stream: MessageStream,
        variables: Variables,
        threads: ThreadPoolExecutor,
    ) -> None:
        self.worker = worker
        self._stream = stream
        self._variables = variables
        self._threads = threads
        self._reason: str | None = None
        self._job: Future[Any] | None = None
        self._again: asyncio.TimerHandle | None = None
        self._gone: asyncio.Task[None] | None = None

    async def do(self, call: Callable[..., T], *arguments: Any) -> T:
        """Return the result of the call. ``stop``, the timeout and a disconnect stop it.

        Raises what the call raises; Interrupted with the reason if it was stopped.
        """
        loop = asyncio.get_running_loop()
        if self._gone is None:
            self._gone = asyncio.create_task(self._watch())
        job: Future[T] = self._threads.submit(_translated, call, *arguments)
        self._job = job
        future = asyncio.wrap_future(job)
        deadline = self._variables.statement_timeout
        late = "canceling statement due to statement timeout"
        timer = loop.call_later(deadline, self.stop, late) if deadline else None
        if self._reason is not None:
            self._stop_job()
        try:
            await asyncio.wait((future,))
            if future.cancelled():
                raise self._interrupted()
            return future.result()
        except Interrupted:
            raise self._interrupted() from None
        finally:
            if timer is not None:
                timer.cancel()
            if job.done() and self._again is not None:
                # It must not stop the next job.
                self._again.cancel()
                self._again = None

    def _interrupted(self) -> Interrupted:
        return Interrupted(self._reason or "canceling statement due to user request")

    async def split(self, text: str) -> tuple[Piece, ...]:
        """The statements of a text. A long one must not hold up other clients."""
        return split(text) if len(text) < _SHORT else await self.do(split, text)

    async def _watch(self) -> None:
        await self._stream.gone.wait()
        self.stop("the client is gone")

    def stop(self, reason: str) -> None:
        """Stop the current statement, with a reason: the job that runs and those that follow."""
        if self._reason is None:
            self._reason = reason
            self._stop_job()

    def _stop_job(self) -> None:
        """Drop a job that waits for a thread, or stop it; repeatedly, because a stop between two
        calls of the engine has no effect."""
        if self._again is not None:
            self._again.cancel()
            self._again = None
        if self._job is None or self._job.done() or self._job.cancel():
            return
        self.worker.cancel()
        self._again = asyncio.get_running_loop().call_later(_AGAIN, self._stop_job)

    def begin(self) -> None:
        """Between two statements: what was asked to stop has ended."""
        if self._gone is None or not self._gone.done():
            self._reason = None

    def release(self) -> None:
        """Between two statements: let another client have the session, if nothing prevents it."""
        if (surplus := self.worker.release()) is not None:
            self._threads.submit(surplus.session.close)

    async def end(self) -> None:
        """Wait for the job that was stopped, and close the session if it is this client's own."""
        if self._gone is not None:
            self._gone.cancel()
        closing = asyncio.get_running_loop().run_in_executor(self._threads, self._close)
        try:
            await asyncio.shield(closing)
        except asyncio.CancelledError:
            await closing
            raise

    def _close(self) -> None:
        if self._job is not None:
            wait((self._job,))
        self.worker.close()


def _translated(call: Callable[..., T], *arguments: Any) -> T:
    """A ValueError from below must not be mistaken for one of the codec's."""
    try:
        return call(*arguments)
    except (ValueError, IndexError, struct.error) as error:
        raise InternalError(f"{type(error).__name__}: {error}") from error
