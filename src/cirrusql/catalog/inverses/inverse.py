"""What undoes a write, and why nothing does: the answer that ``inverses`` gives."""

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
    """What a look before the write must have shown for the inverse to be right."""

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
    """By which ``needs`` is looked up, where what was sent names the thing."""
    listing: Parent | None = None
    """Or a listing in which what the answer names must not have been."""
    columns: tuple[ColumnReading, ...] = ()
    """What tells the columns that the write changes; the first is of ``reading``."""
    tags: Tags | None = None
    """How tags are set back."""
    if_absent: Inverse | None = field(default=None)
    """What undoes it instead where the thing was not there before (Put: Delete)."""

    @property
    def told(self) -> str:
        """For EXPLAIN and reports."""
        return self.method.operation.id

    @property
    def promised(self) -> str:
        """What undoes it, whatever the look before the write will show."""
        absent = self.if_absent
        return (
            f"{self.told}, or {absent.told} if there was no previous value" if absent else self.told
        )

    @property
    def provided(self) -> str | None:
        """What the look before the write must show; None where it need show nothing."""
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
        """The readings that show what was there before."""
        if self.columns:
            return tuple(c.reading for c in self.columns)
        return (self.reading,) if self.reading is not None else ()


@dataclass(frozen=True)
class NoInverse:
    """Why a write cannot be undone."""

    reason: str
