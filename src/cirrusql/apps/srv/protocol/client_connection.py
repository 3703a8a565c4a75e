"""One client after its greeting: the simple and the extended protocol, transactions, cancel.

Messages are answered in order; blocking work runs in the worker's thread, and a cancel, a timeout
or a disconnect stops it.
"""

from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa
from pg_mimic import messages as codec

from cirrusql.apps.srv.blocking_worker import BlockingWorker
from cirrusql.apps.srv.client_commands import (
    ALL,
    Begin,
    ClientCommand,
    Copy,
    Declare,
    Discard,
    EndOfBlock,
    Fetch,
    Savepoint,
    SetPg,
    ShowPg,
)
from cirrusql.apps.srv.protocol import bound_parameters, copying, cursors
from cirrusql.apps.srv.protocol.greeting import Client
from cirrusql.apps.srv.protocol.message_stream import Gone, MessageStream, Refusal, violation
from cirrusql.apps.srv.protocol.portals import (
    BlockFailed,
    CursorExists,
    NoSuchPortal,
    NoSuchStatement,
    Portal,
    PortalFormat,
    described,
    encoded,
    row_description,
    show_schema,
    tag,
)
from cirrusql.apps.srv.server_options import ServerOptions
from cirrusql.apps.srv.variables import Variables
from cirrusql.apps.srv.worker import Prepared, Run, is_plain_query
from cirrusql.errors import Error, InternalError, ProgrammingError

_log = logging.getLogger(__name__)

_ENDS = (codec.SYNC, codec.QUERY)  # of a statement: a cancel holds until then
_MOST_STATEMENTS = 10_000
"""Maximum prepared statements and portals per connection."""


@dataclass
class ClientConnection:
    """The state of one client's connection."""

    stream: MessageStream
    client: Client
    options: ServerOptions
    variables: Variables
    blocking: BlockingWorker
    pid: int
    secret: int
    block: bytes = b"I"
    """I: no transaction block; T: in one; E: in one that has failed."""
    is_ending: bool = False
    state: str = "idle"
    _statements: dict[str, Prepared] = field(default_factory=dict)
    _portals: dict[str, Portal] = field(default_factory=dict)
    _skips: bool = False
    """After an error of the extended protocol, until Sync."""
    _told: dict[str, str] = field(default_factory=dict)

    async def serve(self) -> None:
        """Serve the client until it disconnects. Raises Gone or Refusal."""
        self._report()
        self.stream.write(codec.make_backend_key_data(self.pid, self.secret))
        self._ready()
        while True:
            kind, payload = await self._next()
            if kind == codec.TERMINATE:
                return
            self.state = "active"
            await self._dispatch(kind, payload)
            if kind in _ENDS:
                self.state = "idle" if self.block == b"I" else "idle in transaction"

    async def _next(self) -> tuple[bytes, bytes]:
        await self._flush()
        if self.is_ending:
            raise shutdown()
        try:
            async with asyncio.timeout(self.options.idle_timeout or None):
                return await self.stream.message()
        except TimeoutError:
            raise Refusal("57P05", "terminating connection due to idle-session timeout") from None

    async def _flush(self) -> None:
        await self.stream.drain(self.options.write_timeout or None)

    def _ready(self) -> None:
        self.stream.write(codec.make_ready_for_query(self.block))

    def _report(self) -> None:
        for name, value in self.variables.reported().items():
            if self._told.get(name) != value:
                self._told[name] = value
                self.stream.write(codec.make_parameter_status(name, value))

    async def _dispatch(self, kind: bytes, payload: bytes) -> None:
        if kind in _ENDS:
            self._skips = False
            if kind == codec.QUERY:
                await self._guarded(self._simple, payload)
            self.blocking.begin()
            if self.block == b"I":
                await self._drop_portals()
                if not self._portals:
                    self.blocking.release()
            self._ready()
            return
        if kind == codec.FLUSH or kind in (codec.COPY_DATA, codec.COPY_DONE, codec.COPY_FAIL):
            return
        handler = self._handlers.get(kind)
        if handler is None:
            raise violation(f"invalid frontend message type {kind!r}")
        if not self._skips and not await self._guarded(lambda p: handler(self, p), payload):
            self._skips = True

    async def _guarded(self, handle: Callable[[bytes], Awaitable[None]], payload: bytes) -> bool:
        """Whether it succeeded; an error is sent to the client and fails the block."""
        try:
            await handle(payload)
        except (Gone, Refusal):
            raise
        except (ValueError, IndexError, struct.error) as error:
            # Only the codec raises these: statements and values have their own errors.
            raise violation("malformed message") from error
        except Error as error:
            self.stream.fail(error)
        except Exception as error:
            _log.exception("a statement failed with an unexpected error")
            self.stream.fail(InternalError(f"{type(error).__name__}: {error}"))
        else:
            return True
        if self.block == b"T":
            self.block = b"E"
        return False

    def cancel(self, reason: str = "canceling statement due to user request") -> None:
        """Stop the running statement, if any."""
        if self.state == "active":
            self.blocking.stop(reason)

    # The simple protocol.

    async def _simple(self, payload: bytes) -> None:
        pieces = await self.blocking.split(codec.parse_query(payload))
        if not pieces:
            self.stream.write(codec.make_empty_query_response())
        for piece in pieces:
            prepared = await self.blocking.do(self.blocking.worker.prepare, piece.text, ())
            self._check_block(prepared)
            portal = Portal(prepared, {}, ())
            if prepared.command is not None and not isinstance(prepared.command, Copy):
                await self._command(prepared.command, portal, is_simple=True)
                continue
            await self._start(portal)
            if (
                not isinstance(prepared.command, Copy)
                and portal.run
                and portal.run.schema is not None
            ):
                self.stream.write(row_description(portal.run.schema, ()))
            await self._send(portal, 0)

    # The extended protocol.

    async def _parse(self, payload: bytes) -> None:
        said = codec.parse_parse(payload)
        pieces = await self.blocking.split(said.sql)
        if len(pieces) > 1:
            raise ProgrammingError("cannot insert multiple commands into a prepared statement")
        if said.statement_name and said.statement_name in self._statements:
            raise ProgrammingError(f'prepared statement "{said.statement_name}" already exists')
        declared = [oid & 0xFFFFFFFF for oid in said.param_oids]
        if pieces:
            prepared = await self.blocking.do(
                self.blocking.worker.prepare, pieces[0].text, declared
            )
        else:
            prepared = Prepared("")
        if len(self._statements) >= _MOST_STATEMENTS:
            raise ProgrammingError(
                f"more than {_MOST_STATEMENTS} prepared statements", hint="DEALLOCATE ALL"
            )
        self._statements[said.statement_name] = prepared
        self.stream.write(codec.make_parse_complete())

    async def _bind(self, payload: bytes) -> None:
        said = codec.parse_bind(payload)
        prepared = self._statement(said.statement_name)
        if len(said.params) != len(prepared.types):
            raise violation(
                f"bind message supplies {len(said.params)} parameters, "
                f"but the statement requires {len(prepared.types)}"
            )
        given = bound_parameters.values(said.params, said.param_format_codes, prepared.types)
        if len(self._portals) >= _MOST_STATEMENTS:
            raise ProgrammingError(f"more than {_MOST_STATEMENTS} portals", hint="close some")
        self._portals[said.portal_name] = Portal(prepared, given, said.result_format_codes)
        self.stream.write(codec.make_bind_complete())

    async def _describe(self, payload: bytes) -> None:
        said = codec.parse_describe(payload)
        formats: Sequence[int] = ()
        if said.kind == codec.TARGET_STATEMENT:
            prepared = self._statement(said.name)
            told = struct.pack("!H", len(prepared.types))
            told += b"".join(struct.pack("!I", oid) for oid in prepared.types)
            self.stream.write(b"t" + struct.pack("!i", len(told) + 4) + told)
        else:
            portal = self._portal(said.name)
            prepared, formats = portal.prepared, portal.formats
            if is_plain_query(prepared) and self.block != b"E":
                # Execute follows: running it now describes it too.
                if portal.run is None:
                    await self._start(portal)
                self.stream.write(described(portal.told(), formats))
                return
        schema = await self._schema(prepared)
        self.stream.write(described(schema, formats))

    async def _schema(self, prepared: Prepared) -> pa.Schema | None:
        if isinstance(prepared.command, ShowPg):
            return show_schema(prepared.command)
        if isinstance(prepared.command, Fetch):
            prepared = self._portal(prepared.command.name).prepared
        elif isinstance(prepared.command, Copy | Declare):
            return None
        return await self.blocking.do(self.blocking.worker.describe, prepared)

    async def _execute(self, payload: bytes) -> None:
        said = codec.parse_execute(payload)
        portal = self._portal(said.portal_name)
        self._check_block(portal.prepared)
        found = portal.prepared.command
        if found is not None and not isinstance(found, Copy):
            await self._command(found, portal, is_simple=False)
            return
        if not portal.prepared.text:
            self.stream.write(codec.make_empty_query_response())
            return
        await self._send(portal, max(said.max_rows, 0))

    async def _close(self, payload: bytes) -> None:
        said = codec.parse_close(payload)
        if said.kind == codec.TARGET_STATEMENT:
            self._statements.pop(said.name, None)
        else:
            await self._finish(self._portals.pop(said.name, None))
        self.stream.write(codec.make_close_complete())

    _handlers: Mapping[bytes, Callable[[ClientConnection, bytes], Awaitable[None]]] = field(
        default_factory=lambda: {
            codec.PARSE: ClientConnection._parse,
            codec.BIND: ClientConnection._bind,
            codec.DESCRIBE: ClientConnection._describe,
            codec.EXECUTE: ClientConnection._execute,
            codec.CLOSE: ClientConnection._close,
        }
    )

    def _statement(self, name: str) -> Prepared:
        if name not in self._statements:
            raise NoSuchStatement(f'prepared statement "{name}" does not exist')
        return self._statements[name]

    def _portal(self, name: str) -> Portal:
        if name not in self._portals:
            raise NoSuchPortal(f'portal "{name}" does not exist')
        return self._portals[name]

    async def _drop_portals(self, *, with_kept: bool = False) -> None:
        """Portals end with their transaction, except cursors WITH HOLD."""
        for name, portal in tuple(self._portals.items()):
            if with_kept or not portal.is_kept:
                await self._finish(self._portals.pop(name))

    async def _finish(self, portal: Portal | None) -> None:
        if portal is not None and portal.run is not None and not portal.run.is_finished:
            await self.blocking.do(portal.run.finish)

    # Running.

    def _check_block(self, prepared: Prepared) -> None:
        if self.block != b"E" or isinstance(prepared.command, EndOfBlock):
            return
        if isinstance(prepared.command, Savepoint) and prepared.command.is_rollback:
            return
        raise BlockFailed(
            "current transaction is aborted, commands ignored until end of transaction block"
        )

    async def _start(self, portal: Portal) -> None:
        in_block = self.block != b"I"
        portal.run = await self.blocking.do(
            self.blocking.worker.run, portal.prepared, portal.given, in_block
        )

    async def _send(self, portal: Portal, most: int) -> None:
        """Send rows, at most the given number, and the outcome."""
        copy = portal.prepared.command if isinstance(portal.prepared.command, Copy) else None
        if not await self._rows(portal, most, copy):
            self.stream.write(codec.make_portal_suspended())
            return
        run = portal.run
        assert run is not None
        if copy is not None:
            self.stream.write(copying.end(copy, run.rows))
        self.stream.write(codec.make_command_complete(f"COPY {run.rows}" if copy else tag(run)))

    async def _rows(self, portal: Portal, most: int, copy: Copy | None = None) -> bool:
        """Send rows, at most the given number (0: all); returns whether those were the last."""
        if portal.run is None:
            await self._start(portal)
        run = portal.run
        assert run is not None
        schema = portal.told()
        if schema is not None:
            form = PortalFormat.of(portal, schema, copy)
            if copy is not None:
                self.stream.write(copying.begin(schema.names, copy))
            if not await self._stream_rows(run, most, form):
                return False
        if not run.is_finished:
            await self.blocking.do(run.finish)
        self.stream.notify(run.notices)
        run.notices = []
        return True

    async def _stream_rows(self, run: Run, most: int, form: PortalFormat) -> bool:
        left = most
        while True:
            count, buffers, is_done = await self.blocking.do(encoded, run, max(left, 0), form)
            self.stream.write(*buffers)
            await self._flush()
            left -= count
            if is_done:
                return True
            if most and left <= 0:
                return False

    async def _command(self, found: ClientCommand, portal: Portal, *, is_simple: bool) -> None:
        """Run a command that does not involve the session."""
        done = found.tag
        match found:
            case Begin():
                if self.block == b"T":
                    self.stream.notify(["there is already a transaction in progress"], "25001")
                self.block = b"T"
            case EndOfBlock():
                done = "ROLLBACK" if self.block == b"E" else done
                if self.block == b"I":
                    self.stream.notify(["there is no transaction in progress"], "25P01")
                await self._end_block(found)
            case Savepoint():
                await self._savepoint(found, portal.prepared.text)
            case SetPg():
                self.variables.set(found.name, found.value, is_local=found.is_local)
            case Discard(tag="CLOSE CURSOR"):
                await self._close_cursors(found.what)
            case Discard():
                self._discard(found)
            case ShowPg():
                self._show(found, is_simple=is_simple)
            case Declare():
                await self._declare(found, portal)
            case Fetch():
                done = await self._fetch(found, portal.formats, is_simple=is_simple)
        self._report()
        self.stream.write(codec.make_command_complete(done))

    async def _end_block(self, found: EndOfBlock) -> None:
        """The block ends even if its COMMIT fails: then it is rolled back, with an error."""
        is_commit = found.is_commit and self.block != b"E"
        self.block = b"T" if found.is_chained and self.block != b"I" else b"I"
        self.variables.end_block()
        await self._drop_portals()
        try:
            notices = await self.blocking.do(self.blocking.worker.end_block, is_commit)
        except Error:
            self.block = b"I"
            raise
        if notices:
            self.stream.notify(notices)

    async def _savepoint(self, found: Savepoint, text: str) -> None:
        if self.block == b"I":
            raise ProgrammingError(f"{found.tag} can only be used in transaction blocks")
        if found.tag != "RELEASE":
            name = text.rstrip("; \n").split()[-1].strip('"')
            await self.blocking.do(self.blocking.worker.savepoint, name, found.is_rollback)
        if found.is_rollback:
            self.block = b"T"

    def _discard(self, found: Discard) -> None:
        what = found.what.upper()
        if found.tag == "DEALLOCATE":
            name = found.what.removeprefix("PREPARE ").strip()
            is_known = self.blocking.worker.prepared.forget(name)
            if what == "ALL":
                self._statements.clear()
            elif self._statements.pop(name, None) is None and not is_known:
                raise NoSuchStatement(f'prepared statement "{name}" does not exist')
        elif what in ("ALL", "SETTINGS"):
            self.variables.reset_all()
            if what == "ALL":
                self.blocking.worker.prepared.forget(what)
                self._statements.clear()

    async def _declare(self, found: Declare, portal: Portal) -> None:
        if self.block == b"I" and not found.is_kept:
            raise ProgrammingError("DECLARE CURSOR can only be used in transaction blocks")
        if found.name in self._portals:
            raise CursorExists(f'cursor "{found.name}" already exists')
        query = replace(portal.prepared, command=None)
        # Errors of the query are reported now, and leave no cursor.
        await self.blocking.do(self.blocking.worker.describe, query)
        self._portals[found.name] = Portal(
            query,
            portal.given,
            (),
            is_kept=found.is_kept,
            is_scrollable=found.is_scrollable,
        )

    async def _fetch(self, found: Fetch, formats: Sequence[int], *, is_simple: bool) -> str:
        portal = self._portal(found.name)
        portal.formats = formats
        schema = await self.blocking.do(self.blocking.worker.describe, portal.prepared)
        if is_simple and schema is not None and not found.is_move:
            self.stream.write(row_description(schema, ()))
        if portal.run is None:
            await self._start(portal)
        assert portal.run is not None
        if portal.is_scrollable:
            return f"{found.tag} {await self._scroll(found, portal, portal.run)}"
        passed, count = cursors.ahead(portal.run.rows, found.direction, found.count)
        await self.blocking.do(cursors.skip, portal.run, passed)
        if found.is_move:
            return f"MOVE {await self.blocking.do(cursors.skip, portal.run, count)}"
        before = portal.run.rows
        await self._rows(portal, 0 if count == ALL else count)
        return f"FETCH {portal.run.rows - before}"

    async def _scroll(self, found: Fetch, portal: Portal, run: Run) -> int:
        if portal.scroll is None:
            portal.scroll = await self.blocking.do(cursors.scrolled, run)
            self.stream.notify(run.notices)
            run.notices = []
        rows = portal.scroll.fetch(found.direction, found.count)
        schema = portal.told()
        if schema is not None and not found.is_move:
            part = Run(run.schema, run.verb, waiting=rows.to_batches(), is_finished=True)
            await self._stream_rows(part, 0, PortalFormat.of(portal, schema, None))
        return int(rows.num_rows)

    async def _close_cursors(self, name: str) -> None:
        if name.upper() == "ALL":
            await self._drop_portals(with_kept=True)
        else:
            self._portal(name)
            await self._finish(self._portals.pop(name))

    def _show(self, found: ShowPg, *, is_simple: bool) -> None:
        schema = show_schema(found)
        if is_simple:
            self.stream.write(row_description(schema, ()))
        if found.name == "all":
            told = [(n, v, "") for n, v in self.variables.all()]
        else:
            told = [(self.variables[found.name],)]  # type: ignore[list-item]
        for row in told:
            self.stream.write(codec.make_data_row([cell.encode() for cell in row]))


def shutdown() -> Refusal:
    """The message to clients when the server ends."""
    return Refusal("57P01", "terminating connection due to administrator command")
