"""The calls of one statement between two threads: who draws them and who makes them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from cirrusql.errors import Error, InternalError, Interrupted
from cirrusql.fetch.model import Answer, Batch, Call, Failure

Outcome = Batch | Answer | Failure

_QUEUED = 64
"""Items that may wait for the consumer before the calls pause."""


@dataclass(frozen=True)
class Done:
    """A call has ended."""


class Kept:
    """Calls as they are drawn, kept until each is answered."""

    def __init__(self, calls: Iterable[Call]) -> None:
        self._calls = calls
        self._kept: dict[int, Call] = {}

    def __iter__(self) -> Iterator[Call]:
        for number, call in enumerate(self._calls):
            self._kept[number] = call
            yield call

    def pop(self, number: int) -> Call:
        """The call of that number, which is forgotten."""
        return self._kept.pop(number)


class Stream:
    """The calls of one statement under way, and the queue between the loop and the consumer."""

    def __init__(self, loop: asyncio.AbstractEventLoop, make: Callable[..., Any]) -> None:
        self._loop = loop
        self._make = make
        self._queue: SimpleQueue[Outcome | Done] = SimpleQueue()
        self._room = asyncio.Semaphore(_QUEUED)
        self._futures: set[Future[None]] = set()
        self._is_cancelled = False
        self.under_way = 0

    def start(self, call: Call) -> None:
        """Hand a call to the loop. Raises Interrupted where that was closed meanwhile."""
        work = self._run(call)
        try:
            future = asyncio.run_coroutine_threadsafe(work, self._loop)
        except RuntimeError as error:
            work.close()
            raise Interrupted("the session was closed while a statement ran") from error
        self.under_way += 1
        self._futures.add(future)
        future.add_done_callback(self._futures.discard)

    async def _run(self, call: Call) -> None:
        try:
            await self._make(call, self._emit)
        except Error as error:
            await self._emit(Failure(call, error))
        except asyncio.CancelledError:
            # Only who reads no further may be told nothing.
            if not self._is_cancelled:
                self._queue.put(Failure(call, Interrupted("the session was closed while a statement ran")))
            raise
        except Exception as error:
            # Whatever it was, it must not vanish with the task.
            wrapped = InternalError(f"{call.operation.id}: {type(error).__name__}: {error}")
            wrapped.__cause__ = error
            await self._emit(Failure(call, wrapped))
        finally:
            self._queue.put(Done())

    async def _emit(self, outcome: Outcome) -> None:
        await self._room.acquire()
        self._queue.put(outcome)

    def next(self) -> Outcome | Done:
        """The next outcome, or that a call has ended; waits for it."""
        while True:
            with suppress(Empty):
                item = self._queue.get(timeout=0.5)
                break
        if isinstance(item, Done):
            self.under_way -= 1
        else:
            with suppress(RuntimeError):  # the loop may be closed already
                self._loop.call_soon_threadsafe(self._room.release)
        return item

    def rest(self) -> Iterator[Outcome]:
        """What is queued after the last call has ended: nothing, since order is kept."""
        while not self._queue.empty():
            item = self._queue.get()
            if not isinstance(item, Done):
                yield item

    def cancel(self) -> None:
        """Cancel every call that has not ended; the loop lets go of each at its next turn."""
        self._is_cancelled = True
        for future in tuple(self._futures):
            future.cancel()
