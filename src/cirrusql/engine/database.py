"""The engine: the only module that uses DuckDB.

Relations come in as Arrow, complete or as streams; results go out as Arrow batches. Nothing here
knows about clouds. An instance is one connection and is used by one thread at a time, except
``interrupt``; ``cursor`` opens another connection to the same database.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import ref

import pyarrow as pa

from cirrusql.engine import definitions, functions, open_databases
from cirrusql.engine.moments import python_rows
from cirrusql.engine.resource_limits import Limits, SharedMemory, engine_config
from cirrusql.engine.result_rows import ResultRows, annotated
from cirrusql.engine.translate import discreet, silent, translated
from cirrusql.errors import ConfigError, Error, InterfaceError
from cirrusql.settings import DEFAULT_PROVIDER
from cirrusql.sql.quoting import literal, quoted

if TYPE_CHECKING:
    from cirrusql.catalog.model import Column
    from cirrusql.settings import Settings

_RESERVED = frozenset({DEFAULT_PROVIDER, "cirrusql", "memory", "system", "temp", "main"})
_AT_FIRST = frozenset({"memory", "system", "temp"})
"""The databases of a newly opened engine."""
_BATCH_ROWS = 10_000
_BUFFER = "64KiB"
"""How far the engine reads ahead: little, because each page may be a call."""


@dataclass
class _Known:
    """Facts about an engine that all its connections share; cached, because every statement needs
    them."""

    attached: set[str] = field(default_factory=set)
    definitions: Mapping[str, tuple[str, bool]] | None = None
    databases: frozenset[str] | None = None
    functions: set[str] = field(default_factory=set)
    """The Python parts of our functions that are defined."""
    is_guarded: bool = False


class Database:
    """One connection. ``path``: the file of local tables; None: in memory.

    Raises ConfigError if the file cannot be opened.
    """

    def __init__(self, path: str | None = None, limits: Limits | None = None) -> None:
        import duckdb

        try:
            connection = duckdb.connect(":memory:", config=engine_config(limits or Limits()))
        except duckdb.Error as error:
            raise translated(error) from error
        # A new database has no definitions; checking would cost more than the rest of a short
        # statement.
        self._start(connection, _Known(definitions={}, databases=_AT_FIRST), "")
        if path is not None:
            self._open_file(path)

    def _start(self, connection: Any, known: _Known, using: str) -> None:
        self._connection = connection
        self._known = known
        self._using = using
        self._errors: list[BaseException] = []
        self._said: tuple[str, Mapping[str, object]] = ("", {})
        """The current statement, so that error messages can hide its secrets."""
        self.reads_secrets = False
        """Whether values of the statement may be secrets: engine errors then quote none."""
        self._streams: dict[str, Iterator[pa.RecordBatch]] = {}
        self._open_rows: ref[ResultRows] | None = None
        self._is_closed = False
        self._has_macros = self._has_sqlite = False
        self._holds_clock = False
        open_databases.add(self)
        self._do(lambda: connection.execute("SET TimeZone = 'UTC'"))
        if not known.is_guarded:
            self._do(lambda: connection.execute(f"SET streaming_buffer_size = '{_BUFFER}'"))
            # The engine would draw a progress bar on standard output if it takes the caller for an
            # interactive prompt.
            self._do(lambda: connection.execute("SET enable_progress_bar = false"))
        if known.functions:
            self._define()
        if using:
            self._do(lambda: connection.execute(f"USE {using}"))

    def guard(self) -> None:
        """Restrict statements of clients: no access to files of this machine, no engine settings
        except the time zone, nothing printed on standard output."""
        self._known.is_guarded = True
        self.execute("SET enable_external_access = false")
        self.execute(f"SET allowed_configs = {[*_CLIENTS_OWN]}")
        self.execute("SET lock_configuration = true")

    def limit_memory(self, most: int) -> None:
        """Set the engine's memory limit in bytes. Thread-safe."""
        import duckdb

        try:
            with self._connection.cursor() as connection:
                connection.execute(f"SET memory_limit = '{most}B'")
        except duckdb.Error as error:
            raise translated(error) from None

    def memory(self) -> int:
        """The engine's memory limit in bytes."""
        (row,) = self.rows(
            "SELECT memory_limit FROM pragma_database_size() WHERE database_name = 'memory'"
        )
        number, unit = str(row[0]).split()
        return int(float(number) * 1024 ** _SIZES.index(unit))

    def _open_file(self, path: str) -> None:
        name = re.sub(r"\W", "_", Path(path).stem).lower() or "db"
        if name in _RESERVED or name[0].isdigit():
            name = f"db_{name}"
        try:
            self.execute(f"ATTACH {literal(path)} AS {quoted(name)}")
        except Error as error:
            self.close()
            raise ConfigError(f"cannot open the database file {path}: {error.message}") from error
        self._using = quoted(name)
        self.execute(f"USE {self._using}")
        # The file may contain macros and views that use the functions.
        self._define()

    def cursor(self) -> Database:
        """Another connection to the same database, for another thread or an open result.

        Shares tables and views; has its own relations, transactions and temporary tables.
        """
        self._free()
        child = object.__new__(Database)
        child._start(self._connection.cursor(), self._known, self._using)
        return child

    def _define(self) -> None:
        """Define our functions. The Python parts belong to the engine, the macros to the
        connection."""
        self._do(lambda: functions.define_functions(self._connection, self._known.functions))
        if not self._has_macros:
            self._do(lambda: functions.define_macros(self._connection))
            self._has_macros = True

    def _prepare(self, sql: str) -> str:
        """The text as the engine parses it, after defining the functions of ours that it uses."""
        self._free()
        if not self._has_macros and functions.may_use_functions(sql):
            self._define()
        sql = functions.spelled(sql)
        if not self._has_sqlite and functions.may_use_sqlite(sql):
            self._do(lambda: functions.define_macros(self._connection, "sqlite.sql"))
            self._has_sqlite = True
        return sql

    # Relations in.

    def load(self, name: str, columns: Sequence[Column], batches: Iterable[pa.RecordBatch]) -> None:
        """Register rows as a relation that may be read many times."""
        schema = arrow_schema(columns)
        self._register(name, columns, pa.Table.from_batches(list(batches), schema=schema))

    def stream(
        self, name: str, columns: Sequence[Column], batches: Iterator[pa.RecordBatch]
    ) -> None:
        """Register rows as a relation that may be read once; nothing is drawn before it is read.

        An exception raised by ``batches`` leaves ``run`` or ``ResultRows.batches`` unchanged.
        Unregistering the relation closes the iterator.
        """
        schema = arrow_schema(columns)
        self._streams[name] = batches
        reader = pa.RecordBatchReader.from_batches(schema, self._watched(batches))
        self._register(name, columns, reader)

    def _watched(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        try:
            yield from batches
        except GeneratorExit:
            raise
        except BaseException as error:
            self._errors.append(error)
            raise

    def _register(self, name: str, columns: Sequence[Column], rows: Any) -> None:
        typed = [c for c in columns if c.type.contains_json]
        inner = f"{name}_arrow" if typed else name
        self._drop(name)
        self._do(lambda: self._connection.register(inner, rows))
        if typed:
            casts = ", ".join(
                f"CAST({quoted(c.name)} AS {c.type.sql}) AS {quoted(c.name)}" for c in typed
            )
            self.execute(
                f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS SELECT * REPLACE ({casts}) "
                f"FROM {quoted(inner)}"
            )

    def unregister(self, names: Iterable[str]) -> None:
        """Remove relations; streams that were not read to the end are closed."""
        for name in names:
            stream = self._streams.pop(name, None)
            self._drop(name)
            if stream is not None and hasattr(stream, "close"):
                stream.close()

    def _drop(self, name: str) -> None:
        import duckdb

        self._free()
        for relation in (name, f"{name}_arrow"):
            try:
                self._connection.execute(f"DROP VIEW IF EXISTS temp.{quoted(relation)}")
                self._connection.unregister(relation)
            except duckdb.Error:
                continue

    def replace_table(self, database: str, name: str, rows: pa.Table) -> None:
        """Store rows as a table of an in-memory database beside the user's own."""
        if database not in self._known.attached:
            self.execute(f"ATTACH IF NOT EXISTS ':memory:' AS {quoted(database)}")
            self._known.attached.add(database)
        self._free()
        self._do(lambda: self._connection.register("_replacing", rows))
        table = f"{quoted(database)}.{quoted(name)}"
        self.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM _replacing")
        self._do(lambda: self._connection.unregister("_replacing"))

    def has_table(self, database: str, name: str) -> bool:
        """Whether ``replace_table`` has created the table."""
        if database not in self._known.attached:
            return False
        sql = "SELECT 1 FROM duckdb_tables() WHERE database_name = $d AND table_name = $t"
        return bool(self.rows(sql, {"d": database, "t": name}))

    # Results out.

    def execute(self, sql: str) -> None:
        """Run a statement for its effect."""
        sql = self._prepare(sql)
        self._said = sql, {}
        if _CHANGES_WHAT_THERE_IS.match(sql):
            self._known.definitions = self._known.databases = None
        self._do(lambda: self._connection.execute(sql))

    def rows(
        self, sql: str, parameters: Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]:
        """All rows as Python values. ``parameters`` that the text does not use are ignored."""
        sql = self._prepare(sql)
        self._said = sql, parameters or {}
        given = self._used(sql, parameters)
        found: list[tuple[Any, ...]] = self._do(lambda: self._fetched(sql, given))
        return found

    def _fetched(self, sql: str, given: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """The rows of a query. DuckDB's own conversion of TIMESTAMPTZ to Python needs pytz; Arrow's
        does not."""
        result = self._connection.execute(sql, given)
        if not any(_WITH_ZONE in str(column[1]) for column in result.description or ()):
            found: list[tuple[Any, ...]] = result.fetchall()
            return found
        result.abort()
        relation = self._connection.sql(sql, params=given) if given else self._connection.sql(sql)
        return [
            row for batch in relation.to_arrow_reader(_BATCH_ROWS) for row in python_rows(batch)
        ]

    def run(self, sql: str, parameters: Mapping[str, object] | None = None) -> ResultRows:
        """A statement's rows as Arrow, streamed; a statement without rows has no columns.

        If this connection has another open result, the rest of that result is first read into
        memory.
        """
        sql = self._prepare(sql)
        self._said = sql, parameters or {}
        self._errors.clear()
        found: ResultRows = self._do(lambda: self._run(sql, parameters))
        return found

    def _run(self, sql: str, parameters: Mapping[str, object] | None) -> ResultRows:
        import duckdb

        if _CHANGES_WHAT_THERE_IS.match(sql):
            self._known.definitions = self._known.databases = None
        given = self._used(sql, parameters)
        relation = self._connection.sql(sql, params=given) if given else self._connection.sql(sql)
        if relation is None or self._gives(sql) == {duckdb.ExpectedResultType.NOTHING}:
            return ResultRows(None, pa.schema([]), self._cause)
        is_count = relation.columns == ["Count"] and not _RETURNING.search(sql)
        if is_count and duckdb.ExpectedResultType.CHANGED_ROWS in self._gives(sql):
            found = relation.fetchall()
            return ResultRows(None, pa.schema([]), self._cause, int(found[0][0]) if found else 0)
        types = list(relation.types)
        reader = relation.to_arrow_reader(_BATCH_ROWS)
        rows = ResultRows(reader, annotated(reader.schema, types), self._cause)
        self._open_rows = ref(rows)
        return rows

    def _gives(self, sql: str) -> set[Any]:
        """The kinds of result the engine may return for the text; rows if it has several
        statements."""
        import duckdb

        (statement, *more) = self._connection.extract_statements(sql)
        is_several = more or statement.type == duckdb.StatementType.MULTI
        return set() if is_several else set[Any](statement.expected_result_type)

    def hold_clock(self) -> None:
        """Fix ``now()`` until ``release_clock``: everything in between runs in one transaction."""
        import duckdb

        self.release_clock()
        self._free()
        # In the user's own transaction, the clock is fixed anyway.
        with suppress(duckdb.TransactionException):
            try:
                self._connection.execute("BEGIN")
            except duckdb.InterruptException as error:
                raise self._cause(error) from None
            self._holds_clock = True

    def release_clock(self) -> None:
        """End that transaction, if there is one; the engine rolls back what failed."""
        import duckdb

        if not self._holds_clock:
            return
        self._free()
        self._holds_clock = False
        try:
            self._connection.execute("COMMIT")
        except duckdb.Error:
            self._connection.execute("ROLLBACK")

    def check(self, sql: str, parameters: Mapping[str, object] | None = None) -> None:
        """Bind a statement without running it. Raises its errors."""
        try:
            self.rows(f"{_EXPLAIN}{sql}", parameters)
        except Error as error:
            if error.place is not None:
                # The position refers to the user's text, which does not start with our prefix.
                error.place = _EXPLAINED.sub(r"LINE 1: \1\n\2", error.place)
            raise

    def _used(self, sql: str, parameters: Mapping[str, object] | None) -> dict[str, object]:
        """The parameters that the text uses: the engine rejects others."""
        if not parameters or "$" not in sql:
            return {}

        statements = self._do(lambda: self._connection.extract_statements(sql))
        named = {name for s in statements for name in s.named_parameters}
        return {k: v for k, v in parameters.items() if k in named}

    def _free(self) -> None:
        """Make the connection available: it can have only one result at a time."""
        if self._is_closed:
            raise InterfaceError("the database is closed")
        rows = self._open_rows() if self._open_rows is not None else None
        if rows is not None:
            rows.drain()
        self._open_rows = None

    def _do(self, action: Any) -> Any:
        import duckdb

        try:
            return action()
        except duckdb.Error as error:
            # Without chaining: the engine's message may contain what ours hides.
            raise self._cause(error) from None
        except RuntimeError as error:
            if str(error) == _SIGNALLED:
                raise KeyboardInterrupt from None
            raise

    def _cause(self, error: Exception) -> BaseException:
        """The original error: an exception raised inside a stream is raised unchanged."""
        if self._errors:
            return self._errors.pop(0)
        if isinstance(error, Error):
            return error
        found = discreet(translated(error), *self._said)
        return silent(found) if self.reads_secrets else found

    def interrupt(self) -> None:
        """Stop the running statement. Thread-safe."""
        if not self._is_closed:
            self._connection.interrupt()

    # What exists.

    def views(self) -> Mapping[str, str]:
        """The SELECT of each view over cloud tables, by name."""
        return {
            name: sql for name, (sql, is_stored) in self._definitions().items() if not is_stored
        }

    def materialized(self) -> Mapping[str, str]:
        """The SELECT of each materialized view, by name."""
        return {name: sql for name, (sql, is_stored) in self._definitions().items() if is_stored}

    def _definitions(self) -> Mapping[str, tuple[str, bool]]:
        if self._known.definitions is None:
            self._known.definitions = definitions.definitions(self)
        return self._known.definitions

    def save_view(self, name: str, sql: str, *, is_materialized: bool) -> None:
        """Store a definition in the database."""
        self._known.definitions = None
        definitions.save(self, name, sql, is_materialized=is_materialized)

    def drop_view(self, name: str) -> bool:
        """Remove a definition; whether it existed."""
        self._known.definitions = None
        return definitions.drop(self, name)

    def databases(self) -> frozenset[str]:
        """The names of the engine's databases, the possible first parts of ``db.schema.table``."""
        if self._known.databases is None:
            found = self.rows("SELECT database_name FROM duckdb_databases()")
            self._known.databases = frozenset(str(row[0]) for row in found)
        return self._known.databases

    def tables(self) -> tuple[str, ...]:
        """The names of the local tables and views."""
        found = self.rows(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' "
            "AND table_name NOT LIKE '\\_%' ESCAPE '\\' AND table_catalog = current_database()"
        )
        return tuple(sorted(str(row[0]) for row in found))

    @property
    def connection(self) -> Any:
        """DuckDB's own connection."""
        return self._connection

    def close(self) -> None:
        """Close the connection and every stream. May be called more than once."""
        if self._is_closed:
            return
        if (rows := self._open_rows() if self._open_rows is not None else None) is not None:
            rows.close()
        self._open_rows = None
        self.unregister(tuple(self._streams))
        self._is_closed = True
        open_databases.discard(self)
        self._connection.close()


_CLIENTS_OWN = ("timezone", "memory_limit")
"""``limit_memory`` changes the memory limit at run time; clients' statements that set it are
rejected earlier."""
_SIZES = ("bytes", "KiB", "MiB", "GiB", "TiB")
_EXPLAIN = "EXPLAIN (FORMAT json) "
"""Binds a statement and returns its plan. JSON, because drawing the plan of a 1,000-part UNION
takes half a minute."""
_EXPLAINED = re.compile(
    rf"^LINE 1: {re.escape(_EXPLAIN)}(.*)\n {{{len(_EXPLAIN)}}}( *\^+)", re.DOTALL
)
_CHANGES_WHAT_THERE_IS = re.compile(r"\s*(ATTACH|DETACH|USE|ROLLBACK|ABORT)\b", re.IGNORECASE)
_WITH_ZONE = "TIMESTAMP WITH TIME ZONE"
_SIGNALLED = "Query interrupted"
"""DuckDB's message for Ctrl-C while the main thread is in the engine, which it handles itself."""
_RETURNING = re.compile(r"\bRETURNING\b", re.IGNORECASE)


def opened(settings: Settings, shared: SharedMemory | None) -> Database:
    """The engine of a session, with its share of the common limits."""
    limits = Limits(settings.max_memory, settings.max_spill, settings.max_threads)
    found = Database(settings.database, limits)
    if shared is not None:
        shared.join(found, found.limit_memory, found.memory)
    return found


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """The Arrow schema of a relation with these columns."""
    return pa.schema([(c.name, c.type.arrow) for c in columns])
