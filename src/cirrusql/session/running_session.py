"""The session as its parts see it: writing, transactions, views, SHOW, EXPLAIN.

Contains only types, so that these parts need not import the session.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from cirrusql.api.provider import Providers
    from cirrusql.catalog.catalog import Catalog
    from cirrusql.catalog.inverses.readback import Reading
    from cirrusql.engine.database import Database
    from cirrusql.errors import Error
    from cirrusql.execution.engine_thread import EngineThread
    from cirrusql.execution.reads.read_cache import ReadCache
    from cirrusql.execution.reads.reads import ReadRun
    from cirrusql.execution.writes.awaiting import Awaiter
    from cirrusql.execution.writes.write_calls import Executor
    from cirrusql.execution.writes.write_options import WriteOptions
    from cirrusql.plan.model import Plan, Write
    from cirrusql.session.introspection.call_log import CallLog
    from cirrusql.session.planning import Planning
    from cirrusql.session.result import Result
    from cirrusql.settings import Settings
    from cirrusql.sql.statements import Statement, TransactionStatement
    from cirrusql.transport.fetcher import Fetcher
    from cirrusql.transport.model import Call, CallRecord


class QueuedWrites(Protocol):
    """The writes between BEGIN and COMMIT."""

    def queue(
        self,
        prepared: Sequence[tuple[Write, Sequence[Call]]],
        text: str,
        parameters: Mapping[str, object],
    ) -> Result: ...

    def explained(self) -> Result: ...

    def command(self, statement: TransactionStatement) -> Result: ...


class RunningSession(Protocol):
    """What the parts of a session use of it."""

    settings: Settings
    started_with: Settings
    options: WriteOptions
    user: str | None
    cache: ReadCache | None
    call_log: CallLog
    engine_thread: EngineThread
    planning: Planning
    reading: ReadRun | None
    last_error: Error | None

    @property
    def providers(self) -> Providers: ...

    @property
    def catalog(self) -> Catalog: ...

    @property
    def database(self) -> Database: ...

    @property
    def fetcher(self) -> Fetcher: ...

    @property
    def executor(self) -> Executor: ...

    @property
    def awaiter(self) -> Awaiter: ...

    @property
    def transaction(self) -> QueuedWrites: ...

    @property
    def transaction_status(self) -> str: ...

    @property
    def records(self) -> list[CallRecord]: ...

    def run(
        self, script: str, parameters: Mapping[str, object] | None = None
    ) -> Iterator[Result]: ...

    def execute(
        self, statement: Statement, parameters: Mapping[str, object] | None = None
    ) -> Result: ...

    def plan(self, statement: Statement, parameters: Mapping[str, object]) -> Plan: ...

    def refusals(self, plan: Plan) -> list[str]: ...

    def may_read(self, reading: Reading) -> bool: ...

    def end(self, run: ReadRun) -> None: ...

    def obey(self, settings: Settings) -> None: ...
