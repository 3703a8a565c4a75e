"""Time windows: ``StartTime >= a AND EndTime < b``, or both conditions on either column.

A window's start is bound by ``>=`` and ``>``, its end by ``<`` and ``<=``; a condition in the other
direction (``StartTime < b``) binds the other end. A request option holds for all rows of the
response, so the engine evaluates the condition over a value that lies within the window.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.model import Column, Table

_PAIRS = (
    ("start", "end"), ("from", "to"), ("after", "before"), ("since", "until"), ("begin", "end"),
    ("beginning", "ending"), ("earliest", "latest"), ("min", "max"), ("minimum", "maximum"),
    ("start", "stop"), ("lower", "upper"), ("started", "ended"), ("newer", "older"),
)  # fmt: skip
_STARTS = frozenset(a for a, _ in _PAIRS)
_ENDS = frozenset(b for _, b in _PAIRS)
_MOMENT_WORDS = frozenset({"time", "date", "timestamp", "at"})
_MOMENT_TYPES = frozenset({"TIMESTAMPTZ", "BIGINT", "INTEGER", "VARCHAR"})


@dataclass(frozen=True)
class WindowEnd:
    """One end of a window, as a column of a table."""

    column: str
    is_start: bool
    partner: str = ""
    """The column of the other end, if there is one."""


def window_ends(table: Table, is_option: Callable[[Column], bool]) -> Mapping[str, WindowEnd]:
    """The ends of the time windows among a table's options, by column."""
    columns = {c.name: c for c in table.columns if is_option(c) and c.type.name in _MOMENT_TYPES}
    found: dict[str, WindowEnd] = {}
    by_words = {tuple(snake_case(name).split("_")): name for name in columns}
    for words, name in by_words.items():
        if columns[name].type.name != "TIMESTAMPTZ" and not _MOMENT_WORDS & set(words):
            continue
        for position, word in enumerate(words):
            if word in _STARTS | _ENDS:
                partner = next(_partners(words, position, by_words), "")
                found[name] = WindowEnd(name, word in _STARTS, partner)
                break
    return found


def _partners(
    words: tuple[str, ...], position: int, by_words: Mapping[tuple[str, ...], str]
) -> Iterator[str]:
    for start, end in _PAIRS:
        for one, other in ((start, end), (end, start)):
            if words[position] == one:
                replaced = (*words[:position], other, *words[position + 1 :])
                if replaced in by_words:
                    yield by_words[replaced]


@dataclass(frozen=True)
class WindowBound:
    """A bound that a condition sets: the window starts or ends at a value."""

    column: Any
    value: Any
    is_start: bool
    is_strict: bool


def bounds(node: exp.Expr) -> list[WindowBound]:
    """The bounds in a comparison, read from either side."""
    node = node.unnest()
    if isinstance(node, exp.Between) and not node.args.get("symmetric"):
        column = node.this.unnest()
        return [
            WindowBound(column, node.args["low"], True, False),
            WindowBound(column, node.args["high"], False, False),
        ]
    kinds: tuple[tuple[Any, bool, bool], ...] = (
        (exp.GT, True, True), (exp.GTE, True, False), (exp.LT, False, True), (exp.LTE, False, False),  # noqa: E501
    )  # fmt: skip
    for kind, is_start, is_strict in kinds:
        if isinstance(node, kind):
            left, right = node.left.unnest(), node.right.unnest()
            return [
                WindowBound(left, right, is_start, is_strict),
                WindowBound(right, left, not is_start, is_strict),
            ]
    return []


def within(value: Any, bound: WindowBound, type_name: str) -> Any:
    """A value that meets the condition: the bound itself, or the next value to it."""
    if not bound.is_strict:
        return value.copy()
    if type_name == "VARCHAR":
        # For text, appending a character gives a greater value, and the empty text is the least.
        text = exp.cast(value.copy(), "VARCHAR")
        return (
            exp.DPipe(this=text, expression=exp.Literal.string(" "))
            if bound.is_start
            else exp.Literal.string("")
        )
    step: Any = exp.Literal.number(1)
    if type_name == "TIMESTAMPTZ":
        step = exp.Interval(this=exp.Literal.string("1"), unit=exp.var("MICROSECOND"))
    kind = exp.Add if bound.is_start else exp.Sub
    return kind(this=exp.cast(value.copy(), type_name), expression=step)
