"""Pass: names result columns that the user left unnamed.

The engine names an unnamed expression after its own text, which differs from the user's where names
were respelled or a relation stands for a table. Such an expression gets an alias with the user's
text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sqlglot import exp

from cirrusql.plan.scope.planning_context import Edit, PlanningContext
from cirrusql.sql.quoting import quoted
from cirrusql.sql.split import skip

_ENDS = re.compile(
    r"(FROM|INTO|WHERE|GROUP|HAVING|WINDOW|QUALIFY|ORDER|LIMIT|OFFSET|USING|UNION|EXCEPT|INTERSECT)\b",
    re.I,
)
_SELECT = re.compile(r"SELECT\b(\s+ALL\b)?", re.I)
_DISTINCT = re.compile(r"\s*DISTINCT\b(\s+ON\b)?", re.I)
_OPENING, _CLOSING = "([{", ")]}"


def headings(draft: PlanningContext) -> None:
    """Name the expressions of the outermost SELECT whose text the plan changes."""
    if not isinstance(draft.tree, exp.Query) or draft.tree.find(exp.Pivot) or not draft.bodies:
        return
    arms = draft.bodies[-1].arms
    items = arms[0].node.expressions if arms else []
    spans = list(select_items(draft.text))
    written = list(select_items(draft.written))
    if not len(items) == len(spans) == len(written):
        return
    touched = sorted(edit.start for edit in draft.edits)
    touched += [
        s.node.parts[0].meta["start"] for s in draft.sources if "start" in s.node.parts[0].meta
    ]
    for item, (start, end), (first, last) in zip(items, spans, written, strict=True):
        if _may_be_named(item) and any(start <= place < end for place in touched):
            name = quoted(_plain(draft.written[first:last]))
            draft.edits.append(Edit(end, end, f" AS {name}"))


def _may_be_named(item: Any) -> bool:
    """Whether an item is a single unnamed expression; plain columns keep their name anyway."""
    if isinstance(item, exp.Alias | exp.Aliases | exp.Column | exp.Star | exp.Columns):
        return False
    if isinstance(item, exp.Dot) and (item.is_star or not isinstance(item.expression, exp.Func)):
        return False
    return item.find(exp.Columns, exp.Unnest, exp.Explode) is None


def select_items(text: str) -> Iterator[tuple[int, int]]:
    """The positions of the select items of the first SELECT outside parentheses, without
    surrounding whitespace."""
    start = _list_start(text)
    if start is None:
        return
    depth, i, begin = 0, start, start
    while i < len(text):
        after = skip(text, i)
        if after is not None:
            i = after
            continue
        char = text[i]
        if char in _OPENING:
            depth += 1
        elif char in _CLOSING:
            depth -= 1
        is_word = not (i and (text[i - 1].isalnum() or text[i - 1] in "_.$\"'"))
        ends = depth == 0 and (char == ";" or (is_word and _ENDS.match(text, i)))
        if ends or (depth == 0 and char == ","):
            yield _stripped(text, begin, i)
            begin = i + 1
        if ends:
            return
        i += 1
    yield _stripped(text, begin, len(text))


def _list_start(text: str) -> int | None:
    depth = i = 0
    while i < len(text):
        after = skip(text, i)
        if after is not None:
            i = after
            continue
        depth += (text[i] in _OPENING) - (text[i] in _CLOSING)
        is_word = not (i and (text[i - 1].isalnum() or text[i - 1] in "_.$"))
        if depth == 0 and is_word and (found := _SELECT.match(text, i)):
            distinct = _DISTINCT.match(text, found.end())
            # DISTINCT ON (…) has expressions of its own.
            return None if distinct and distinct[1] else (distinct or found).end()
        i += 1
    return None


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without surrounding whitespace and comments."""
    i = first = start
    last = start
    is_begun = False
    while i < end:
        after = skip(text, i)
        is_comment = after is not None and text[i : i + 2] in ("--", "/*")
        if not is_comment and not text[i].isspace():
            first = first if is_begun else i
            is_begun = True
            last = after or i + 1
        i = after or i + 1
    return (first, min(last, end)) if is_begun else (start, start)


def _plain(text: str) -> str:
    """An expression on one line, without comments; strings are unchanged."""
    found: list[str] = []
    i = 0
    while i < len(text):
        after = skip(text, i)
        is_blank = text[i].isspace() or text[i : i + 2] in ("--", "/*")
        if not is_blank:
            found.append(text[i : after or i + 1])
        elif found and found[-1] != " ":
            found.append(" ")
        i = after or i + 1
    return "".join(found).strip()
