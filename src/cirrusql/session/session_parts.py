"""The parts of a session: catalog, engine, fetcher. Each is opened when first needed, and closed at
the end.

Statements that do not need a part never open it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from cirrusql.errors import InterfaceError

if TYPE_CHECKING:
    from cirrusql.api.provider import Providers
    from cirrusql.catalog.catalog import Catalog
    from cirrusql.catalog.inverses.readback import Reading
    from cirrusql.engine.database import Database
    from cirrusql.engine.resource_limits import SharedMemory
    from cirrusql.execution.audit.session_origin import SessionOrigin
    from cirrusql.execution.engine_thread import EngineThread
    from cirrusql.execution.reads.read_cache import ReadCache
    from cirrusql.execution.reads.reads import ReadRun
    from cirrusql.execution.writes.awaiting import Awaiter
    from cirrusql.execution.writes.write_calls import Executor
    from cirrusql.execution.writes.write_options import WriteOptions
    from cirrusql.session.introspection.call_log import CallLog
    from cirrusql.session.planning import Planning
    from cirrusql.settings import Settings
    from cirrusql.transport.fetcher import Fetcher


@dataclass(frozen=True)
class Served:
    """What a session keeps of the client that it serves, apart from local tables: a server moves it
    between sessions of one user."""

    settings: Settings
    options: WriteOptions
    origin: SessionOrigin
    journal: CallLog
    cache: ReadCache | None


class SessionParts:
    """The parts of a session. ``cancel`` is thread-safe."""

    options: WriteOptions
    origin: SessionOrigin
    cache: ReadCache | None

    settings: Settings
    planning: Planning
    _memory: SharedMemory | None
    _environ: Mapping[str, str]
    _given_catalog: Catalog | None
    call_log: CallLog
    engine_thread: EngineThread
    _process: int
    _is_closed = False
    reading: ReadRun | None = None
    """The reads of the current or last statement."""

    @cached_property
    def providers(self) -> Providers:
        """The available providers."""
        from cirrusql.providers import providers

        return providers(self.settings)

    @cached_property
    def catalog(self) -> Catalog:
        """The catalog, opened when first needed."""
        if self._given_catalog is not None:
            return self._given_catalog
        from cirrusql.providers import catalog_of

        return catalog_of(self.providers)

    @cached_property
    def database(self) -> Database:
        """The engine, opened when first needed."""
        from cirrusql.engine.database import opened

        return opened(self.settings, self._memory)

    @cached_property
    def fetcher(self) -> Fetcher:
        """The fetcher, created for the first call."""
        from cirrusql.transport.fetcher import Fetcher

        return Fetcher(
            self.settings,
            self._environ,
            self.providers,
            on_record=lambda call: self.call_log.record(call),
            on_notice=self._on_notice,
        )

    def _on_notice(self, text: str) -> None:
        """Take the fetcher's notices about the current statement."""
        if self.reading is not None:
            self.reading.note(text)

    @cached_property
    def awaiter(self) -> Awaiter:
        """The object that waits for AWAIT, created when first needed."""
        from cirrusql.execution.writes.awaiting import Awaiter

        return Awaiter(self.fetcher)

    @property
    def served(self) -> Served:
        """The client that the session serves."""
        return Served(self.settings, self.options, self.origin, self.call_log, self.cache)

    def serve(self, client: Served) -> None:
        """Serve another client, between two statements."""
        if client.origin != self.origin:
            self._close_executor()
        self.options, self.origin = client.options, client.origin
        self.call_log, self.cache, self.reading = client.journal, client.cache, None
        self.obey(client.settings)

    def obey(self, settings: Settings) -> None:
        """Apply settings, also to the parts that are already open."""
        self.settings = settings
        if "fetcher" in vars(self):
            self.fetcher.obey(settings)
        if "executor" in vars(self):
            self.executor.max_attempts = settings.max_attempts

    @cached_property
    def executor(self) -> Executor:
        """Makes write calls, after recording them in the audit log."""
        from cirrusql.execution.audit.audit import open_audit
        from cirrusql.execution.writes.write_calls import Executor

        audit = open_audit(self.settings.audit, self.settings.audit_size, self.origin)
        settings = self.settings
        return Executor(
            self.fetcher, audit, settings.endpoint_url, settings.max_attempts, self.may_read
        )

    def may_read(self, reading: Reading) -> bool:
        """Whether the policy allows reading the resource that a write acts on."""
        raise NotImplementedError

    def _close_executor(self) -> None:
        if (executor := self.__dict__.pop("executor", None)) is not None:
            executor.close()

    @property
    def is_forked(self) -> bool:
        """Whether this process is a child, forked from the one that opened the session."""
        return self._process != os.getpid()

    def must_be_in_its_process(self) -> None:
        """Raise InterfaceError in a forked child: the threads of the session are only in the
        parent, and whoever waited for one of them would wait for ever."""
        if self.is_forked:
            raise InterfaceError(
                "the connection was opened by the parent process, and a forked child cannot use it",
                hint="open a connection in the child, or start it with multiprocessing's 'spawn'",
            )

    def cancel(self) -> None:
        """Stop the current statement. Thread-safe. Does nothing in a forked child."""
        if self.is_forked:
            return
        self.planning.stop()
        if (awaiter := self.__dict__.get("awaiter")) is not None:
            awaiter.stop()
        if (fetcher := self.__dict__.get("fetcher")) is not None:
            fetcher.interrupt()
        if (database := self.__dict__.get("database")) is not None:
            database.interrupt()

    def close(self) -> None:
        """Close the engine and all connections. May be called more than once.

        In a forked child, they are left as they are: they are the parent's.
        """
        self._is_closed = True
        if self.is_forked:
            return
        self.engine_thread.close()
        self._close_executor()
        if (fetcher := self.__dict__.pop("fetcher", None)) is not None:
            fetcher.close()
        if (database := self.__dict__.pop("database", None)) is not None:
            if self._memory is not None:
                self._memory.leave(database)
            database.close()
