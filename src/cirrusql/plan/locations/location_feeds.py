"""Determines the places in which a fed key is used: those that the statement says are equal."""

from __future__ import annotations

from cirrusql.plan.parameter_values.feeds import over
from cirrusql.plan.parameter_values.value_sources import sources_of
from cirrusql.plan.passes.location_mentions import PLACES
from cirrusql.plan.scope.planning_context import PlanningContext
from cirrusql.plan.scope.scopes import Equality, Item, TableReference


def placed_by(source: TableReference, equality: Equality) -> dict[str, int]:
    """The columns of a subquery with the places in which its values are used."""
    return {
        e.column: e.position
        for e in source.equalities
        if e.query is equality.query
        and e.column in ("region", "connection")
        and not source.table.is_global
    }


def place_cells(
    draft: PlanningContext, source: TableReference, driver: Item
) -> tuple[str, str] | None:
    """SQL of the connection and the region in which a row's values are used; None for all places.

    Only if the statement says that the places are equal: then a value used elsewhere could match
    nothing. ``'*'`` and NULL stand for every place.
    """
    if not sources_of(draft, driver):
        return None
    equal = {
        e.column: e.expression for e in source.equalities if e.item is driver and e.column in PLACES
    }
    if source.table.is_global:
        equal.pop("region", None)
    if not equal.keys() & {"region", "connection"}:
        return None
    cells = {name: over(expression, driver) for name, expression in equal.items()}
    return cells.get("connection", "'*'"), cells.get("region", "NULL")
