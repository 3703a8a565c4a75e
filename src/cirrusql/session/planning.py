"""Parses and plans a statement: pure Python work that another thread can stop.

The engine and the fetcher have their own ``interrupt``; here an exception is raised in the thread
itself. A stop between two phases of a statement takes effect in the next. Also ensures that large
statements, one of which can take half a gigabyte, are planned one at a time per process.
"""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from cirrusql.errors import Error, Interrupted

T = TypeVar("T")

LARGE = 64 * 1024
"""Length in characters from which a statement waits for its turn."""
_LOOK = 0.05
"""Seconds after which a statement waiting for its turn checks for a stop."""

_CANCELLED = "the statement was cancelled"

_turn = threading.Lock()


class _Stopped(BaseException):
    """Raised in the planning thread; no ``except Exception`` catches it."""


class Planning:
    """The planning of one session. ``stop`` is thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: int | None = None
        self._is_stopped = False
        self._is_within = False

    @contextmanager
    def statement(self) -> Iterator[None]:
        """Covers all phases of one statement, including the engine's: a stop applies to any of
        them."""
        if self._is_within:
            yield
            return
        with self._lock:
            self._is_within, self._is_stopped = True, False
        try:
            yield
        finally:
            self._is_within = False

    def check(self) -> None:
        """Raise Interrupted if the statement was stopped; called between two phases."""
        if self._is_within and self._is_stopped:
            raise Interrupted(_CANCELLED)

    def do(self, work: Callable[[], T], size: int = 0) -> T:
        """Return the result of the work for a statement of ``size`` characters. Raises Interrupted
        once it is stopped."""
        here = threading.get_ident()
        if self._thread == here:
            return work()
        try:
            with self._lock:
                self.check()
                self._thread, self._is_stopped = here, False
            try:
                with _turn_for(size):
                    return work()
            finally:
                self._leave(here)
        except _Stopped:
            self._leave_at_last(here)
            raise Interrupted(_CANCELLED) from None
        except Error:
            # A C extension may have caught it and failed in its own way.
            if self._is_stopped:
                raise Interrupted(_CANCELLED) from None
            raise

    def _leave_at_last(self, here: int) -> None:
        """Leave, even if another stop arrives on the way out."""
        while True:
            try:
                self._leave(here)
                return
            except _Stopped:
                continue

    def _leave(self, here: int) -> None:
        with self._lock:
            self._thread = None
            is_told = self._is_stopped
        if is_told:
            # Not otherwise: CPython 3.11 looks for the exception at every call from then on, also
            # for one that was withdrawn, and hangs if a profiler is on.
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(here), None)

    def stop(self) -> None:
        """Stop the current planning, or else the next phase of the current statement."""
        _pass_over_swallowed()
        with self._lock:
            here, is_told = self._thread, self._is_stopped
            self._is_stopped = True
            if here is not None:
                _tell(here)
        if here is not None and not is_told:
            threading.Thread(
                target=self._insist, args=(here,), name="cirrusql-stop", daemon=True
            ).start()

    def _insist(self, thread: int) -> None:
        """Repeat the stop until the thread has left: an interpreter callback may swallow the
        exception."""
        while True:
            time.sleep(_LOOK)
            with self._lock:
                if self._thread != thread or not self._is_stopped:
                    return
                _tell(thread)


def _tell(thread: int) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(_Stopped))


def _pass_over_swallowed() -> None:
    """Suppress Python's message about a stop that a callback swallowed: the stop is repeated."""
    before = sys.unraisablehook
    if getattr(before, "is_of_planning", False):
        return

    def hook(found: sys.UnraisableHookArgs) -> None:
        if found.exc_type is not _Stopped:
            before(found)

    hook.is_of_planning = True  # type: ignore[attr-defined]
    sys.unraisablehook = hook


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
