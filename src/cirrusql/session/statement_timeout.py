"""The time that a statement may take, from its start until its last row is read.

Owns watching the clock. How a statement is stopped is the session's ``cancel``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

from cirrusql.errors import Interrupted
from cirrusql.session.result import Result

if TYPE_CHECKING:
    import pyarrow as pa

R = TypeVar("R", Result, Result | None)

_AGAIN = 0.2
"""Seconds until what has not stopped is told again:
between two calls of the engine the first is missed."""


def in_time(make: Callable[[], R], seconds: float, cancel: Callable[[], None]) -> R:
    """The result that is made, whose batches raise Interrupted once the time is over; 0: no limit.

    Raises what making it raises, Interrupted where that took too long.
    """
    if not seconds:
        return make()
    watch = _Watch(seconds, cancel)
    result: R = watch.over(make)
    if result is None:
        watch.end()
    else:
        result.batches = watch.each(result.batches)
        result.on_close = (watch.end, *result.on_close)
    return result


class _Watch:
    """A thread that cancels, again and again, what runs when the time is over."""

    def __init__(self, seconds: float, cancel: Callable[[], None]) -> None:
        self._seconds = seconds
        self._cancel = cancel
        self._is_late = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="cirrusql-deadline", daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        wait = self._seconds
        while not self._ended.wait(wait):
            self._is_late = True
            self._cancel()
            wait = _AGAIN

    def end(self) -> None:
        """Nothing is cancelled from now on."""
        self._ended.set()
        self._thread.join()

    def over(self, make: Callable[[], R]) -> R:
        """What is made under this watch."""
        try:
            return make()
        except BaseException as error:
            self.end()
            if isinstance(error, Interrupted):
                raise self._worded(error) from error
            raise

    def each(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The batches, as long as there is time."""
        try:
            for batch in batches:
                if self._is_late:
                    raise self._late()
                yield batch
        except Interrupted as error:
            raise self._worded(error) from error
        finally:
            self.end()

    def _worded(self, error: Interrupted) -> Interrupted:
        return self._late() if self._is_late else error

    def _late(self) -> Interrupted:
        return Interrupted(
            f"the statement took longer than statement_timeout ({self._seconds:g} s)",
            hint="SET statement_timeout = '5min' allows more time; 0 removes the limit",
        )
