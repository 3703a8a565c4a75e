"""The inverse of a write, or the reason why there is none: the result of ``inverses``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cirrusql.catalog.inverses.column_readings import ColumnReading
from cirrusql.catalog.inverses.inverse_sources import (
    ValueSource,
)
from cirrusql.catalog.inverses.readback import Reading
from cirrusql.catalog.inverses.tag_inverses import Tags
from cirrusql.catalog.model import Method
from cirrusql.catalog.relations.parents import Parent


class Needs(StrEnum):
    """What must be true before the write for the inverse to be right."""

    NOTHING = "nothing"
    ABSENT = "it did not exist"
    PRESENT = "it already existed"
    VALUES = "each changed value was set before"
    TAGS = "the previous tags"
    STATE = "it was in the other state"


@dataclass(frozen=True)
class Inverse:
    """How a write is undone by ``method``; ``parameters`` by its parameter names."""

    method: Method
    parameters: Mapping[str, ValueSource]
    reason: str
    needs: Needs = Needs.NOTHING
    reading: Reading | None = None
    """The reading that checks ``needs``, if the request identifies the resource."""
    listing: Parent | None = None
    """Or a listing that must not have contained the resource named in the response."""
    columns: tuple[ColumnReading, ...] = ()
    """The readings of the columns that the write changes; the first belongs to ``reading``."""
    tags: Tags | None = None
    """How tags are restored."""
    if_absent: Inverse | None = field(default=None)
    """The inverse if the resource did not exist before (Put: Delete)."""

    @property
    def told(self) -> str:
        """For EXPLAIN and reports."""
        return self.method.operation.id

    @property
    def promised(self) -> str:
        """The inverse in words, whatever the read before the write will show."""
        absent = self.if_absent
        return (
            f"{self.told}, or {absent.told} if there was no previous value" if absent else self.told
        )

    @property
    def provided(self) -> str | None:
        """What the read before the write must show; None if nothing."""
        if self.needs is Needs.NOTHING:
            return None
        seen = [self.listing.method.operation.id] if self.listing is not None else []
        seen += [r.reason for r in self.looks]
        needs = (
            "the previous values can be read" if self.if_absent is not None else self.needs.value
        )
        return f"{needs} ({', '.join(seen)})" if seen else needs

    @property
    def looks(self) -> tuple[Reading, ...]:
        """The readings that show the previous state."""
        if self.columns:
            return tuple(c.reading for c in self.columns)
        return (self.reading,) if self.reading is not None else ()


@dataclass(frozen=True)
class NoInverse:
    """Why a write cannot be undone."""

    reason: str
