"""Columns that a write sets, for RETURNING: their values accompany the rows under the columns' own
names.

A response belongs to one call: it lacks columns that another call of the statement sets, or has
their old values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from sqlglot import exp

from cirrusql.catalog.model import Method, Role, Table
from cirrusql.catalog.row_model.request_fields import ValueForm, column_of, places_of
from cirrusql.catalog.secrets.secret_columns import is_secret_column
from cirrusql.plan.model import Plan, Write
from cirrusql.plan.writes.returning import returned_columns
from cirrusql.sql.parse import parse_sql
from cirrusql.sql.quoting import quoted
from cirrusql.sql.split import Piece

SET_COLUMN = "=."
"""Prefix of a column's name in the rows of a write: the value that the statement assigns."""


def set_cells(
    table: Table, method: Method, values: Mapping[str, str], sent: Mapping[str, str] | None = None
) -> dict[str, str]:
    """By column of the table, the cell of the value that the statement assigns.

    ``values``: SQL by name as written; ``sent``: by parameter, which may be a column's under
    another name.
    """
    if table.is_api_spelling:
        return {}
    found = {
        c.name: sql for name, sql in values.items() if (c := column_of(table, name)) is not None
    }
    for name, place in places_of(table, method).items() if sent else ():
        column = column_of(table, name)
        if (
            sent
            and column is not None
            and place.form is ValueForm.WHOLE
            and place.parameter in sent
        ):
            found.setdefault(column.name, sent[place.parameter])
    return {name: f"{sql} AS {quoted(SET_COLUMN + name)}" for name, sql in found.items()}


def with_notices(plan: Plan, returning: str) -> Plan:
    """The plan with a notice for columns in RETURNING whose value is not available."""
    if not returning:
        return plan
    writes = (
        replace(w, returning_notice=told_of(w, returning)) if w.returning is not None else w
        for w in plan.writes
    )
    return replace(plan, writes=tuple(writes))


def told_of(write: Write, returning: str) -> str:
    """A notice for columns that are NULL because neither the response nor the statement contains
    them."""
    method = write.method
    have = {
        *(method.rows.fields if method.rows is not None else ()),
        *write.given,
        *write.set_columns,
    }
    lost = [n for n in _named(write.table, method, returning) if n not in have]
    if not lost or write.awaits is not None:
        return ""
    are, them = ("are", "them") if len(lost) > 1 else ("is", "it")
    return (
        f"RETURNING: {', '.join(lost)} {are} NULL, because neither the response of "
        f"{method.operation.id} nor the statement contains {them}; SELECT reads {them}"
    )


def _named(table: Table, method: Method, returning: str) -> Iterable[str]:
    """The columns of the table that RETURNING names."""
    text = f"SELECT {returning}\n"
    by_name = {c.name.lower(): c for c in returned_columns(table, method)}
    found: dict[str, None] = {}
    for column in _columns(parse_sql(Piece(text, 0, text))):
        named = by_name.get(column.parts[0].name.lower()) or table.by_alias.get(
            column.parts[0].name.lower()
        )
        if named is not None and named.role is Role.FIELD and not is_secret_column(named):
            found[named.name] = None
    return found


def _columns(tree: exp.Expr) -> Iterator[exp.Column]:
    for column in tree.find_all(exp.Column):
        if column.find_ancestor(exp.Select) is tree and not isinstance(column.parts[0], exp.Star):
            yield column
