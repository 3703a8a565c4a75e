"""Recognizes expressions with one value for the whole statement, the types of their values, and
conditions that no row can meet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from cirrusql.types import SqlType

_VOLATILE = frozenset(
    {"random", "rand", "uuid", "gen_random_uuid", "uuidv4", "uuidv7", "nextval", "setseed"}
)
"""Functions that return a different value at every call; the clock is fixed during a statement."""


def is_constant(node: exp.Expr, parameters: Mapping[str, object]) -> bool:
    """Whether an expression is the same for every row: without columns, subqueries, aggregates or
    randomness."""
    of_rows = (exp.Column, exp.Query, exp.Values, exp.AggFunc, exp.Window, exp.Star, exp.Unnest)
    varying = (*of_rows, exp.Any, exp.All, exp.Null, exp.Rand, exp.Uuid)
    if is_volatile(node):
        return False
    for part in node.walk():
        if isinstance(part, varying) or is_chained(part):
            return False
        if isinstance(part, exp.Placeholder) and parameters.get(part.name, 0) is None:
            return False
    return True


def is_volatile(node: exp.Expr) -> bool:
    """Whether an expression returns a different value at every evaluation."""
    return any(
        isinstance(part, exp.Rand | exp.Uuid)
        or (isinstance(part, exp.Anonymous) and part.name.lower() in _VOLATILE)
        for part in node.walk()
    )


def is_chained(node: exp.Expr) -> bool:
    """Whether a node is ``name.function()``, where sqlglot does not mark the name as a column."""
    return isinstance(node, exp.Dot) and isinstance(node.this, exp.Identifier)


def suits(node: exp.Expr, type_: SqlType) -> bool:
    """Whether equality of a constant with a column of that type compares the values themselves.

    ``id = 12`` over text compares numbers, so '012' is equal too: sending 12 alone would miss it.
    """
    if isinstance(node, exp.Neg):
        node = node.this
    if not isinstance(node, exp.Literal | exp.Boolean):
        return True
    if isinstance(node, exp.Boolean):
        return type_.name == "BOOLEAN"
    if node.is_string:
        return type_.name not in ("INTEGER", "BIGINT", "DOUBLE", "BOOLEAN")
    return type_.name in ("INTEGER", "BIGINT", "DOUBLE")


def truth_of(node: exp.Expr) -> tuple[Any, bool] | None:
    """The node that a condition requires to be true or false: ``x``, ``NOT x``, ``x IS TRUE``, ``x
    <> false``."""
    wanted = True
    node = node.unnest()
    while isinstance(node, exp.Not):
        # NOT (x IS TRUE) is also true for NULL.
        if isinstance(node.this.unnest(), exp.Is):
            return None
        wanted = not wanted
        node = node.this.unnest()
    if isinstance(node, exp.EQ | exp.NEQ | exp.Is):
        sides = (node.this.unnest(), node.expression.unnest())
        left, right = sides if isinstance(sides[1], exp.Boolean) else sides[::-1]
        if not isinstance(right, exp.Boolean):
            return None
        return left, wanted == (bool(right.this) != isinstance(node, exp.NEQ))
    return node, wanted


def is_never_true(node: exp.Expr, parameters: Mapping[str, object]) -> bool:
    """Whether a condition is false or NULL whatever the row: a comparison with NULL, ``false``.

    Not complete: only what the text and the bound values show.
    """
    node = node.unnest()
    if isinstance(node, exp.And):
        return any(is_never_true(n, parameters) for n in node.flatten())
    if isinstance(node, exp.Or):
        return all(is_never_true(n, parameters) for n in node.flatten())
    if isinstance(node, exp.Boolean):
        return not node.this
    return _is_null(node, parameters)


def _is_null(node: exp.Expr, parameters: Mapping[str, object]) -> bool:
    """Whether an expression is NULL whatever the row."""
    node = node.unnest()
    if isinstance(node, exp.Null):
        return True
    if isinstance(node, exp.Placeholder):
        return node.name in parameters and parameters[node.name] is None
    if isinstance(node, exp.Not | exp.Cast | exp.Any):
        return _is_null(node.this, parameters)
    if isinstance(node, exp.In):
        given = [*node.expressions, *([f] if (f := node.args.get("field")) is not None else [])]
        is_all = bool(given) and all(_is_null(n, parameters) for n in given)
        return node.args.get("query") is None and (is_all or _is_null(node.this, parameters))
    if isinstance(node, _COMPARES):
        return _is_null(node.this, parameters) or _is_null(node.expression, parameters)
    return False


_COMPARES = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like, exp.ILike)
