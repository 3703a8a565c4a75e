"""Finds the item of a FROM that provides the values of an expression, and the tables it reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlglot import exp

from cirrusql.plan.scope.constants import is_chained
from cirrusql.plan.scope.planning_context import PlanningContext
from cirrusql.plan.scope.resolve import is_bound_by_lambda, is_own, resolve
from cirrusql.plan.scope.scopes import Cte, Item, SelectScope, TableReference, is_query


def driver_of(scope: SelectScope, node: exp.Expr) -> Item | None:
    """The only item, of this query or an enclosing one, whose columns an expression uses.

    None for expressions that sqlglot may print differently from the user's text and whose position
    in it is unknown (``plan.scope.expression_text``): the values must be exactly those that the
    engine compares.
    """
    owners = set()
    is_spelled = "spelled" in node.meta
    for part in node.walk():
        if not (is_spelled or is_faithful(part)) or is_chained(part):
            return None
        if isinstance(part, exp.Column):
            found = resolve(scope, part)
            if found is None or is_bound_by_lambda(part) or not is_own(found, part):
                return None
            owners.add(found.item)
    return owners.pop() if len(owners) == 1 else None


def is_faithful(node: exp.Expr) -> bool:
    """Whether sqlglot's DuckDB generator preserves the meaning of a node."""
    return isinstance(node, _faithful())


def prints_as_written(node: exp.Expr) -> bool:
    """Whether sqlglot's DuckDB generator preserves the meaning of a whole expression."""
    return all(is_faithful(part) for part in node.walk())


def _faithful() -> tuple[type, ...]:
    """Node types whose meaning sqlglot's DuckDB generator preserves."""
    return (
        exp.Column,
        exp.Identifier,
        exp.Literal,
        exp.Boolean,
        exp.Null,
        exp.Paren,
        exp.Dot,
        exp.And,
        exp.Or,
        exp.Not,
        exp.EQ,
        exp.NEQ,
        exp.GT,
        exp.GTE,
        exp.LT,
        exp.LTE,
        exp.Is,
        exp.In,
        exp.Between,
        exp.Like,
        exp.ILike,
        exp.StartsWith,
        exp.DPipe,
        exp.Lower,
        exp.Upper,
        exp.Coalesce,
        exp.Cast,
        exp.DataType,
        exp.Anonymous,
        exp.SplitPart,
        exp.Replace,
        exp.Placeholder,
        exp.Bracket,
        exp.Neg,
    )


def partners(item: Item) -> list[Item] | None:
    """The items that a lateral item depends on, in order; None if it depends on an outer query."""
    if isinstance(item.node, exp.Table):
        return []
    found: list[Item] = []
    for scope, column in columns_in(item):
        owner = resolve(scope, column)
        if owner is None or is_inside(owner.item.scope.node, item.node):
            continue
        if owner.item.scope is not item.scope:
            return None
        if owner.item is not item and owner.item not in found:
            more = partners(owner.item)
            if more is None:
                return None
            found += [m for m in (*more, owner.item) if m not in found]
    return found


def columns_in(item: Item) -> Iterator[tuple[SelectScope, Any]]:
    """Every column that an item depends on, with the SELECT that contains it."""
    inner = item.node.this if isinstance(item.node, exp.Lateral) else item.node
    if item.body is not None and is_query(inner):
        for scope in item.body.scopes():
            for column in scope.own(exp.Column):
                yield scope, column
    else:
        for column in item.node.find_all(exp.Column):
            yield item.scope, column


def is_alone(draft: PlanningContext, query: exp.Expr) -> bool:
    """Whether a subquery is uncorrelated: none of its columns belongs to an enclosing query."""
    for scope in draft.scopes():
        if not is_inside(scope.node, query):
            continue
        for column in scope.own(exp.Column):
            found = resolve(scope, column)
            if found is not None and not is_inside(found.item.scope.node, query):
                return False
    return True


def is_inside(node: Any, outer: Any) -> bool:
    """Whether a node is, or is inside, another node."""
    while node is not None:
        if node is outer:
            return True
        node = node.parent
    return False


def is_recursive(draft: PlanningContext, node: Any) -> bool:
    """Whether a query or item reads the recursive CTE that contains it: its rows are never
    complete."""
    items = (draft.items.get(id(table)) for table in node.find_all(exp.Table))
    return any(i is not None and i.cte is not None and i.body is None for i in items)


def read_by(draft: PlanningContext, node: exp.Expr) -> tuple[list[TableReference], list[Cte]]:
    """The cloud tables and outer CTEs that a query or item reads, in order."""
    sources: list[TableReference] = []
    ctes: list[Cte] = []

    def visit(tree: exp.Expr) -> None:
        for table in tree.find_all(exp.Table):
            item = draft.items.get(id(table))
            source = draft.source_of(table)
            if source is not None and source not in sources:
                sources.append(source)
            cte = item.cte if item is not None else None
            if cte is not None and cte not in ctes and not is_inside(cte.node, node):
                if not is_inside(tree, cte.node):
                    visit(cte.node)
                if cte not in ctes:
                    ctes.append(cte)

    visit(node)
    return sources, ctes


def sources_of(draft: PlanningContext, item: Item) -> list[TableReference]:
    """The cloud tables that must be read before an item's rows are known."""
    found = []
    for part in (*(partners(item) or ()), item):
        found += [s for s in read_by(draft, part.node)[0] if s not in found]
    return found
