"""What SET changes about tags: single ones by their keys, or all of them.

A tag without a key or a value is an error of the statement, raised by the planner where the text
tells and by the engine otherwise (``engine.tag_values``). ``tagging`` finds the calls.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cirrusql.catalog.model import Table
from cirrusql.errors import ProgrammingError
from cirrusql.sql.quoting import literal
from cirrusql.sql.statements import Assignment

_TEXT = re.compile(r"^'(?:[^']|'')*'$", re.DOTALL)
_NO_TEXT = re.compile(r"^(?:[-+]?[\d.]+|true|false|null)$", re.IGNORECASE)
_CONSTANT = re.compile(r"^\(*(?:'(?:[^']|'')*'|-?[\d.]+|true|false)\s*\)*$", re.I | re.DOTALL)
"""A text, number or boolean, in parentheses or not."""


@dataclass(frozen=True)
class Change:
    """The change of tags: SQL of a MAP to set, and of a list of keys to remove."""

    added: str | None = None
    removed: str | None = None
    whole: str | None = None
    """A MAP that replaces all tags."""


def change_of(table: Table, assignments: Sequence[Assignment]) -> Change:
    """What assignments to tags change. Raises ProgrammingError if a tag is set twice, or its key is
    no text."""
    whole = [a for a in assignments if a.key is None]
    if whole and len(assignments) > 1:
        raise ProgrammingError(
            f"UPDATE {table.id} sets the tags twice: all of them, and a single one",
            hint="set all of them as one MAP, or each by its key",
        )
    if whole:
        return Change(whole=_all_of(whole[0]))
    _check_keys(table, assignments)
    gone = [a for a in assignments if is_gone(a)]
    kept = [a for a in assignments if a not in gone]
    pairs = ", ".join(f"{tag_key(a)}: {_single_value(a)}" for a in kept)
    keys = ", ".join(map(tag_key, gone))
    added, removed = f"MAP {{{pairs}}}" if kept else None, f"[{keys}]" if gone else None
    if len(assignments) > 1 and not all(_text_of(a.key or "") for a in assignments):
        twice = literal(f"UPDATE {table.id} sets a tag twice: two of the keys are equal")
        listed = f"[{', '.join(map(tag_key, assignments))}]"
        is_twice = f"len(list_distinct({listed})) < {len(assignments)}"
        added, removed = (
            v and f"CASE WHEN {is_twice} THEN error({twice}) ELSE {v} END" for v in (added, removed)
        )
    return Change(added, removed)


def _check_keys(table: Table, assignments: Sequence[Assignment]) -> None:
    """Raise an error for a literal key that is no text, or that occurs twice."""
    seen: set[str] = set()
    for assignment in assignments:
        key = assignment.key or ""
        if _NO_TEXT.match(key):
            raise ProgrammingError(
                f"UPDATE {table.id}: the key of a tag is text, not {key}",
                hint=f"SET {assignment.column}['{key}'] = …",
            )
        if (text := _text_of(key)) is None:
            continue
        if text in seen:
            raise ProgrammingError(
                f"UPDATE {table.id} sets the tag {text!r} twice", hint="set each tag once"
            )
        seen.add(text)


def _text_of(key: str) -> str | None:
    """The text of a key written as a literal."""
    return key[1:-1].replace("''", "'") if _TEXT.match(key) else None


def tag_key(assignment: Assignment) -> str:
    """SQL of the key of a single tag: an error unless it is text."""
    key = assignment.key or ""
    return key if _TEXT.match(key) else f"_tag_key({key})"


def _single_value(assignment: Assignment) -> str:
    """SQL of a single tag's value. Only the word NULL removes it: a NULL that is computed is an
    accident, and would be sent as a tag without a value."""
    if _CONSTANT.match(assignment.expression):
        return assignment.expression
    told = literal(
        f"SET assigns NULL to {assignment.column}[{assignment.key}]; write NULL itself to remove "
        "the tag"
    )
    return f"coalesce({assignment.expression}, error({told}))"


def _all_of(assignment: Assignment) -> str:
    """SQL of the MAP that replaces all tags. Only the word NULL removes them all: a NULL that is
    computed, or a parameter without a value, is an accident."""
    if is_gone(assignment):
        return "tags('{}')"
    text = literal(
        f"SET assigns NULL to {assignment.column}; write NULL itself, or MAP {{}}, to remove all "
        "tags"
    )
    none = f"CAST(error({text}) AS MAP(VARCHAR, VARCHAR))"
    return f"coalesce(tags({given_tags(assignment.expression, assignment.column)}), {none})"


def given_tags(value: str, column: str) -> str:
    """SQL of tags as a statement gives them: an error if an item has no key or no value, because it
    would be left out."""
    return f"_tags_given({value}, {literal(column)})"


def is_gone(assignment: Assignment) -> bool:
    """Whether it assigns the word NULL."""
    return assignment.expression.strip("() \n").upper() == "NULL"
