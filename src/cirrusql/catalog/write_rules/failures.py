"""Which members of a writing operation's answer say that a part of what was asked was not done.

Operations over many things answer 200 and list what failed: ``Failed``, ``UnprocessedItems``,
``Unsuccessful``, or an ``ErrorCode`` beside each entry. What such
a list holds is read by ``decode.refused_items``; what only documentation decides is in
``failures.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from cirrusql.api.model import Kind, Operation, Shape
from cirrusql.catalog.inference.words import snake_case

_TELLS = re.compile(
    r"^(unprocessed|unsuccessful(ly)?|failed|failures?|errors?|rejected|invalid)(_|$)"
    r"|_(errors?|failures?)$|_(failed|failure)_"
)
"""Names, in snake_case, of lists of what was not done."""
_COUNTS = re.compile(r"^failed_(\w+_)?count$")
_OF_AN_ENTRY = frozenset({"error", "error_code", "error_detail", "exception_response"})
"""Members that an entry has only if it failed."""
_DONE = re.compile(r"^success")
_PARTS = re.compile(r"^(unprocessed|rejected)_")
"""Names of single structures that say which part was not done."""


@dataclass(frozen=True)
class Failures:
    """What of an answer says that something was not done; member names as the API spells them."""

    lists: tuple[str, ...] = ()
    """Lists and maps of nothing but what failed."""
    entries: tuple[tuple[str, str], ...] = ()
    """Lists of what was done and what failed,
    each with the member that only those have which failed."""
    counts: tuple[str, ...] = ()
    """Numbers of what failed."""
    parts: tuple[str, ...] = ()
    """Structures of which any value says that a part was not done."""

    def __bool__(self) -> bool:
        return bool(self.lists or self.entries or self.counts or self.parts)


def failures_of(operation: Operation) -> Failures:
    """What the answer of a writing operation has for what was not done."""
    if operation.output is None:
        return Failures()
    left_out, given = _left_out(operation), _entries(operation)
    members = {n: m.shape for n, m in operation.output.members.items() if n not in left_out}
    entries = {n: m for n, s in members.items() if (m := given.get(n) or _entry_member(n, s))}
    lists = (n for n, s in members.items() if n not in entries and _is_list_of_failures(n, s))
    counts = (n for n, s in members.items() if s.kind in _NUMBERS and _COUNTS.search(snake_case(n)))
    parts = (
        n for n, s in members.items() if s.kind is Kind.STRUCTURE and _PARTS.match(snake_case(n))
    )
    return Failures(tuple(lists), tuple(entries.items()), tuple(counts), tuple(parts))


_NUMBERS = (Kind.INTEGER, Kind.LONG)


def _is_list_of_failures(name: str, shape: Shape) -> bool:
    return shape.kind in (Kind.LIST, Kind.MAP) and _TELLS.search(snake_case(name)) is not None


def _entry_member(name: str, shape: Shape) -> str | None:
    """The member by which an entry says that it failed,
    where the list is not one of failures only."""
    if shape.kind is not Kind.LIST or shape.element.shape.kind is not Kind.STRUCTURE:
        return None
    if _is_list_of_failures(name, shape) or _DONE.match(snake_case(name)):
        return None
    names = {snake_case(n): n for n in shape.element.shape.member_names}
    return next((names[n] for n in sorted(_OF_AN_ENTRY) if n in names), None)


def _left_out(operation: Operation) -> Collection[str]:
    found: Sequence[str] = operation.overlay.section("failures.toml", "of_the_thing").get(
        operation.id, ()
    )
    return found


def _entries(operation: Operation) -> Mapping[str, str]:
    found: Mapping[str, str] = operation.overlay.section("failures.toml", "entries").get(
        operation.id, {}
    )
    return found
