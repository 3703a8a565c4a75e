"""INSERTs with the column names that SELECT shows, which one creating call accepts under other
names.

``write_methods.method_for`` handles columns named like request parameters; here,
``catalog.row_model`` maps each other column to its place in the request. Columns that need further
calls are not handled here and remain unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from cirrusql.catalog.inference.verbs import rank
from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.catalog.row_model.request_field import BY_IDS
from cirrusql.catalog.row_model.request_fields import RequestField, ValueForm, column_of, place_of
from cirrusql.catalog.row_model.row_places import directed
from cirrusql.errors import ProgrammingError
from cirrusql.plan.updates.row_values import parameters_of
from cirrusql.plan.writes.write_methods import parameter_name
from cirrusql.sql.quoting import quoted

ROWS = "_rows"
"""The relation of the given rows, with the statement's column names."""


@dataclass(frozen=True)
class InsertStep:
    """A call after the creating one."""

    method: Method
    values: Mapping[str, str]
    """SQL over the given rows, by parameter."""
    answered: Mapping[str, str]
    """By parameter, the field of the creating call's response that provides its value."""
    only_if: str
    """SQL over the given rows: if false, the row needs no such step."""


@dataclass(frozen=True)
class InsertPlan:
    """How rows with given columns are created: one creating call, and the steps after it."""

    maker: Method
    values: Mapping[str, str]
    steps: tuple[InsertStep, ...] = ()
    later: tuple[str, ...] = ()
    """The columns that the steps set."""


def by_places(
    table: Table, candidates: Iterable[Method], columns: tuple[str, ...]
) -> InsertPlan | None:
    """The simplest method that accepts all columns and has all it requires, and SQL over ``_rows``
    by parameter."""
    if len({c.lower() for c in columns}) < len(columns):
        return None
    for method in plainest_makers(candidates):
        placed = {c: p for c in columns if (p := maker_place(table, method, c)) is not None}
        if len(placed) < len(columns) or not is_apart(placed.values()):
            continue
        values = parameters_of(table, method, given_by(table, placed), None)
        if set(method.required) <= set(values):
            return InsertPlan(method, values)
    return None


def same_twice(
    table: Table, candidates: Iterable[Method], columns: tuple[str, ...], verb: str
) -> ProgrammingError | None:
    """The error for two columns that set the same parameter: Tags and TagSpecifications."""
    for method in plainest_makers(candidates):
        placed = [(c, p) for c in columns if (p := maker_place(table, method, c)) is not None]
        for (one, place), (other, place_too) in combinations(placed, 2):
            if not is_apart([place, place_too]):
                return ProgrammingError(
                    f"{verb} INTO {table.id}: {one} and {other} set the same: "
                    f"{place.parameter} of {method.operation.id}",
                    hint=f"give {one} or {other}, but not both",
                )
    return None


def plainest_makers(candidates: Iterable[Method]) -> list[Method]:
    """The methods that create rows, simplest first; if there are none, those that put."""
    found = list(candidates)
    makers = [m for m in found if m.verb is not Verb.REPLACE] or found
    return sorted(makers, key=lambda m: (rank(m.operation.name), len(m.parameters)))


def given_by(
    table: Table, placed: Mapping[str, RequestField]
) -> dict[str, tuple[RequestField, str]]:
    """By the column's own name, its place and the cell of the given row."""
    columns = {c: column_of(table, c) for c in placed}
    return {
        column.name if (column := columns[c]) is not None else c: (place, f"{ROWS}.{quoted(c)}")
        for c, place in placed.items()
    }


def maker_place(table: Table, method: Method, column: str) -> RequestField | None:
    """The place of a column in a creating request: a parameter of its name, or as the row model
    says."""
    found = None if table.is_api_spelling else column_of(table, column)
    if found is not None and (said := directed(method).get(found.name)) is not None:
        return said
    name = parameter_name(method, column)
    place = place_of(table, method, column)
    return RequestField(name) if name is not None and not _is_by_ids(place, name) else place


def is_as_shown(table: Table, method: Method, columns: Iterable[str]) -> bool:
    """Whether a creating request accepts each column as written, rather than only ids of what it
    shows."""
    places = ((c, maker_place(table, method, c)) for c in columns)
    return all(p is None or p.form not in BY_IDS for _, p in places)


def _is_by_ids(place: RequestField | None, name: str) -> bool:
    """Whether a parameter of the column's name accepts only ids of what the column shows."""
    if place is None or place.form not in BY_IDS:
        return False
    return any(one.parameter == name for one in (place, *place.also))


def is_apart(places: Iterable[RequestField]) -> bool:
    """Whether no two columns set the same parameter, except members of one structure or map."""
    given = list(places)
    shared = {p.parameter for p in given if p.form in (ValueForm.MEMBER, ValueForm.ENTRY)}
    alone = Counter(p.parameter for p in given if p.form not in (ValueForm.MEMBER, ValueForm.ENTRY))
    return not shared & set(alone) and all(count == 1 for count in alone.values())
