"""Runs blocking engine work in a separate thread, so that its caller can be interrupted.

Python handles a signal in the main thread only between two bytecode instructions, and none is
executed while the engine runs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

T = TypeVar("T")


class EngineThread:
    """One thread for one session. ``cancel`` must make the current work end soon."""

    def __init__(self, cancel: Callable[[], None]) -> None:
        self._cancel = cancel
        self._thread: ThreadPoolExecutor | None = None

    def do(self, work: Callable[[], T]) -> T:
        """Return the result of the work; it is cancelled if the caller is interrupted."""
        if threading.current_thread() is not threading.main_thread():
            # No signal arrives here; a server's thread is stopped through the engine.
            return work()
        if self._thread is None:
            from concurrent.futures import ThreadPoolExecutor

            self._thread = ThreadPoolExecutor(1, "cirrusql-engine")
        future: Future[T] = self._thread.submit(work)
        try:
            return future.result()
        except BaseException:
            if not future.done():
                self._cancel()
                with suppress(BaseException):
                    future.result()
            raise

    def each(self, items: Iterator[T]) -> Iterator[T]:
        """Yield the items, waiting for each in the same way."""
        missing = object()
        while True:
            item = self.do(lambda: next(items, missing))
            if item is missing:
                return
            yield item  # type: ignore[misc]

    def close(self) -> None:
        """End the thread. May be called more than once."""
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None
