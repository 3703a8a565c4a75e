"""Columns that none of the calls of a source can fill: they must not pass for NULL unsaid.

What a condition, a join, a grouping or an order rests on cannot be left out: that is an error.
In a list of columns to show it is a notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cirrusql.catalog.model import Column, Method
from cirrusql.errors import MissingParameter, NotSupportedError
from cirrusql.plan.draft import Draft, Source
from cirrusql.plan.resolve import Resolved, bases
from cirrusql.plan.scopes import Scope


def mark_deciding(scope: Scope, column: Any, found: Resolved) -> None:
    """Note, of the cloud tables behind a column, that which rows come back rests on it here."""
    if not _decides(scope, column):
        return
    for item, name in bases(found.item, found.column):
        own = item.source.column(name) if item.source is not None else None
        if item.source is not None and own is not None:
            item.source.deciding.add(own.name)


def _decides(scope: Scope, column: Any) -> bool:
    from sqlglot import exp

    clauses = (exp.Where, exp.Join, exp.Group, exp.Having, exp.Order, exp.Qualify)
    nearest = column.find_ancestor(*clauses, exp.Query)
    if isinstance(nearest, clauses):
        return True
    holder = scope.node.parent
    while isinstance(holder, exp.Subquery | exp.Paren | exp.SetOperation):
        holder = holder.parent
    # What a condition compares with: the list of IN (SELECT …).
    return isinstance(holder, exp.In | exp.Any | exp.All | exp.Binary) and not isinstance(holder, exp.Dot)


def refuse_unfilled(draft: Draft, source: Source, method: Method, lacking: Iterable[Column]) -> None:
    """Say of each wanted column that it will be NULL. Raises where rows are chosen by it."""
    columns = list(lacking)
    if not columns:
        return
    deciding = [c for c in columns if c.name in source.deciding]
    if deciding or (draft.options.is_write and columns):
        raise _refusal(source, (deciding or columns)[0])
    names = ", ".join(sorted(c.name for c in columns))
    reader = source.table.spelled(method)
    hint = next((f": {hint}" for hint in _hints(source, columns[0])), "")
    draft.notices.append(f"{source.table.id}: {names} is NULL in rows of {reader}, which lacks it{hint}")


def _refusal(source: Source, column: Column) -> Exception:
    hints = list(_hints(source, column))
    text = f"{source.table.id}: no call that lists its rows gives {column.name}"
    if hints:
        return MissingParameter(text, hint="; ".join(hints[:3]))
    return NotSupportedError(text, hint=f"DESCRIBE EXTENDED {source.table.id} shows its columns")


def _hints(source: Source, column: Column) -> Iterator[str]:
    """What gives the column, and how a statement reaches that."""
    for method in source.table.methods:
        if method.rows is not None and column.name in method.rows.fields and method.keys:
            keys = " AND ".join(f"{key} = …" for key in method.keys)
            yield f"{source.table.spelled(method)} gives it: add WHERE {keys}"
