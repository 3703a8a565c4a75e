"""Sessions that serve one client after another, since an idle one keeps megabytes and threads.

A session that leaves nothing of a client behind (no local table, no open transaction, no unread
rows) goes back to the pool between two statements; ``worker`` decides that. The client's settings,
call log and cached responses move with the client. Sessions are of one user: a policy may depend on
who asks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from cirrusql.apps.srv.dialect.meanings import ENGINE_SETTINGS
from cirrusql.apps.srv.pg_catalog.loading import CatalogLoader
from cirrusql.apps.srv.pg_catalog.pg_tables import PgTables
from cirrusql.session.session import Session

MOST_IDLE = 8
"""Idle sessions that are kept."""


@dataclass
class Lease:
    """A session, and what the server has defined in its engine."""

    session: Session
    loader: CatalogLoader
    functions: set[str] = field(default_factory=set)
    """Names in ``dialect.functions.MACROS``."""
    zone: str = "UTC"


class SessionPool:
    """The sessions that no client uses now, newest last. Thread-safe."""

    def __init__(self, tables: PgTables, most: int = MOST_IDLE) -> None:
        self._tables = tables
        self._most = most
        self._idle: list[Lease] = []
        self._lock = threading.Lock()
        self._is_closed = False

    def borrow(self, open_session: Callable[[], Session]) -> Lease:
        """A session for the user of the one that ``open_session`` opens: an idle one, or that
        one."""
        fresh = open_session()
        with self._lock:
            found = next((one for one in reversed(self._idle) if _suits(one, fresh)), None)
            if found is not None:
                self._idle.remove(found)
        if found is not None:
            found.session.serve(fresh.served)
            return found
        for setting in ENGINE_SETTINGS:
            fresh.database.execute(f"SET GLOBAL {setting}")
            fresh.database.execute(f"SET {setting}")
        # Remote users reach what the session serves, not the server's files.
        fresh.database.guard()
        return Lease(fresh, CatalogLoader(self._tables))

    def give_back(self, lease: Lease) -> Lease | None:
        """Keep a session for the next client; returns one that is too many, to be closed."""
        with self._lock:
            if self._is_closed:
                return lease
            self._idle.append(lease)
            return self._idle.pop(0) if len(self._idle) > self._most else None

    def close(self) -> None:
        """Close the idle sessions, and keep none from now on."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for lease in idle:
            lease.session.close()


def _suits(lease: Lease, fresh: Session) -> bool:
    return lease.session.user == fresh.user
