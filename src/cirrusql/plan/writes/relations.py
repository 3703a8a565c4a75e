"""INSERT and DELETE of rows that relate resources: what removes one, and what creates one depending
on its values.

``catalog.row_model.row_places`` knows where a request contains the row; this module plans DELETEs
whose request contains the row itself, and INSERTs in which each row has its own operation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.catalog.row_model.request_field import RequestField
from cirrusql.catalog.row_model.request_fields import places_of
from cirrusql.catalog.row_model.row_places import condition, directed, record_verbs, when_of
from cirrusql.errors import MissingParameter, UnknownColumn
from cirrusql.plan.inserts.insert_values import ROWS, InsertPlan, by_places, maker_place
from cirrusql.plan.updates.row_values import parameters_of
from cirrusql.plan.writes.write_methods import PLACES
from cirrusql.plan.writes.write_parts import Part
from cirrusql.sql.quoting import literal, quoted


def enders(table: Table) -> tuple[Method, ...]:
    """The methods that DELETE can use: those that remove a row, then those that change rows through
    records."""
    found = table.reached_by(Verb.DELETE)
    if table.is_api_spelling:
        return found
    return (*found, *(m for m in table.methods if Verb.DELETE in record_verbs(table, m)))


def ending(table: Table, methods: Sequence[Method], alias: str) -> list[list[Part]]:
    """For each operation of a DELETE the ways to call it; several if each covers some
    of the rows."""
    if table.is_api_spelling or not all(when_of(m) for m in methods):
        return [[part for m in methods for part in _ways(table, m, alias)]]
    cells = {c.name: f'"{alias}"."{c.name}"' for c in table.columns}
    return [[Part(m, {}, only_if=condition(m, cells))] for m in methods]


def _ways(table: Table, method: Method, alias: str) -> list[Part]:
    """With the parameters that the WHERE names, or with the row in the request."""
    ways = [] if Verb.DELETE in record_verbs(table, method) else [Part(method, {})]
    said = directed(method)
    places = {c: p for c, p in places_of(table, method).items() if p.is_in_item or c in said}
    if not table.is_api_spelling and (
        said or {p.parameter for p in places.values()} & set(method.required)
    ):
        given: dict[str, tuple[RequestField, str]] = {
            c: (p, f'"{alias}"."{c}"') for c, p in places.items()
        }
        given |= {
            p.decided_by: (RequestField(""), f'"{alias}"."{p.decided_by}"')
            for place in places.values()
            for p in (place, *place.also)
            if p.only_with and p.decided_by not in given
        }
        ways.insert(0, Part(method, parameters_of(table, method, given, None, Verb.DELETE)))
    return ways


@dataclass(frozen=True)
class ConditionalPlan:
    """How the rows that meet a condition over ``_rows`` are created."""

    only_if: str
    plan: InsertPlan


def by_condition(
    table: Table, candidates: Sequence[Method], columns: tuple[str, ...]
) -> list[ConditionalPlan]:
    """For a table whose rows are created by different operations, each row by its own; empty for
    others.

    Raises MissingParameter without the column that decides, and UnknownColumn.
    """
    makers = [] if table.is_api_spelling else [m for m in candidates if when_of(m)]
    found = []
    for method in makers:
        deciding = {c: _written(table, columns, c, makers) for c in when_of(method)}
        rest = tuple(c for c in columns if c not in deciding.values())
        plan = by_places(table, [method], rest)
        if plan is None:
            raise _unfit(table, method, rest)
        cells = {c: _not_null(c, f"{ROWS}.{quoted(written)}") for c, written in deciding.items()}
        found.append(ConditionalPlan(condition(method, cells), plan))
    return found


def _written(table: Table, columns: Sequence[str], name: str, makers: Sequence[Method]) -> str:
    aliases = table.by_alias[name.lower()].aliases
    found = next((c for c in columns if c.lower() in aliases), None)
    if found is not None:
        return found
    told = ", ".join(f"{m.operation.name} where it is {_told(when_of(m)[name])}" for m in makers)
    raise MissingParameter(
        f"INSERT INTO {table.id}: {name} is required: it selects the operation that creates the "
        f"row ({told})"
    )


def _told(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _not_null(column: str, cell: str) -> str:
    """A row with NULL in the deciding column is an error, rather than being left out."""
    fault = literal(
        f"{column} is NULL in an inserted row: it selects the operation that creates the row"
    )
    return f"CASE WHEN {cell} IS NULL THEN error({fault}) ELSE {cell} END"


def _unfit(
    table: Table, method: Method, columns: Sequence[str]
) -> UnknownColumn | MissingParameter:
    legal = [*places_of(table, method), *(c for c in when_of(method)), *PLACES]
    for column in columns:
        if maker_place(table, method, column) is None:
            return UnknownColumn(column, legal, where=f"INSERT INTO {table.id}")
    return MissingParameter(
        f"INSERT INTO {table.id}: one {method.operation.id} cannot take these columns together",
        hint=f"one of, as SELECT shows it: {', '.join(legal)}",
    )
