"""A cache whose entries are requested once and expire."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class TtlCache(Generic[T]):
    """Values by key; used on the loop only. Concurrent requests for a key wait for the
    first one."""

    _known: dict[Hashable, tuple[T, float]] = field(default_factory=dict)
    """Values with their expiry time by the loop's clock."""
    _asking: dict[Hashable, asyncio.Lock] = field(default_factory=dict)

    async def of(self, key: Hashable, ask: Callable[[], Awaitable[tuple[T, float]]]) -> T:
        """Return the value. ``ask`` returns the value and its lifetime in seconds; its exceptions
        are raised."""
        now = asyncio.get_running_loop().time
        async with self._asking.setdefault(key, asyncio.Lock()):
            known = self._known.get(key)
            if known is None or known[1] <= now():
                found, seconds = await ask()
                known = self._known[key] = found, now() + seconds
        return known[0]

    def forget(self, key: Hashable) -> None:
        """Drop the value, so that it is requested again."""
        self._known.pop(key, None)
