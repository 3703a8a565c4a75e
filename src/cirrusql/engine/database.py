"""The engine: the one door to DuckDB.

Relations come in as Arrow, whole or as streams; results go out as Arrow batches. Nothing
here knows of clouds. An instance is one connection and belongs to one thread at a time, save
``interrupt``; ``cursor`` gives another connection to the same database.
"""

from __future__ import annotations

import atexit
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakSet, ref

import pyarrow as pa

from cirrusql.engine import definitions
from cirrusql.engine.functions import define_functions, define_macros, may_use_functions
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
"""The databases of an engine that was just opened."""
_BATCH_ROWS = 10_000
_BUFFER = "64KiB"
"""What the engine works ahead of a reader: little, since each page may be a call."""

_alive: WeakSet[Database] = WeakSet()


@dataclass
class _Known:
    """What all connections of an engine know of it: asked for with every statement, so kept."""

    attached: set[str] = field(default_factory=set)
    definitions: Mapping[str, tuple[str, bool]] | None = None
    databases: frozenset[str] | None = None
    functions: set[str] = field(default_factory=set)
    """Of our functions' parts in Python those that are there."""
    is_guarded: bool = False


class Database:
    """One connection. ``path``: the file of local tables; None: memory.

    Raises ConfigError where the file cannot be opened.
    """

    def __init__(self, path: str | None = None, limits: Limits | None = None) -> None:
        import duckdb

        try:
            connection = duckdb.connect(":memory:", config=engine_config(limits or Limits()))
        except duckdb.Error as error:
            raise translated(error) from error
        # What is new has none of ours; asking for that would cost a short statement more than all
        # else.
        self._start(connection, _Known(definitions={}, databases=_AT_FIRST), "")
        if path is not None:
            self._open_file(path)

    def _start(self, connection: Any, known: _Known, using: str) -> None:
        self._connection = connection
        self._known = known
        self._using = using
        self._errors: list[BaseException] = []
        self._said: tuple[str, Mapping[str, object]] = ("", {})
        """What runs, so that an error of it can keep its secrets."""
        self.reads_secrets = False
        """Whether the values of the statement may be secrets:
        errors of the engine quote none then."""
        self._streams: dict[str, Iterator[pa.RecordBatch]] = {}
        self._open_rows: ref[ResultRows] | None = None
        self._is_closed = False
        self._has_macros = False
        self._holds_clock = False
        if not _alive:
            atexit.unregister(_close_all)
            atexit.register(_close_all)
        _alive.add(self)
        self._do(lambda: connection.execute("SET TimeZone = 'UTC'"))
        if not known.is_guarded:
            self._do(lambda: connection.execute(f"SET streaming_buffer_size = '{_BUFFER}'"))
            # The engine would draw one on standard output where it takes its caller for a prompt.
            self._do(lambda: connection.execute("SET enable_progress_bar = false"))
        if known.functions:
            self._define()
        if using:
            self._do(lambda: connection.execute(f"USE {using}"))

    def guard(self) -> None:
        """For statements of others: they reach no file of this machine, and set nothing of the
        engine but the time zone: neither what it takes nor what it prints on standard output."""
        self._known.is_guarded = True
        self.execute("SET enable_external_access = false")
        self.execute(f"SET allowed_configs = {[*_CLIENTS_OWN]}")
        self.execute("SET lock_configuration = true")

    def limit_memory(self, most: int) -> None:
        """Give the engine so many bytes; any thread may do so."""
        import duckdb

        try:
            with self._connection.cursor() as connection:
                connection.execute(f"SET memory_limit = '{most}B'")
        except duckdb.Error as error:
            raise translated(error) from None

    def memory(self) -> int:
        """Bytes that the engine may take."""
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
        # The file may have macros and views that use them.
        self._define()

    def cursor(self) -> Database:
        """Another connection to the same database, for another thread or an open result.

        Shares tables and views; relations, transactions and temporary tables are its own.
        """
        self._free()
        child = object.__new__(Database)
        child._start(self._connection.cursor(), self._known, self._using)
        return child

    def _define(self) -> None:
        """Have the functions of ours.
        The parts in Python are the engine's, the macros a connection's."""
        self._do(lambda: define_functions(self._connection, self._known.functions))
        if not self._has_macros:
            self._do(lambda: define_macros(self._connection))
            self._has_macros = True

    def _prepare(self, sql: str) -> None:
        self._free()
        if not self._has_macros and may_use_functions(sql):
            self._define()

    # Relations in.

    def load(self, name: str, columns: Sequence[Column], batches: Iterable[pa.RecordBatch]) -> None:
        """Make rows a relation that may be read many times."""
        schema = arrow_schema(columns)
        self._register(name, columns, pa.Table.from_batches(list(batches), schema=schema))

    def stream(
        self, name: str, columns: Sequence[Column], batches: Iterator[pa.RecordBatch]
    ) -> None:
        """Make rows a relation that may be read once; nothing is pulled before it is read.

        What ``batches`` raises leaves ``run`` or ``Rows.batches`` as it was raised. It is closed
        when the relation is unregistered.
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
        """Let go of relations; streams that were not read to the end are closed."""
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
        """Make rows a table of a database that lives in memory beside the user's own."""
        if database not in self._known.attached:
            self.execute(f"ATTACH IF NOT EXISTS ':memory:' AS {quoted(database)}")
            self._known.attached.add(database)
        self._free()
        self._do(lambda: self._connection.register("_replacing", rows))
        table = f"{quoted(database)}.{quoted(name)}"
        self.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM _replacing")
        self._do(lambda: self._connection.unregister("_replacing"))

    def has_table(self, database: str, name: str) -> bool:
        """Whether ``replace_table`` made it already."""
        if database not in self._known.attached:
            return False
        sql = "SELECT 1 FROM duckdb_tables() WHERE database_name = $d AND table_name = $t"
        return bool(self.rows(sql, {"d": database, "t": name}))

    # Results out.

    def execute(self, sql: str) -> None:
        """Run a statement for its effect."""
        self._prepare(sql)
        self._said = sql, {}
        if _CHANGES_WHAT_THERE_IS.match(sql):
            self._known.definitions = self._known.databases = None
        self._do(lambda: self._connection.execute(sql))

    def rows(
        self, sql: str, parameters: Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]:
        """All rows as Python values. ``parameters`` that the text does not name are left out."""
        self._prepare(sql)
        self._said = sql, parameters or {}
        given = self._used(sql, parameters)
        found: list[tuple[Any, ...]] = self._do(lambda: self._fetched(sql, given))
        return found

    def _fetched(self, sql: str, given: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """The rows of a query.
        DuckDB's own way from a TIMESTAMPTZ to Python needs pytz, Arrow's does not."""
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

        If a result of this connection is still open, its rest is taken into memory first.
        """
        self._prepare(sql)
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
        """What kinds of result the engine may give for a text; of several statements, rows."""
        import duckdb

        (statement, *more) = self._connection.extract_statements(sql)
        is_several = more or statement.type == duckdb.StatementType.MULTI
        return set() if is_several else set[Any](statement.expected_result_type)

    def hold_clock(self) -> None:
        """Let ``now()`` stand still from here to ``release_clock``:
        what runs between is one transaction."""
        import duckdb

        self.release_clock()
        self._free()
        # In a transaction of its user's the clock stands still anyway.
        with suppress(duckdb.TransactionException):
            try:
                self._connection.execute("BEGIN")
            except duckdb.InterruptException as error:
                raise self._cause(error) from None
            self._holds_clock = True

    def release_clock(self) -> None:
        """End that transaction, if there is one; what failed in it is undone by the engine."""
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
        """Bind a statement without running it. Raises what is wrong with it."""
        try:
            self.rows(f"{_EXPLAIN}{sql}", parameters)
        except Error as error:
            if error.place is not None:
                # The place is in the user's text, which does not begin with our word.
                error.place = _EXPLAINED.sub(r"LINE 1: \1\n\2", error.place)
            raise

    def _used(self, sql: str, parameters: Mapping[str, object] | None) -> dict[str, object]:
        """The parameters that the text names: the engine refuses the others."""
        if not parameters or "$" not in sql:
            return {}

        statements = self._do(lambda: self._connection.extract_statements(sql))
        named = {name for s in statements for name in s.named_parameters}
        return {k: v for k, v in parameters.items() if k in named}

    def _free(self) -> None:
        """Make the connection free: one result at a time is all it can have."""
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
            # Not from it: its words may hold what ours do not.
            raise self._cause(error) from None
        except RuntimeError as error:
            if str(error) == _SIGNALLED:
                raise KeyboardInterrupt from None
            raise

    def _cause(self, error: Exception) -> BaseException:
        """What really happened: an error raised inside a stream leaves as it was raised."""
        if self._errors:
            return self._errors.pop(0)
        if isinstance(error, Error):
            return error
        found = discreet(translated(error), *self._said)
        return silent(found) if self.reads_secrets else found

    def interrupt(self) -> None:
        """Stop the statement that runs; any thread may call it."""
        if not self._is_closed:
            self._connection.interrupt()

    # What there is.

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
        """Keep a definition with the database."""
        self._known.definitions = None
        definitions.save(self, name, sql, is_materialized=is_materialized)

    def drop_view(self, name: str) -> bool:
        """Forget a definition; whether there was one."""
        self._known.definitions = None
        return definitions.drop(self, name)

    def databases(self) -> frozenset[str]:
        """The names of the engine's databases: what ``db.schema.table`` may begin with."""
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

    def close(self) -> None:
        """Close the connection and every stream. May be called again."""
        if self._is_closed:
            return
        if (rows := self._open_rows() if self._open_rows is not None else None) is not None:
            rows.close()
        self._open_rows = None
        self.unregister(tuple(self._streams))
        self._is_closed = True
        _alive.discard(self)
        self._connection.close()


_CLIENTS_OWN = ("timezone", "memory_limit")
"""Memory is set by ``limit_memory`` while the engine works;
statements that name it do not come so far."""
_SIZES = ("bytes", "KiB", "MiB", "GiB", "TiB")
_EXPLAIN = "EXPLAIN (FORMAT json) "
"""Binds a statement and shows its plan.
As a drawing, a thousand arms of a UNION would take half a minute."""
_EXPLAINED = re.compile(
    rf"^LINE 1: {re.escape(_EXPLAIN)}(.*)\n {{{len(_EXPLAIN)}}}( *\^+)", re.DOTALL
)
_CHANGES_WHAT_THERE_IS = re.compile(r"\s*(ATTACH|DETACH|USE|ROLLBACK|ABORT)\b", re.IGNORECASE)
_WITH_ZONE = "TIMESTAMP WITH TIME ZONE"
_SIGNALLED = "Query interrupted"
"""What the binding makes of Ctrl-C where the main thread is in the engine:
it takes it for its own."""
_RETURNING = re.compile(r"\bRETURNING\b", re.IGNORECASE)


def _close_all() -> None:
    """At exit: an open connection would make the engine's binding print what it leaked."""
    for database in tuple(_alive):
        database.close()


def opened(settings: Settings, shared: SharedMemory | None) -> Database:
    """The engine of a session, with its part of what is shared."""
    limits = Limits(settings.max_memory, settings.max_spill, settings.max_threads)
    found = Database(settings.database, limits)
    if shared is not None:
        shared.join(found, found.limit_memory, found.memory)
    return found


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """The Arrow schema of a relation with those columns."""
    return pa.schema([(c.name, c.type.arrow) for c in columns])
