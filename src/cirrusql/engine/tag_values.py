"""What is wrong with tags that a statement assigns, in any form that ``tags()`` reads.

``tags()`` itself leaves out what it does not understand, which is right for rows that are read; a
write would remove or lose the tags that were left out.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

_RIGHT = "write MAP {'key': 'value'}, a list of {'Key': …, 'Value': …}, or JSON text of either"


def tags_fault(text: str | None, column: str) -> str | None:
    """The error for tags given as JSON text; None if each has a key of its own and a value."""
    found = None if text is None else json.loads(text)
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            return f"{column} is text, but not JSON: {_RIGHT}"
    if found is None:
        return None
    if isinstance(found, dict) and isinstance(found.get("Items"), list):
        found = found["Items"]
    if not isinstance(found, dict | list):
        return f"{column} is a single value, not tags: {_RIGHT}"
    pairs = list(_pairs(found))
    if any(key is None for key, _ in pairs):
        return f"an item of {column} has no Key: {_RIGHT}"
    if (bare := next((key for key, value in pairs if value is None), None)) is not None:
        return (
            f"{column} sets the tag {bare!r} to NULL: write '' for an empty value, or leave the "
            "tag out"
        )
    twice = next((key for key, n in Counter(key for key, _ in pairs).items() if n > 1), None)
    return None if twice is None else f"{column} sets the tag {twice!r} twice"


def _pairs(found: dict[str, Any] | list[Any]) -> Iterator[tuple[Any, Any]]:
    if isinstance(found, dict):
        yield from found.items()
        return
    for item in found:
        members = item.items() if isinstance(item, dict) else ()
        folded = {name.lower().removeprefix("tag"): value for name, value in members}
        yield folded.get("key"), folded.get("value")
