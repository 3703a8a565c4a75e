"""PostgreSQL's text of an array, ``{a,"b c",NULL}``, as a list:
what its clients give for a list."""

from __future__ import annotations

import re

_ITEM = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|((?:[^,{}"\\]|\\.)*))\s*', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def array_items(text: str) -> list[str] | None:
    """The items of a one-dimensional array, NULLs left out; None where the text is none."""
    body = text.strip()
    if not (body.startswith("{") and body.endswith("}")):
        return None
    inner = body[1:-1]
    if not inner.strip():
        return []
    found: list[str] = []
    position = 0
    while True:
        match = _ITEM.match(inner, position)
        assert match is not None
        quoted, bare = match[1], (match[2] or "").strip()
        if quoted is None and not bare:
            return None
        if quoted is not None or bare.upper() != "NULL":
            found.append(_ESCAPED.sub(r"\1", bare if quoted is None else quoted))
        position = match.end()
        if position == len(inner):
            return found
        if inner[position] != ",":
            return None
        position += 1
