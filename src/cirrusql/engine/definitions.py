"""Views that the engine cannot keep itself, since they read tables that it does not have.

Their text stands in a table of the database, so that it lives as long as that: in memory,
or in the user's file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

TABLE = "_cirrusql_views"


class Engine(Protocol):
    """What of the engine this needs."""

    def execute(self, sql: str) -> None: ...

    def rows(
        self, sql: str, parameters: Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]: ...


def definitions(database: Engine) -> Mapping[str, tuple[str, bool]]:
    """By name in lower case: the SELECT of each view, and whether it is a materialized one."""
    if not _exists(database):
        return {}
    found = database.rows(f"SELECT name, sql, is_materialized FROM {TABLE} ORDER BY name")
    return {name: (sql, is_materialized) for name, sql, is_materialized in found}


def save(database: Engine, name: str, sql: str, *, is_materialized: bool) -> None:
    """Keep a definition; one of that name is replaced."""
    database.execute(
        f"CREATE TABLE IF NOT EXISTS {TABLE} "
        "(name VARCHAR PRIMARY KEY, sql VARCHAR NOT NULL, is_materialized BOOLEAN NOT NULL)"
    )
    database.rows(
        f"INSERT OR REPLACE INTO {TABLE} VALUES ($n, $s, $m)",
        {"n": name.lower(), "s": sql, "m": is_materialized},
    )


def drop(database: Engine, name: str) -> bool:
    """Forget a definition; whether there was one."""
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
