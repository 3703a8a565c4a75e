"""Finds members of a write's response that report partial failures.

Batch operations return 200 and list what failed: ``Failed``, ``UnprocessedItems``,
``Unsuccessful``, or an ``ErrorCode`` in each entry. ``decode.refused_items`` reads such lists;
``failures.toml`` has what only the documentation decides.
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
"""Names of lists of failures, in snake_case."""
_COUNTS = re.compile(r"^failed_(\w+_)?count$")
_OF_AN_ENTRY = frozenset({"error", "error_code", "error_detail", "exception_response"})
"""Members that an entry has only if it failed."""
_DONE = re.compile(r"^success")
_PARTS = re.compile(r"^(unprocessed|rejected)_")
"""Names of single structures that say which part failed."""


@dataclass(frozen=True)
class Failures:
    """The parts of a response that report failures; member names as in the API."""

    lists: tuple[str, ...] = ()
    """Lists and maps that contain only failures."""
    entries: tuple[tuple[str, str], ...] = ()
    """Lists of successes and failures, each with the member that only failures have."""
    counts: tuple[str, ...] = ()
    """Numbers of failures."""
    parts: tuple[str, ...] = ()
    """Structures of which any value means that a part failed."""

    def __bool__(self) -> bool:
        return bool(self.lists or self.entries or self.counts or self.parts)


def failures_of(operation: Operation) -> Failures:
    """The parts of a writing operation's response that report failures."""
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
    """The member that marks an entry as failed, if the list contains successes too."""
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
