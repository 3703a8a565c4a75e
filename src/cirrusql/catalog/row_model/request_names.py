"""Other names of columns, used by requests that create: PolicyDocument.

Such a name reads the column, like a snake_case spelling; INSERT accepts either. ``*`` shows the
column once, under the response's name. Only if the value is the same, and no reading request has a
parameter of that name, which would then select rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from cirrusql.catalog.model import Column, Method, Role, Table, Verb
from cirrusql.catalog.row_model.request_field import NESTED, RequestField, ValueForm
from cirrusql.catalog.row_model.request_fields import places_of
from cirrusql.catalog.rows.column_types import sql_type

_read: WeakKeyDictionary[Table, dict[str, Column]] = WeakKeyDictionary()


def read_as(table: Table, column: Column) -> Column:
    """The field with the value of a parameter of that name; the column itself if there is none."""
    if column.role is not Role.PARAMETER or table.is_api_spelling:
        return column
    known = _read.setdefault(table, {})
    if column.name not in known:
        known[column.name] = _field(table, column.name) or column
    return known[column.name]


def shown_in(table: Table, parameter: str) -> tuple[str, ...]:
    """The columns in which rows show the value of a creating request's parameter."""
    places = (item for m in _makers(table, parameter) for item in places_of(table, m).items())
    found = (column for column, place in places if _is_of(place, parameter))
    return tuple(dict.fromkeys(found))


def _field(table: Table, parameter: str) -> Column | None:
    readers = (*(m for m in table.methods if m.is_read), *(d.method for d in table.details))
    others = table.methods[0].operation.overlay.section("writers.toml", "not_read")
    is_other = parameter in others.get(f"{table.schema}.{table.name}", {})
    if is_other or any(parameter in m.parameters for m in readers):
        return None
    found = {column for m in _makers(table, parameter) for column in _columns(table, m, parameter)}
    return table.by_alias[found.pop().lower()] if len(found) == 1 else None


def _columns(table: Table, method: Method, parameter: str) -> Iterator[str]:
    """The columns that a request takes as that parameter; the parameter itself if their form
    differs."""
    of = [(c, p) for c, p in places_of(table, method).items() if p.parameter == parameter]
    for column, place in of:
        shape = method.parameters[parameter].shape
        kinds = table.by_alias[column.lower()].type, sql_type(shape)
        is_alike = kinds[0] == kinds[1] or not {k.name for k in kinds} & {*NESTED, "BOOLEAN"}
        yield column if place.form is ValueForm.WHOLE and is_alike else parameter
    if not of:
        yield parameter


def _makers(table: Table, parameter: str) -> list[Method]:
    return [m for m in table.reached_by(Verb.INSERT) if parameter in m.parameters]


def _is_of(place: RequestField, parameter: str) -> bool:
    return any(one.parameter == parameter for one in (place, *place.also))
