"""Where the operand of a cast begins, in tokens: what ``::`` applies to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlglot.tokenizer_core import TokenType

_OPENING = {TokenType.R_PAREN: TokenType.L_PAREN, TokenType.R_BRACKET: TokenType.L_BRACKET}
_BEFORE_PARENTHESIS = frozenset({TokenType.VAR, TokenType.IDENTIFIER})


def operand_start(tokens: Sequence[Any], cast: int) -> int:
    """The first token of the operand of the ``::`` at ``cast``."""
    i = cast - 1
    while True:
        kind = tokens[i].token_type
        if kind in _OPENING:
            i = opening(tokens, i)
            is_called = i > 0 and (
                tokens[i - 1].token_type in _BEFORE_PARENTHESIS or _is_function(tokens[i - 1])
            )
            if kind is TokenType.R_BRACKET or is_called:
                i -= 1
                continue
        if i > 0 and tokens[i - 1].token_type in (TokenType.DOT, TokenType.DCOLON):
            i -= 2
            continue
        return i


def opening(tokens: Sequence[Any], closing: int) -> int:
    """The parenthesis or bracket that a closing one belongs to."""
    ends, begins = tokens[closing].token_type, _OPENING[tokens[closing].token_type]
    depth = 0
    for i in range(closing, -1, -1):
        kind = tokens[i].token_type
        depth += (kind is ends) - (kind is begins)
        if depth == 0:
            return i
    return 0


def closing(tokens: Sequence[Any], start: int) -> int:
    """The parenthesis that closes the one at ``start``."""
    depth = 0
    for i in range(start, len(tokens)):
        kind = tokens[i].token_type
        depth += (kind is TokenType.L_PAREN) - (kind is TokenType.R_PAREN)
        if depth == 0:
            return i
    return len(tokens) - 1


def _is_function(token: Any) -> bool:
    """Words of their own in the tokenizer that are called like functions."""
    return token.text.upper() in ("LEFT", "RIGHT", "REPLACE", "FORMAT", "CAST", "TRY_CAST")
