"""From an accepted socket to an authenticated client: TLS, the startup packet, authentication."""

from __future__ import annotations

import logging
import secrets
import ssl
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pg_mimic import messages as codec

from cirrusql.apps.srv.auth.scram import MECHANISM, ScramExchange, ScramFailed
from cirrusql.apps.srv.protocol.message_stream import (
    MOST_PASSWORD,
    Gone,
    MessageStream,
    Refusal,
    violation,
)
from cirrusql.apps.srv.server_options import ServerOptions
from cirrusql.errors import AuditFailed
from cirrusql.execution.audit.access import AccessLog
from cirrusql.loopback import is_loopback

_log = logging.getLogger(__name__)

_MOST_PACKETS = 3
"""GSS, TLS and the startup packet: no client needs more."""
_VERSION = 3


@dataclass(frozen=True)
class Client:
    """An authenticated client. ``parameters``: the startup packet's settings."""

    user: str
    database: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    address: str = ""


Cancel = Callable[[int, int], None]


async def greet(
    stream: MessageStream, options: ServerOptions, access: AccessLog, cancel: Cancel
) -> Client | None:
    """Authenticate the client; None if it only came to cancel. Raises Refusal or Gone."""
    for _ in range(_MOST_PACKETS):
        code, rest = await stream.startup()
        if code == codec.SSL_REQUEST_CODE:
            await _answer_tls(stream, options)
        elif code == codec.GSSENC_REQUEST_CODE:
            await _say(stream, b"N")
        elif code == codec.CANCEL_REQUEST_CODE:
            if len(rest) != 8:
                raise violation("invalid cancel request")
            cancel(*struct.unpack("!ii", rest))
            return None
        else:
            client = _client(stream, code, rest)
            await access.wait(client.address)
            try:
                await _authenticate(stream, options, client)
            except Refusal as refusal:
                await access.refused(client.user, client.address, refusal.message)
                raise
            try:
                await access.admitted(client.user, client.address)
            except AuditFailed as error:
                raise Refusal(error.sqlstate, error.message) from error
            stream.write(codec.make_authentication_ok())
            return client
    raise violation("too many requests before the startup packet")


async def _say(stream: MessageStream, word: bytes) -> None:
    stream.write(word)
    await stream.drain(None)


async def _answer_tls(stream: MessageStream, options: ServerOptions) -> None:
    if options.tls is None or stream.is_encrypted:
        await _say(stream, b"N")
        return
    if stream.has_unread:
        # Bytes sent before the handshake would be mistaken for encrypted ones.
        raise violation("received unencrypted data after the request for TLS")
    await _say(stream, b"S")
    try:
        await stream.encrypt(options.tls)
    except (ssl.SSLError, OSError) as error:
        _log.info("TLS handshake failed: %s", error)
        raise Gone from error


def _client(stream: MessageStream, code: int, rest: bytes) -> Client:
    major, minor = code >> 16, code & 0xFFFF
    if major != _VERSION:
        raise Refusal(
            "0A000", f"unsupported frontend protocol {major}.{minor}: server supports 3.0"
        )
    try:
        given = codec.parse_startup_message(rest)
    except (ValueError, IndexError) as error:
        raise violation("invalid startup packet layout") from error
    unknown = [name for name in given if name.startswith("_pq_.")]
    if minor or unknown:
        names = b"".join(name.encode() + b"\0" for name in unknown)
        payload = struct.pack("!ii", 0, len(unknown)) + names
        stream.write(b"v" + struct.pack("!i", len(payload) + 4) + payload)
    user = given.pop("user", "")
    if not user:
        raise Refusal("28000", "no PostgreSQL user name specified in startup packet")
    if given.pop("replication", "off").lower() not in ("off", "false", "no", "0"):
        raise Refusal("0A000", "replication is not supported")
    return Client(user, given.pop("database", "") or user, given, stream.address)


async def _authenticate(stream: MessageStream, options: ServerOptions, client: Client) -> None:
    if not stream.is_encrypted and not is_loopback(options.host):
        raise Refusal(
            "28000",
            "connections must use TLS",
            hint="sslmode=require, or better sslmode=verify-full",
        )
    if options.authentication == "scram":
        await _scram(stream, options, client.user)
    elif options.authentication == "cert":
        _check_certificate(stream, options, client.user)


async def _scram(stream: MessageStream, options: ServerOptions, user: str) -> None:
    assert options.users is not None
    exchange = ScramExchange(options.users.secret(user))
    stream.write(codec.make_authentication_sasl([MECHANISM]))
    try:
        mechanism, first = _initial(await _password(stream))
        if mechanism != MECHANISM:
            raise violation("client selected an invalid SASL authentication mechanism")
        stream.write(codec.make_authentication_sasl_continue(exchange.first(first)))
        stream.write(codec.make_authentication_sasl_final(exchange.final(await _password(stream))))
    except ScramFailed as error:
        _log.info("authentication of %r failed: %s", user, error)
        raise Refusal("28P01", f'password authentication failed for user "{user}"') from error


async def _password(stream: MessageStream) -> bytes:
    await stream.drain(None)
    kind, payload = await stream.message(MOST_PASSWORD)
    if kind != codec.PASSWORD:
        raise violation(f"expected a SASL response, got message type {kind!r}")
    return payload


def _initial(payload: bytes) -> tuple[str, bytes]:
    try:
        mechanism, first = codec.parse_sasl_initial_response(payload)
    except (ValueError, struct.error) as error:
        raise violation("malformed SASL response") from error
    return mechanism, first


def _check_certificate(stream: MessageStream, options: ServerOptions, user: str) -> None:
    """The certificate, which the handshake has verified, must be the user's own."""
    names = stream.certificate_names
    known = options.users is None or user in options.users.secrets
    # Every name is compared, so that the time taken reveals nothing.
    fits = [secrets.compare_digest(name.encode(), user.encode()) for name in names]
    if not any(fits) or not known:
        raise Refusal("28000", f'certificate authentication failed for user "{user}"')
