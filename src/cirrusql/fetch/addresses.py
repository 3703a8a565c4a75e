"""Addresses that a service gives out itself: asked for once, and kept for as long as it says.

Timestream tells every account which of its cells to call (DescribeEndpoints). Which operations
want that is ``wire.endpoint``'s to say, the call is ``attempts``'s to make.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cirrusql.api.model import Operation
from cirrusql.errors import BadAnswer
from cirrusql.fetch.model import Target
from cirrusql.wire.endpoint import asked_first

Ask = Callable[[Operation, Target], Awaitable[Mapping[str, Any]]]
_Key = tuple[str | None, str, str]


@dataclass
class Addresses:
    """Known addresses by connection, region and service; touched on the loop only."""

    _known: dict[_Key, tuple[str, float]] = field(default_factory=dict)
    """With the moment, by the loop's clock, from which on to ask again."""
    _asking: dict[_Key, asyncio.Lock] = field(default_factory=dict)

    async def of(self, operation: Operation, target: Target, ask: Ask) -> str | None:
        """The host that an operation is to be called at; None where that is the endpoint rules' to say.

        Raises what asking raises, and BadAnswer where the service names no address.
        """
        first = asked_first(operation)
        if first is None:
            return None
        key = _key(operation, target)
        now = asyncio.get_running_loop().time
        async with self._asking.setdefault(key, asyncio.Lock()):
            known = self._known.get(key)
            if known is None or known[1] <= now():
                answer = await ask(first, target)
                known = self._known[key] = _first_address(first, answer, now())
        return known[0]

    def forget(self, operation: Operation, target: Target) -> None:
        """Ask again next time: the service says that the address is not the one."""
        self._known.pop(_key(operation, target), None)


def _key(operation: Operation, target: Target) -> _Key:
    return target.connection, target.region, operation.service.id


def _first_address(asked: Operation, answer: Mapping[str, Any], now: float) -> tuple[str, float]:
    for endpoint in answer.get("Endpoints") or ():
        if endpoint.get("Address"):
            return str(endpoint["Address"]), now + 60.0 * float(endpoint.get("CachePeriodInMinutes") or 0)
    raise BadAnswer(f"{asked.id}: the answer names no address to call")
