"""One line on the terminal with a statement's progress, once it takes a while.

Shown on standard error if that is a terminal, after half a second, and cleared before anything else
is written.
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
    """Hides the progress line while the user is asked a question."""
    _asking.set()
    sys.stderr.write(_CLEAR if sys.stderr.isatty() else "")
    try:
        yield
    finally:
        _asking.clear()


class ProgressLine:
    """Shows what ``describe`` returns while it is entered and not paused."""

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
        """Remove the line for good. May be called more than once."""
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
