"""A session: statements in, results out, one after the other.

Owns what lives across statements: settings, engine, fetcher, call log. ``plan`` decides what a
statement means, and ``execution`` runs scans and writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from cirrusql.errors import (
    Error,
    InterfaceError,
    Interrupted,
    PolicyDenied,
    ProgrammingError,
    ReadOnlySession,
    UnknownTable,
)
from cirrusql.execution.audit.session_origin import SessionOrigin
from cirrusql.execution.engine_thread import EngineThread
from cirrusql.execution.reads.partial import Effect, check_whole, effect_of, notice
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.plan.model import CallSet, Plan, Scan
from cirrusql.plan.scope.clock import feeds_ask_the_clock
from cirrusql.session.introspection import information_schema
from cirrusql.session.introspection.system_tables import CallLog, load_named
from cirrusql.session.introspection.view_columns import view_columns
from cirrusql.session.planning import Planning
from cirrusql.session.result import Result, ResultLayout, listing_result, text_result
from cirrusql.session.session_parts import SessionParts
from cirrusql.session.statement_timeout import R, in_time
from cirrusql.sql.bounds import check_length, nesting
from cirrusql.sql.kinds.pragmas import check_engine_setting, check_pragma
from cirrusql.sql.kinds.prepared import prepares_no_cloud_table
from cirrusql.sql.split import Piece, split
from cirrusql.sql.statements import (
    CreateView,
    Delete,
    Describe,
    DropView,
    Exec,
    Explain,
    Foreign,
    Insert,
    QueryStatement,
    Refresh,
    SetVariable,
    Show,
    Statement,
    TransactionStatement,
    Update,
)
from cirrusql.sql.tableless import reads_no_table

if TYPE_CHECKING:
    from cirrusql.catalog.catalog import Catalog
    from cirrusql.catalog.inverses.readback import Reading
    from cirrusql.engine.resource_limits import SharedMemory
    from cirrusql.execution.reads.read_cache import ReadCache, WriteTimes
    from cirrusql.execution.reads.reads import ReadRun
    from cirrusql.plan.model import Plan
    from cirrusql.session.introspection.listing import Listing
    from cirrusql.session.transaction import TransactionQueue
    from cirrusql.settings import Settings
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
        self.user = user
        self.origin = origin or SessionOrigin()
        self.settings = settings = settings.for_user(user)
        self.options = options or WriteOptions()
        self._started_with = settings
        self._memory = memory
        self._environ = environ
        self._given_catalog = catalog
        self._journal = CallLog()
        self.cache: ReadCache | None = None
        if has_cache:
            from cirrusql.execution.reads.read_cache import ReadCache, WriteTimes

            self.cache = ReadCache(writings=writings or WriteTimes())
        self._waiting = EngineThread(self.cancel)
        self.planning = Planning()

    def may_read(self, reading: Reading) -> bool:
        """Whether the policy allows reading the resource that a write acts on."""
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
        number = self._journal.statement
        return [call for statement, call in tuple(self._journal.calls) if statement == number]

    def progress(self) -> str:
        """The progress of the statement: completed calls, rows, regions, throttled calls."""
        if "awaiter" in self.__dict__ and (told := self.awaiter.progress()):
            return told
        from cirrusql.execution.reads.progress import progress_text

        rows = sum(tuple(self._reading.rows_by_scan.values())) if self._reading is not None else 0
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
            rows = self._waiting.do(lambda: self.database.run(piece.text, parameters))
        except Interrupted:
            raise
        except Error:
            return None
        self._journal.statement += 1
        return Result(rows.schema, self._waiting.each(rows.batches()), on_close=(rows.close,))

    def execute(
        self, statement: Statement, parameters: Mapping[str, object] | None = None
    ) -> Result:
        """The result of one statement."""
        return self._in_time(lambda: self._run(statement, dict(parameters or {})))

    def _in_time(self, make: Callable[[], R]) -> R:
        with self.planning.statement():
            return in_time(make, self.settings.statement_timeout, self.cancel)

    def _run(
        self, statement: Statement, given: dict[str, object], piece: Piece | None = None
    ) -> Result:
        try:
            return self._in_transaction(statement, given)
        except Error as error:
            from cirrusql.session.error_hints import told

            raise told(error, piece or Piece(statement.text, 0, statement.text), self) from None

    def _in_transaction(self, statement: Statement, given: dict[str, object]) -> Result:
        if self._is_closed:
            raise InterfaceError("the session is closed")
        self._journal.statement += 1
        if self.transaction_status == "idle":
            return self._executed(self._local(statement), given)
        self.transaction.check(statement)
        try:
            return self._executed(self._local(statement), given)
        except Exception:
            self.transaction.fail()
            raise

    def _executed(self, statement: Statement, given: dict[str, object]) -> Result:
        match statement:
            case Show() | Describe():
                return self._listed(statement)
            case SetVariable():
                return self._set(statement)
            case Explain():
                from cirrusql.session.introspection.explaining import explained

                return explained(self, statement, given)
            case Insert() | Update() | Delete() | Exec():
                plan = self.plan(statement, given)
                kept = isinstance(statement, Exec) and statement.keeps
                effect = Effect.KEEPS if kept else Effect.NONE
                return self._run_plan(
                    plan, given, _verb(statement), text=statement.text, effect=effect
                )
            case CreateView() | Refresh() | DropView():
                return self._viewed(statement, given)
            case TransactionStatement():
                return self.transaction.command(statement)
            case Foreign():
                from cirrusql.session.foreign_statements import nothing_to_do

                return nothing_to_do(self, statement)
            case QueryStatement():
                if statement.verb == "PRAGMA" and self.settings.is_guarded:
                    check_pragma(statement.text)
                plan = self.plan(statement, given)
                effect = effect_of(statement.tree)
                is_fresh = statement.hints.is_fresh
                result = self._run_plan(
                    plan, given, statement.verb, is_fresh=is_fresh, effect=effect
                )
                result.display_order = partial(self._display_order, statement.tree, result.schema)
                return result
        raise ProgrammingError(f"cannot run {statement.text[:40]!r}")

    def _local(self, statement: Statement) -> Statement:
        """A write to ``database.schema.table`` is the engine's own, whatever it looked like; so is
        USE of a database."""
        if isinstance(statement, Foreign) and statement.kind == "use":
            from cirrusql.session.foreign_statements import is_of_a_provider

            return statement if is_of_a_provider(self, statement) else _as_query(statement, "USE")
        if not isinstance(statement, Insert | Update | Delete) or len(statement.path) != 3:
            return statement
        if statement.path[0].lower() not in self.database.databases():
            return statement
        return _as_query(statement, _verb(statement))

    def plan(self, statement: Statement, parameters: Mapping[str, object]) -> Plan:
        """Plan a statement."""
        with nesting():
            return self.planning.do(lambda: self._plan(statement, parameters), len(statement.text))

    def _plan(self, statement: Statement, parameters: Mapping[str, object]) -> Plan:
        from cirrusql.plan.scope.planning_context import PlanOptions

        options = PlanOptions(parents=self.settings.parents)
        views = {**self.database.views(), **information_schema.views(statement.text)}
        databases = self.database.databases()
        load_named(
            statement.text, self.database, self.catalog, self._journal, partial(view_columns, self)
        )
        if isinstance(statement, QueryStatement):
            from cirrusql.plan.planner import plan_query

            return plan_query(
                statement.text,
                statement.tree,
                self.catalog,
                views=views,
                databases=databases,
                parameters=parameters,
                options=options,
            )
        from cirrusql.plan.writes.writes import WritePlanner

        planner = WritePlanner(
            self.catalog, views=views, databases=databases, parameters=parameters, options=options
        )
        return planner.plan(statement)

    def allow(self, plan: Plan) -> None:
        """Raise PolicyDenied if the policy does not allow the session's user all calls of a plan.

        Called before any plan's calls are made. Raises ConfigError for policy rules with unknown
        names.
        """
        if refused := self.refusals(plan):
            raise PolicyDenied(
                "\n".join(refused), hint="[policy] in the config file says what may be called"
            )

    def refusals(self, plan: Plan) -> list[str]:
        """What the policy does not allow the session's user in a plan, as messages."""
        settings = self.settings
        is_guarded = settings.read_only or not settings.credentials
        if settings.policy is None and not is_guarded:
            return []
        from cirrusql.plan.policy import refusals, ungranted

        found = refusals(plan, settings.policy, self.user, self.catalog) if settings.policy else []
        if is_guarded and not found:
            found = ungranted(plan, settings.policy, self.user, self.catalog)
        return found

    def _run_plan(
        self,
        plan: Plan,
        parameters: Mapping[str, object],
        verb: str,
        *,
        is_fresh: bool = False,
        text: str = "",
        effect: Effect = Effect.NONE,
    ) -> Result:
        from cirrusql.execution.audit.hidden_columns import reads_secrets
        from cirrusql.execution.reads.reads import ReadRun
        from cirrusql.plan.policy import changes

        self.planning.check()
        if self.settings.read_only and not self.options.is_dry_run and changes(plan):
            raise ReadOnlySession(f"{verb} is not allowed: the session is read-only")
        self.allow(plan)
        run = ReadRun(
            self.database,
            self.fetcher,
            self.settings,
            parameters,
            cache=self.cache,
            is_fresh=is_fresh,
            on_cached=self._journal.cached,
            may_stream=effect is not Effect.CHANGES,
            notices=list(plan.notices),
        )
        self._reading = run
        self.database.release_clock()
        self.database.reads_secrets = reads_secrets(plan)
        try:
            run.check(plan)
            if plan.writes:
                from cirrusql.execution.writes.write_runner import check_constants

                check_constants(self.database, plan.writes, parameters)
            if feeds_ask_the_clock(plan):
                self.database.hold_clock()
            run.run(plan)
            if plan.writes:
                from cirrusql.session.writing import written

                result = written(self, plan, run, parameters, verb, text)
                result.notices += run.notices[len(plan.notices) :]
                return result
            if effect is Effect.CHANGES:
                check_whole(verb, run)
            result = self._answered(plan, run, parameters, verb)
            if effect is Effect.KEEPS:
                result.notices += notice(verb, run.failures)
            return result
        except BaseException as error:
            self.end(run)
            if isinstance(error, Error):
                self.last_error = error
            raise

    def _answered(
        self, plan: Plan, run: ReadRun, parameters: Mapping[str, object], verb: str
    ) -> Result:
        assert plan.query is not None
        sql = plan.query.sql
        try:
            rows = self._waiting.do(lambda: self.database.run(sql, parameters))
        except UnknownTable as error:
            raise prepares_no_cloud_table(error) if verb == "PREPARE" else error from None
        return Result(
            schema=rows.schema,
            batches=self._waiting.each(rows.batches()),
            verb=verb,
            rows_written=rows.changed,
            failures=run.failures,
            notices=run.notices,
            on_close=(rows.close, lambda: self.end(run)),
        )

    def _display_order(self, tree: object, schema: Any) -> Sequence[int] | None:
        from cirrusql.catalog.rows.display_order import display_order
        from cirrusql.plan.scope.star_table import star_table

        table = star_table(tree, self.catalog)
        return display_order(table, schema.names) if table is not None else None

    def end(self, run: ReadRun) -> None:
        """Record failures for ``cirrusql.errors``, and drop the relations of the reads."""
        for failure in run.failures[run.noted :]:
            self._journal.fail(failure)
        run.noted = len(run.failures)
        self.database.release_clock()
        self.database.unregister(run.relations)
        run.relations.clear()

    last_error: Error | None = None

    def _listed(self, statement: Show | Describe) -> Result:
        from cirrusql.session.introspection.listing_cache import kept

        found = kept(statement, self.catalog, lambda: self._looked_up(statement))
        is_text = isinstance(statement, Show) and statement.kind in ("insert", "create")
        verb = "DESCRIBE" if isinstance(statement, Describe) else "SHOW"
        return listing_result(found, verb, ResultLayout.TEXT if is_text else ResultLayout.LISTING)

    def _looked_up(self, statement: Show | Describe) -> Listing:
        from cirrusql.session.introspection.show import listing_of

        return listing_of(statement, self)

    def _set(self, statement: SetVariable) -> Result:
        name = statement.name
        if self.settings.is_guarded:
            check_engine_setting(name)
        if name.lower() in _ENGINE_SETTINGS:
            self.database.execute(statement.text)
        elif statement.value is None:
            self.settings = self.settings.with_reset(name, self._started_with)
        else:
            self.settings = self.settings.with_set(name, statement.value)
        if "fetcher" in vars(self):
            self.fetcher.obey(self.settings)
        if "executor" in vars(self):
            self.executor.max_attempts = self.settings.max_attempts
        return text_result((), [], "SET")

    def _viewed(
        self, statement: CreateView | Refresh | DropView, parameters: Mapping[str, object]
    ) -> Result:
        from cirrusql.session import views

        if isinstance(statement, CreateView):
            return views.create_view(self, statement, parameters)
        if isinstance(statement, Refresh):
            return views.refresh(self, statement, parameters)
        return views.drop_view(self, statement)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


_ENGINE_SETTINGS = frozenset(
    {"timezone", "time zone", "threads", "memory_limit", "schema", "search_path"}
)


def _as_query(statement: Statement, verb: str) -> QueryStatement:
    from cirrusql.sql.parse import parse_sql

    tree = parse_sql(Piece(statement.text, 0, statement.text))
    return QueryStatement(statement.text, tree, verb, hints=statement.hints)


def _verb(statement: Statement) -> str:
    if isinstance(statement, Insert):
        return "REPLACE" if statement.is_replace else "INSERT"
    return type(statement).__name__.upper()
