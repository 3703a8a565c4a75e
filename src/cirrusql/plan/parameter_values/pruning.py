"""Drops fed key values that no row can need, using the statement's own conditions on the key.

``WHERE UserName LIKE 'ann%'`` over a table that is listed per user makes calls for those users
only. Proof that this only shrinks the calls: each row's column for the parameter holds the value
that the row was requested with, so a condition on such columns alone, which NULL cannot meet, drops
either all rows of a value or none. If the response has a field of that name, it is assumed to hold
the same value only if the parent's field has that name too (``UserName`` of users); a hosted zone's
``Id``, for example, may be spelled differently in its records. A condition that may change between
two evaluations is left to the engine.

Values fed by a join are pruned in the same way: the column equals the fed value in every relevant
row, so no such row has a value for which a condition on the column fails. Both sides must be text
columns: for other types, equal values may differ in other respects.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlglot import exp

from cirrusql.catalog.inference.fitness import is_scalar
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.model import Method
from cirrusql.catalog.relations.parent_paths import ParentRows
from cirrusql.plan.model import Feed
from cirrusql.plan.parameter_values.feeds import column_of, over
from cirrusql.plan.passes.option_conditions import is_sent_only
from cirrusql.plan.scope.lineage import sources_behind
from cirrusql.plan.scope.planning_context import PlanningContext
from cirrusql.plan.scope.resolve import resolve
from cirrusql.plan.scope.scopes import Equality, TableReference
from cirrusql.sql.quoting import quoted


def pruned(
    draft: PlanningContext, source: TableReference, method: Method, step: ParentRows, feed: Feed
) -> Feed:
    """The feed of a step's parameters without the values that the source's conditions drop."""
    shown = {n.lower() for n in step.parameters if _is_shown(source, method, step, n)}
    return _filtered(draft, source, shown, feed)


def pruned_by_join(
    draft: PlanningContext,
    source: TableReference,
    method: Method,
    group: Sequence[Equality],
    feed: Feed,
) -> Feed:
    """The feed from another item's rows without the values that the source's conditions drop."""
    shown = {e.column.lower() for e in group if _is_same_text(source, method, e)}
    return _filtered(draft, source, shown, feed)


def _filtered(draft: PlanningContext, source: TableReference, shown: set[str], feed: Feed) -> Feed:
    """The feed with the source's conditions that depend on the parameters' columns alone."""
    item = source.item
    if "pruning" in draft.options.off or item is None or item.is_fixed or item.columns:
        return feed
    conditions = list(_conditions(draft, source, shown))
    if not conditions:
        return feed
    context = ("connection", "account_id", "region") if feed.carries_context else ()
    names = ", ".join(quoted(n) for n in (*feed.parameters, *context))
    alias = quoted(item.node.alias_or_name)
    sql = f"SELECT * FROM ({feed.sql}) AS {alias}({names}) WHERE {' AND '.join(conditions)}"
    return replace(feed, sql=sql)


def _is_same_text(source: TableReference, method: Method, equality: Equality) -> bool:
    """Whether a parameter is compared with another item's plain column, and both are text."""
    own, item = source.column(equality.column), equality.item
    if own is None or item is None or own.is_apart or is_sent_only(own):
        return False
    column = column_of(equality.expression, item)
    behind = list(sources_behind(item, column)) if column is not None else []
    types = {c.type.name for s, n in behind if (c := s.column(n)) is not None}
    return types == {own.type.name} == {"VARCHAR"} and is_scalar(method, equality.column)


def _is_shown(source: TableReference, method: Method, step: ParentRows, name: str) -> bool:
    """Whether a row's column for a parameter holds the value that the row was requested with."""
    column = source.column(name)
    if column is None or column.is_apart or is_sent_only(column) or not is_scalar(method, name):
        return False
    if method.rows is None or column.name not in method.rows.fields:
        return True
    place = step.parameters.index(name)
    # Rows requested without it have NULL there, which no condition accepts.
    columns = [listing.columns[place] for listing in step.listings if listing.columns[place]]
    fields = {snake_case(column.rpartition(".")[2]) for column in columns}
    return fields == {snake_case(name)}


def _conditions(draft: PlanningContext, source: TableReference, shown: set[str]) -> Iterator[str]:
    """The conditions that depend on these columns alone, with the source's name."""
    item = source.item
    assert item is not None
    for node in draft.filters.get(item, ()):
        names = _columns_of(item, node)
        if names and names <= shown and _is_steady(node):
            yield f"({over(node, item)})"


def _columns_of(item: Any, node: exp.Expr) -> set[str] | None:
    names = set()
    for column in node.find_all(exp.Column):
        found = resolve(item.scope, column)
        if found is None or found.item is not item or found.rest:
            return None
        names.add(found.column.lower())
    return names


def _is_steady(node: exp.Expr) -> bool:
    """Whether a condition consists only of columns, constants and comparisons, so that it is
    deterministic."""
    known = (
        *(exp.Column, exp.Identifier, exp.Literal, exp.Paren, exp.And, exp.Or, exp.Not, exp.Tuple),
        *(
            exp.EQ,
            exp.NEQ,
            exp.GT,
            exp.GTE,
            exp.LT,
            exp.LTE,
            exp.Like,
            exp.ILike,
            exp.In,
            exp.Between,
        ),
        *(
            exp.StartsWith,
            exp.Lower,
            exp.Upper,
            exp.Escape,
            exp.DPipe,
            exp.Parameter,
            exp.Placeholder,
            exp.Var,
        ),
    )
    return all(isinstance(part, known) for part in node.walk())
