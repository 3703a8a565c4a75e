"""SET of a column that two operations turn on and off: the value decides which one is called.

``catalog.row_model.switches`` knows the operations. A row in the desired state is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference.verbs import SETS, parts
from cirrusql.catalog.model import Table
from cirrusql.catalog.row_model.request_fields import column_of
from cirrusql.catalog.row_model.switches import Switch, switches
from cirrusql.errors import ProgrammingError
from cirrusql.plan.updates.splitting import splitting
from cirrusql.plan.updates.unsetting import is_null
from cirrusql.plan.writes.write_parts import Part
from cirrusql.sql.quoting import literal, quoted


def switching(
    catalog: Catalog, table: Table, given: Mapping[str, str], alias: str | None
) -> tuple[list[list[Part]], dict[str, str]]:
    """The calls that turn columns on and off, and the remaining assignments.

    ``alias``: the existing row; None if it is just being created.
    """
    found: list[list[Part]] = []
    left: dict[str, str] = {}
    for written, expression in given.items():
        known = switch_of(catalog, table, written)
        if known is None:
            left[written] = expression
            continue
        column, switch = known
        if alias is not None and is_null(expression):
            raise ProgrammingError(f"UPDATE {table.id}: {_legal(table, column, switch)}")
        for method, is_on in ((switch.on, True), (switch.off, False)):
            condition = _condition(table, column, switch, is_on, expression, alias)
            found.append([Part(method, {}, only_if=condition, sets=(column,))])
    return found, left


def switch_of(catalog: Catalog, table: Table, written: str) -> tuple[str, Switch] | None:
    """The column with that spelling that is turned on and off; None if an operation sets it."""
    column = column_of(table, written)
    switch = switches(catalog, table).get(column.name) if column is not None else None
    if column is None or switch is None:
        return None
    try:
        ways = splitting(catalog, table, {column.name: "''"})
    except ProgrammingError:
        return column.name, switch
    is_set = any(parts(part.method.operation.name).verb in SETS for part in ways[0])
    return None if is_set else (column.name, switch)


def _condition(
    table: Table, column: str, switch: Switch, is_on: bool, expression: str, alias: str | None
) -> str:
    """SQL: whether the row must be switched; an error if the value is neither on nor off."""
    there = f"{quoted(alias)}.{quoted(column)}" if alias is not None else ""
    if switch.states is None:
        wanted, value = f"CAST(({expression}) AS BOOLEAN)", str(is_on).lower()
        is_legal = f"{wanted} IS NOT NULL"
    else:
        on, off = map(literal, switch.states)
        wanted, value = f"upper(CAST(({expression}) AS VARCHAR))", f"upper({on if is_on else off})"
        is_legal = f"coalesce({wanted} IN (upper({on}), upper({off})), false)"
        there = f"upper({there})" if there else ""
    if alias is None:
        return f"coalesce({wanted} = {value}, false)"
    told = literal(_legal(table, column, switch))
    return (
        f"CASE WHEN NOT {is_legal} THEN error({told}) ELSE {wanted} = {value} "
        f"AND {there} IS DISTINCT FROM {value} END"
    )


def _legal(table: Table, column: str, switch: Switch) -> str:
    return (
        f"{column} of {table.id} can only be set to "
        f"{' or '.join(switch.states or ('true', 'false'))}"
    )
