"""Logins to a server: records them in the audit log and delays repeated failures.

Owns the delays: each failure from an address doubles the wait before its next attempt, up to a
limit, so that passwords cannot be guessed in bulk. Each server decides itself how clients
authenticate.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from cirrusql.errors import AuditFailed
from cirrusql.execution.audit.audit import AuditLog

_log = logging.getLogger(__name__)

FIRST, LONGEST = 0.25, 4.0
"""Seconds before the next attempt after the first failure, and the maximum."""
_FORGOTTEN_AFTER = 900.0
_MOST_ADDRESSES = 10_000
_EACH = 4
"""Consecutive failures from an address that are logged one by one."""


@dataclass
class AccessLog:
    """The login log of one server. ``audit`` is None if nothing is logged."""

    audit: AuditLog | None
    interface: str
    method: str
    """How clients authenticate: ``scram``, ``cert``, ``trust``, ``token``."""
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _failures: OrderedDict[str, tuple[int, float]] = field(default_factory=OrderedDict)
    """By address: the number of consecutive failures, and when the next attempt is allowed."""

    async def wait(self, address: str) -> None:
        """Delay an attempt according to the address's failures."""
        count, at = self._failures.get(address, (0, 0.0))
        now = self.clock()
        if not count:
            return
        # Later attempts wait behind this one, so parallel attempts gain nothing.
        self._failures[address] = (count, max(at, now) + _delay(count))
        if at > now:
            await self.sleep(min(at - now, LONGEST))

    async def admitted(self, user: str, address: str) -> None:
        """Record a successful login. Raises AuditFailed if that is not possible."""
        self._failures.pop(address, None)
        await self._note("login", user, address)

    async def refused(self, user: str, address: str, reason: str) -> None:
        """Record a failed login."""
        count, at = self._failures.pop(address, (0, 0.0))
        now = self.clock()
        if count and now - at > _FORGOTTEN_AFTER:
            count = 0
        self._failures[address] = (count + 1, now + _delay(count + 1))
        while len(self._failures) > _MOST_ADDRESSES:
            self._failures.popitem(last=False)
        if count + 1 > _EACH and (count + 1) & count:
            # Of many in a row, only each doubling is logged, so that strangers cannot fill the log.
            return
        try:
            await self._note("login failed", user, address, reason, count + 1)
        except AuditFailed as error:
            _log.warning("%s", error.message)

    async def _note(
        self,
        event: str,
        user: str,
        address: str,
        reason: str | None = None,
        in_a_row: int | None = None,
    ) -> None:
        if self.audit is None:
            return
        client = {"user": user[:200], "address": address}
        facts = {
            "interface": self.interface,
            "client": client,
            "method": self.method,
            "message": reason,
            "in_a_row": in_a_row,
        }
        await asyncio.to_thread(self.audit.note, event, facts)


def _delay(failures: int) -> float:
    return min(FIRST * 2.0 ** min(failures - 1, 10), LONGEST)
