"""Whose turn it is: places for calls under way, given out fairly.

Whoever waits stands in the queue of its own kind (connection, region, operation); the queues
are served in turn, so that a listing of ten thousand items does not hold up a single one
elsewhere. Belongs to one event loop.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Hashable


class FairSemaphore:
    """``places`` calls may be under way at once."""

    def __init__(self, places: int) -> None:
        self._places = max(places, 1)
        self._free = self._places
        """Below 0 while more are under way than there are places by now."""
        self._queues: OrderedDict[Hashable, deque[asyncio.Future[None]]] = OrderedDict()

    async def enter(self, kind: Hashable) -> None:
        """Wait for a place; whoever has one must ``leave`` it."""
        if self._free > 0 and not self._queues:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(kind, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                # It was given its place in the moment in which it was cancelled.
                self.leave()
            raise

    def leave(self) -> None:
        """Hand the place to the first of the next kind, or free it."""
        self._free += 1
        self._give_out()

    def resize(self, places: int) -> None:
        """So many calls may be under way from now on; those that are go on."""
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
