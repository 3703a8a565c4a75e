"""One line on the terminal that says how far a statement is, once it takes a while.

Shows on standard error only where that is a terminal, only after half a second, and is
gone before anything else is written.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

DELAY = 0.5
"""Seconds before the first line (language reference, section 8)."""
INTERVAL = 0.1

_CLEAR = "\r\x1b[K"


_asking = threading.Event()


@contextmanager
def no_progress() -> Iterator[None]:
    """While the user is asked something no line of progress is drawn over the question."""
    _asking.set()
    sys.stderr.write(_CLEAR if sys.stderr.isatty() else "")
    try:
        yield
    finally:
        _asking.clear()


class ProgressLine:
    """While it is entered and not paused, shows what ``describe`` says."""

    def __init__(self, describe: Callable[[], str], *, is_shown: bool) -> None:
        self._describe = describe
        self._is_shown = is_shown and sys.stderr.isatty()
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> ProgressLine:
        if self._is_shown:
            self._thread = threading.Thread(target=self._show, daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the line away for good. Safe to call twice."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _show(self) -> None:
        if self._ended.wait(DELAY):
            return
        while not self._ended.wait(INTERVAL):
            if _asking.is_set():
                continue
            sys.stderr.write(_CLEAR + self._describe())
            sys.stderr.flush()
        sys.stderr.write(_CLEAR)
        sys.stderr.flush()
