"""What the statement says of a column through another that it is equal to:
``a = b AND b = 'x'``."""

from __future__ import annotations

from cirrusql.catalog.model import Column
from cirrusql.plan.feeds.feeds import column_of
from cirrusql.plan.passes.predicates import narrowest
from cirrusql.plan.scope.constants import suits
from cirrusql.plan.scope.scopes import Equality


def said(column: Column, equality: Equality) -> Equality:
    """``a = b AND b = 'x'`` says that a is 'x': one call that need not wait,
    and that is often b's own."""
    values = known(equality, column)
    if values is None or values.count != 1:
        return equality
    return Equality(equality.column, constants=values.constants, is_for_keys=equality.is_for_keys)


def known(equality: Equality, column: Column | None) -> Equality | None:
    """The constants that the statement says another item's column can only be, which a column is
    equal to.

    Both columns must be of one type, so that what equals the one equals the other.
    """
    item = equality.item
    if item is None or item.source is None or column is None:
        return None
    own = item.source.column(column_of(equality.expression, item) or "")
    if own is None or own.type != column.type:
        return None
    found = (e for e in narrowest(item.source.equalities, own.name) if e.constants)
    return next((e for e in found if all(suits(v, own.type) for v in e.constants)), None)
