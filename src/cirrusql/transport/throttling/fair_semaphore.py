"""Allocates slots for concurrent calls fairly.

Each kind of call (connection, region, operation) has its own queue; the queues are served in turn,
so a listing of ten thousand items does not delay a single call elsewhere. Used by one event loop.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Hashable


class FairSemaphore:
    """At most ``places`` calls may be in progress at once."""

    def __init__(self, places: int) -> None:
        self._places = max(places, 1)
        self._free = self._places
        """Negative after a resize, while more calls are in progress than allowed."""
        self._queues: OrderedDict[Hashable, deque[asyncio.Future[None]]] = OrderedDict()

    async def enter(self, kind: Hashable) -> None:
        """Wait for a slot; release it with ``leave``."""
        if self._free > 0 and not self._queues:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(kind, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                # It got its slot at the moment it was cancelled.
                self.leave()
            raise

    def leave(self) -> None:
        """Pass the slot to the first waiter of the next kind, or free it."""
        self._free += 1
        self._give_out()

    def resize(self, places: int) -> None:
        """Change the number of slots; calls in progress continue."""
        self._free += max(places, 1) - self._places
        self._places = max(places, 1)
        self._give_out()

    def _give_out(self) -> None:
        while self._free > 0 and self._queues:
            kind, waiting = self._queues.popitem(last=False)
            turn = waiting.popleft()
            if waiting:
                self._queues[kind] = waiting
            if not turn.done():
                self._free -= 1
                turn.set_result(None)
