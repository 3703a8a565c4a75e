"""Parses PostgreSQL's text form of arrays, ``{a,"b c",NULL}``, which its clients send for lists."""

from __future__ import annotations

import re

_ITEM = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|((?:[^,{}"\\]|\\.)*))\s*', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def array_items(text: str) -> list[str] | None:
    """The items of a one-dimensional array without NULLs; None if the text is not an array."""
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
