"""Finds where text can be added to a SELECT: at the end of its select list, in its WHERE clause."""

from __future__ import annotations

import re

from cirrusql.plan.passes.headings import select_items
from cirrusql.plan.scope.planning_context import Edit, PlanningContext
from cirrusql.plan.scope.scopes import SelectScope
from cirrusql.plan.scope.source_text import span_of
from cirrusql.sql.split import skip

_AFTER_WHERE = re.compile(
    r"(GROUP|HAVING|WINDOW|QUALIFY|ORDER|LIMIT|OFFSET|USING\s+SAMPLE|UNION|EXCEPT|INTERSECT)\b",
    re.I,
)
_WHERE = re.compile(r"WHERE\b", re.I)


def list_end(draft: PlanningContext, scope: SelectScope) -> int | None:
    """The end of the select list of a parenthesized query."""
    span = span_of(draft, scope.node)
    if span is None:
        return None
    items = list(select_items(draft.text[span[0] : span[1]]))
    return span[0] + items[-1][1] if items and len(items) == len(scope.node.expressions) else None


def where_edits(draft: PlanningContext, scope: SelectScope, condition: str) -> list[Edit]:
    """Edits that add a condition to the WHERE clause of a parenthesized query; empty if its
    position is unclear."""
    span, start = span_of(draft, scope.node), list_end(draft, scope)
    if span is None or start is None:
        return []
    where = _word(draft.text, start, span[1], _WHERE)
    stop = _word(
        draft.text, start if where is None else where + len("WHERE"), span[1], _AFTER_WHERE
    )
    stop = span[1] if stop is None else stop
    if scope.node.args.get("where") is None:
        return [Edit(stop, stop, f"\nWHERE {condition} ")]
    if where is None:
        return []
    begin = where + len("WHERE")
    return [Edit(begin, begin, f" {condition} AND ("), Edit(stop, stop, "\n) ")]


def _word(text: str, start: int, end: int, wanted: re.Pattern[str]) -> int | None:
    """The position of a word outside all parentheses."""
    depth, i = 0, start
    while i < end:
        after = skip(text, i)
        if after is not None:
            i = after
            continue
        depth += (text[i] in "([{") - (text[i] in ")]}")
        is_word = not (i and (text[i - 1].isalnum() or text[i - 1] in "_.$\"'"))
        if depth == 0 and is_word and wanted.match(text, i):
            return i
        i += 1
    return None
