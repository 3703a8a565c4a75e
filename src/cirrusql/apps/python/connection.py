"""Connections: one session each, which threads may share.

Owns the session, the lock that admits one statement at a time, and open relations. ``relation`` is
the result of a statement, ``cursor`` its PEP 249 interface.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from weakref import WeakSet, finalize

from cirrusql import errors
from cirrusql.apps.python.cursor import Cursor
from cirrusql.apps.python.parameter_styles import Parameters, named
from cirrusql.apps.python.relation import Relation
from cirrusql.config_file import config_file, load
from cirrusql.errors import (
    ConfigError,
    InterfaceError,
    NotSupportedError,
    UnknownSetting,
    WriteFailed,
)
from cirrusql.execution.audit.session_origin import SessionOrigin
from cirrusql.execution.writes.outcomes import told
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session.preview_lines import preview_lines
from cirrusql.settings import SETTING_NAMES, Settings

if TYPE_CHECKING:
    from cirrusql.apps.python.asynchronous import AsyncRelation, Threads
    from cirrusql.apps.python.sandbox_process import OwnSandbox
    from cirrusql.execution.writes.preview import Preview
    from cirrusql.session.result import Result
    from cirrusql.session.session import Session

T = TypeVar("T")


def connect(
    profile: str | None = None,
    region: str | None = None,
    connection: str | None = None,
    endpoint_url: str | None = None,
    *,
    sandbox: bool | None = None,
    database: str | os.PathLike[str] | None = None,
    read_only: bool | None = None,
    config: str | os.PathLike[str] | None = None,
    yes: bool = False,
    dry_run: bool = False,
    **settings: object,
) -> Connection:
    """Open a connection: nothing is looked up or called before a statement needs it.

    Settings that are not given come from the environment, ``config`` (a file; by default
    ``$CIRRUSQL_CONFIG``, else the user's own) and the defaults, in this order; ``settings`` are
    further settings by name (``max_calls=100``). ``yes``: writes of rows found by reading need no
    confirmation. ``dry_run``: writes are shown and not sent. ``sandbox``: no credentials;
    ``endpoint_url`` must lead to this machine; without it, a sandbox is started, which takes some
    seconds and ends with the connection. Raises ConfigError, UnknownSetting.
    """
    flags = {
        "profile": profile,
        "region": region,
        "connection": connection,
        "endpoint_url": endpoint_url,
        "sandbox": sandbox,
        "database": None if database is None else os.fspath(database),
        "read_only": read_only,
    }
    options = WriteOptions(assume_yes=yes, is_dry_run=dry_run, show=_show)
    session, own = open_session(flags, settings, config, options, has_cache=True)
    made = Connection(session)
    made.sandbox = own
    return made


def open_session(
    flags: Mapping[str, object],
    settings: Mapping[str, object],
    config: str | os.PathLike[str] | None,
    options: WriteOptions,
    *,
    has_cache: bool,
) -> tuple[Session, OwnSandbox | None]:
    """A session, and the sandbox that was started for it. Raises ConfigError, UnknownSetting."""
    from cirrusql.session.session import Session

    for name in settings:
        if name not in SETTING_NAMES:
            raise UnknownSetting(name, SETTING_NAMES, where="connect()")
    given = load({**flags, **settings}, os.environ, config_file(config, os.environ))
    own = None
    if given.sandbox and given.endpoint_url is None:
        if given.profile is not None and flags.get("profile") is not None:
            raise ConfigError(
                "a sandbox uses no credentials and cannot be combined with profile=",
                hint="omit one of them",
            )
        from cirrusql.apps.python.sandbox_process import OwnSandbox

        own = OwnSandbox()
        region = given.region or "us-east-1"
        given = replace(given, endpoint_url=own.endpoint_url, region=region, profile=None)
    origin = SessionOrigin("python")
    return Session(given, os.environ, options=options, has_cache=has_cache, origin=origin), own


def _show(preview: Preview) -> None:
    """Log what is about to be written that the statement does not name literally; by default the
    log is standard error."""
    logging.getLogger("cirrusql").warning("%s", "\n".join(preview_lines(preview)))


class Connection:
    """Runs statements. Threads may share it; they wait for each other.

    Closed at the end of ``with``. The exceptions of PEP 249 are its attributes.
    """

    Warning: ClassVar = errors.Warning
    Error: ClassVar = errors.Error
    InterfaceError: ClassVar = errors.InterfaceError
    DatabaseError: ClassVar = errors.DatabaseError
    DataError: ClassVar = errors.DataError
    OperationalError: ClassVar = errors.OperationalError
    IntegrityError: ClassVar = errors.IntegrityError
    InternalError: ClassVar = errors.InternalError
    ProgrammingError: ClassVar = errors.ProgrammingError
    NotSupportedError: ClassVar = errors.NotSupportedError

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = threading.RLock()
        self._running = threading.Lock()
        """Held while deciding whose work is in progress."""
        self._job: object | None = None
        self._is_closed = False
        self._has_written = False
        self._open: WeakSet[Relation] = WeakSet()
        self._abandoned: list[Result] = []
        self._threads: Threads | None = None
        self.sandbox: OwnSandbox | None = None
        """What was started for the connection, and ends with it."""

    @property
    def settings(self) -> Settings:
        """The current settings, after every SET."""
        return self._session.settings

    def sql(self, text: str, parameters: Parameters | None = None) -> Relation:
        """Run one or more statements; returns the rows of the last one.

        Parameters are a mapping for ``$name`` or a sequence for ``?``. Rows are read on demand.
        Raises the statement's Error; WriteFailed if a write failed.
        """
        return self.guarded(lambda: self._sql(text, parameters))

    def _sql(self, text: str, parameters: Parameters | None) -> Relation:
        if not isinstance(text, str):
            raise InterfaceError(f"a statement must be a str, not {type(text).__name__}")
        script, given = named(text, parameters)
        self._let_go()
        last: Result | None = None
        for result in self._session.run(script, given):
            if last is not None:
                self._finish(last)
            last = self._checked(result)
        if last is None:
            raise errors.ProgrammingError(
                "the statement is empty", hint="pass a statement such as SELECT 1"
            )
        relation = Relation(last, self.guarded, text)
        self._open.add(relation)
        # A garbage-collected relation is closed before the next statement: closing it immediately
        # could interrupt anything.
        finalizer = finalize(relation, self._abandoned.append, last)
        finalizer.atexit = False
        relation.on_end = finalizer.detach
        return relation

    def _finish(self, result: Result) -> None:
        """Read a discarded result to the end: it may do something (EXEC), or fail."""
        for _ in result.batches:
            continue
        result.close()
        if result.failures:
            raise result.failures[0].error

    def _checked(self, result: Result) -> Result:
        if result.rows_written and result.verb not in ("SELECT", "SHOW"):
            self._has_written = True
        if result.exit_status == 0:
            return result
        report = result.table().to_pylist()
        first = next((row["error"] for row in report if row["error"] is not None), "see .report")
        message = f"{result.verb}: {told(result.outcomes)}: {first}"
        raise WriteFailed(message, report, result.outcomes) from result.cause

    def cursor(self) -> Cursor:
        """A PEP 249 cursor."""
        self.must_be_open()
        return Cursor(self)

    def begin(self) -> None:
        """Open a transaction: writes are queued until ``commit``, as after ``sql("BEGIN")``."""
        self.sql("BEGIN")

    def commit(self) -> None:
        """Make the writes queued since BEGIN. Without BEGIN, every statement already took effect
        when it ran.

        Raises WriteFailed if a step failed: the steps before it were undone, as its report says.
        """
        self.must_be_open()
        self._has_written = False
        if self._session.transaction_status != "idle":
            self.sql("COMMIT")

    def rollback(self) -> None:
        """Drop the writes queued since BEGIN. Without BEGIN, NotSupportedError if something was
        written."""
        self.must_be_open()
        if self._session.transaction_status != "idle":
            self.sql("ROLLBACK")
            return
        if self._has_written:
            self._has_written = False
            raise NotSupportedError(
                "writes cannot be rolled back: without BEGIN, each statement takes effect at once",
                hint="start a transaction with BEGIN or con.begin()",
            )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction as a block: committed at its end, rolled back if an exception leaves it."""
        self.begin()
        try:
            yield
        except BaseException:
            self.rollback()
            raise
        self.commit()

    async def asql(self, text: str, parameters: Parameters | None = None) -> AsyncRelation:
        """``sql`` for coroutines: a thread does the work, and cancelling the task cancels it."""
        from cirrusql.apps.python.asynchronous import AsyncRelation

        relation = await self.threads.run(lambda: self.sql(text, parameters))
        return AsyncRelation(relation, self.threads)

    @property
    def threads(self) -> Threads:
        """The threads that work for coroutines."""
        from cirrusql.apps.python.asynchronous import Threads

        with self._running:
            if self._threads is None:
                self._threads = Threads(self.cancel)
            return self._threads

    def guarded(self, work: Callable[[], T]) -> T:
        """Return the result of work in the session, which no other thread uses meanwhile.

        Unexpected exceptions become InternalError, except those of the caller or the machine.
        """
        # Before waiting: in a forked child, the lock may be held by a thread that is not there.
        self.must_be_open()
        with self._lock:
            self.must_be_open()
            if self._threads is not None:
                self._threads.check()
            outer, self._job = self._job, threading.get_ident()
            try:
                return work()
            except (errors.Error, errors.Warning, Warning, ImportError, MemoryError):
                raise
            except Exception as error:
                raise errors.InternalError.of(error) from error
            finally:
                with self._running:
                    self._job = outer

    def cancel(self, thread: int | None = None) -> None:
        """Stop the current work from another thread; its thread gets Interrupted.

        ``thread``: only if the work is that thread's.
        """
        self._session.must_be_in_its_process()
        with self._running:
            if self._job is not None and thread in (None, self._job):
                self._session.cancel()

    def must_be_open(self) -> None:
        """Raise InterfaceError if it is closed, and in a forked child."""
        self._session.must_be_in_its_process()
        if self._is_closed:
            raise InterfaceError(
                "the connection is closed", hint="open another with cirrusql.connect()"
            )

    def _let_go(self) -> None:
        while self._abandoned:
            result = self._abandoned.pop()
            getattr(result.batches, "close", lambda: None)()
            result.close()

    def close(self) -> None:
        """Cancel what is in progress and release everything. May be called more than once.

        In a forked child, only the child's use of it ends: the parent goes on.
        """
        if self._session.is_forked:
            self._is_closed = True
            return
        self.cancel()
        with self._lock:
            if self._is_closed:
                return
            for relation in list(self._open):
                relation.close()
            self._let_go()
            self._is_closed = True
            self._session.close()
        if self._threads is not None:
            self._threads.close()
        if self.sandbox is not None:
            self.sandbox.close()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        settings = self._session.settings
        shown: Mapping[str, Any] = {
            n: getattr(settings, n) for n in ("profile", "region", "connection", "database")
        }
        parts = [f"{n}={v!r}" for n, v in shown.items() if v is not None]
        return (
            f"<cirrusql.Connection {' '.join([*parts, 'closed' if self._is_closed else 'open'])}>"
        )
