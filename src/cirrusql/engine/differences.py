"""SQL functions for differences of sets, used to update set-valued columns.

An API with separate operations for adding and removing is sent the difference between the new and
the current value. Each function takes JSON text and returns JSON text, or NULL if there is no
difference.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from cirrusql.catalog.inference.full_names import ENDING
from cirrusql.engine.documents import parsed_document

_FILLED_IN = ("id", "name", "status", ENDING)
"""Suffixes of members that an API adds to what it was sent, such as the UserId beside a GroupId."""


def set_less(first: str | None, second: str | None) -> str | None:
    """Items of a list that another list lacks; entries of a map that another map lacks or has with
    another value."""
    one, other = _document(first), _document(second)
    if isinstance(one, dict):
        there = other if isinstance(other, dict) else {}
        return _text(
            {k: v for k, v in one.items() if k not in there or _plain(there[k]) != _plain(v)}
        )
    return _less(_items(one), _items(other))


def keys_less(first: str | None, second: str | None) -> str | None:
    """Keys of a map that another map lacks; for lists, the same as ``set_less``."""
    one, other = _document(first), _document(second)
    if isinstance(one, dict) or isinstance(other, dict):
        there = other if isinstance(other, dict) else {}
        return _text([k for k in (one or {}) if k not in there])
    return set_less(first, second)


def names_less(first: str | None, second: str | None) -> str | None:
    """Like ``keys_less``, but items with different values count as the same: a taint of the same
    key and effect."""
    one, other = _document(first), _document(second)
    if isinstance(one, dict) or isinstance(other, dict):
        return keys_less(first, second)
    there = [_named(i) for i in _items(other)]
    return _text([i for i in _items(one) if _named(i) not in there])


def rules_less(first: str | None, second: str | None) -> str | None:
    """Rules that another list lacks, one per source: a permission has as many rules as sources."""
    one, other = _items(_document(first)), _items(_document(second))
    return _less([r for p in one for r in _rules(p)], [r for p in other for r in _rules(p)])


def ids_of(things: str | None, name: str) -> str | None:
    """The ids of a list of resources, each given as an id or as a structure that contains it under
    one of the names."""
    found = _document(things)
    if found is None:
        return None
    return json.dumps([i for i in _ids(found, name) if i is not None])


def lacks_ids_of(things: str | None, name: str) -> bool:
    """Whether an item of such a list contains no id."""
    return None in _ids(_document(things), name)


def _ids(found: Any, name: str) -> list[Any]:
    folded = name.lower()
    return [
        next((v for k, v in thing.items() if k.lower() == folded), None)
        if isinstance(thing, dict)
        else thing
        for thing in _items(found)
    ]


def _less(one: list[Any], other: list[Any]) -> str | None:
    there = [_plain(i) for i in other]
    return _text([i for i in one if not any(_is_same(_plain(i), t) for t in there)])


def _rules(permission: Any) -> Iterator[Any]:
    """A structure with lists of structures, expanded to one structure per item."""
    if not isinstance(permission, dict):
        yield permission
        return
    lists = {k: v for k, v in permission.items() if isinstance(v, list)}
    rest = {k: v for k, v in permission.items() if k not in lists and v is not None}
    for name, items in lists.items():
        yield from ({**rest, name: [_said(item)]} for item in items)


def _said(value: Any) -> Any:
    return {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else value


def _is_same(one: Any, other: Any) -> bool:
    """Whether two items are equal apart from members that the API adds itself."""
    if isinstance(one, dict) and isinstance(other, dict):
        shared = one.keys() & other.keys()
        alone = one.keys() ^ other.keys()
        is_alike = all(_is_same(one[k], other[k]) for k in shared)
        return bool(shared) and is_alike and all(k.lower().endswith(_FILLED_IN) for k in alone)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(any(_is_same(i, o) for o in other) for i in one)
    return bool(one == other)


def _plain(value: Any) -> Any:
    """A value normalized for comparison: numbers as text, empty values removed."""
    if isinstance(value, dict):
        return {k: p for k, v in value.items() if (p := _plain(v)) not in (None, [], {})}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value if value is None or isinstance(value, bool) else str(value)


def _named(item: Any) -> Any:
    plain = _plain(item)
    return (
        {k: v for k, v in plain.items() if k.lower() != "value"}
        if isinstance(plain, dict)
        else plain
    )


def _document(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return parsed_document(text)
    except (ValueError, RecursionError):
        return None


def _items(document: Any) -> list[Any]:
    if document is None:
        return []
    return document if isinstance(document, list) else [document]


def _text(found: Any) -> str | None:
    return json.dumps(found) if found else None
