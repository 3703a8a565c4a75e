"""Columns that a statement can name beside the table's own, made of them: structures of requests,
and names that are part of a URL or a full name.

``*`` shows what they are made of instead. DESCRIBE EXTENDED and ``cirrusql.fields`` list them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from cirrusql.catalog.model import Column, ParameterRole, Role, Table
from cirrusql.catalog.row_model.names_within import names_within
from cirrusql.catalog.row_model.structures import structures
from cirrusql.catalog.service import ServiceCatalog
from cirrusql.types import VARCHAR


@dataclass(frozen=True)
class MadeColumn:
    """A column and what it is made of."""

    column: Column
    parts: tuple[str, ...]
    """The table's columns."""
    sql: str
    """Its value over a relation with those."""


_found: WeakKeyDictionary[Table, Mapping[str, MadeColumn]] = WeakKeyDictionary()


def made_columns(service: ServiceCatalog, table: Table) -> Mapping[str, MadeColumn]:
    """Those of a table, by every accepted spelling, lower-case."""
    if table not in _found:
        made = () if table.is_api_spelling else tuple(_made(service, table))
        _found[table] = {alias: m for m in made for alias in m.column.aliases}
    return _found[table]


def _made(service: ServiceCatalog, table: Table) -> Iterator[MadeColumn]:
    for structure in structures(service, table):
        yield MadeColumn(structure.column, tuple(structure.members.values()), structure.sql)
    for name, within in names_within(table).items():
        parameter = table.by_alias[name.lower()]
        # A key selects rows by it: it is a column of the table already.
        if parameter.parameter_role is ParameterRole.OPTION:
            column = Column(parameter.name, VARCHAR, Role.FIELD, parameter.description)
            yield MadeColumn(column, (within.of,), within.sql)


def named_columns(service: ServiceCatalog, table: Table) -> tuple[Column, ...]:
    """Everything that a statement can name: the columns, with those made of them after
    the fields."""
    made = {m.column.name: m for m in made_columns(service, table).values()}
    own = [c for c in table.columns if c.name not in made]
    fields = [c for c in own if c.role is Role.FIELD]
    return (*fields, *map(_described, made.values()), *(c for c in own if c.role is not Role.FIELD))


def _described(made: MadeColumn) -> Column:
    told = f"Made of {', '.join(made.parts)}. {made.column.description}"
    return replace(made.column, description=told.rstrip())
