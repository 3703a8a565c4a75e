"""Signals that end the command: SIGTERM and SIGHUP do what Ctrl-C does.

A COMMIT under way is undone, a file half written is taken away; only the exit status tells them
apart.
"""

from __future__ import annotations

import signal
from types import FrameType

from cirrusql.errors import Ended

_ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


def end_by_signals() -> None:
    """Raise Ended in the main thread for each of them. Not for one that is ignored (``nohup``)."""
    for number in _ENDING:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, frame: FrameType | None) -> None:
    raise Ended(number)
