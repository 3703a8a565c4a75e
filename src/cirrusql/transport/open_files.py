"""Limits concurrent calls of all fetchers in a process by the number of files it may open.

``ulimit -n`` is 256 on macOS, and may be lower in a container: a call needs a socket, and
everything else the process opens (modules, caches, spilled rows) counts too. Fairness within a
fetcher is up to ``fair_semaphore``.
"""

from __future__ import annotations

import asyncio
import errno
import os
import sys
import threading

_RESERVE = 32
"""Files reserved for other purposes, beside those open at the first call."""
_FEWEST = 4
_LOOK = 0.02
"""Seconds after which a caller that waits for another fetcher's call checks again."""


def places() -> int:
    """Maximum concurrent calls: two thirds of the free files, because idle connections stay open
    for a while."""
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
    """Whether something failed for lack of file descriptors."""
    cause = getattr(error, "os_error", None) or error
    return getattr(cause, "errno", None) in (errno.EMFILE, errno.ENFILE)


class OpenFiles:
    """The calls of all fetchers in progress. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._most: int | None = None
        self._taken = 0

    async def enter(self) -> None:
        """Wait for a slot; release it with ``leave``."""
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
        """Release a slot."""
        with self._lock:
            self._taken -= 1


OPEN_FILES = OpenFiles()
"""The one instance of this process."""
