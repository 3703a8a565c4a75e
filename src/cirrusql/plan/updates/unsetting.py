"""SET column = NULL: the operation, or the value, that takes away what a column has.

A parameter that is NULL is not sent, and most operations leave alone what they are not sent: the
call would be made and nothing would change. So NULL is made by what takes just that away
(DeleteUserPermissionsBoundary for PutUserPermissionsBoundary), by the empty value that the
documentation names, by leaving it out of a structure that is put as a whole, or else it is an
error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlglot import exp

from cirrusql.api.model import Kind, Member
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference.documentation import plain_text
from cirrusql.catalog.inference.identifiers import is_of_a_version, says_which
from cirrusql.catalog.inference.verbs import RELATES, parts
from cirrusql.catalog.inverses.unset_pairs import unset_by
from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.catalog.row_model.patches import Patched
from cirrusql.catalog.row_model.request_field import ITEM
from cirrusql.catalog.row_model.request_fields import RequestField, ValueForm, column_of, places_of
from cirrusql.catalog.row_model.row_places import is_record
from cirrusql.catalog.write_rules.updates import replaces_all
from cirrusql.errors import ProgrammingError
from cirrusql.plan.updates.splitting import places_in, splitting
from cirrusql.plan.writes.write_methods import sources
from cirrusql.plan.writes.write_rows import Part
from cirrusql.sql.parse import parse_sql
from cirrusql.sql.split import Piece

_EMPTY = re.compile(
    r"(?:remove|clear|delete|unset|disable|disassociate)\w*[^.]{0,90}\bempty "
    r"(?:string|list|array|value)"
    r"|\bempty "
    r"(?:string|list|array|value)[^.]{0,90}(?:remove|clear|delete|unset|disable|disassociate)",
    re.IGNORECASE,
)
"""What a documentation says of a parameter whose empty value takes away what there is."""
_NOTHING: Mapping[str, str] = {
    Patched.MAP: "MAP {}::MAP(VARCHAR, VARCHAR)",
    Patched.ITEMS: "[]::VARCHAR[]",
}
"""What removes each entry or text by a patch operation of its own."""
_EMPTY_VALUES = {Kind.STRING: "''", Kind.LIST: "[]"}


def is_null(expression: str) -> bool:
    """Whether an expression of SET is NULL as it is written."""
    tree: Any = parse_sql(Piece(f"SELECT {expression}", 0, f"SELECT {expression}"))
    return isinstance(tree.selects[0].unnest(), exp.Null)


def unsetting(
    catalog: Catalog, table: Table, given: Mapping[str, str], alias: str
) -> tuple[list[list[Part]], dict[str, str]]:
    """What takes away the columns that SET makes NULL, and the assignments that are left to be set.

    Raises ProgrammingError for a column that nothing takes away.
    """
    taken: list[list[Part]] = []
    left: dict[str, str] = {}
    for column, expression in given.items():
        if not is_null(expression):
            left[column] = expression
            continue
        methods = [p.method for p in splitting(catalog, table, {column: expression}, alias)[0]]
        if (ways := _ended(catalog, table, methods, column, alias)) != []:
            taken.append(ways)
        else:
            left[column] = _value(catalog, table, methods, column)
    return taken, left


def _ended(
    catalog: Catalog, table: Table, methods: Sequence[Method], column: str, alias: str
) -> list[Part]:
    """The operations that take away what the methods give, and nothing besides."""
    service, _ = catalog.service_catalog(table.provider, table.schema)
    found = column_of(table, column)
    # Where it is NULL there is nothing to take away, and the service may say so with an error.
    only_if = f'"{alias}"."{found.name}" IS NOT NULL' if found is not None else ""
    ways = []
    for method in methods:
        place = places_in(catalog, table, method, column)
        if (
            place is None
            or not _is_all_there_is(table, method, place)
            or not _gives_only(table, method, place)
        ):
            continue
        for name in unset_by(method.operation.name, service.service.operation_names):
            ending = service.method(name)
            if ending in table.reached_by(Verb.DELETE) or sources(table, ending, ()) is None:
                continue
            ways.append(Part(ending, {}, only_if=only_if))
    return ways


def _is_all_there_is(table: Table, method: Method, place: RequestField) -> bool:
    """Whether what is set is all of its parameter:
    the rules that a configuration may not be without."""
    if place.form is not ValueForm.MEMBER:
        return True
    places = places_of(table, method).values()
    is_alone = sum(p.parameter == place.parameter for p in places) == 1
    return is_alone and _is_required(method, place)


def _gives_only(table: Table, method: Method, place: RequestField) -> bool:
    """Whether a method gives this one value: what takes it away takes no other."""
    if parts(method.operation.name).verb in RELATES and says_which(place.parameter):
        return True
    which = sources(table, method, [place.parameter])
    given = {p.parameter for p in places_of(table, method).values()} | set(method.required)
    others = given - {place.parameter} - set(which or ())
    return which is not None and not any(
        not says_which(n) and not is_of_a_version(n) for n in others
    )


def _value(catalog: Catalog, table: Table, methods: Sequence[Method], column: str) -> str:
    """What is sent for NULL: the empty value, or nothing where what is not sent is dropped."""
    values = {_empty(table, m, places_in(catalog, table, m, column)) for m in methods}
    if len(values) == 1 and (value := next(iter(values))) is not None:
        return value
    told = " or ".join(dict.fromkeys(m.operation.id for m in methods))
    raise ProgrammingError(
        f"UPDATE {table.id}: {column} cannot be set to NULL: {told} leaves what it is not sent as "
        "it is, and "
        "no operation takes just that away",
        hint="give the value that it is to have: DESCRIBE METHOD "
        f"{table.id}.{table.spelled(methods[0])}",
    )


def _empty(table: Table, method: Method, place: RequestField | None) -> str | None:
    """SQL of what takes away a value by the method that sets it; None where nothing does."""
    if place is not None and place.form is ValueForm.PATCH:
        return _NOTHING.get(place.path[0])
    if place is None or place.form not in (ValueForm.WHOLE, ValueForm.MEMBER):
        return None
    member = _member(method, place)
    if member is not None and member.shape.kind in _EMPTY_VALUES:
        # Less than a certain length is refused, whatever the documentation says.
        is_allowed = not member.shape.minimum
        if is_allowed and _EMPTY.search(plain_text(member.documentation)):
            return _EMPTY_VALUES[member.shape.kind]
    if place.form is ValueForm.MEMBER:
        # An item that is put is the whole row; one that is modified may keep what it is not sent.
        is_put = not place.is_in_item or replaces_all(method) or is_record(table, method)
        return "NULL" if is_put and not _is_required(method, place) else None
    return "NULL" if replaces_all(method) and place.parameter not in method.required else None


def _member(method: Method, place: RequestField) -> Member | None:
    found = method.parameters.get(place.parameter)
    for name in place.path if place.form is ValueForm.MEMBER else ():
        if found is None:
            return None
        found = found.shape.element if name == ITEM else found.shape.members.get(name)
    return found


def _is_required(method: Method, place: RequestField) -> bool:
    """Whether the structure may not be without it;
    a list that names a row never is without the item."""
    shape = method.parameters[place.parameter].shape
    for name in place.path[:-1]:
        shape = shape.element.shape if name == ITEM else shape.members[name].shape
    return place.path[-1] == ITEM or place.path[-1] in shape.required
