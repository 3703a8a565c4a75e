"""How much a write writes: what decides whether somebody has to say yes first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from cirrusql.catalog.behaviour.write_counts import things_of
from cirrusql.plan.model import Write
from cirrusql.transport.model import Call


@dataclass(frozen=True)
class Extent:
    """How much a statement or a transaction writes."""

    things: int
    is_known: bool = True
    """False where a call writes as many things as the service finds."""
    is_named: bool = True
    """The statements themselves say which things these are, or it is one."""

    @classmethod
    def of(cls, prepared: Iterable[tuple[Write, Sequence[Call]]]) -> Extent:
        """The extent of the writes of one statement with their calls: all are of the same things."""
        things, is_known, is_named = 0, True, True
        for write, calls in prepared:
            counts = [things_of(c.operation, c.parameters) for c in calls]
            count = sum(1 if n is None else n for n in counts)
            things = max(things, count)
            is_known = is_known and None not in counts
            is_named = is_named and (write.is_literal or count <= 1)
        return cls(things, is_known, is_named)

    @classmethod
    def sum(cls, extents: Collection[Extent]) -> Extent:
        """That of several statements."""
        return cls(
            sum(e.things for e in extents),
            all(e.is_known for e in extents),
            all(e.is_named for e in extents),
        )

    def asks(self, most: int) -> bool:
        """Whether it must be confirmed: ``most`` things may be written by name without it."""
        return not self.is_known or not self.is_named or self.things > most

    @property
    def told(self) -> str:
        """``5 things``"""
        if not self.is_known:
            return "as many things as the service finds"
        return f"{self.things} thing{'s' if self.things != 1 else ''}"


def calls_told(calls: Sequence[object]) -> str:
    """``5 calls``"""
    return f"{len(calls)} call{'s' if len(calls) != 1 else ''}"
