"""Runs blocking work in the session's thread, and stops it on a timeout or when the client
disconnects."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from cirrusql.apps.srv.protocol.message_stream import MessageStream
from cirrusql.apps.srv.variables import Variables
from cirrusql.apps.srv.worker import Worker
from cirrusql.errors import InternalError, Interrupted

T = TypeVar("T")

_AGAIN = 0.2
"""Seconds after which stopping is repeated."""


class BlockingWorker:
    """One connection's thread. One job at a time."""

    def __init__(
        self, worker: Worker, stream: MessageStream, variables: Variables, name: str
    ) -> None:
        self.worker = worker
        self._stream = stream
        self._variables = variables
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._reason: str | None = None
        self._asked = asyncio.Event()
        """Whether somebody asked for the statement to stop."""
        self._gone: asyncio.Task[bool] | None = None

    async def do(self, call: Callable[..., T], *arguments: Any) -> T:
        """Return the result of the call. ``stop``, the timeout and a disconnect stop it.

        Raises what the call raises; Interrupted with the reason if it was stopped.
        """
        if self._gone is None:
            self._gone = asyncio.create_task(self._stream.gone.wait())
        asked = asyncio.create_task(self._asked.wait())
        future = asyncio.get_running_loop().run_in_executor(
            self._pool, _translated, call, *arguments
        )
        ending: set[asyncio.Future[Any]] = {future, self._gone, asked}
        deadline = self._variables.statement_timeout or None
        try:
            await asyncio.wait(ending, timeout=deadline, return_when=asyncio.FIRST_COMPLETED)
            while not future.done():
                if self._reason is None:
                    late = "canceling statement due to statement timeout"
                    self._reason = "the client is gone" if self._gone.done() else late
                # Repeatedly: a stop between two calls of the engine has no effect.
                self.worker.cancel()
                await asyncio.wait({future}, timeout=_AGAIN)
            return await future
        except Interrupted:
            raise Interrupted(self._reason or "canceling statement due to user request") from None
        finally:
            asked.cancel()

    def stop(self, reason: str) -> None:
        """Stop the current statement, with a reason: the job that runs and those that follow."""
        self._reason = reason
        self._asked.set()

    def begin(self) -> None:
        """Between two statements: what was asked to stop has ended."""
        self._reason = None
        self._asked.clear()

    async def end(self) -> None:
        """Close the session in its thread, and end the thread."""
        if self._gone is not None:
            self._gone.cancel()
        closing = asyncio.get_running_loop().run_in_executor(self._pool, self.worker.close)
        try:
            await asyncio.shield(closing)
        except asyncio.CancelledError:
            await closing
            raise
        finally:
            self._pool.shutdown(wait=False)


def _translated(call: Callable[..., T], *arguments: Any) -> T:
    """A ValueError from below must not be mistaken for one of the codec's."""
    try:
        return call(*arguments)
    except (ValueError, IndexError, struct.error) as error:
        raise InternalError(f"{type(error).__name__}: {error}") from error
