"""Signals that end the command: SIGTERM and SIGHUP act like Ctrl-C.

A COMMIT in progress is undone, a partly written file is removed; only the exit status differs.
"""

from __future__ import annotations

import signal
from types import FrameType

from cirrusql.errors import Ended

_ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


def end_by_signals() -> None:
    """Raise Ended in the main thread for each signal, except ignored ones (``nohup``)."""
    for number in _ENDING:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, frame: FrameType | None) -> None:
    raise Ended(number)
