"""UPDATE of a row that relates resources, if no operation changes one: create a new row, remove the
old one.

Changing a role's attachment to another policy is AttachRolePolicy and DetachRolePolicy. The new row
is created first if its key differs from the old one's, so that there is no gap; otherwise the old
row must go first, because removal would hit the new one. A notice lists what of the old row cannot
be sent again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from cirrusql.api.model import Kind
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference.verbs import RELATIONS, parts
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.model import Column, Method, ParameterRole, Role, Table
from cirrusql.catalog.row_model.request_field import RequestField
from cirrusql.catalog.row_model.request_fields import is_tags, places_of
from cirrusql.catalog.row_model.row_places import condition, directed, is_alone, when_of
from cirrusql.catalog.row_model.writers import setters
from cirrusql.catalog.write_rules.write_identity import OF_THE_CALL
from cirrusql.plan.inserts.insert_values import maker_place, plainest_makers
from cirrusql.plan.model import ValueChange
from cirrusql.plan.updates.row_values import parameters_of
from cirrusql.plan.writes.relations import enders, ending
from cirrusql.plan.writes.write_methods import inserters
from cirrusql.plan.writes.write_parts import Part, Placed
from cirrusql.plan.writes.write_rows import placed_by_row
from cirrusql.sql.quoting import literal
from cirrusql.types import ListType

_PAIRS = frozenset((*RELATIONS, ("register", "deregister")))


@dataclass(frozen=True)
class Remaking:
    """An operation that creates a table's rows and one that removes them: together they change a
    row."""

    maker: Method
    takes: Mapping[str, RequestField]
    """By column, its place in the creating request."""
    end: Placed
    identity: frozenset[str]
    """The columns that identify the row to remove."""


def remakings(table: Table, alias: str) -> list[Remaking]:
    """Each pair that creates and removes the rows of a relation table; empty for other tables."""
    if table.is_api_spelling or table.noun == "tag":
        return []
    found = []
    for maker in plainest_makers(inserters(table)):
        takes = _takes(table, maker)
        given = {p.parameter for place in takes.values() for p in (place, *place.also)}
        if not set(maker.required) <= given:
            continue
        for ender in enders(table):
            if not _is_pair(table, maker, ender):
                continue
            ways = [part for ways in ending(table, [ender], alias) for part in ways]
            end = placed_by_row(table, ways)
            if end is None:
                continue
            pair = Remaking(maker, takes, end, _identity(table, end))
            if pair.identity <= set(takes) or not _hidden(pair):
                found.append(pair)
    # If a row's own values decide which operation creates it, each pair covers some rows; otherwise
    # the simplest pair does.
    return [r for r in found if when_of(r.maker)] or found[:1]


def replacing(catalog: Catalog, table: Table, given: Mapping[str, str], alias: str) -> list[Placed]:
    """The two calls for each row, in order, and the rows they cover; empty if none fit."""
    columns = {
        table.by_alias[c.lower()].name: e for c, e in given.items() if c.lower() in table.by_alias
    }
    if len(columns) < len(given):
        return []
    found: list[Placed] = []
    for pair in remakings(table, alias):
        if set(columns) <= {*pair.takes, *when_of(pair.maker)}:
            found += _in_order(catalog, table, pair, columns, alias)
    return found


def _in_order(
    catalog: Catalog, table: Table, pair: Remaking, set_to: Mapping[str, str], alias: str
) -> Iterator[Placed]:
    old = {c.name: f'"{alias}"."{c.name}"' for c in table.columns}
    new = {c: set_to.get(c, _kept(table, c, old[c])) for c in pair.takes}
    values = parameters_of(table, pair.maker, {c: (p, new[c]) for c, p in pair.takes.items()}, None)
    make = Placed(Part(pair.maker, values, lost=_lost(catalog, table, pair)), {})
    told = [_differs(set_to[c], old[c]) for c in set_to]
    by_end = [_differs(set_to[c], old[c]) for c in set_to if c in pair.identity]
    is_of = [condition(pair.maker, {**old, **set_to}), condition(pair.end.part.method, old)]
    wanted = [f"({c})" for c in is_of if c]
    if table.has_statements:
        wanted.append(_is_permission(table, old))
    changes = tuple(ValueChange(c, old[c], set_to[c]) for c in set_to)
    moved = (_row_of(pair, old), _row_of(pair, {**old, **new}))
    # A rule in the other direction is a different rule, even if the same operation removes it.
    is_other = when_of(pair.maker) != when_of(pair.end.part.method)
    if is_other and not set_to.keys() & when_of(pair.maker).keys():
        return
    if others := told if is_other else by_end:
        only_if = " AND ".join([f"({' OR '.join(others)})", *wanted])
        order = (pair.end, make) if is_alone(pair.maker) else (make, pair.end)
        yield _both(*order, only_if, changes, moved)
    rest = [_differs(set_to[c], old[c]) for c in set_to if c not in pair.identity]
    if rest and not is_other:
        same = [f"NOT ({' OR '.join(by_end)})"] if by_end else []
        only_if = " AND ".join([f"({' OR '.join(rest)})", *same, *wanted])
        yield _both(pair.end, make, only_if, changes, moved)


def _is_permission(table: Table, old: Mapping[str, str]) -> str:
    """Raise an error for a statement that is not a plain permission: re-created, a Deny would
    become an Allow."""
    told = literal(
        f"UPDATE {table.id}: nothing was called: a statement has elements that AddPermission "
        "cannot set; set the whole policy instead"
    )
    is_plain = f"{old['Effect']} = 'Allow' AND {old['Condition']} IS NULL"
    return f"CASE WHEN {is_plain} THEN true ELSE error({told}) END"


def _both(
    first: Placed,
    second: Placed,
    only_if: str,
    changes: tuple[ValueChange, ...],
    moved: tuple[str, str],
) -> Placed:
    part = replace(first.part, only_if=only_if, changes=changes, moved=moved)
    lost = (*first.part.lost, *second.part.lost)
    return Placed(replace(part, lost=lost), first.columns, then=second)


def _differs(new: str, old: str) -> str:
    return f"({new}) IS DISTINCT FROM {old}"


def _row_of(pair: Remaking, cells: Mapping[str, str]) -> str:
    """SQL of the row's key for removal: if it differs, the row is a different one."""
    named = ", ".join(f"{literal(c)}: {cells[c]}" for c in sorted(pair.identity) if c in cells)
    return f"CAST(to_json({{{named}}}) AS VARCHAR)" if named else "''"


def _kept(table: Table, column: str, cell: str) -> str:
    """A value of the old row for the new one: no tags rather than an empty list of them."""
    is_list = isinstance(table.by_alias[column.lower()].type, ListType)
    return f"CASE WHEN len({cell}) > 0 THEN {cell} END" if is_list and is_tags(column) else cell


def _takes(table: Table, maker: Method) -> dict[str, RequestField]:
    found: dict[str, RequestField] = {}
    for column in filter(_is_of_row, table.columns):
        place = maker_place(table, maker, column.name)
        if place is not None and not _is_of_call(place.parameter):
            found[column.name] = place
    return found


def _is_of_row(column: Column) -> bool:
    """Whether a column has a value per row: a field, or the key that the row was found with."""
    return column.role is Role.FIELD or column.parameter_role is ParameterRole.KEY


def _is_pair(table: Table, maker: Method, ender: Method) -> bool:
    made, ended = parts(maker.operation.name), parts(ender.operation.name)
    is_statement = table.has_statements and (made.verb, ended.verb) == ("put", "remove")
    if made.is_batch or ended.is_batch or not (is_statement or (made.verb, ended.verb) in _PAIRS):
        return False
    # A registered object is a resource, except an item of a list, such as a target of a group.
    return made.verb != "register" or any(p.is_in_item for p in places_of(table, maker).values())


def _identity(table: Table, end: Placed) -> frozenset[str]:
    part = end.part
    listed = {c for c, p in places_of(table, part.method).items() if p.parameter in part.assigned}
    return frozenset({c for c, _ in end.columns.values()} | listed)


def _lost(catalog: Catalog, table: Table, pair: Remaking) -> tuple[str, ...]:
    """What the new row may lack: what other operations set, and what no column shows."""
    if table.has_statements:
        # What cannot be sent again is an error there.
        return ()
    elsewhere = setters(catalog, table)
    fields = [c.name for c in table.columns if c.name in elsewhere and c.name not in pair.takes]
    return tuple(dict.fromkeys((*fields, *_hidden(pair))))


def _hidden(pair: Remaking) -> list[str]:
    """Optional parameters of the creating operation that no column shows; if rows are removed by
    another key than they are created with, such a parameter may be the row's identity."""
    if directed(pair.maker):
        return []
    given = {p.parameter for place in pair.takes.values() for p in (place, *place.also)}
    members = pair.maker.parameters.items()
    return [
        n
        for n, m in members
        if n not in given and m.shape.kind is not Kind.BOOLEAN and not _is_of_call(n)
    ]


def _is_of_call(parameter: str) -> bool:
    return snake_case(parameter) in OF_THE_CALL
