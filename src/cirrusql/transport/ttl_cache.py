"""What one call finds out for many: asked for once, kept for as long as it is good."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class TtlCache(Generic[T]):
    """Things by key; touched on the loop only.
    Who asks for one that is being asked for waits for it."""

    _known: dict[Hashable, tuple[T, float]] = field(default_factory=dict)
    """With the moment, by the loop's clock, from which on to ask again."""
    _asking: dict[Hashable, asyncio.Lock] = field(default_factory=dict)

    async def of(self, key: Hashable, ask: Callable[[], Awaitable[tuple[T, float]]]) -> T:
        """The thing; ``ask`` gives it and for how many seconds it is good.
        Raises what that raises."""
        now = asyncio.get_running_loop().time
        async with self._asking.setdefault(key, asyncio.Lock()):
            known = self._known.get(key)
            if known is None or known[1] <= now():
                found, seconds = await ask()
                known = self._known[key] = found, now() + seconds
        return known[0]

    def forget(self, key: Hashable) -> None:
        """Ask again next time."""
        self._known.pop(key, None)
