"""Finds where a condition is written, so that the user's own text can be used.

sqlglot records the positions of names and literals, but not where a condition starts and ends. It
is found by parsing longer and longer pieces of the text around them, until the result is exactly
this condition.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from sqlglot import exp

from cirrusql.errors import SqlSyntaxError
from cirrusql.plan.scope.planning_context import PlanningContext
from cirrusql.plan.scope.source_text import all_edits, applied, as_written
from cirrusql.sql.split import Piece
from cirrusql.sql.tree import tokens_of

_MOST = 8
"""Words before the first name, and after the last, that may belong to a condition."""


def condition_text(draft: PlanningContext, node: exp.Expr) -> str | None:
    """A condition as written, over relations; None if its position in the text is unknown."""
    span = condition_span(draft, node)
    return None if span is None else f"({applied(draft.text, all_edits(draft), *span)})"


def condition_span(draft: PlanningContext, node: exp.Expr) -> tuple[int, int] | None:
    """The position of a condition or another expression; None if it cannot be found."""
    found = draft.condition_spans.get(id(node))
    if found is None or found[0] is not node or found[1] is not draft.text:
        found = draft.condition_spans[id(node)] = node, draft.text, _span(draft, node)
    return found[2]


def _span(draft: PlanningContext, node: exp.Expr) -> tuple[int, int] | None:
    marks = [n.meta for n in node.walk() if "start" in n.meta and "end" in n.meta]
    if not marks:
        return None
    low, high = min(m["start"] for m in marks), max(m["end"] for m in marks)
    if _is_of_names(node):
        return next(_spans(draft, low, high), None)
    wanted = as_written(node)
    for start, end in _spans(draft, low, high):
        if _reads(draft.text[start:end]) == wanted:
            return start, end
    return None


def _is_of_names(node: exp.Expr) -> bool:
    """Whether it starts and ends with a name, as most join conditions do, so that no adjacent word
    belongs to it."""
    sides = (node.this, node.expression) if isinstance(node, exp.EQ) else (node,)
    return all(type(side) is exp.Column and isinstance(side.this, exp.Identifier) for side in sides)


def _spans(draft: PlanningContext, low: int, high: int) -> Iterator[tuple[int, int]]:
    """Spans of whole words around the given one, shortest first."""
    words = _words(draft.text)
    first = max((i for i, (start, _) in enumerate(words) if start <= low), default=0)
    last = min((i for i, (_, end) in enumerate(words) if end > high), default=len(words) - 1)
    for more in range(2 * _MOST + 1):
        for left in range(max(0, more - _MOST), min(more, _MOST) + 1):
            begin, stop = first - left, last + more - left
            if begin >= 0 and stop < len(words):
                start, end = words[begin][0], words[stop][1]
                text = draft.text[start:end]
                if text.count("(") == text.count(")") or "'" in text:
                    yield start, end


@lru_cache(maxsize=8)
def _words(text: str) -> tuple[tuple[int, int], ...]:
    return tuple((token.start, token.end + 1) for token in tokens_of(text))


def _reads(text: str) -> str | None:
    """sqlglot's output for a condition's text; None if it does not parse."""
    from cirrusql.sql.parse import parse_sql

    query = f"SELECT 1 WHERE (\n{text}\n)"
    try:
        tree = parse_sql(Piece(query, 0, query))
    except SqlSyntaxError:
        return None
    where = tree.args.get("where")
    return str(where.this.unnest().sql(dialect="duckdb")) if where is not None else None
