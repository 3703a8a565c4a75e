"""The edit of a stack's file that makes a live value the desired one.

Only where the file has the value itself: an expression over columns or parameters is the user's to
change.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from cirrusql.sql.tree import tokens_of
from cirrusql.stacks.evaluation.scopes import tree_of
from cirrusql.stacks.language.statements import Place, QueryText

_ENDS = (",", "FROM", "WHERE", "GROUP", "ORDER", "UNION", "LIMIT")
_OPENS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}


@dataclass(frozen=True)
class FileEdit:
    """A value of a file, and what it becomes."""

    place: Place
    """Where the value starts."""
    old: str
    new: str


def edited(edits: Sequence[FileEdit]) -> str:
    """The text of a file with edits of it."""
    text = edits[0].place.script
    for edit in sorted(edits, key=lambda e: e.place.offset, reverse=True):
        start = edit.place.offset
        text = text[:start] + edit.new + text[start + len(edit.old) :]
    return text


def diff_of(edits: Sequence[FileEdit]) -> str:
    """The edits of one file as a unified diff."""
    place = edits[0].place
    before, after = (t.splitlines(keepends=True) for t in (place.script, edited(edits)))
    return "".join(difflib.unified_diff(before, after, place.file, place.file, n=1))


def edit_of(body: QueryText, column: str, new: str) -> FileEdit | None:
    """The edit that makes a column of a query this value; None if its value is not written there.

    ``column``: as the query names it. ``new``: SQL of the value.
    """
    tree = tree_of(body)
    if not isinstance(tree, exp.Select):
        return None
    found = [p for p in tree.expressions if p.alias_or_name.lower() == column.lower()]
    if len(found) != 1 or not _is_written(found[0].unalias()):
        return None
    for start, end in _projections(body.text):
        text = body.text[start:end]
        value, name = _parts(text)
        if name.lower() == column.lower() and value:
            return FileEdit(body.place.at(start), value, new)
    return None


def _is_written(value: Any) -> bool:
    """Whether an expression is a value itself: literals, and structures of them."""
    return not any(
        isinstance(node, exp.Column | exp.Parameter | exp.Placeholder | exp.Query)
        for node in value.walk()
    )


def _projections(text: str) -> Iterator[tuple[int, int]]:
    """Where each item of the outermost SELECT's list starts and ends."""
    depth, end, start = 0, 0, -2
    for token in tokens_of(text):
        word = str(token.text).upper()
        if depth == 0 and word == "SELECT":
            start = -1
            continue
        if depth == 0 and start > -2 and word in _ENDS:
            if start >= 0:
                yield start, end
            if word != ",":
                return
            start = -1
            continue
        if start == -1:
            start = token.start
        depth += _OPENS.get(word, 0)
        end = token.end + 1
    if start >= 0:
        yield start, end


def _parts(text: str) -> tuple[str, str]:
    """The value of an item of a SELECT's list, and its name; an item without AS has no name."""
    depth, last = 0, None
    tokens = list(tokens_of(text))
    for i, token in enumerate(tokens):
        depth += _OPENS.get(token.text, 0)
        if depth == 0 and str(token.text).upper() == "AS":
            last = i
    if last is None or last + 1 >= len(tokens) or last == 0:
        return "", ""
    return text[: tokens[last - 1].end + 1], str(tokens[last + 1].text)
