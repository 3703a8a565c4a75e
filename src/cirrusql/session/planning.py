"""Reading and planning a statement: work in Python alone, which another thread can stop.

The engine and the fetcher have an ``interrupt`` of their own; here there is nothing to tell, so the
thread itself is told. A stop that falls between two phases of a statement is remembered for the
next. Owns also that large statements, of which one can take half a gigabyte, are planned one at a
time in a process.
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
"""Characters of a statement that waits for its turn."""
_LOOK = 0.05
"""Seconds after which whoever waits for a turn can be stopped."""

_CANCELLED = "the statement was cancelled"

_turn = threading.Lock()


class _Stopped(BaseException):
    """Raised in the thread that plans; no ``except Exception`` on its way catches it."""


class Planning:
    """Of one session. ``stop`` may be called by any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: int | None = None
        self._is_stopped = False
        self._is_within = False

    @contextmanager
    def statement(self) -> Iterator[None]:
        """All phases of one statement, the engine's too: a stop is one of all of them."""
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
        """Interrupted where the statement was stopped; between two phases of it."""
        if self._is_within and self._is_stopped:
            raise Interrupted(_CANCELLED)

    def do(self, work: Callable[[], T], size: int = 0) -> T:
        """The result of the work over a statement of ``size`` characters;
        Interrupted once it is stopped."""
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
            # A library in C may have caught it, and failed for it in its own way.
            if self._is_stopped:
                raise Interrupted(_CANCELLED) from None
            raise

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
        """Stop what is planned, or else what comes next of the statement under way."""
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
        """Tell the thread until it has left:
        a callback of the interpreter's may swallow what it is told."""
        while True:
            time.sleep(_LOOK)
            with self._lock:
                if self._thread != thread or not self._is_stopped:
                    return
                _tell(thread)


def _tell(thread: int) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(_Stopped))


def _pass_over_swallowed() -> None:
    """Keep quiet of a stop that a callback swallowed, which Python would print:
    it is told again."""
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
