"""Derives constants through equalities: ``a = b AND b = 'x'``."""

from __future__ import annotations

from cirrusql.catalog.model import Column
from cirrusql.plan.parameter_values.feeds import column_of
from cirrusql.plan.passes.predicates import narrowest
from cirrusql.plan.scope.constants import suits
from cirrusql.plan.scope.scopes import Equality


def said(column: Column, equality: Equality) -> Equality:
    """From ``a = b AND b = 'x'``, derive that a is 'x': a call that need not wait, and is often the
    same as b's."""
    values = known(equality, column)
    if values is None or values.count != 1:
        return equality
    return Equality(equality.column, constants=values.constants, is_for_keys=equality.is_for_keys)


def known(equality: Equality, column: Column | None) -> Equality | None:
    """The constants that a column must equal through another item's column.

    Both columns must have the same type, so that equality is transitive.
    """
    item = equality.item
    if item is None or item.source is None or column is None:
        return None
    own = item.source.column(column_of(equality.expression, item) or "")
    if own is None or own.type != column.type:
        return None
    found = (e for e in narrowest(item.source.equalities, own.name) if e.constants)
    return next((e for e in found if all(suits(v, own.type) for v in e.constants)), None)
