"""Removes ``public.`` before the names of local tables and views: the engine has no schema of that
name, in which PostgreSQL keeps them.

``database.public.t`` loses both parts. A statement that uses the word as a name of its own, such as
an alias of a table, is unchanged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import TokenType

from cirrusql.sql.tree import tokens_of

PUBLIC = "public"
_NAMES = frozenset({TokenType.VAR, TokenType.IDENTIFIER})


def without_public(text: str, databases: Collection[str]) -> str:
    """The statement without the schema. ``databases``: the names that may stand before it."""
    if PUBLIC not in text.lower():
        return text
    try:
        tokens = tokens_of(text)
    except (SqlglotError, ValueError):
        return text
    found = [i for i, token in enumerate(tokens) if _is(token, {PUBLIC})]
    if not all(_is_dot(tokens, i + 1) for i in found):
        return text
    for start, end in reversed(list(_prefixes(tokens, found, databases))):
        text = text[:start] + text[end:]
    return text


def _prefixes(
    tokens: Sequence[Any], found: Sequence[int], databases: Collection[str]
) -> Iterator[tuple[int, int]]:
    for i in found:
        first = i
        if i > 0 and _is_dot(tokens, i - 1):
            if i < 2 or not _is(tokens[i - 2], databases) or (i > 2 and _is_dot(tokens, i - 3)):
                continue
            first = i - 2
        yield tokens[first].start, tokens[i + 1].end + 1


def _is(token: Any, names: Collection[str]) -> bool:
    return token.token_type in _NAMES and token.text.lower() in names


def _is_dot(tokens: Sequence[Any], i: int) -> bool:
    return i < len(tokens) and tokens[i].token_type is TokenType.DOT
