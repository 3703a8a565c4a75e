"""Where in the user's own statement an error is: the line, and a caret under the word.

Planner and engine work on texts of their own, in which cloud tables and views have been replaced.
So the place is looked for by the word that the error is about: an error that finds none has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cirrusql.errors import (
    Error,
    InvalidParameter,
    UnknownColumn,
    UnknownMethod,
    UnknownName,
    UnknownService,
    UnknownTable,
)
from cirrusql.sql.split import Piece, place_of, skip
from cirrusql.sql.statement_secrets import hidden, names_secret

_WORD = re.compile(r'[$]?[A-Za-z_0-9][\w$-]*|"(?:[^"]|"")*"')
_NOT_THAT = re.compile(r"(?:, not|unknown \w+) '((?:[^'\n]|'')+)'(?:;|$)", re.MULTILINE)
"""What is wrong with a value quotes the value."""
_TABLE_BEFORE = re.compile(
    r"(?:\b(?:from|join|into|update|in|describe|table|exec)|[,(.])\s*\Z", re.IGNORECASE
)


class _Found(NamedTuple):
    """A name or literal of the text in its unquoted form, with its position."""

    start: int
    end: int
    meant: str
    is_literal: bool


def put_place(error: Error, piece: Piece) -> None:
    """Add the position to an error that has none, if the statement contains the word."""
    if error.place is not None:
        return
    about = _about(error)
    if about is None:
        return
    parts = list(_parts(piece.text))
    found = [f for f in parts if f.meant.lower() == about.lower()]
    if not found:
        # The engine knows columns by the API's spelling, the user may have written snake_case.
        found = [f for f in parts if _folded(f.meant) == _folded(about) and not f.is_literal]
    best = min(found, key=lambda f: _unlikeliness(error, piece.text, f), default=None)
    if best is None:
        return
    script = hidden(piece.script) if names_secret(piece.script) else piece.script
    start = piece.offset + best.start
    error.place = place_of(script, start, best.end - best.start)[2]


def _folded(name: str) -> str:
    return name.lower().replace("_", "")


def _about(error: Error) -> str | None:
    if error.about is not None:
        return error.about
    if isinstance(error, UnknownName):
        return error.name.strip('"').rpartition(".")[2]
    if isinstance(error, InvalidParameter) and (found := _NOT_THAT.search(error.message)):
        return found[1]
    return None


def _unlikeliness(error: Error, text: str, found: _Found) -> int:
    """Of several places with the word, how unlikely it is that the error means this one."""
    before, after = text[: found.start], text[found.end :].lstrip()
    is_table = _TABLE_BEFORE.search(before) is not None
    if isinstance(error, UnknownService):
        return 0 if is_table and after.startswith(".") else 1
    if isinstance(error, UnknownTable):
        return 0 if is_table and not found.is_literal else 1
    if isinstance(error, UnknownMethod):
        return 0 if before.rstrip().endswith(".") else 1
    if isinstance(error, UnknownColumn):
        return int(found.is_literal) + int(after.startswith(("(", ".")))
    return 0


def _parts(text: str) -> Iterator[_Found]:
    """The names and literals of a statement, from left to right; comments are passed over."""
    i = 0
    while i < len(text):
        end = skip(text, i)
        if end is not None:
            if text[i] in "'\"":
                quote, inside = text[i], text[i + 1 : end - 1]
                yield _Found(i, end, inside.replace(quote * 2, quote), quote == "'")
            i = end
        elif (word := _WORD.match(text, i)) is not None:
            yield _Found(i, word.end(), word[0], False)
            i = word.end()
        else:
            i += 1
