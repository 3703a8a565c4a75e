"""The columns of a table that SELECT accepts, decided once: what the planner reads, what
information_schema and pg_catalog list, and what DESCRIBE EXTENDED prints as roles.

Other spellings of these columns (snake_case, names used by creating requests) are not in the list.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from cirrusql.catalog.model import Column, Method, Role, Table, Verb

WRITE = "write"
"""The printed role of a parameter that only writes take: no row has it."""

_known: WeakKeyDictionary[Table, frozenset[str]] = WeakKeyDictionary()


def reading_methods(table: Table) -> list[Method]:
    """The methods that SELECT can use."""
    return [m for m in table.methods if Verb.SELECT in (m.verb, m.api_verb) and m.rows is not None]


def is_readable(table: Table) -> bool:
    """Whether SELECT can read the table."""
    return bool(reading_methods(table))


def is_readable_column(table: Table, column: Column) -> bool:
    """Whether SELECT accepts the column by name: one of the table's, or a structure of them."""
    if column.role is Role.FIELD:
        return is_readable(table)
    if table not in _known:
        methods = reading_methods(table)
        sent = (table.by_alias.get(name.lower()) for m in methods for name in m.parameters)
        names = {c.name for c in sent if c is not None}
        found = [c.name for c in table.columns if c.role is not Role.PARAMETER or c.name in names]
        _known[table] = frozenset(found if methods else ())
    return column.name in _known[table]


def readable_columns(table: Table) -> tuple[Column, ...]:
    """The columns that SELECT accepts by name, in the order of ``*``; none of a table that it
    cannot read."""
    return tuple(c for c in table.columns if is_readable_column(table, c))


def printed_role(table: Table, column: Column) -> str:
    """The role in DESCRIBE EXTENDED: field, context, what a parameter does to the rows, or
    ``write``."""
    if column.role is Role.PARAMETER and not is_readable_column(table, column):
        return WRITE
    return str(column.parameter_role or column.role)
