"""The last statements that failed, for the table ``pg_last_errors`` and the operator's log.

Literals are hidden: they may be secrets, and the operator is not their owner. Users see their own
failures only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from cirrusql.sql.statement_secrets import hidden, literals, without

_KEPT = 500
_LONGEST = 1000
"""Characters of a statement that are kept."""


@dataclass(frozen=True)
class Failed:
    """A statement that failed."""

    at: datetime
    pid: int
    user: str
    sqlstate: str
    message: str
    statement: str


class FailureLog:
    """The last failures of all connections. Thread-safe."""

    def __init__(self, say: Callable[[str], None] | None = None) -> None:
        """``say`` gets a line for each; None: they are only kept."""
        self._say = say
        self._failed: deque[Failed] = deque(maxlen=_KEPT)

    def record(self, user: str, pid: int, sqlstate: str, message: str, statement: str) -> None:
        """Keep a failure, and say it if the operator wants to know."""
        told = without(message, literals(statement))
        text = hidden(statement)[:_LONGEST]
        self._failed.append(Failed(datetime.now(UTC), pid, user, sqlstate, told, text))
        if self._say is not None:
            self._say(f"{user} ({pid}): {sqlstate}: {told}: {' '.join(text.split())}")

    def of(self, user: str) -> tuple[Failed, ...]:
        """The failures of one user, oldest first."""
        return tuple(one for one in tuple(self._failed) if one.user == user)
