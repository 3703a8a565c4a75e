"""Converts PostgreSQL's text of an array, ``'{a,"b c"}'``, where a statement uses it as one.

The engine lacks this form. After a cast to an array, and alone within ANY or ALL, it is replaced by
the list that it stands for; everything else is unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from pg_mimic.arrays import parse_array_literal
from sqlglot.tokenizer_core import TokenType

from cirrusql.apps.srv.dialect.edits import Edit, edited
from cirrusql.sql.quoting import literal

_TEXTS = frozenset({TokenType.STRING, TokenType.BYTE_STRING})
_IN = {(TokenType.EQ, "ANY"): "IN", (TokenType.EQ, "SOME"): "IN", (TokenType.NEQ, "ALL"): "NOT IN"}
"""What compares with any item of a list, in words that take texts for values of any type."""
_MOST_WORDS = 6
"""Of the name of a type: ``timestamp (3) with time zone``."""


def with_lists(text: str) -> str:
    """The statement with lists for the texts of arrays."""
    if "'{" not in text and "' {" not in text:
        return text
    return edited(text, _edits)


def _edits(tokens: Sequence[Any]) -> Iterator[Edit]:
    for i, token in enumerate(tokens):
        if token.token_type not in _TEXTS or not token.text.lstrip().startswith("{"):
            continue
        try:
            items = parse_array_literal(token.text.strip())
        except ValueError:
            # Possibly JSON; otherwise the engine reports it.
            continue
        bracket = _array_cast(tokens, i)
        if bracket:
            yield _cast(tokens, i, bracket, items)
        elif _is_alone_in_any(tokens, i):
            yield _compared(tokens, i, items)


def _cast(tokens: Sequence[Any], i: int, bracket: int, items: list[Any]) -> tuple[int, int, str]:
    """The list in place of the text; of ``regtype``, which has no arrays, each item is cast."""
    token, kind = tokens[i], tokens[bracket - 1].text
    is_names = kind.lower().startswith("reg") and tokens[i + 1].token_type is TokenType.DCOLON
    if not is_names or bracket + 1 >= len(tokens):
        return token.start, token.end + 1, _array(items)
    listed = ", ".join(f"{_item(item)}::{kind}" for item in items)
    return token.start, tokens[bracket + 1].end + 1, f"ARRAY[{listed}]"


def _array_cast(tokens: Sequence[Any], i: int) -> int:
    """The position of the bracket in ``'{}'::t[]`` or ``CAST('{}' AS t[])``; 0 if a text is not
    cast to an array."""
    after = tokens[i + 1] if i + 1 < len(tokens) else None
    is_cast = after is not None and (
        after.token_type is TokenType.DCOLON
        or (after.text.upper() == "AS" and i > 1 and tokens[i - 2].text.upper() == "CAST")
    )
    for k in range(i + 2, min(i + 2 + _MOST_WORDS, len(tokens)) if is_cast else 0):
        if tokens[k].token_type is TokenType.L_BRACKET:
            return k
        if not re.fullmatch(r"[\w ]+|[.()]", tokens[k].text):
            return 0
    return 0


def _is_alone_in_any(tokens: Sequence[Any], i: int) -> bool:
    around = tokens[i - 3 : i + 2] if i > 2 else []
    if len(around) < 5:
        return False
    _, word, opening, _, closing = around
    is_within = opening.token_type is TokenType.L_PAREN and closing.token_type is TokenType.R_PAREN
    return is_within and word.text.upper() in ("ANY", "SOME", "ALL")


def _compared(tokens: Sequence[Any], i: int, items: list[Any]) -> tuple[int, int, str]:
    operator, word = tokens[i - 3], tokens[i - 2].text.upper()
    instead = _IN.get((operator.token_type, word))
    if instead is None or not items:
        return tokens[i].start, tokens[i].end + 1, _array(items)
    listed = ", ".join(_item(item) for item in items)
    return operator.start, tokens[i + 1].end + 1, f"{instead} ({listed})"


def _array(items: list[Any]) -> str:
    return f"ARRAY[{', '.join(_item(item) for item in items)}]"


def _item(item: Any) -> str:
    if isinstance(item, list):
        return _array(item)
    return "NULL" if item is None else literal(item)
