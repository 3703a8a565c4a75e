"""Names and texts as SQL has them; the one place that puts them in quotes. Imports nothing."""

from __future__ import annotations


def quoted(name: str) -> str:
    """A name that the engine takes as it stands, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
