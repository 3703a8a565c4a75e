"""The server over streamable HTTP: on loopback, with a bearer token, restricted to its
own origin."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn
from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings

from cirrusql.errors import ConfigError
from cirrusql.execution.audit.access import AccessLog

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK = ("127.0.0.1", "::1", "localhost")
PATH = "/mcp"


class Guarded:
    """Requires the token; any other request gets 401 without being read."""

    def __init__(self, app: App, token: str, access: AccessLog) -> None:
        self._app = app
        self._access = access
        self._known: set[str] = set()
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"authorization", b"")
        address = str((scope.get("client") or ("unknown",))[0])
        await self._access.wait(address)
        if secrets.compare_digest(given, self._expected):
            if address not in self._known:
                # Each request carries the token: the first one from an address counts as a login.
                self._known.add(address)
                await self._access.admitted("", address)
            await self._app(scope, receive, send)
            return
        await self._access.refused("", address, "missing or invalid bearer token")
        headers = [
            (b"www-authenticate", b'Bearer realm="cirrusql"'),
            (b"content-type", b"text/plain"),
        ]
        await send({"type": "http.response.start", "status": 401, "headers": headers})
        await send({"type": "http.response.body", "body": b"a bearer token is wanted\n"})


def listening(host: str, port: int) -> socket.socket:
    """A socket on loopback. Raises ConfigError for any other address, or one in use."""
    if host not in LOOPBACK:
        raise ConfigError(
            f"mcp listens on loopback only, not on {host}",
            hint="use 127.0.0.1 behind a proxy that terminates TLS",
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except (OSError, OverflowError) as error:
        made.close()
        raise ConfigError(f"cannot listen on {host}:{port}: {error}", hint="--port") from error
    return made


def guarded_app(server: MCPServer[Any], token: str, port: int, access: AccessLog) -> App:
    """The ASGI application: checks the token, then Host and Origin, then runs MCP."""
    hosts = [f"{h}:{port}" for h in ("127.0.0.1", "localhost", "[::1]")]
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=hosts,
        allowed_origins=[f"http://{h}" for h in hosts],
    )
    app = server.streamable_http_app(streamable_http_path=PATH, transport_security=security)
    return Guarded(app, token, access)


async def serve(
    server: MCPServer[Any],
    token: str,
    bound: socket.socket,
    access: AccessLog,
    say: Callable[[str], None],
) -> None:
    """Serve until SIGINT or SIGTERM."""
    host, port = bound.getsockname()[:2]
    config = uvicorn.Config(
        guarded_app(server, token, port, access),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=5,
    )
    say(f"listening on http://{f'[{host}]' if ':' in host else host}:{port}{PATH}")
    await uvicorn.Server(config).serve(sockets=[bound])
