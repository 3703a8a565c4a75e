"""Quotes SQL names and string literals, and removes prefixes that other tools put before a name.
Imports nothing."""

from __future__ import annotations


def quoted(name: str) -> str:
    """A quoted identifier that the engine takes literally."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


_BODY = "data__"


def without_body(name: str) -> str:
    """A parameter's name as StackQL writes those of a request's body, ``data__X``, as X."""
    return name[len(_BODY) :] if name.lower().startswith(_BODY) else name
