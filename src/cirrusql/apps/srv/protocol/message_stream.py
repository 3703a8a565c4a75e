"""Messages on a socket: framing, limits, timeouts; not their meaning."""

from __future__ import annotations

import asyncio
import ssl
import struct
from collections.abc import Callable, Iterable

from pg_mimic import messages as codec

from cirrusql.errors import Error

MOST_STARTUP = 10_000
"""Maximum bytes of a startup packet (PostgreSQL's MAX_STARTUP_PACKET_LENGTH)."""
MOST_PASSWORD = 65_536
"""Maximum bytes of a message before authentication."""
MOST_MESSAGE = 64 * 1024 * 1024
"""Maximum bytes of any later message: a statement with all its parameters."""
HIGH_WATER = 1024 * 1024
"""Bytes buffered for a slow client before its rows are paused."""


class Gone(Exception):
    """The client closed the connection, or it broke."""


class Refusal(Exception):
    """Ends a connection: an error of the protocol or its limits, not of a statement."""

    def __init__(self, sqlstate: str, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate
        self.message = message
        self.hint = hint
        self.place: str | None = None


def violation(message: str) -> Refusal:
    """Bytes that violate the protocol."""
    return Refusal("08P01", message)


class Reader(asyncio.StreamReader):
    """Notices a disconnect immediately, even while nobody reads."""

    def __init__(self, *, limit: int, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(limit=limit, loop=loop)
        self.gone = asyncio.Event()

    def feed_eof(self) -> None:
        """The other side has closed."""
        super().feed_eof()
        self.gone.set()

    def set_exception(self, exc: Exception) -> None:
        """The connection broke."""
        super().set_exception(exc)
        self.gone.set()


class MessageStream:
    """One client's socket."""

    def __init__(self, reader: Reader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.on_error: Callable[[str, str], None] | None = None
        """Called with the SQLSTATE and the message of each error that is sent."""
        writer.transport.set_write_buffer_limits(high=HIGH_WATER)

    @property
    def gone(self) -> asyncio.Event:
        """Set when the client has disconnected."""
        return self.reader.gone

    @property
    def is_encrypted(self) -> bool:
        """Whether TLS is in use."""
        return self.writer.get_extra_info("sslcontext") is not None

    @property
    def address(self) -> str:
        """The client's host, without the port."""
        peer = self.writer.get_extra_info("peername")
        return str(peer[0]) if isinstance(peer, tuple) else "local"

    @property
    def has_unread(self) -> bool:
        """Whether unread bytes have arrived."""
        return bool(self.reader._buffer)  # type: ignore[attr-defined]

    @property
    def certificate_names(self) -> tuple[str, ...]:
        """The common names of the client's certificate; empty without one."""
        shown = self.writer.get_extra_info("peercert") or {}
        return tuple(v for part in shown.get("subject", ()) for k, v in part if k == "commonName")

    async def encrypt(self, context: ssl.SSLContext) -> None:
        """Do the server's side of a TLS handshake. Raises SSLError or OSError."""
        await self.writer.start_tls(context, ssl_handshake_timeout=10)
        self.writer.transport.set_write_buffer_limits(high=HIGH_WATER)

    async def startup(self) -> tuple[int, bytes]:
        """The code and the rest of an untagged packet: startup, TLS request or cancel."""
        length, code = struct.unpack("!ii", await self._exactly(8))
        if not 8 <= length <= MOST_STARTUP:
            raise violation("invalid length of startup packet")
        return code, await self._exactly(length - 8)

    async def message(self, most: int = MOST_MESSAGE) -> tuple[bytes, bytes]:
        """The next message: its type byte and its contents."""
        head = await self._exactly(5)
        length = struct.unpack_from("!i", head, 1)[0]
        if not 4 <= length <= most + 4:
            raise violation(f"invalid message length: {length}, the maximum is {most + 4}")
        return head[:1], await self._exactly(length - 4)

    async def _exactly(self, count: int) -> bytes:
        try:
            return await self.reader.readexactly(count)
        except (asyncio.IncompleteReadError, OSError) as error:
            raise Gone from error

    def write(self, *parts: bytes | memoryview) -> None:
        """Send bytes without waiting."""
        for part in parts:
            self.writer.write(part)

    async def drain(self, patience: float | None) -> None:
        """Wait until a slow client has caught up. Raises Gone if it does not."""
        try:
            async with asyncio.timeout(patience):
                await self.writer.drain()
        except (OSError, TimeoutError) as error:
            raise Gone from error

    def fail(self, error: Error | Refusal, severity: str = "ERROR") -> None:
        """Send an error."""
        if self.on_error is not None:
            self.on_error(error.sqlstate, error.message)
        self.write(codec.make_error_response(fields(error, severity)))

    def notify(self, notices: Iterable[str], code: str = "01000") -> None:
        """Send warnings."""
        self._notify(notices, "WARNING", code)

    def inform(self, lines: Iterable[str]) -> None:
        """Send a notice during a statement."""
        self._notify(lines, "NOTICE", "00000")

    def _notify(self, notices: Iterable[str], severity: str, code: str) -> None:
        for text in notices:
            told = {"S": severity, "V": severity, "C": code, "M": clean(text)}
            self.write(codec.make_notice_response(told))

    def abort(self) -> None:
        """Close without waiting for pending bytes."""
        self.writer.transport.abort()

    async def close(self) -> None:
        """Send pending bytes, and close; a client that does not read them is cut off."""
        try:
            async with asyncio.timeout(2):
                self.writer.close()
                await self.writer.wait_closed()
        except (OSError, TimeoutError):
            self.abort()


def fields(error: Error | Refusal, severity: str) -> dict[str, str]:
    """An error's fields as a protocol message."""
    told = {"S": severity, "V": severity, "C": error.sqlstate, "M": clean(error.message)}
    if error.place:
        told["D"] = clean(error.place)
    if error.hint:
        told["H"] = clean(error.hint)
    return told


def clean(text: str) -> str:
    """Text without the byte that would end the field."""
    return text.replace("\0", "\\0")
