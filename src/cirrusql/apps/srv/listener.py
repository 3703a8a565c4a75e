"""Accepts clients: limits, cancel keys, and an orderly shutdown.

An unauthenticated client costs a socket and a timeout; a session only starts after login. Both
kinds have separate limits, so that strangers cannot lock out users.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from cirrusql.apps.srv.blocking_worker import BlockingWorker
from cirrusql.apps.srv.failure_log import FailureLog
from cirrusql.apps.srv.pg_catalog.pg_tables import Here, PgTables
from cirrusql.apps.srv.protocol.client_connection import ClientConnection, shutdown
from cirrusql.apps.srv.protocol.greeting import Client, greet
from cirrusql.apps.srv.protocol.message_stream import Gone, MessageStream, Reader, Refusal
from cirrusql.apps.srv.server_options import ServerOptions
from cirrusql.apps.srv.session_pool import SessionPool
from cirrusql.apps.srv.variables import Variables
from cirrusql.apps.srv.warming import Warming, warming_command
from cirrusql.apps.srv.worker import Worker
from cirrusql.catalog.catalog import Catalog
from cirrusql.errors import ConfigError, InvalidParameter
from cirrusql.execution.audit.access import AccessLog
from cirrusql.session.session import Session

_log = logging.getLogger(__name__)

_BUFFER = 256 * 1024
"""Bytes read ahead of a client."""
_BACKLOG = 1024
_MOST_STRANGERS = 500
"""Maximum unauthenticated clients."""

_MOST_THREADS = 64
"""Statements that run at the same time; more wait for their turn."""

OpenSession = Callable[[Client], Session]


class Listener:
    """A server on one address. ``start``, then ``stop``."""

    def __init__(
        self,
        options: ServerOptions,
        open_session: OpenSession,
        catalog: Catalog,
        access: AccessLog,
        providers: Mapping[str, str] | None = None,
    ) -> None:
        options.check()
        self._access = access
        self._options = options
        self._open_session = open_session
        self._warming = Warming(warming_command(providers or {}))
        self._tables = PgTables(catalog, self._warming.wait)
        self._failures = FailureLog(options.log)
        self._pool = SessionPool(self._tables)
        self._threads = ThreadPoolExecutor(_MOST_THREADS, "pg")
        self._server: asyncio.AbstractServer | None = None
        self._connections: dict[int, ClientConnection] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._strangers: dict[int, MessageStream] = {}
        self._next_pid = 1
        self._is_ending = False

    @property
    def address(self) -> tuple[str, int]:
        """The address it listens on."""
        assert self._server is not None
        host, port = self._server.sockets[0].getsockname()[:2]  # type: ignore[attr-defined]
        return str(host), int(port)

    async def start(self) -> None:
        """Start listening. Raises ConfigError if the address is not available."""
        loop = asyncio.get_running_loop()

        def protocol() -> asyncio.StreamReaderProtocol:
            reader = Reader(limit=_BUFFER, loop=loop)
            return asyncio.StreamReaderProtocol(reader, self._accepted, loop=loop)

        host, port = self._options.host, self._options.port
        try:
            self._server = await loop.create_server(protocol, host, port, backlog=_BACKLOG)
        except (OSError, OverflowError) as error:
            raise ConfigError(f"cannot listen on {host}:{port}: {error}", hint="--port") from error

    def warm(self) -> None:
        """Build the catalog's index for table browsers, in the background."""
        self._warming.start()

    async def stop(self) -> None:
        """Accept nobody any more, end idle clients, wait for running statements, then
        cancel them."""
        self._is_ending = True
        await asyncio.to_thread(self._warming.stop)
        if self._server is not None:
            self._server.close()
        for connection in self._connections.values():
            connection.is_ending = True
        for task in tuple(self._tasks):
            if not self._is_busy(task):
                task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._options.grace)
        for connection in self._connections.values():
            connection.cancel("terminating connection due to administrator command")
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self._pool.close)
        self._threads.shutdown(wait=False)

    def _is_busy(self, task: asyncio.Task[None]) -> bool:
        return any(
            task.get_name() == f"pg-{c.pid}" and c.state == "active"
            for c in self._connections.values()
        )

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert isinstance(reader, Reader)
        stream = MessageStream(reader, writer)
        if self._is_ending:
            writer.close()
            return
        pid = self._next_pid
        self._next_pid = self._next_pid % 0x7FFFFFFF + 1
        if len(self._strangers) >= _MOST_STRANGERS:
            # Users log in within milliseconds, so the longest waiting client is not a user.
            self._strangers.pop(next(iter(self._strangers))).abort()
        self._strangers[pid] = stream
        task = asyncio.create_task(self._attend(stream, pid), name=f"pg-{pid}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _attend(self, stream: MessageStream, pid: int) -> None:
        try:
            client = await self._greeted(stream, pid)
            if client is not None:
                await self._serve(stream, client, pid)
        except Gone:
            pass
        except Refusal as refusal:
            stream.fail(refusal, "FATAL")
        except asyncio.CancelledError:
            stream.fail(shutdown(), "FATAL")
        except Exception:
            _log.exception("a connection ended with an unexpected error")
        finally:
            await stream.close()

    async def _greeted(self, stream: MessageStream, pid: int) -> Client | None:
        try:
            async with asyncio.timeout(self._options.startup_timeout):
                return await greet(stream, self._options, self._access, self._cancel)
        except TimeoutError:
            raise Refusal("08P01", "canceling authentication due to timeout") from None
        finally:
            self._strangers.pop(pid, None)

    async def _serve(self, stream: MessageStream, client: Client, pid: int) -> None:
        if len(self._connections) >= self._options.max_connections:
            raise Refusal("53300", "sorry, too many clients already")
        try:
            variables = Variables(client.parameters, client.user, self._options.statement_timeout)
        except InvalidParameter as error:
            raise Refusal(error.sqlstate, error.message, error.hint) from error

        def here() -> Here:
            activity = tuple(
                (c.pid, c.client.user, c.state) for c in tuple(self._connections.values())
            )
            failures = self._failures.of(client.user)
            return Here(
                client.user, client.database, pid, variables, failures=failures, activity=activity
            )

        loop = asyncio.get_running_loop()

        def tell(lines: Sequence[str]) -> None:
            loop.call_soon_threadsafe(stream.inform, lines)

        worker = Worker(lambda: self._open_session(client), self._pool, self._tables, here, tell)
        blocking = BlockingWorker(worker, stream, variables, self._threads)
        stream.on_error = lambda sqlstate, message: self._failures.record(
            client.user, pid, sqlstate, message, worker.statement
        )
        secret = secrets.randbelow(2**32) - 2**31
        connection = ClientConnection(
            stream, client, self._options, variables, blocking, pid, secret
        )
        self._connections[pid] = connection
        try:
            await connection.serve()
        finally:
            self._connections.pop(pid)
            connection.cancel("the client is gone")
            await blocking.end()

    def _cancel(self, pid: int, secret: int) -> None:
        found = self._connections.get(pid)
        if found is not None and secrets.compare_digest(str(found.secret), str(secret)):
            found.cancel()
