"""PostgreSQL syntax that the engine interprets differently.

A statement is rewritten if that is possible in place: SIMILAR TO, LIKE with a backslash,
``numeric`` without a scale, bytea in hexadecimal. Otherwise it is rejected, so that nobody silently
gets another result than PostgreSQL's. ``ENGINE_SETTINGS`` configures what the engine itself can do
like PostgreSQL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from pg_mimic.arrays import parse_array_literal
from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

from cirrusql.apps.srv.dialect.edits import Edit, edited
from cirrusql.apps.srv.dialect.functions import FORMATTED, RENAMED, formatted
from cirrusql.apps.srv.dialect.postfix import closing, opening, operand_start
from cirrusql.errors import NotSupportedError
from cirrusql.sql.quoting import literal

ENGINE_SETTINGS = ("integer_division = true", "default_null_order = 'postgres'")
"""``7 / 2`` is 3, and NULLs come first in descending order."""

_DECIMAL = "(38, 12)"
"""What ``numeric`` holds here: products of two have room for 14 digits before the point."""
_WORTH_A_LOOK = re.compile(
    r"\bsimilar\s+to\b|\b(?:numeric|decimal|dec)\b|\bbytea\b|\\|\bformat\s*\(|\bbit\b|\b[bx]'"
    r"|\b(?:var|bp)?char\w*(?:\s+varying)?\s*\(\s*\d|second|#>",
    re.IGNORECASE,
)
_MAY_BE_CALLED = re.compile(rf"\b(?:jsonb|{'|'.join((*RENAMED, *FORMATTED))})\b", re.IGNORECASE)
_HEXADECIMAL = re.compile(r"\\x((?:[0-9a-f]{2})*)", re.IGNORECASE)
_DIRECTIVE = re.compile(r"%(?:\d+\$)?-?\d*[sIL]")
_CHARACTERS = frozenset(
    {TokenType.TEXT, TokenType.VARCHAR, TokenType.CHAR, TokenType.BPCHAR, TokenType.NVARCHAR}
)
_FILLED = frozenset({"CHAR", "CHARACTER", "BPCHAR", "NCHAR"})
_PATHS = {TokenType.DHASH_ARROW: "->>", TokenType.HASH_ARROW: "->"}
_LIKES = frozenset({TokenType.LIKE, TokenType.ILIKE})


def worded(text: str) -> str:
    """The statement in the engine's SQL. Raises NotSupportedError if that is impossible."""
    if not (_WORTH_A_LOOK.search(text) or _MAY_BE_CALLED.search(text)):
        return text
    return edited(text, _edits)


def _edits(tokens: Sequence[Any]) -> Iterator[Edit]:
    for i, token in enumerate(tokens):
        following = tokens[i + 1] if i + 1 < len(tokens) else None
        if token.token_type is TokenType.SIMILAR_TO:
            yield _similar(tokens, i)
        elif token.token_type in _LIKES:
            yield from _like(tokens, i)
        elif token.token_type is TokenType.DECIMAL and _is_type(tokens, i):
            if following is None or following.token_type is not TokenType.L_PAREN:
                yield token.end + 1, token.end + 1, _DECIMAL
        elif token.token_type is TokenType.STRING:
            yield from _bytea(tokens, i)
        elif token.token_type in _PATHS:
            yield from _path(tokens, i)
        elif token.token_type in _CHARACTERS and _is_type(tokens, i):
            yield from _shortened(tokens, i)
        elif token.token_type is TokenType.FORMAT:
            _check_format(tokens, i)
        elif token.text.upper() == "JSONB" and _is_type(tokens, i):
            _check_merge(tokens, i)
            yield token.start, token.end + 1, "JSON"
        else:
            _check_bits(tokens, i)
            if following is not None and following.token_type is TokenType.L_PAREN:
                yield from _called(tokens, i)


def _called(tokens: Sequence[Any], i: int) -> Iterator[Edit]:
    name = tokens[i].text.lower()
    is_other = i > 0 and tokens[i - 1].token_type is TokenType.DOT
    if is_other or tokens[i].token_type is TokenType.IDENTIFIER:
        return
    if name in RENAMED:
        yield tokens[i].start, tokens[i].end + 1, RENAMED[name]
    elif name in FORMATTED:
        yield from formatted(tokens, i)
    elif name in ("extract", "date_part") and i + 2 < len(tokens):
        yield from _seconds(tokens, i)


_SECONDS = re.compile(r"(milli)?seconds?", re.IGNORECASE)


def _seconds(tokens: Sequence[Any], i: int) -> Iterator[Edit]:
    """Seconds with their fraction, which the engine cuts off."""
    field, last = tokens[i + 2], tokens[closing(tokens, i + 1)]
    if (found := _SECONDS.fullmatch(field.text)) is None:
        return
    word = "microsecond" if field.token_type is not TokenType.STRING else "'microsecond'"
    yield tokens[i].start, tokens[i].start, "("
    yield field.start, field.end + 1, word
    yield last.end + 1, last.end + 1, f" / {'1000.0' if found[1] else '1000000.0'})"


def _path(tokens: Sequence[Any], i: int) -> Iterator[Edit]:
    """``#>> '{a,0}'``: the engine takes a path as a JSON pointer."""
    path = tokens[i + 1] if i + 1 < len(tokens) else None
    if path is None or path.token_type is not TokenType.STRING or path.text[:1] != "{":
        raise NotSupportedError(f"{tokens[i].text} requires a literal path", hint="'{a,b}'")
    steps = [str(s).replace("~", "~0").replace("/", "~1") for s in parse_array_literal(path.text)]
    yield tokens[i].start, tokens[i].end + 1, _PATHS[tokens[i].token_type]
    yield path.start, path.end + 1, literal("".join(f"/{step}" for step in steps))


def _shortened(tokens: Sequence[Any], i: int) -> Iterator[Edit]:
    """A cast to ``varchar(3)`` keeps three characters; blanks at the end of ``char(3)`` mean
    nothing."""
    if i + 3 >= len(tokens) or tokens[i + 2].token_type is not TokenType.NUMBER:
        return
    length, end = tokens[i + 2].text, tokens[i + 3]
    if end.token_type is not TokenType.R_PAREN:
        return
    first, last = i - 1, end
    if tokens[i - 1].token_type is TokenType.DCOLON:
        first = operand_start(tokens, i - 1)
    else:
        last = tokens[i + 4] if i + 4 < len(tokens) else end
        first = opening(tokens, i + 4) - 1
    is_filled = tokens[i].text.upper() in _FILLED
    yield tokens[first].start, tokens[first].start, "rtrim(left(" if is_filled else "left("
    yield tokens[i].end + 1, end.end + 1, ""
    yield last.end + 1, last.end + 1, f", {length})" + (", ' ')" if is_filled else "")


def _check_merge(tokens: Sequence[Any], i: int) -> None:
    """``jsonb || jsonb`` merges in PostgreSQL; the engine puts the texts one after the other."""
    is_before = i + 1 < len(tokens) and tokens[i + 1].token_type is TokenType.DPIPE
    first = operand_start(tokens, i - 1) if tokens[i - 1].token_type is TokenType.DCOLON else 0
    if is_before or (first > 0 and tokens[first - 1].token_type is TokenType.DPIPE):
        raise NotSupportedError("jsonb || jsonb is not supported", hint="json_merge_patch(a, b)")


def _is_type(tokens: Sequence[Any], i: int) -> bool:
    """After ``::``, or after AS within CAST; a column may have the name too."""
    if i == 0 or tokens[i - 1].token_type is TokenType.DCOLON:
        return i > 0
    if tokens[i - 1].text.upper() != "AS":
        return False
    depth = 0
    for k in range(i - 2, 0, -1):
        if tokens[k].token_type is TokenType.R_PAREN:
            depth += 1
        elif tokens[k].token_type is TokenType.L_PAREN:
            if depth == 0:
                return tokens[k - 1].text.upper() in ("CAST", "TRY_CAST")
            depth -= 1
    return False


def _similar(tokens: Sequence[Any], i: int) -> Edit:
    pattern = tokens[i + 1] if i + 1 < len(tokens) else None
    after = tokens[i + 2] if i + 2 < len(tokens) else None
    is_plain = pattern is not None and pattern.token_type is TokenType.STRING
    if not is_plain or (after is not None and after.token_type is TokenType.ESCAPE):
        raise NotSupportedError(
            "SIMILAR TO requires a literal pattern, without ESCAPE",
            hint="use a regular expression: x ~ '^(a|b).*$'",
        )
    assert pattern is not None
    return pattern.start, pattern.end + 1, literal(_regular(pattern.text))


def _regular(pattern: str) -> str:
    """An SQL pattern as a regular expression that matches the whole text."""
    made, is_class, i = [], False, 0
    while i < len(pattern):
        sign = pattern[i]
        if sign == "\\" and i + 1 < len(pattern):
            made.append(re.escape(pattern[i + 1]))
            i += 1
        elif is_class:
            made.append(sign)
            is_class = sign != "]"
        elif sign in "%_":
            made.append("(?s:.*)" if sign == "%" else "(?s:.)")
        else:
            is_class = sign == "["
            made.append(f"\\{sign}" if sign in ".^$" else sign)
        i += 1
    return "".join(made)


def _like(tokens: Sequence[Any], i: int) -> Iterator[Edit]:
    """PostgreSQL's LIKE has an escape character of its own accord."""
    pattern = tokens[i + 1] if i + 1 < len(tokens) else None
    after = tokens[i + 2] if i + 2 < len(tokens) else None
    is_text = pattern is not None and pattern.token_type in (
        TokenType.STRING,
        TokenType.BYTE_STRING,
    )
    if is_text and (after is None or after.token_type is not TokenType.ESCAPE):
        assert pattern is not None
        if "\\" in pattern.text:
            yield pattern.end + 1, pattern.end + 1, " ESCAPE '\\'"


def _bytea(tokens: Sequence[Any], i: int) -> Iterator[Edit]:
    """``'\\x01ff'::bytea``: each byte as the engine writes it."""
    found = _HEXADECIMAL.fullmatch(tokens[i].text)
    kind = tokens[i + 2] if i + 2 < len(tokens) else None
    if found is None or kind is None or kind.text.upper() != "BYTEA":
        return
    if tokens[i + 1].token_type is TokenType.DCOLON or tokens[i + 1].text.upper() == "AS":
        bytes_ = re.findall("..", found[1])
        yield tokens[i].start, tokens[i].end + 1, literal("".join(f"\\x{b}" for b in bytes_))


def _check_format(tokens: Sequence[Any], i: int) -> None:
    template = tokens[i + 2] if i + 2 < len(tokens) else None
    if template is None or tokens[i + 1].token_type is not TokenType.L_PAREN:
        return
    if template.token_type is TokenType.STRING and _DIRECTIVE.search(template.text):
        raise NotSupportedError(
            "format() with %s is not supported",
            hint="use concat('a ', x), or the engine's own places: format('a {}', x)",
        )


def _check_bits(tokens: Sequence[Any], i: int) -> None:
    """``B'101'``, ``X'1F'`` and casts to ``bit``: the engine has other bits, and X of bytes."""
    token, word = tokens[i], tokens[i].text.upper()
    following = tokens[i + 1] if i + 1 < len(tokens) else None
    is_literal = (
        word in ("B", "X")
        and following is not None
        and following.token_type is TokenType.STRING
        and following.start == token.end + 1
    )
    if is_literal or (word == "BIT" and _is_type(tokens, i)):
        raise NotSupportedError(
            "bit strings are not supported",
            hint="use whole numbers, or bytes: '\\x1f'::bytea",
        )


def refuse_other_meanings(tree: Any) -> None:
    """Raise NotSupportedError for functions that return rows in PostgreSQL, and one list in the
    engine."""
    for node in tree.find_all(exp.GenerateSeries):
        holder = node.parent if isinstance(node.parent, exp.Alias) else node
        if isinstance(holder.parent, exp.Select) and holder.arg_key == "expressions":
            raise NotSupportedError(
                "generate_series in SELECT is not supported",
                hint="SELECT i FROM generate_series(1, 3) AS t(i), or "
                "SELECT unnest(generate_series(1, 3))",
            )
