"""Column lineage: the cloud columns behind a column of a query's result, through derived tables.

``plan.scope.resolve`` finds the item of a FROM that has the column; this module looks inside that
item.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlglot import exp

from cirrusql.plan.scope.resolve import (
    ResolvedColumn,
    cte_columns,
    is_star,
    resolve,
    spellings,
    star_names,
)
from cirrusql.plan.scope.scopes import Body, Item, SelectScope, TableReference


def bases(item: Item, column: str) -> Iterator[tuple[Item, str]]:
    """The cloud tables that an equality on an item's column narrows, through derived tables.

    Sound for a condition that every relevant row of the item meets and that is not true for NULL:
    it may be moved into the query behind the item, because nothing there counts, truncates or
    compares rows that differ in the column.
    """
    if item.source is not None:
        if not item.columns:
            yield item, column
        return
    if item.body is None or (item.cte is not None and (item.cte.uses > 1 or item.cte.is_recursive)):
        return
    if item.body.is_cut:
        return
    position = _position(item, column)
    for arm in item.body.arms:
        inner = _passed_on(arm, position, column) if not _is_by_name(item.body) else None
        if inner is not None and not inner.rest and not inner.item.is_fixed:
            yield from bases(inner.item, inner.column)


def _is_by_name(body: Body) -> bool:
    return any(s.args.get("by_name") for s in body.node.find_all(exp.SetOperation))


def _position(item: Item, column: str) -> int | None:
    """The position of the column in the item, for column aliases and set operations."""
    names = item.columns or cte_columns(item)
    if names:
        return names.index(column.lower()) if column.lower() in names else None
    if item.body is None or len(item.body.arms) < 2:
        return None
    items = item.body.arms[0].node.expressions
    if any(is_star(i) for i in items):
        return None
    return next((n for n, i in enumerate(items) if i.alias_or_name.lower() == column.lower()), None)


def _passed_on(arm: SelectScope, position: int | None, column: str) -> ResolvedColumn | None:
    """The column of an arm's own FROM that an output column passes on unchanged."""
    items = arm.node.expressions
    if position is not None:
        if any(is_star(i) for i in items) or position >= len(items):
            return None
        chosen = items[position]
    else:
        named = [i for i in items if not is_star(i) and _is_named(arm, i, column)]
        if not named:
            return _through_star(arm, items, column)
        chosen = named[0]
    node = chosen.unalias()
    if not isinstance(node, exp.Column) or is_star(node):
        return None
    found = resolve(arm, node)
    if found is None or found.item.scope is not arm or not _keeps_apart(arm, found, chosen):
        return None
    return found


def _is_named(arm: SelectScope, item: Any, column: str) -> bool:
    return item.alias_or_name.lower() == column.lower() or column.lower() in spellings(arm, item)


def _through_star(arm: SelectScope, items: list[Any], column: str) -> ResolvedColumn | None:
    stars = [i for i in items if is_star(i)]
    names = star_names(arm, stars[0]) if len(stars) == 1 else None
    if names is None or column.lower() not in names:
        return None
    holder = stars[0].table if isinstance(stars[0], exp.Column) else ""
    node = exp.column(column, table=holder or None)
    found = resolve(arm, node)
    return (
        found
        if found is not None and found.item.scope is arm and _keeps_apart(arm, found, None)
        else None
    )


def _keeps_apart(arm: SelectScope, found: ResolvedColumn, item: Any) -> bool:
    """Whether rows that differ in the column stay apart in the SELECT: no LIMIT, and no window or
    group over both."""
    query = arm.node
    if any(query.args.get(k) for k in ("limit", "offset", "sample", "having", "qualify")):
        return False
    distinct = query.args.get("distinct")
    if distinct is not None and distinct.args.get("on") is not None:
        return False
    if any(True for _ in arm.own(exp.Window, exp.Unnest, exp.Explode)):
        return False
    group = query.args.get("group")
    if group is not None:
        return _is_group_key(arm, group, found, item)
    return not any(True for _ in arm.own(exp.AggFunc))


def _is_group_key(arm: SelectScope, group: exp.Expr, found: ResolvedColumn, item: Any) -> bool:
    """Whether the rows are grouped by the column itself, among others."""
    if any(group.args.get(k) for k in ("grouping_sets", "cube", "rollup", "totals")):
        return False
    if group.args.get("all"):
        return item is not None and isinstance(item.unalias(), exp.Column)
    for key in group.expressions:
        if isinstance(key, exp.Literal) and item is not None and key.this.isdigit():
            if arm.node.expressions[int(key.this) - 1 : int(key.this)] == [item]:
                return True
        elif isinstance(key, exp.Column):
            other = resolve(arm, key)
            if other is not None and (other.item, other.column, other.rest) == (
                found.item,
                found.column,
                (),
            ):
                return True
    return False


def sources_behind(item: Item, column: str) -> Iterator[tuple[TableReference, str]]:
    """The cloud columns whose values an item's column holds, however rows are limited
    or grouped."""
    if item.source is not None:
        if not item.columns:
            yield item.source, column
        return
    if item.body is None or (item.cte is not None and item.cte.is_recursive):
        return
    position = _position(item, column)
    for arm in item.body.arms:
        node = _chosen(arm, position, column)
        found = resolve(arm, node) if node is not None else None
        if found is not None and not found.rest and found.item.scope is arm:
            yield from sources_behind(found.item, found.column)


def columns_behind(
    item: Item, column: str, seen: frozenset[int] = frozenset()
) -> Iterator[tuple[TableReference, str]]:
    """The cloud columns that an item's column is computed from."""
    if item.source is not None:
        if not item.columns:
            yield item.source, column
        return
    if item.body is None or id(item.body) in seen:
        return
    position = _position(item, column)
    for arm in item.body.arms:
        node = _made_of(arm, position, column)
        for part in node.find_all(exp.Column) if node is not None else ():
            found = resolve(arm, part) if not is_star(part) else None
            if found is not None:
                yield from columns_behind(found.item, found.column, seen | {id(item.body)})


def _made_of(arm: SelectScope, position: int | None, column: str) -> Any:
    """The expression of an arm's SELECT that an output column is."""
    items = arm.node.expressions
    if position is not None and position < len(items) and not any(is_star(i) for i in items):
        return items[position]
    named = [i for i in items if not is_star(i) and _is_named(arm, i, column)]
    return named[0] if named else _chosen(arm, position, column)


def _chosen(arm: SelectScope, position: int | None, column: str) -> Any:
    """The plain column of an arm's SELECT that an output column is; None for other expressions."""
    items = arm.node.expressions
    stars = [i for i in items if is_star(i)]
    if position is not None and not stars and position < len(items):
        node = items[position].unalias()
    else:
        named = [i for i in items if not is_star(i) and _is_named(arm, i, column)]
        if not named and len(stars) == 1:
            names = star_names(arm, stars[0])
            is_there = names is not None and column.lower() in names
            holder = stars[0].table if isinstance(stars[0], exp.Column) else ""
            return exp.column(column, table=holder or None) if is_there else None
        node = named[0].unalias() if named else None
    return node if isinstance(node, exp.Column) and not is_star(node) else None
