"""Parameters of writes that stand for a column's whole value: which of them are arrays.

Other parameters of a write are text unless the client declares a type: the API's model knows
better.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from cirrusql.apps.srv.protocol import bound_parameters, oids
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Table
from cirrusql.errors import UnknownName
from cirrusql.sql.parse import parse_sql
from cirrusql.sql.scan import Scanner
from cirrusql.sql.split import Piece
from cirrusql.sql.statements import Delete, Insert, Update
from cirrusql.types import ListType

_ALONE = re.compile(r"\$_(\d+)")


def arrays(statement: Insert | Update | Delete, catalog: Catalog) -> Mapping[int, int]:
    """OIDs of arrays by number, for parameters that are the whole value of a list column."""
    try:
        table = catalog.table(*statement.path) if len(statement.path) == 3 else None
    except UnknownName:
        table = None
    if table is None:
        return {}
    found = _in_where(statement, table)
    for column, text in _given(statement):
        match = _ALONE.fullmatch(text.strip())
        oid = _array_oid(table, column) if match is not None else None
        if match is not None and oid is not None:
            found[int(match[1])] = oid
    return found


def _in_where(statement: Insert | Update | Delete, table: Table) -> dict[int, int]:
    """Those of ``column = ANY($1)``."""
    where = None if isinstance(statement, Insert) else statement.where
    if where is None or "$_" not in where:
        return {}

    def type_of(name: str) -> int | None:
        column = table.by_alias.get(name.lower())
        return oids.oid_of_sql(column.type.sql) if column is not None else None

    text = f"SELECT 1 FROM t WHERE {where}\n"
    found = bound_parameters.types_from_place(parse_sql(Piece(text, 0, text)), type_of)
    return {number: oid for number, oid in found.items() if oid in oids.ELEMENTS}


def _array_oid(table: Table, name: str) -> int | None:
    column = table.by_alias.get(name.lower())
    if column is None or not isinstance(column.type, ListType):
        return None
    element = oids.oid_of_sql(column.type.element.sql)
    return None if element == oids.JSON else oids.ARRAYS.get(element)


def _given(statement: Insert | Update | Delete) -> Iterator[tuple[str, str]]:
    """Each column with the text of its value."""
    if isinstance(statement, Update):
        yield from ((a.column, a.expression) for a in statement.assignments if a.key is None)
        return
    if isinstance(statement, Delete):
        return
    scanner = Scanner(Piece(statement.source, 0, statement.source))
    if not scanner.take("VALUES"):
        return
    for start, end in scanner.parts(scanner.position, len(scanner.text)):
        row = scanner.text[start:end].strip()
        if row.startswith("(") and row.endswith(")"):
            inner = Scanner(Piece(row, 0, row))
            cells = [row[a:b] for a, b in inner.parts(1, len(row) - 1)]
            yield from zip(statement.columns, cells, strict=False)
