"""Loads the relations of a catalog query into a session's engine, and describes its local tables.

``pg_rewrite`` says which relations a query reads; ``pg_tables`` makes them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import pyarrow as pa

from cirrusql.apps.srv.pg_catalog.pg_rewrite import MACROS, VISIBLE, Rewritten
from cirrusql.apps.srv.pg_catalog.pg_tables import Here, LocalTable, PgTables
from cirrusql.catalog.model import Column, Role
from cirrusql.engine.database import Database
from cirrusql.session.introspection.view_columns import view_columns
from cirrusql.session.session import Session
from cirrusql.sql.quoting import literal
from cirrusql.sql.short_names import is_service
from cirrusql.types import BOOLEAN, DOUBLE, INTEGER, TIMESTAMPTZ, VARCHAR, SqlType, list_of


class CatalogLoader:
    """What one session's engine has of pg_catalog."""

    def __init__(self, tables: PgTables) -> None:
        self._tables = tables
        self._made: set[str] = set()
        self._described: tuple[object, tuple[LocalTable, ...]] = ((), ())

    def local(self, session: Session) -> tuple[LocalTable, ...]:
        database = session.database
        found: dict[str, list[tuple[str, str]]] = {}
        rows = database.rows(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() "
            "WHERE database_name = current_database() AND schema_name = 'main' AND NOT internal "
            "AND NOT starts_with(table_name, '_') ORDER BY table_name, column_index"
        )
        for table, column, kind in rows:
            found.setdefault(str(table), []).append((str(column), str(kind)))
        tables = tuple(LocalTable(n, is_view=False, columns=tuple(c)) for n, c in found.items())
        return (*tables, *self._views(session, tables))

    def _views(self, session: Session, tables: tuple[LocalTable, ...]) -> tuple[LocalTable, ...]:
        """The session's views, described again only if something local has changed."""
        views = session.database.views()
        key = (tables, tuple(views.items()))
        if self._described[0] != key:
            columns: dict[str, list[tuple[str, str]]] = {name: [] for name in sorted(views)}
            for view, name, kind in view_columns(session):
                columns[view].append((name, kind))
            found = tuple(LocalTable(n, is_view=True, columns=tuple(c)) for n, c in columns.items())
            self._described = (key, found)
        return self._described[1]

    def load(self, catalog: Rewritten, session: Session, here: Here) -> None:
        """Load the relations of a catalog query into the engine."""
        here = replace(here, local=self.local(session))
        database = session.database
        for name in sorted(catalog.tables):
            rows = self._tables.table(name, here)
            columns = [Column(f.name, _SQL[f.type], Role.FIELD) for f in rows.schema]
            database.load(f"_{name}", columns, rows.to_batches())
        database.execute(f"CREATE OR REPLACE TEMP MACRO owner_name() AS {literal(here.user)}")
        database.execute(
            f"CREATE OR REPLACE TEMP MACRO current_database_name() AS {literal(here.database)}"
        )
        for name in catalog.functions:
            if name == VISIBLE:
                self._see(database, here)
            if name not in self._made or name == VISIBLE:
                database.execute(MACROS[name])
                self._made.add(name)

    def _see(self, database: Database, here: Here) -> None:
        """The tables that can be named without a schema."""
        path = ", ".join(
            literal(s) for s in here.variables.search_path if is_service(s, self._tables)
        )
        database.execute(
            "CREATE OR REPLACE TEMP MACRO on_search_path(x) AS x IN (SELECT zc.oid FROM _pg_class "
            "zc "
            "JOIN _pg_namespace zn ON zn.oid = zc.relnamespace WHERE zn.nspname IN "
            f"({path or 'NULL'}))"
        )


@dataclass(frozen=True)
class Oid(SqlType):
    """An OID in the engine's type."""

    @cached_property
    def arrow(self) -> pa.DataType:
        return pa.uint32()


_SQL: dict[pa.DataType, SqlType] = {
    pa.uint32(): Oid("UINTEGER"),
    pa.int32(): INTEGER,
    pa.float64(): DOUBLE,
    pa.bool_(): BOOLEAN,
    pa.string(): VARCHAR,
    pa.list_(pa.string()): list_of(VARCHAR),
    pa.list_(pa.int32()): list_of(INTEGER),
    pa.timestamp("us", "UTC"): TIMESTAMPTZ,
}
