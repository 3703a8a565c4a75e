"""Rewrites a statement token by token, so that everything else stays as the user wrote it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlglot.errors import SqlglotError

from cirrusql.sql.tree import tokens_of

Edit = tuple[int, int, str]
"""Start and end offset of what is replaced, and its replacement."""


def edited(text: str, edits: Callable[[Sequence[Any]], Iterable[Edit]]) -> str:
    """The text with the edits of its tokens. What is inserted stands before what is replaced at the
    same place. Unchanged if it has no tokens of the
    engine's SQL: the parser words that error."""
    try:
        tokens = tokens_of(text)
    except (SqlglotError, ValueError):
        return text
    for start, end, replacement in sorted(edits(tokens), key=lambda e: e[:2], reverse=True):
        text = f"{text[:start]}{replacement}{text[end:]}"
    return text
