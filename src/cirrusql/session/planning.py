"""Reading and planning a statement: work in Python alone, which another thread can stop.

The engine and the fetcher have an ``interrupt`` of their own; here there is nothing to tell, so the thread
itself is told. Owns also that large statements, of which one can take half a gigabyte, are planned one at
a time in a process.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from cirrusql.errors import Interrupted

T = TypeVar("T")

LARGE = 64 * 1024
"""Characters of a statement that waits for its turn."""
_LOOK = 0.05
"""Seconds after which whoever waits for a turn can be stopped."""

_turn = threading.Lock()


class _Stopped(BaseException):
    """Raised in the thread that plans; no ``except Exception`` on its way catches it."""


class Planning:
    """Of one session. ``stop`` may be called by any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: int | None = None

    def do(self, work: Callable[[], T], size: int = 0) -> T:
        """The result of the work over a statement of ``size`` characters; Interrupted once it is stopped."""
        here = threading.get_ident()
        if self._thread == here:
            return work()
        try:
            with self._lock:
                self._thread = here
            try:
                with _turn_for(size):
                    return work()
            finally:
                self._leave(here)
        except _Stopped:
            self._leave_at_last(here)
            raise Interrupted("the statement was cancelled") from None

    def _leave_at_last(self, here: int) -> None:
        """Leave, though it may be told to stop again on the way out."""
        while True:
            try:
                self._leave(here)
                return
            except _Stopped:
                continue

    def _leave(self, here: int) -> None:
        with self._lock:
            self._thread = None
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(here), None)

    def stop(self) -> None:
        """Stop what is planned, if anything is."""
        with self._lock:
            if self._thread is not None:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(self._thread), ctypes.py_object(_Stopped)
                )


@contextmanager
def _turn_for(size: int) -> Iterator[None]:
    if size <= LARGE:
        yield
        return
    while not _turn.acquire(timeout=_LOOK):
        continue
    try:
        yield
    finally:
        _turn.release()
