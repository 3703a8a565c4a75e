"""Stores views over cloud tables, which the engine cannot store itself because it does not have
those tables.

Their text is in a table of the database, so it lives as long as the database: in memory, or in the
user's file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

TABLE = "_cirrusql_views"


class Engine(Protocol):
    """What this module needs of the engine."""

    def execute(self, sql: str) -> None: ...

    def rows(
        self, sql: str, parameters: Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]: ...


def definitions(database: Engine) -> Mapping[str, tuple[str, bool]]:
    """By lower-case name: the SELECT of each view, and whether it is materialized."""
    if not _exists(database):
        return {}
    found = database.rows(f"SELECT name, sql, is_materialized FROM {TABLE} ORDER BY name")
    return {name: (sql, is_materialized) for name, sql, is_materialized in found}


def save(database: Engine, name: str, sql: str, *, is_materialized: bool) -> None:
    """Store a definition, replacing one of the same name."""
    database.execute(
        f"CREATE TABLE IF NOT EXISTS {TABLE} "
        "(name VARCHAR PRIMARY KEY, sql VARCHAR NOT NULL, is_materialized BOOLEAN NOT NULL)"
    )
    database.rows(
        f"INSERT OR REPLACE INTO {TABLE} VALUES ($n, $s, $m)",
        {"n": name.lower(), "s": sql, "m": is_materialized},
    )


def drop(database: Engine, name: str) -> bool:
    """Remove a definition; whether it existed."""
    if not _exists(database):
        return False
    return bool(
        database.rows(f"DELETE FROM {TABLE} WHERE name = $n RETURNING name", {"n": name.lower()})
    )


def _exists(database: Engine) -> bool:
    sql = (
        "SELECT 1 FROM duckdb_tables() WHERE table_name = $t AND database_name = current_database()"
    )
    return bool(database.rows(sql, {"t": TABLE}))
