"""The engines that this process has open, for its end and for its forks.

Owns when they are closed without being asked: at exit. ``database`` is one of them.
"""

from __future__ import annotations

import atexit
import ctypes
import os
from typing import Any, Protocol
from weakref import WeakSet


class OpenDatabase(Protocol):
    """An engine that is open."""

    @property
    def connection(self) -> Any:
        """DuckDB's own connection."""
        ...

    def close(self) -> None: ...


_alive: WeakSet[OpenDatabase] = WeakSet()


def add(database: OpenDatabase) -> None:
    """Close it at exit, unless it is closed before."""
    if not _alive:
        atexit.unregister(_close_all)
        atexit.register(_close_all)
    _alive.add(database)


def discard(database: OpenDatabase) -> None:
    """It is closed."""
    _alive.discard(database)


def _close_all() -> None:
    """At exit, DuckDB's binding would print leak warnings about open connections."""
    for database in tuple(_alive):
        database.close()


def _leave_to_the_parent() -> None:
    """In a forked child, never free the engines of the parent.

    DuckDB waits for its threads when it is freed, and they are not in the child: it would hang or
    crash at its end. A reference that is never given back is the way to have nothing freed.
    """
    if not _alive:
        return
    for database in tuple(_alive):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(database.connection))
    _alive.clear()


os.register_at_fork(after_in_child=_leave_to_the_parent)
