"""Columns that none of a source's calls can fill: they must not silently be NULL.

If a condition, join, grouping or order depends on one, that is an error. In a select list it is a
notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlglot import exp

from cirrusql.catalog.model import Column, Method, Verb
from cirrusql.errors import MissingParameter, NotSupportedError
from cirrusql.plan.scope.lineage import columns_behind
from cirrusql.plan.scope.planning_context import PlanningContext
from cirrusql.plan.scope.resolve import ResolvedColumn, is_alias, is_star, resolve
from cirrusql.plan.scope.scopes import SelectScope, TableReference


def mark_deciding(scope: SelectScope, column: exp.Expr, found: ResolvedColumn) -> None:
    """Record, for the cloud tables behind a column, that the choice of rows depends on it here."""
    if _decides(scope, column):
        _mark(found)


def mark_deciding_results(scope: SelectScope) -> None:
    """The same for a SELECT's results, if rows are grouped, ordered or made distinct by them.

    ``GROUP BY 1``, ``ORDER BY alias``, ``ALL``, DISTINCT, UNION, EXCEPT, INTERSECT.
    """
    if not isinstance(scope.node, exp.Select):
        return
    items = scope.node.expressions
    for place in sorted(set(_deciding_places(scope))):
        for column in items[place].find_all(exp.Column) if place < len(items) else ():
            found = resolve(scope, column) if not is_star(column) else None
            if found is not None:
                _mark(found)


def _mark(found: ResolvedColumn) -> None:
    for source, name in columns_behind(found.item, found.column):
        own = source.column(name)
        if own is not None:
            source.deciding.add(own.name)


def _decides(scope: SelectScope, column: exp.Expr) -> bool:
    clauses = (exp.Where, exp.Join, exp.Group, exp.Having, exp.Order, exp.Qualify, exp.Distinct)
    nearest = column.find_ancestor(*clauses, exp.Query)
    if isinstance(nearest, clauses) or _is_partition(column):
        return True
    holder = scope.node.parent
    while isinstance(holder, exp.Subquery | exp.Paren | exp.SetOperation):
        holder = holder.parent
    # The values that a condition compares with: the select list of IN (SELECT …).
    return isinstance(holder, exp.In | exp.Any | exp.All | exp.Binary) and not isinstance(
        holder, exp.Dot
    )


def _is_partition(column: exp.Expr) -> bool:
    """Whether a window partitions by it."""
    window = column.find_ancestor(exp.Window, exp.Query)
    parts = window.args.get("partition_by") or () if isinstance(window, exp.Window) else ()
    return any(part is column for whole in parts for part in whole.find_all(exp.Column))


def _deciding_places(scope: SelectScope) -> Iterator[int]:
    """The positions of a SELECT's results that decide, counted from 0."""
    select = scope.node
    every = range(len(select.expressions))
    distinct = select.args.get("distinct")
    if distinct is not None and distinct.args.get("on") is None:
        yield from every
        return
    node = select
    while node is not None and isinstance(node, exp.Select | exp.SetOperation | exp.Subquery):
        if isinstance(node, exp.SetOperation) and (
            node.args.get("distinct") or not isinstance(node, exp.Union)
        ):
            yield from every
            return
        for clause in _CLAUSES & node.args.keys():
            part = node.args[clause]
            if part is not None:
                # Only if there is such a clause: a UNION with a thousand arms would cost a thousand
                # steps each time.
                results = select.expressions if node is select else node.selects
                yield from _named_in(part, results, scope if node is select else None)
        node = node.parent


_CLAUSES = frozenset({"group", "order", "where", "having", "qualify"})


def _named_in(clause: exp.Expr, results: list[Any], scope: SelectScope | None) -> Iterator[int]:
    """The results that a clause names: by number, by alias, or all that are not aggregates."""
    by_name = {i.alias_or_name.lower(): n for n, i in enumerate(results) if i.alias_or_name}
    if isinstance(clause, exp.Group) and clause.args.get("all"):
        yield from (n for n, i in enumerate(results) if i.find(exp.AggFunc) is None)
    for key in clause.expressions if isinstance(clause, exp.Group | exp.Order) else ():
        key = key.this if isinstance(key, exp.Ordered) else key
        if isinstance(key, exp.Literal) and key.is_int:
            yield int(key.this) - 1
        elif isinstance(clause, exp.Order) and key.name.upper() == "ALL":
            yield from range(len(results))
    for column in clause.find_all(exp.Column):
        is_result = is_alias(scope, column) if scope is not None else len(column.parts) == 1
        if is_result and column.name.lower() in by_name:
            yield by_name[column.name.lower()]


def refuse_unfilled(
    draft: PlanningContext, source: TableReference, method: Method, missing: Iterable[Column]
) -> None:
    """Notice for each selected column that will be NULL. Raises an error if rows are
    chosen by it."""
    columns = list(missing)
    if not columns:
        return
    deciding = [c for c in columns if c.name in source.deciding]
    if deciding or (draft.options.is_write and columns):
        raise _refusal(source, (deciding or columns)[0])
    names = ", ".join(sorted(c.name for c in columns))
    reader = source.table.spelled(method)
    hint = next((f": {hint}" for hint in _hints(source, columns[0])), "")
    draft.notices.append(
        f"{source.table.id}: {names} is NULL in rows of {reader}, which does not return it{hint}"
    )


def _refusal(source: TableReference, column: Column) -> Exception:
    hints = list(_hints(source, column))
    text = f"{source.table.id}: no call that lists its rows returns {column.name}"
    if hints:
        return MissingParameter(text, hint="; ".join(hints[:3]))
    return NotSupportedError(text, hint=f"DESCRIBE EXTENDED {source.table.id} shows its columns")


def _hints(source: TableReference, column: Column) -> Iterator[str]:
    """What returns the column, and how a statement can use that."""
    for method in source.table.reached_by(Verb.SELECT):
        if method.rows is not None and column.name in method.rows.fields and method.keys:
            keys = " AND ".join(f"{key} = …" for key in method.keys)
            yield f"{source.table.spelled(method)} returns it: add WHERE {keys}"
