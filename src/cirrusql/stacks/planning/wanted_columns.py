"""Which columns of a resource the queries of other resources, outputs and checks use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlglot import exp

from cirrusql.catalog.model import Role
from cirrusql.sql.split import Piece
from cirrusql.sql.tree import parse_sql
from cirrusql.stacks.planning.row_shape import RowShape


def wanted_columns(queries: Iterable[str], shapes: Mapping[str, RowShape]) -> dict[str, list[str]]:
    """By address, the columns of its table that queries use of it."""
    found: dict[str, dict[str, None]] = {address: {} for address in shapes}
    for sql in queries:
        tree = parse_sql(Piece(sql, 0, sql))
        tables = [t for t in tree.find_all(exp.Table) if not t.db and t.name in shapes]
        if not tables:
            continue
        names = {p.name.lower() for c in tree.find_all(exp.Column) for p in c.parts}
        names |= {i.name.lower() for i in tree.find_all(exp.Identifier)}
        has_star = next(tree.find_all(exp.Star), None) is not None
        for table in tables:
            shape = shapes[table.name]
            for column in shape.columns.values():
                is_starred = has_star and column.name in shape.table.starred
                is_place = column.role is Role.CONTEXT
                if is_starred or (has_star and is_place) or column.aliases & names:
                    found[table.name][column.name] = None
    return {address: list(columns) for address, columns in found.items()}
