"""A session: statements in, results out, one after the other.

Owns what lives across statements: settings, engine, fetcher, call log. ``plan`` decides what a
statement means, and ``execution`` runs scans and writes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING

from cirrusql.errors import (
    Error,
    InterfaceError,
    Interrupted,
)
from cirrusql.execution.audit.session_origin import SessionOrigin
from cirrusql.execution.engine_thread import EngineThread
from cirrusql.execution.reads.progress import progress_text
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session.error_hints import told
from cirrusql.session.introspection.call_log import CallLog
from cirrusql.session.planning import Planning
from cirrusql.session.result import Result
from cirrusql.session.session_parts import SessionParts
from cirrusql.session.statement_timeout import R, in_time
from cirrusql.sql.bounds import check_length, nesting
from cirrusql.sql.split import Piece, split
from cirrusql.sql.tableless import reads_no_table

if TYPE_CHECKING:
    from cirrusql.catalog.catalog import Catalog
    from cirrusql.catalog.inverses.readback import Reading
    from cirrusql.engine.resource_limits import SharedMemory
    from cirrusql.execution.reads.read_cache import ReadCache, WriteTimes
    from cirrusql.execution.reads.reads import ReadRun
    from cirrusql.plan.model import Plan
    from cirrusql.session.transaction import TransactionQueue
    from cirrusql.settings import Settings
    from cirrusql.sql.statements import Statement
    from cirrusql.transport.model import CallRecord


class Session(SessionParts):
    """Runs statements for one user, in one thread at a time, except ``cancel`` and ``progress``.

    ``environ``: the environment for credentials and endpoints. ``has_cache``: answer identical
    reads from memory for ``cache_ttl`` seconds; for shells and servers. ``user``: the client's name
    as authenticated by a server, for the policy; None if there is none. ``writings``: shared by
    sessions that must see each other's writes despite the cache. ``memory``: shared by the engines
    of several sessions. ``origin``: for the audit log.
    """

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        *,
        options: WriteOptions | None = None,
        catalog: Catalog | None = None,
        has_cache: bool = False,
        user: str | None = None,
        writings: WriteTimes | None = None,
        memory: SharedMemory | None = None,
        origin: SessionOrigin | None = None,
    ) -> None:
        self._process = os.getpid()
        self.user = user
        self.origin = origin or SessionOrigin()
        self.settings = settings = settings.for_user(user)
        self.options = options or WriteOptions()
        self.started_with = settings
        self._memory = memory
        self._environ = environ
        self._given_catalog = catalog
        self.call_log = CallLog()
        self.cache: ReadCache | None = None
        if has_cache:
            from cirrusql.execution.reads.read_cache import ReadCache, WriteTimes

            self.cache = ReadCache(writings=writings or WriteTimes())
        self.engine_thread = EngineThread(self.cancel)
        self.planning = Planning()

    def may_read(self, reading: Reading) -> bool:
        """Whether the policy allows reading the resource that a write acts on."""
        from cirrusql.plan.model import CallSet, Plan, Scan

        scan = Scan("_look", reading.table, (CallSet(reading.method),), ())
        return not self.refusals(Plan(scans=(scan,)))

    @cached_property
    def transaction(self) -> TransactionQueue:
        """The writes between BEGIN and COMMIT."""
        from cirrusql.session.transaction import TransactionQueue

        return TransactionQueue(self)

    @property
    def transaction_status(self) -> str:
        """``idle``, ``open`` or ``failed``; after a failure only ROLLBACK is accepted."""
        return self.transaction.status if "transaction" in self.__dict__ else "idle"

    @property
    def records(self) -> list[CallRecord]:
        """The calls of the last statement."""
        number = self.call_log.statement
        return [call for statement, call in tuple(self.call_log.calls) if statement == number]

    def progress(self) -> str:
        """The progress of the statement: completed calls, rows, regions, throttled calls."""
        if "awaiter" in self.__dict__ and (told := self.awaiter.progress()):
            return told
        rows = sum(tuple(self.reading.rows_by_scan.values())) if self.reading is not None else 0
        return progress_text(self.records, rows)

    def run(self, script: str, parameters: Mapping[str, object] | None = None) -> Iterator[Result]:
        """Yield the results of a script's statements, each run on demand.

        Raises the Error of the first statement that cannot be run; earlier ones were run.
        """
        for piece in self.planning.do(lambda: split(script), len(script)):
            found = self._in_time(partial(self._tableless, piece, parameters))
            if found is None:
                found = self._in_time(partial(self._read, piece, parameters))
            yield found

    def _read(self, piece: Piece, parameters: Mapping[str, object] | None) -> Result:
        return self._run(self.parse(piece), dict(parameters or {}), piece)

    def parse(self, piece: Piece | str) -> Statement:
        """Parse a statement. Raises SqlSyntaxError, or StatementTooLong according to
        ``max_statement``."""
        from cirrusql.sql.parse import parse

        text = piece if isinstance(piece, str) else piece.text
        check_length(text, self.settings.max_statement)
        return self.planning.do(lambda: parse(piece), len(text))

    def _tableless(self, piece: Piece, parameters: Mapping[str, object] | None) -> Result | None:
        """The result of a SELECT that reads no table, without parsing; None for anything else.

        If the engine rejects it, it takes the usual path, which words the error.
        """
        check_length(piece.text, self.settings.max_statement)
        if self._is_closed or "{{" in piece.text or not reads_no_table(piece.text):
            return None
        self.database.release_clock()
        try:
            rows = self.engine_thread.do(lambda: self.database.run(piece.text, parameters))
        except Interrupted:
            raise
        except Error:
            return None
        self.call_log.statement += 1
        return Result(rows.schema, self.engine_thread.each(rows.batches()), on_close=(rows.close,))

    def execute(
        self, statement: Statement, parameters: Mapping[str, object] | None = None
    ) -> Result:
        """The result of one statement."""
        return self._in_time(lambda: self._run(statement, dict(parameters or {})))

    def _in_time(self, make: Callable[[], R]) -> R:
        self.must_be_in_its_process()
        with self.planning.statement():
            return in_time(make, self.settings.statement_timeout, self.cancel)

    def _run(
        self, statement: Statement, given: dict[str, object], piece: Piece | None = None
    ) -> Result:
        try:
            return self._in_transaction(statement, given)
        except Error as error:
            raise told(error, piece or Piece(statement.text, 0, statement.text), self) from None

    def _in_transaction(self, statement: Statement, given: dict[str, object]) -> Result:
        if self._is_closed:
            raise InterfaceError("the session is closed")
        # A SELECT that reads no table starts without all that other statements need.
        from cirrusql.session.statements.statement_runner import executed

        self.call_log.statement += 1
        if self.transaction_status == "idle":
            return executed(self, statement, given)
        self.transaction.check(statement)
        try:
            return executed(self, statement, given)
        except Exception:
            self.transaction.fail()
            raise

    def plan(self, statement: Statement, parameters: Mapping[str, object]) -> Plan:
        """Plan a statement."""
        from cirrusql.session.statements.plan_runner import planned

        with nesting():
            return self.planning.do(
                lambda: planned(self, statement, parameters), len(statement.text)
            )

    def refusals(self, plan: Plan) -> list[str]:
        """What the policy does not allow the session's user in a plan, as messages."""
        from cirrusql.session.statements.plan_runner import refused

        return refused(self, plan)

    def end(self, run: ReadRun) -> None:
        """Record failures for ``cirrusql.errors``, and drop the relations of the reads."""
        for failure in run.failures[run.noted :]:
            self.call_log.fail(failure)
        run.noted = len(run.failures)
        self.database.release_clock()
        self.database.unregister(run.relations)
        run.relations.clear()

    last_error: Error | None = None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
