"""One connection's session: statements prepared, described, run and read. Blocking.

Everything here runs in one thread, the session's own; ``client_connection`` calls it from the event
loop. The session is opened when the first statement needs it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlglot import exp

from cirrusql.apps.srv.blocks import Block, failed_write
from cirrusql.apps.srv.client_commands import ClientCommand, Copy, Declare, command
from cirrusql.apps.srv.dialect.array_texts import with_lists
from cirrusql.apps.srv.dialect.explain_options import with_our_options
from cirrusql.apps.srv.dialect.functions import called, define
from cirrusql.apps.srv.dialect.meanings import refuse_other_meanings, worded
from cirrusql.apps.srv.dialect.prepared_texts import PreparedTexts
from cirrusql.apps.srv.dialect.public_schema import without_public
from cirrusql.apps.srv.pg_catalog.pg_rewrite import (
    Rewritten,
    is_catalog_query,
    rewrite,
)
from cirrusql.apps.srv.pg_catalog.pg_shapes import PARAMETER_TYPES
from cirrusql.apps.srv.pg_catalog.pg_tables import Here, PgTables
from cirrusql.apps.srv.protocol import bound_parameters, oids, write_parameters
from cirrusql.apps.srv.session_pool import Lease, SessionPool
from cirrusql.apps.srv.statement_kinds import command_of, has_rows, leaves_something, writes
from cirrusql.catalog.model import Column
from cirrusql.errors import (
    MissingParameter,
    ProgrammingError,
    UnknownName,
)
from cirrusql.execution.reads.reads import columns_of
from cirrusql.plan.writes.returning import returned_columns
from cirrusql.session.introspection.call_log import failure_line
from cirrusql.session.preview_lines import preview_lines
from cirrusql.session.session import Session
from cirrusql.session.session_parts import Served
from cirrusql.sql.bounds import check_length
from cirrusql.sql.quoting import literal
from cirrusql.sql.short_names import qualified
from cirrusql.sql.statements import (
    Delete,
    Describe,
    Explain,
    Insert,
    QueryStatement,
    SetVariable,
    Show,
    Statement,
    Update,
)

if TYPE_CHECKING:
    from cirrusql.session.result import Result

_MOST_KNOWN = 200
"""Number of cached statements: programs repeat the same few."""


@dataclass
class Prepared:
    """A prepared statement. ``types``: its parameters' OIDs."""

    text: str
    command: ClientCommand | None = None
    statement: Statement | None = None
    types: tuple[int, ...] = ()
    catalog: Rewritten | None = None
    functions: frozenset[str] = frozenset()
    """Macros that it may call."""
    is_described: bool = False
    schema: pa.Schema | None = None
    """Its columns, once described; None: no rows."""


@dataclass
class Run:
    """A running statement: its rows on demand."""

    schema: pa.Schema | None
    verb: str
    result: Result | None = None
    rows: int = 0
    """Rows returned, or written."""
    waiting: list[pa.RecordBatch] = field(default_factory=list)
    batches: Iterator[pa.RecordBatch] = field(default_factory=lambda: iter(()))
    is_finished: bool = False
    notices: list[str] = field(default_factory=list)

    def take(self, most: int) -> tuple[pa.RecordBatch | None, bool]:
        """The next rows, at most the given number (0: as they arrive), and whether those were the
        last."""
        while not self.waiting and not self.is_finished:
            batch = next(self.batches, None)
            if batch is None:
                self.finish()
            elif batch.num_rows:
                self.waiting.append(batch)
        if not self.waiting:
            return None, True
        batch = self.waiting.pop(0)
        if most and batch.num_rows > most:
            self.waiting.insert(0, batch.slice(most))
            batch = batch.slice(0, most)
        self.rows += batch.num_rows
        return batch, False

    def keep(self) -> None:
        """Read the remaining rows into memory, because the session is needed for something else."""
        if not self.is_finished:
            self.waiting += [b for b in self.batches if b.num_rows]
            self.finish()

    def finish(self) -> None:
        """Close the result; failures become notices."""
        if self.is_finished:
            return
        self.is_finished = True
        if self.result is not None:
            self.result.close()
            self.notices += [*self.result.notices, *(failure_line(f) for f in self.result.failures)]


class Worker:
    """The session of one connection. Only ``cancel`` is thread-safe."""

    def __init__(
        self,
        open_session: Callable[[], Session],
        pool: SessionPool,
        tables: PgTables,
        here: Callable[[], Here],
        tell: Callable[[Sequence[str]], None],
    ) -> None:
        """``tell``: sends notices to the client immediately, from this thread."""
        self._open_session = open_session
        self._pool = pool
        self._tell = tell
        self._tables = tables
        self._here = here
        self._lease: Lease | None = None
        self._served: Served | None = None
        """The client's part of its last session."""
        self._keeps_session = False
        """Whether the session has something that only this client may see."""
        self._was_cancelled = False
        self._streaming: Run | None = None
        self._known: dict[tuple[object, ...], Prepared] = {}
        self._lock = threading.Lock()
        self.prepared = PreparedTexts()
        self.statement = ""
        """The text of the current statement, or of the last one."""
        self.block = Block()

    @property
    def session(self) -> Session:
        """The session, opened if needed."""
        return self._borrowed.session

    @property
    def _borrowed(self) -> Lease:
        if self._lease is None:
            lease = self._pool.borrow(self._opened)
            with self._lock:
                self._lease = lease
        return self._lease

    def _opened(self) -> Session:
        """A session that serves this client; what it needs of the machine is opened on use."""
        session = self._open_session()
        if self._served is None:
            session.options = replace(
                session.options, show=lambda p: self._tell(list(preview_lines(p)))
            )
        else:
            session.serve(self._served)
        return session

    def release(self) -> Lease | None:
        """Between two statements: give the session to whoever needs one next, unless something in
        it is this client's own. Returns a session to close."""
        lease = self._lease
        if lease is None or self._keeps_session or self._is_reading():
            return None
        if lease.session.transaction_status != "idle":
            return None
        with self._lock:
            self._served, self._lease = lease.session.served, None
            was_cancelled, self._was_cancelled = self._was_cancelled, False
        # A cancel may still be on its way to calls or to the engine: nobody else must meet it.
        return lease if was_cancelled else self._pool.give_back(lease)

    def _is_reading(self) -> bool:
        return self._streaming is not None and not self._streaming.is_finished

    def _in_zone(self) -> None:
        """Set the engine's time zone to the client's, for parsing and truncating timestamps without
        a zone."""
        zone = self._here().variables["TimeZone"]
        lease = self._borrowed
        if zone != lease.zone:
            lease.session.database.execute(f"SET TimeZone = {literal(zone)}")
            lease.zone = zone

    def prepare(self, text: str, declared: Sequence[int]) -> Prepared:
        """Prepare one statement. ``declared``: the parameters' OIDs, 0 if unspecified."""
        self.statement = text
        return self.session.planning.do(lambda: self._prepared(text, declared), len(text))

    def _prepared(self, text: str, declared: Sequence[int]) -> Prepared:
        if self.prepared.prepare(text):
            return Prepared(text, ClientCommand("PREPARE"))
        text = self.prepared.executed(text) or text
        found = command(text)
        if isinstance(found, Copy | Declare):
            inner = self.prepare(found.query, declared)
            if inner.statement is None or not has_rows(inner.statement):
                raise ProgrammingError(f"{found.tag} requires a query", hint="SELECT …")
            return replace(inner, text=text, command=found)
        if found is not None:
            return Prepared(text, found)
        key = (text, tuple(declared), self._here().variables.search_path)
        known = self._known.get(key)
        if known is not None:
            # Its columns are determined again: a local table may have changed.
            return replace(known)
        made = self._understood(text, declared)
        if made.catalog is None:
            # A catalog query contains values of the connection's settings.
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[key] = replace(made)
        return made

    def _understood(self, text: str, declared: Sequence[int]) -> Prepared:
        check_length(text, self.session.settings.max_statement)
        databases = {self._tables.provider, self._here().database.lower()}
        plain = with_lists(without_public(with_our_options(text), databases))
        named, count = bound_parameters.named(plain)
        self._read_on()
        catalog = rewrite(named, self._here_now()) if is_catalog_query(named) else None
        if catalog is None:
            named = worded(named)
        functions = called(named) if catalog is None else frozenset()
        self._define(functions)
        statement = self.session.parse(catalog.sql if catalog is not None else named)
        if catalog is None and isinstance(statement, QueryStatement):
            refuse_other_meanings(statement.tree)
        statement = self._qualified(statement)
        types = self._types(statement, named, declared, count, is_catalog=catalog is not None)
        return Prepared(text, None, statement, types, catalog, functions)

    def _define(self, functions: frozenset[str]) -> None:
        lease = self._borrowed
        define(lease.session.database, functions, lease.functions)

    def _qualified(self, statement: Statement) -> Statement:
        path = self._here().variables.search_path
        local: list[str] = []
        if any(s in self._tables.schema_oids for s in path):
            local = [t.name.lower() for t in self._borrowed.loader.local(self.session)]
        return qualified(statement, self._tables, path, local)

    def _types(
        self,
        statement: Statement,
        text: str,
        declared: Sequence[int],
        count: int,
        *,
        is_catalog: bool,
    ) -> tuple[int, ...]:
        known = {i: oid for i, oid in enumerate(declared, 1) if oid not in (0, oids.UNKNOWN)}
        count = max(count, len(declared))
        known = {**bound_parameters.oids_in(text), **known}
        if count > len(known) and isinstance(statement, QueryStatement):
            column_type = PARAMETER_TYPES.get if is_catalog else self._column_type(statement)
            known = {**bound_parameters.types_from_place(statement.tree, column_type), **known}
        if count > len(known) and isinstance(statement, Insert | Update | Delete):
            known = {**write_parameters.arrays(statement, self.session.catalog), **known}
        return tuple(known.get(i, oids.TEXT) for i in range(1, count + 1))

    def _column_type(self, statement: QueryStatement) -> Callable[[str], int | None]:
        """The OID of a column by its name in the cloud tables of a query."""
        found = []
        for node in statement.tree.find_all(exp.Table):
            path = [p.name for p in node.parts]
            if len(path) == 3:
                try:
                    found.append(self.session.catalog.table(*path))
                except UnknownName:
                    continue

        def type_of(name: str) -> int | None:
            columns = [t.by_alias[name.lower()] for t in found if name.lower() in t.by_alias]
            return oids.oid_of_sql(columns[0].type.sql) if columns else None

        return type_of

    # Describing: nothing is called, nothing is written.

    def describe(self, prepared: Prepared) -> pa.Schema | None:
        """The columns of a statement's result; None if it has no rows."""
        if not prepared.is_described:
            prepared.schema = self._schema(prepared)
            prepared.is_described = True
        return prepared.schema

    def _schema(self, prepared: Prepared) -> pa.Schema | None:
        statement = prepared.statement
        if statement is None or not has_rows(statement):
            return None
        self._read_on()
        self._in_zone()
        self._load(prepared.catalog)
        self._define(prepared.functions)
        nothing = {bound_parameters.name_of(i): None for i in range(1, len(prepared.types) + 1)}
        samples = bound_parameters.samples(prepared.types)
        if isinstance(statement, Show | Describe):
            return self._closed(self.session.execute(statement, nothing))
        if isinstance(statement, Explain):
            return self._closed(self.session.execute(replace(statement, is_analyze=False), nothing))
        plan = self.session.plan(statement, nothing)
        relations: list[tuple[str, Sequence[Column]]] = [(s.id, columns_of(s)) for s in plan.scans]
        query = plan.query
        if plan.writes:
            relations = [(w.id, returned_columns(w.table, w.method)) for w in plan.writes]
            query = plan.writes[0].returning
        if query is None:
            return None
        return self._bound(query.sql, samples, relations)

    def _bound(
        self,
        sql: str,
        given: Mapping[str, object],
        relations: Sequence[tuple[str, Sequence[Column]]],
    ) -> pa.Schema:
        """The columns of the engine's SQL over relations without rows."""
        database = self.session.database
        for name, columns in relations:
            database.load(name, columns, [])
        try:
            rows = database.run(f"SELECT * FROM ({sql.rstrip().rstrip(';')}\n) LIMIT 0", given)
            rows.close()
            # Parameters of unknown type are text, as in PostgreSQL.
            return pa.schema(
                [f.with_type(pa.string()) if f.type == pa.null() else f for f in rows.schema]
            )
        finally:
            database.unregister([name for name, _ in relations])

    def _closed(self, result: Result) -> pa.Schema:
        result.close()
        return result.schema

    # Running.

    def run(self, prepared: Prepared, given: Mapping[str, object], in_block: bool) -> Run:
        """Start a statement. ``Run.take`` reads its rows."""
        self.statement = prepared.text
        statement = prepared.statement
        assert statement is not None
        self._read_on()
        self._in_zone()
        if len(given) < len(prepared.types):
            raise MissingParameter(
                f"there is no parameter ${len(given) + 1}", hint="bind a value to it"
            )
        if in_block and writes(statement) and self.session.plan(statement, given).writes:
            self.block.join(self.session, statement)
        self._load(prepared.catalog)
        self._define(prepared.functions)
        self._keeps_session |= leaves_something(statement)
        for name, value in prepared.catalog.sets if prepared.catalog is not None else ():
            self._here().variables.set(name, value)
        result = self.session.execute(statement, given)
        if isinstance(statement, Insert | Update | Delete):
            return self._written(statement, result)
        if isinstance(statement, SetVariable):
            result.close()
            return Run(None, "SET", is_finished=True)
        run = Run(result.schema, result.verb, result, batches=iter(result.batches))
        if not has_rows(statement):
            run.keep()
            run.rows, run.verb = result.rows_written, command_of(statement, result.verb)
            run.waiting, run.schema = [], None
        self._streaming = run
        return run

    def _written(self, statement: Insert | Update | Delete, result: Result) -> Run:
        """Rows only for RETURNING: drivers would take the report for an error."""
        run = Run(result.schema, result.verb, result, batches=iter(result.batches))
        if result.exit_status:
            report = result.table().to_pylist()
            run.finish()
            raise failed_write(result, report)
        if statement.returning is None:
            run.keep()
            run.waiting, run.schema = [], None
        run.rows = result.rows_written if statement.returning is None else 0
        return run

    def _read_on(self) -> None:
        """The engine streams one result at a time: the rest of the previous one is read into
        memory."""
        if self._streaming is not None:
            self._streaming.keep()
            self._streaming = None

    def end_block(self, is_commit: bool) -> list[str]:
        """COMMIT or ROLLBACK of what the block wrote; returns notices. Raises the error of a failed
        COMMIT."""
        self._read_on()
        return self.block.end(self._open_now, is_commit=is_commit)

    def savepoint(self, name: str, is_rollback: bool) -> None:
        """SAVEPOINT, or ROLLBACK TO it."""
        (self.block.roll_back_to if is_rollback else self.block.save)(self._open_now, name)

    @property
    def _open_now(self) -> Session | None:
        return self._lease.session if self._lease is not None else None

    # pg_catalog.

    def _here_now(self) -> Here:
        return replace(self._here(), local=())

    def _load(self, catalog: Rewritten | None) -> None:
        if catalog is not None:
            self._borrowed.loader.load(catalog, self.session, self._here())

    def cancel(self) -> None:
        """Stop what is running. Thread-safe."""
        # Within the lock, so that no other client has the session meanwhile.
        with self._lock:
            if self._lease is not None:
                self._was_cancelled = True
                self._lease.session.cancel()

    def close(self) -> None:
        """Release everything."""
        if self._streaming is not None:
            self._streaming.finish()
            self._streaming = None
        surplus = self.release()
        for lease in (self._lease, surplus):
            if lease is not None:
                lease.session.close()


def is_plain_query(prepared: Prepared) -> bool:
    """Whether it only reads, returns rows, and was not described yet."""
    is_query = isinstance(prepared.statement, QueryStatement) and has_rows(prepared.statement)
    return is_query and prepared.command is None and not prepared.is_described
