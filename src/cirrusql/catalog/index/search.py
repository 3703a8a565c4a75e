"""Searches the catalog by words, and ranks the results.

Every word must occur in the name or the description. A word that is a whole part of the name counts
most (``key`` in ``access_keys``), then one that starts a part, then one inside a part, then one in
the description; names without further words come first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cirrusql.catalog.inference.words import singular, snake_case

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Hit:
    """One result of a search."""

    kind: str
    """``service``, ``resource``, ``method`` or ``field``."""
    name: str
    """Its full name, as in a statement."""
    description: str
    score: int = 0


_KIND_BONUS = {"resource": 6, "service": 5, "method": 2, "field": 0}
_WHOLE, _BEGINNING, _INSIDE, _DESCRIBED, _NOTHING_ELSE = 24, 16, 10, 4, 12

# For each table: the kind of its rows, the columns of the name, and one further column that is
# searched.
_SOURCES = {
    "services": ("service", ("provider", "service"), "title", None),
    "resources": ("resource", ("provider", "service", "resource"), "description", None),
    "methods": (
        "method",
        ("provider", "service", "resource", "method"),
        "description",
        "operation",
    ),
    "fields": ("field", ("provider", "service", "resource", "name"), "description", None),
}


def search(table: Callable[[str], pa.Table], text: str, limit: int) -> list[Hit]:
    """The results for a text, best first; ``table`` returns the index's tables by name."""
    words = [w for w in snake_case(text).replace("_", " ").replace(".", " ").split() if w]
    if not words:
        return []
    found = [
        h
        for name in _SOURCES
        for hit in _candidates(table(name), name, words)
        if (h := _scored(hit, words))
    ]
    found.sort(key=lambda h: (-h.score, len(h.name), h.name))
    return found[:limit]


def _candidates(table: pa.Table, source: str, words: list[str]) -> Iterator[Hit]:
    """The rows that contain every word, found column by column."""
    import pyarrow.compute as pc

    kind, names, described, also = _SOURCES[source]
    if source == "fields":
        table = table.filter(pc.equal(table["role"], "field"))
    searched = [*names, described, *([also] if also else [])]
    mask: Any = None
    for word in words:
        stem = singular(word)
        in_any: Any = None
        for column in searched:
            has = pc.match_substring(table[column], stem, ignore_case=True)
            in_any = has if in_any is None else pc.or_(in_any, has)
        mask = in_any if mask is None else pc.and_(mask, in_any)
    for row in table.filter(mask).select([*names, described]).to_pylist():
        yield Hit(kind, ".".join(row[n] for n in names), row[described] or "")


def _scored(hit: Hit, words: list[str]) -> Hit | None:
    """The result with its score; None if a word is in neither name nor description."""
    own = hit.name.rpartition(".")[2]
    parts = {singular(p) for p in hit.name.lower().replace("_", ".").split(".")}
    parts |= {singular(p) for p in snake_case(own).split("_")}
    description = hit.description.lower()
    if hit.kind == "service":
        # A service's title is its name, not its description.
        parts |= {singular(w) for w in description.split()}
    score = _KIND_BONUS[hit.kind]
    for word in map(singular, words):
        if word in parts:
            score += _WHOLE
        elif any(p.startswith(word) for p in parts):
            score += _BEGINNING
        elif word in hit.name.lower():
            score += _INSIDE
        elif word in description:
            score += _DESCRIBED
        else:
            return None
    if {singular(p) for p in snake_case(own).split("_")} <= set(map(singular, words)):
        score += _NOTHING_ELSE
    return replace(hit, score=score)
