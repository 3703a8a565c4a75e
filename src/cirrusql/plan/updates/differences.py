"""SET of a set-valued column: adds the missing items and removes the surplus ones.

``catalog.row_model.set_valued`` knows how an API does both; the row read provides the current
items. Unchanged items are left alone. Removal comes first: a rule whose description changes would
otherwise exist twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference.verbs import SETS, parts
from cirrusql.catalog.model import Table
from cirrusql.catalog.row_model.request_fields import column_of
from cirrusql.catalog.row_model.set_valued import SetValued, Side, set_valued
from cirrusql.errors import ProgrammingError
from cirrusql.plan.updates.row_values import given_ids, ids_of
from cirrusql.plan.updates.splitting import splitting
from cirrusql.plan.writes.write_parts import Part
from cirrusql.sql.quoting import literal, quoted


def differences(
    catalog: Catalog, table: Table, given: Mapping[str, str], alias: str
) -> tuple[list[list[Part]], dict[str, str]]:
    """The calls that make set-valued columns equal to their SET values, and the remaining
    assignments."""
    found: list[list[Part]] = []
    left: dict[str, str] = {}
    for written, expression in given.items():
        change = change_of(catalog, table, written)
        if change is None or _is_in_request_form(change, expression):
            left[written] = expression
            continue
        column, how = change
        made = _parts(how, expression, alias, column)
        found += [[replace(part, sets=(column,))] for part in made]
    return found, left


def change_of(catalog: Catalog, table: Table, written: str) -> tuple[str, SetValued] | None:
    """The set-valued column with that spelling; None if it is none, or if an operation sets it as a
    whole."""
    column = column_of(table, written)
    change = set_valued(catalog, table).get(column.name) if column is not None else None
    if column is None or change is None:
        return None
    if change.added.member:
        return column.name, change
    try:
        ways = splitting(catalog, table, {column.name: "''"})
    except ProgrammingError:
        return column.name, change
    is_set = any(parts(part.method.operation.name).verb in SETS for part in ways[0])
    return None if is_set else (column.name, change)


def adding_first(catalog: Catalog, table: Table, written: str, value: str) -> list[Part]:
    """The ways to give a new resource the items of a set-valued column; none if it starts with
    items of its own."""
    found = set_valued(catalog, table)
    column = column_of(table, written)
    change = found.get(column.name) if column is not None else None
    if change is None or change.is_one_call or not change.is_empty_at_first:
        return []
    items = given_ids(value, change.key, written) if change.key else value
    return [
        Part(change.added.method, {change.added.parameter: items}, only_if=f"({value}) IS NOT NULL")
    ]


def _is_in_request_form(change: tuple[str, SetValued], expression: str) -> bool:
    """Whether the value is the request's own structure: {'addOrUpdateLabels': …}."""
    _, how = change
    return any(side.member and side.member in expression for side in (how.added, how.taken))


def _parts(how: SetValued, expression: str, alias: str, column: str) -> list[Part]:
    wanted, there = f"({expression})", f"{quoted(alias)}.{quoted(column)}"
    if how.key:
        wanted, there = given_ids(wanted, how.key, column), ids_of(there, how.key)
    kind = "_rules" if how.is_of_rules else ""
    takes = "_unnamed" if how.is_updating else f"{kind}_taken"
    added, taken = f"{kind}_added({wanted}, {there})", f"{takes}({wanted}, {there})"
    if not how.is_one_call:
        return [
            Part(how.taken.method, {how.taken.parameter: taken}, only_if=f"{taken} IS NOT NULL"),
            Part(how.added.method, {how.added.parameter: added}, only_if=f"{added} IS NOT NULL"),
        ]
    only_if = f"{added} IS NOT NULL OR {taken} IS NOT NULL"
    assigned = _in_one(((how.added, added), (how.taken, taken)))
    # Often there is only something to add, or only something to remove.
    return [Part(how.added.method, assigned, only_if=only_if, left_out=frozenset(assigned))]


def _in_one(sides: tuple[tuple[Side, str], ...]) -> dict[str, str]:
    """The parameters of a single request that adds and removes; empty parts are left out of its
    JSON."""
    found = {side.parameter: value for side, value in sides if not side.member}
    members: dict[str, list[str]] = {}
    for side, value in sides:
        if side.member:
            members.setdefault(side.parameter, []).append(
                f"{literal(side.member)}, CAST({value} AS JSON)"
            )
    for parameter, pairs in members.items():
        # A merge patch leaves out NULLs.
        found[parameter] = f"json_merge_patch('{{}}', json_object({', '.join(pairs)}))"
    return found
