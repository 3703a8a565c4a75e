"""Conditions on one item alone: whatever it feeds needs only the rows that meet them.

Only conditions that are not true for NULL: a row that an outer join fills with NULLs must fail them
too, or dropping its partner would make it match.
"""

from __future__ import annotations

from sqlglot import exp

from cirrusql.plan.parameter_values.value_sources import driver_of
from cirrusql.plan.scope.planning_context import PlanningContext
from cirrusql.plan.scope.resolve import resolve
from cirrusql.plan.scope.scopes import SelectScope


def keep_filters(draft: PlanningContext, scope: SelectScope) -> None:
    """Record, for each item of the scope, the conditions on it alone."""
    for conjunct in scope.conjuncts:
        item = driver_of(scope, conjunct.node)
        if item is None or item.scope is not scope:
            continue
        if conjunct.is_where or item in conjunct.narrows:
            draft.conditions.setdefault(item, []).append(conjunct.node)
            if rejects_null(conjunct.node):
                draft.filters.setdefault(item, []).append(conjunct.node)


def is_never_null(scope: SelectScope, node: exp.Expr) -> bool:
    """Whether a condition on a column alone excludes NULLs from the rows that the WHERE accepts."""
    wanted = resolve(scope, node) if isinstance(node, exp.Column) else None
    if wanted is None:
        return False
    for conjunct in scope.conjuncts:
        if (
            not conjunct.is_where
            or not rejects_null(conjunct.node)
            or conjunct.node.find(exp.Query)
        ):
            continue
        found = [resolve(scope, column) for column in conjunct.node.find_all(exp.Column)]
        if all(
            f and (f.item, f.column, f.rest) == (wanted.item, wanted.column, wanted.rest)
            for f in found
        ):
            return True
    return False


def rejects_null(node: exp.Expr) -> bool:
    """Whether a condition on one item cannot be true for a row of NULLs."""
    node = node.unnest()
    if isinstance(node, exp.And):
        return rejects_null(node.left) or rejects_null(node.right)
    if isinstance(node, exp.Or):
        return rejects_null(node.left) and rejects_null(node.right)
    if isinstance(node, exp.Not):
        inner = node.this.unnest()
        if isinstance(inner, exp.Is):
            return is_plain(inner.this) and isinstance(inner.expression, exp.Null)
        return isinstance(inner, exp.Like | exp.ILike | exp.In | exp.Between) and is_plain(
            inner.this
        )
    if isinstance(node, exp.EQ | exp.NEQ | exp.GT | exp.GTE | exp.LT | exp.LTE):
        return is_plain(node.left) or is_plain(node.right)
    if isinstance(node, exp.Like | exp.ILike | exp.StartsWith | exp.In | exp.Between):
        return is_plain(node.this)
    return False


def is_plain(node: exp.Expr) -> bool:
    """Whether an expression over columns is NULL if they are."""
    strict = (
        exp.Column,
        exp.Identifier,
        exp.Literal,
        exp.Lower,
        exp.Upper,
        exp.Cast,
        exp.DataType,
        exp.Dot,
    )
    has_column = any(isinstance(n, exp.Column) for n in node.walk())
    return has_column and all(
        isinstance(n, (*strict, exp.Paren, exp.DPipe, exp.Neg)) for n in node.walk()
    )
