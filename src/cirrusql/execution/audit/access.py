"""Who is let in to a server, and who is not: written down in the audit log, and failures slowed
down.

Owns the delays: each failure of an address doubles the time that its next attempt waits, up to a
bound, so that passwords cannot be guessed by the thousand. What makes a client known is each
server's own to say.
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
"""Seconds that the attempt after a first failure waits, and those that none waits longer than."""
_FORGOTTEN_AFTER = 900.0
_MOST_ADDRESSES = 10_000
_EACH = 4
"""Failures in a row of an address that are written down one by one."""


@dataclass
class AccessLog:
    """The door of one server. ``audit``: None where nothing is written down."""

    audit: AuditLog | None
    interface: str
    method: str
    """How clients show who they are: ``scram``, ``cert``, ``trust``, ``token``."""
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _failures: OrderedDict[str, tuple[int, float]] = field(default_factory=OrderedDict)
    """By address: how many in a row, and when the next attempt may be made."""

    async def wait(self, address: str) -> None:
        """Hold an attempt back for as long as the address's failures ask for."""
        count, at = self._failures.get(address, (0, 0.0))
        now = self.clock()
        if not count:
            return
        # The next in line waits behind this one: attempts at once are no way around.
        self._failures[address] = (count, max(at, now) + _delay(count))
        if at > now:
            await self.sleep(min(at - now, LONGEST))

    async def admitted(self, user: str, address: str) -> None:
        """A client is let in. Raises AuditFailed where that cannot be written down."""
        self._failures.pop(address, None)
        await self._note("login", user, address)

    async def refused(self, user: str, address: str, reason: str) -> None:
        """A client is not let in."""
        count, at = self._failures.pop(address, (0, 0.0))
        now = self.clock()
        if count and now - at > _FORGOTTEN_AFTER:
            count = 0
        self._failures[address] = (count + 1, now + _delay(count + 1))
        while len(self._failures) > _MOST_ADDRESSES:
            self._failures.popitem(last=False)
        if count + 1 > _EACH and (count + 1) & count:
            # Of many in a row each doubling is told: strangers cannot fill the log.
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
