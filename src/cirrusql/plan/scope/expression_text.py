"""Finds the text of an expression, and determines whether it varies.

sqlglot prints some expressions differently from how they were written. A feed must contain exactly
the value that the engine compares, so such an expression is taken from the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlglot import exp

from cirrusql.errors import SqlSyntaxError
from cirrusql.plan.scope.constants import is_volatile
from cirrusql.plan.scope.planning_context import PlanningContext
from cirrusql.sql.split import Piece

_MOST_TOKENS = 48
"""Words that an expression may extend beyond its names on either side."""
_OPEN = {"(": ")", "[": "]", "{": "}"}


def spell(draft: PlanningContext, node: exp.Expr) -> None:
    """Record the text of an expression over columns, if it can be found."""
    if "spelled" not in node.meta and not _varies(node):
        span = _span(draft, node)
        if span is not None:
            node.meta["spelled"] = (span[0], draft.text[span[0] : span[1]])


def _varies(node: exp.Expr) -> bool:
    """Whether an expression may have several values for one row, or needs other rows."""
    varying = (
        exp.Query,
        exp.Values,
        exp.AggFunc,
        exp.Window,
        exp.Star,
        exp.Unnest,
        exp.Explode,
        exp.Any,
    )
    return is_volatile(node) or any(isinstance(part, varying) for part in node.walk())


def column_span(column: Any) -> tuple[int, int] | None:
    """The position of a column with its qualifiers."""
    metas = [part.meta for part in column.parts]
    if not metas or not all("start" in meta for meta in metas):
        return None
    return metas[0]["start"], metas[-1]["end"] + 1


def _span(draft: PlanningContext, node: exp.Expr) -> tuple[int, int] | None:
    from cirrusql.sql.parse import parse_sql

    places = [n.meta for n in node.walk() if "start" in n.meta]
    if not places:
        return None
    low, high = min(p["start"] for p in places), max(p["end"] for p in places)
    wanted = _written(node)
    for start, end in _candidates(draft.text, low, high):
        text = f"SELECT {draft.text[start:end]}"
        try:
            tree = parse_sql(Piece(text, 0, text))
        except SqlSyntaxError:
            continue
        selects = getattr(tree, "selects", [])
        if len(selects) == 1 and selects[0].sql(dialect="duckdb") == wanted:
            return start, end
    return None


def _written(node: exp.Expr) -> str:
    """The expression's text with names as the user spelled them."""
    copy = node.copy()
    for identifier in copy.find_all(exp.Identifier):
        if "written" in identifier.meta:
            identifier.set("this", identifier.meta["written"])
    return str(copy.sql(dialect="duckdb"))


def _candidates(text: str, low: int, high: int) -> Iterator[tuple[int, int]]:
    """Pieces of whole tokens around some names with balanced brackets, shortest first."""
    from sqlglot.dialects.duckdb import DuckDB

    tokens = DuckDB().tokenize(text)
    first = next(i for i, t in enumerate(tokens) if t.end >= low)
    last = max(i for i, t in enumerate(tokens) if t.start <= high)
    lefts = range(first, max(-1, first - _MOST_TOKENS), -1)
    rights = range(last, min(len(tokens), last + _MOST_TOKENS))
    pairs = [(a, b) for a in lefts for b in rights if _is_closed(tokens[a : b + 1])]
    for a, b in sorted(pairs, key=lambda p: p[1] - p[0]):
        yield tokens[a].start, tokens[b].end + 1


def _is_closed(tokens: list[Any]) -> bool:
    opened: list[str] = []
    for token in tokens:
        if token.text in _OPEN:
            opened.append(_OPEN[token.text])
        elif token.text in _OPEN.values() and (not opened or opened.pop() != token.text):
            return False
    return not opened
