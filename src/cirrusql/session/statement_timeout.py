"""The time limit of a statement, from its start until its last row is read.

Owns watching the clock; the session's ``cancel`` stops the statement.
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
"""Seconds after which cancelling is repeated: a cancel between two engine calls has no effect."""


def in_time(make: Callable[[], R], seconds: float, cancel: Callable[[], None]) -> R:
    """The result made by ``make``; its batches raise Interrupted once the time is over; 0: no
    limit.

    Raises what making it raises, and Interrupted if that took too long.
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
    """A thread that cancels whatever runs after the time is over, repeatedly."""

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
        """Stop watching."""
        self._ended.set()
        self._thread.join()

    def over(self, make: Callable[[], R]) -> R:
        """Run ``make`` under this watch."""
        try:
            return make()
        except BaseException as error:
            self.end()
            if isinstance(error, Interrupted):
                raise self._worded(error) from error
            raise

    def each(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the batches while there is time."""
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
