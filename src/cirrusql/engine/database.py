"""The engine: the one door to DuckDB.

Relations come in as Arrow, whole or as streams; results go out as Arrow batches. Nothing
here knows of clouds. An instance belongs to one thread at a time, save ``interrupt``.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyarrow as pa

from cirrusql.catalog.model import Column
from cirrusql.engine import documents
from cirrusql.engine.translate import translated
from cirrusql.errors import ConfigError, Error

_RESERVED = frozenset({"aws", "cirrusql", "memory", "system", "temp"})
_PARAMETER = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_BATCH_ROWS = 10_000


class Rows:
    """A result: its schema now, its batches as they are asked for, once."""

    def __init__(self, database: Database, reader: pa.RecordBatchReader | None) -> None:
        self._database = database
        self._reader = reader
        self.schema: pa.Schema = reader.schema if reader is not None else pa.schema([])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows in bounded pieces. Raises what a stream below raised, as it was."""
        if self._reader is None:
            return
        while True:
            try:
                batch = self._reader.read_next_batch()
            except StopIteration:
                return
            except Exception as error:
                raise self._database._cause(error) from error
            yield batch

    def close(self) -> None:
        """Let go of the result."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None


class Database:
    """One connection to an engine of its own. ``path``: the file of local tables; None: memory."""

    def __init__(self, path: str | None = None) -> None:
        import duckdb

        try:
            self._connection = duckdb.connect(
                ":memory:",
                config={
                    # Nothing is fetched from anywhere: what the wheel holds is what there is.
                    "autoinstall_known_extensions": "false",
                    "autoload_known_extensions": "false",
                },
            )
        except duckdb.Error as error:
            raise translated(error) from error
        self._errors: list[BaseException] = []
        self._streams: dict[str, Iterator[pa.RecordBatch]] = {}
        self._attached: set[str] = set()
        self._is_closed = False
        self.execute("SET TimeZone = 'UTC'")
        self._define_functions()
        if path is not None:
            self._open(path)

    def _open(self, path: str) -> None:
        name = re.sub(r"\W", "_", Path(path).stem).lower() or "db"
        if name in _RESERVED:
            name = f"{name}_db"
        quoted = path.replace("'", "''")
        try:
            self.execute(f"ATTACH '{quoted}' AS {name}")
        except Error as error:
            self.close()
            raise ConfigError(f"cannot open the database file {path}: {error.message}") from error
        self.execute(f"USE {name}")

    def _define_functions(self) -> None:
        text = files("cirrusql.engine").joinpath("macros.sql").read_text("utf-8")
        self._connection.execute(text)
        for function in (documents.policy_std, documents.policy_equal, documents.json_equal):
            count = function.__code__.co_argcount
            kind = "VARCHAR" if function is documents.policy_std else "BOOLEAN"
            name = f"_{function.__name__}"
            define: Any = self._connection.create_function
            define(name, function, ["VARCHAR"] * count, kind, null_handling="special")
            names = ", ".join("ab"[:count])
            given = ", ".join(f"CAST({n} AS VARCHAR)" for n in "ab"[:count])
            self._connection.execute(
                f"CREATE OR REPLACE TEMP MACRO {function.__name__}({names}) AS {name}({given})"
            )

    # Relations in.

    def load(self, name: str, columns: Sequence[Column], batches: Iterable[pa.RecordBatch]) -> None:
        """Make rows a relation that may be read many times."""
        schema = arrow_schema(columns)
        self._register(name, columns, pa.Table.from_batches(list(batches), schema=schema))

    def stream(self, name: str, columns: Sequence[Column], batches: Iterator[pa.RecordBatch]) -> None:
        """Make rows a relation that may be read once; nothing is pulled before it is read."""
        schema = arrow_schema(columns)
        self._streams[name] = batches
        reader = pa.RecordBatchReader.from_batches(schema, self._watched(batches))
        self._register(name, columns, reader)

    def _watched(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        try:
            yield from batches
        except BaseException as error:
            self._errors.append(error)
            raise

    def _register(self, name: str, columns: Sequence[Column], rows: Any) -> None:
        import duckdb

        typed = [c for c in columns if c.type.contains_json]
        inner = f"{name}_arrow" if typed else name
        try:
            self._connection.register(inner, rows)
            if typed:
                casts = ", ".join(f'CAST("{c.name}" AS {c.type.sql}) AS "{c.name}"' for c in typed)
                self._connection.execute(
                    f'CREATE OR REPLACE TEMP VIEW "{name}" AS SELECT * REPLACE ({casts}) FROM "{inner}"'
                )
        except duckdb.Error as error:
            raise translated(error) from error

    def unregister(self, names: Iterable[str]) -> None:
        """Let go of relations; streams that were not read to the end are closed."""
        import duckdb

        for name in names:
            stream = self._streams.pop(name, None)
            for relation in (f"{name}_arrow", name):
                try:
                    self._connection.execute(f'DROP VIEW IF EXISTS temp."{relation}"')
                    self._connection.unregister(relation)
                except duckdb.Error:
                    continue
            if stream is not None and hasattr(stream, "close"):
                stream.close()

    def replace_table(self, database: str, name: str, rows: pa.Table) -> None:
        """Make rows a table of a database that lives in memory beside the user's own."""
        self._attach(database)
        self._connection.register("_replacing", rows)
        self.execute(f'CREATE OR REPLACE TABLE "{database}"."{name}" AS SELECT * FROM _replacing')
        self._connection.unregister("_replacing")

    def has_table(self, database: str, name: str) -> bool:
        """Whether ``replace_table`` made it already."""
        if database not in self._attached:
            return False
        found = self.rows(
            "SELECT 1 FROM duckdb_tables() WHERE database_name = $d AND table_name = $t",
            {"d": database, "t": name},
        )
        return bool(found)

    def _attach(self, database: str) -> None:
        if database not in self._attached:
            self.execute(f"ATTACH ':memory:' AS \"{database}\"")
            self._attached.add(database)

    # Results out.

    def execute(self, sql: str) -> None:
        """Run a statement for its effect."""
        import duckdb

        try:
            self._connection.execute(sql)
        except duckdb.Error as error:
            raise self._cause(error) from error

    def rows(self, sql: str, parameters: Mapping[str, object] | None = None) -> list[tuple[Any, ...]]:
        """All rows as Python values."""
        import duckdb

        try:
            return self._connection.execute(sql, used(sql, parameters)).fetchall()
        except duckdb.Error as error:
            raise self._cause(error) from error

    def run(self, sql: str, parameters: Mapping[str, object] | None = None) -> Rows:
        """A statement's rows as Arrow; a statement without rows has no columns."""
        import duckdb

        self._errors.clear()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                given = used(sql, parameters)
                relation: Any = (
                    self._connection.sql(sql, params=given) if given else self._connection.sql(sql)
                )
                if relation is None:
                    return Rows(self, None)
                return Rows(self, relation.to_arrow_reader(_BATCH_ROWS))
        except duckdb.Error as error:
            raise self._cause(error) from error

    def _cause(self, error: Exception) -> BaseException:
        """What really happened: an error raised inside a stream leaves as it was raised."""
        if self._errors:
            return self._errors.pop(0)
        return error if isinstance(error, Error) else translated(error)

    def interrupt(self) -> None:
        """Stop the statement that runs; any thread may call it."""
        self._connection.interrupt()

    # Definitions that the engine cannot keep itself.

    def views(self) -> Mapping[str, str]:
        """The SELECT of each view over cloud tables, by name."""
        if not self._has_definitions():
            return {}
        return dict(self.rows("SELECT name, sql FROM _cirrusql_views WHERE NOT is_materialized"))

    def materialized(self) -> Mapping[str, str]:
        """The SELECT of each materialized view, by name."""
        if not self._has_definitions():
            return {}
        return dict(self.rows("SELECT name, sql FROM _cirrusql_views WHERE is_materialized"))

    def save_view(self, name: str, sql: str, *, is_materialized: bool) -> None:
        """Keep a definition with the database."""
        self.execute(
            "CREATE TABLE IF NOT EXISTS _cirrusql_views "
            "(name VARCHAR PRIMARY KEY, sql VARCHAR, is_materialized BOOLEAN)"
        )
        self.rows(
            "INSERT OR REPLACE INTO _cirrusql_views VALUES ($n, $s, $m)",
            {"n": name.lower(), "s": sql, "m": is_materialized},
        )

    def drop_view(self, name: str) -> bool:
        """Forget a definition; whether there was one."""
        if not self._has_definitions():
            return False
        found = self.rows("DELETE FROM _cirrusql_views WHERE name = $n RETURNING name", {"n": name.lower()})
        return bool(found)

    def _has_definitions(self) -> bool:
        return bool(self.rows("SELECT 1 FROM duckdb_tables() WHERE table_name = '_cirrusql_views'"))

    def databases(self) -> frozenset[str]:
        """The names of the engine's databases: what ``db.schema.table`` may begin with."""
        return frozenset(str(row[0]) for row in self.rows("SELECT database_name FROM duckdb_databases()"))

    def check(self, sql: str, parameters: Mapping[str, object] | None = None) -> None:
        """Bind a statement without running it. Raises what is wrong with it."""
        self.rows(f"EXPLAIN {sql}", parameters)

    def tables(self) -> tuple[str, ...]:
        """The names of the local tables and views."""
        found = self.rows(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' "
            "AND table_name NOT LIKE '\\_%' ESCAPE '\\' AND table_catalog = current_database()"
        )
        return tuple(sorted(str(row[0]) for row in found))

    def close(self) -> None:
        """Close the connection and every stream. May be called again."""
        if self._is_closed:
            return
        self._is_closed = True
        self.unregister(tuple(self._streams))
        self._connection.close()


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """The Arrow schema of a relation with those columns."""
    return pa.schema([(c.name, c.type.arrow) for c in columns])


def used(sql: str, parameters: Mapping[str, object] | None) -> dict[str, object]:
    """The parameters that the text names: the engine refuses the others."""
    if not parameters:
        return {}
    named = set(_PARAMETER.findall(sql))
    return {k: v for k, v in parameters.items() if k in named}
