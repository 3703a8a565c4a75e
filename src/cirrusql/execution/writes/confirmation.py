"""Counts what a write affects, which decides whether confirmation is required."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cirrusql.catalog.write_rules.write_counts import things_of
from cirrusql.plan.model import Write
from cirrusql.transport.model import Call

_Thing = tuple[object, frozenset[str]]
"""Its place, and the values that identify it."""


@dataclass(frozen=True)
class Extent:
    """How much a statement or a transaction writes."""

    things: int
    is_known: bool = True
    """False if a call affects every resource that the service matches."""
    unnamed: int = 0
    """How many of them the statements do not name literally."""

    @classmethod
    def of(cls, prepared: Iterable[tuple[Write, Sequence[Call]]]) -> Extent:
        """The extent of one statement's writes with their calls."""
        single: list[set[_Thing]] = []
        several, is_known, is_named = 0, True, True
        for write, calls in prepared:
            if write.follows:
                # Sets further properties of a resource that the statement creates.
                continue
            is_update = write.verb == "UPDATE"
            things: list[_Thing] = []
            calls_of_one: list[_Thing] = []
            many = 0
            for call in calls:
                # Values in SET, and those of a row that is inserted, do not identify resources.
                is_row = write.verb in ("INSERT", "REPLACE")
                keys = write.keys if is_update or is_row else None
                count = things_of(call.operation, call.parameters, keys, is_row=is_row)
                is_known = is_known and count is not None
                if write.is_remaking:
                    things.append((call.target, frozenset([f"{write.id} {call.number}"])))
                elif count == 1 and write.keys and (is_update or write.verb == "DELETE"):
                    named = frozenset(_texts([call.parameters.get(n) for n in write.keys]))
                    things.append((call.target, named))
                    calls_of_one.append((call.target, named | {f"{write.id} {call.number}"}))
                else:
                    many += 1 if count is None else count
            is_alone = not write.is_found_by_reading or len(set(things)) == len(things)
            if len(set(things)) < len(things):
                # A call per row, and what tells the rows apart is inside a structure: the records
                # of a zone.
                things = calls_of_one or things
            single.append(set(things))
            several = max(several, many)
            # Several rows of one name are not named.
            is_named = is_named and ((write.is_literal and is_alone) or not calls)
        found = several + _distinct(single)
        return cls(found, is_known, 0 if is_named else found)

    @classmethod
    def sum(cls, extents: Collection[Extent]) -> Extent:
        """The total of several statements."""
        return cls(
            sum(e.things for e in extents),
            all(e.is_known for e in extents),
            sum(e.unnamed for e in extents),
        )

    def asks(self, most: int) -> bool:
        """Whether confirmation is required; up to ``most`` resources may be written by name without
        it."""
        return not self.is_known or self.unnamed > 1 or self.things > most

    @property
    def told(self) -> str:
        """``5 things``"""
        if not self.is_known:
            return "every resource that the service matches"
        return f"{self.things} thing{'s' if self.things != 1 else ''}"


def _distinct(writes: Sequence[set[_Thing]]) -> int:
    """How many resources the writes of a statement act on; each write may identify them
    differently."""
    found = set().union(*writes)
    if len(found) > 1 and all(len(things) <= 1 for things in writes):
        first, *others = found
        return 1 if all(_are_same(first, other) for other in others) else len(found)
    return len(found)


def _are_same(one: _Thing, other: _Thing) -> bool:
    """Whether two calls identify the same resource: by equal values, or by one of its
    names each."""
    (place, few), (other_place, many) = sorted((one, other), key=lambda thing: len(thing[1]))
    return place == other_place and all(
        any(_ends_in(a, b) or _ends_in(b, a) for b in many) for a in few
    )


def _ends_in(text: str, name: str) -> bool:
    return text == name or text.endswith((f"/{name}", f":{name}"))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
    elif value is not None:
        yield str(value)


def calls_told(calls: Sequence[object]) -> str:
    """``5 calls``"""
    return f"{len(calls)} call{'s' if len(calls) != 1 else ''}"
