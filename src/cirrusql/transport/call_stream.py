"""The calls of one statement, shared by two threads: the consumer draws them and the loop makes
them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from cirrusql.errors import Error, InternalError, Interrupted
from cirrusql.transport.model import Answer, Batch, Call, Failure

Outcome = Batch | Answer | Failure

_QUEUED = 64
"""Items that may wait for the consumer before the loop pauses."""

_CLOSED = "the session was closed while a statement ran"
CANCELLED = "the statement was cancelled"


@dataclass(frozen=True)
class Done:
    """A call has ended."""


_DONE = Done()


class PendingCalls:
    """Calls that were drawn and not answered yet."""

    def __init__(self, calls: Iterable[Call]) -> None:
        self._calls = calls
        self._kept: dict[int, Call] = {}

    def __iter__(self) -> Iterator[Call]:
        for number, call in enumerate(self._calls):
            self._kept[number] = call
            yield call

    def pop(self, number: int) -> Call:
        """Remove and return the call with that number."""
        return self._kept.pop(number)


class CallStream:
    """The calls of one statement in progress, and the queue between the loop and the consumer.

    The two threads wake each other rarely: calls are handed over in batches, and so are the
    outcomes of one iteration of the loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, make: Callable[..., Any]) -> None:
        self._loop = loop
        self._make = make
        self._is_cancelled = False
        self.under_way = 0
        # Used by the consumer.
        self._taken: deque[Outcome | Done] = deque()
        self._consumed = 0
        # Shared by both threads.
        self._lots: SimpleQueue[list[Outcome | Done]] = SimpleQueue()
        # Used by the loop.
        self._room = _QUEUED
        self._has_room = asyncio.Event()
        self._lot: list[Outcome | Done] = []
        self._tasks: dict[asyncio.Task[None], Call] = {}

    def start(self, calls: Sequence[Call]) -> None:
        """Hand calls to the loop. Raises Interrupted if it was closed in the meantime."""
        try:
            self._loop.call_soon_threadsafe(self._launch, calls)
        except RuntimeError as error:
            raise Interrupted(_CLOSED) from error
        self.under_way += len(calls)

    def _launch(self, calls: Sequence[Call]) -> None:
        for call in calls:
            if self._is_cancelled:
                return
            task = self._loop.create_task(self._run(call))
            self._tasks[task] = call
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        call = self._tasks.pop(task)
        # Items may be dropped only once the consumer has stopped reading.
        if task.cancelled() and not self._is_cancelled:
            self._put(Failure(call, Interrupted(CANCELLED)))
        self._put(_DONE)

    async def _run(self, call: Call) -> None:
        try:
            await self._make(call, self._emit)
        except Error as error:
            await self._emit(Failure(call, error))
        except Exception as error:
            # No exception may vanish with the task.
            wrapped = InternalError(f"{call.operation.id}: {type(error).__name__}: {error}")
            wrapped.__cause__ = error
            await self._emit(Failure(call, wrapped))

    async def _emit(self, outcome: Outcome) -> None:
        while self._room == 0:
            self._has_room.clear()
            await self._has_room.wait()
        self._room -= 1
        self._put(outcome)

    def _put(self, item: Outcome | Done) -> None:
        if not self._lot:
            self._loop.call_soon(self._flush)
        self._lot.append(item)

    def _flush(self) -> None:
        lot, self._lot = self._lot, []
        self._lots.put(lot)

    def _release(self, places: int) -> None:
        self._room += places
        self._has_room.set()

    def next(self) -> Outcome | Done:
        """Wait for and return the next outcome, or the end of a call."""
        while not self._taken:
            self._let_on()
            # With a timeout: Ctrl-C reaches the main thread only between two waits.
            try:
                self._taken.extend(self._lots.get(timeout=0.5))
            except Empty:
                if self._loop.is_closed():
                    raise Interrupted(_CLOSED) from None
        item = self._taken.popleft()
        if isinstance(item, Done):
            self.under_way -= 1
        else:
            self._consumed += 1
            if self._consumed >= _QUEUED // 4:
                self._let_on()
        return item

    def _let_on(self) -> None:
        """Tell the loop how many items were consumed."""
        consumed, self._consumed = self._consumed, 0
        if consumed:
            with suppress(RuntimeError):  # the loop may be closed already
                self._loop.call_soon_threadsafe(self._release, consumed)

    def cancel(self) -> None:
        """Cancel every call that has not ended; the loop drops them in its next iteration."""
        self._is_cancelled = True
        if self.under_way:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
