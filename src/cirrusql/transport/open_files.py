"""How many calls all fetchers of a process may have under way, by the files that it may have open.

``ulimit -n`` is 256 on macOS, and a container may have less: a call needs a socket, and whatever
else the process opens (modules, caches, spilled rows) comes from the same number. Owns that number;
fairness within a fetcher is ``fair_semaphore``'s.
"""

from __future__ import annotations

import asyncio
import errno
import os
import sys
import threading

_RESERVE = 32
"""Files for all else, beside those that are open when the first call is made."""
_FEWEST = 4
_LOOK = 0.02
"""Seconds after which whoever waits for another fetcher's call to end looks again."""


def places() -> int:
    """Calls that may be under way at once: two thirds of the files that are free, since idle
    connections stay open for a while."""
    try:
        import resource
    except ImportError:
        return sys.maxsize
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return sys.maxsize
    return max((soft - _used() - _RESERVE) * 2 // 3, _FEWEST)


def _used() -> int:
    try:
        return len(os.listdir("/dev/fd"))
    except OSError:
        return _RESERVE


def is_shortage(error: BaseException) -> bool:
    """Whether something failed for want of files."""
    cause = getattr(error, "os_error", None) or error
    return getattr(cause, "errno", None) in (errno.EMFILE, errno.ENFILE)


class OpenFiles:
    """The calls of all fetchers that are under way; any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._most: int | None = None
        self._taken = 0

    async def enter(self) -> None:
        """Wait for a place; whoever has one must ``leave`` it."""
        while not self._take():  # noqa: ASYNC110 - each fetcher has a loop of its own
            await asyncio.sleep(_LOOK)

    def _take(self) -> bool:
        with self._lock:
            if self._most is None:
                self._most = places()
            if self._taken >= self._most:
                return False
            self._taken += 1
            return True

    def leave(self) -> None:
        """Give the place back."""
        with self._lock:
            self._taken -= 1


OPEN_FILES = OpenFiles()
"""The process's one."""
