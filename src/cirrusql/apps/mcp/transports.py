"""Runs the server from start to end, over either transport."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mcp.server.mcpserver import MCPServer

from cirrusql.apps.mcp.client_sessions import ClientSessions
from cirrusql.apps.mcp.http_server import listening, serve
from cirrusql.apps.mcp.mcp_server import mcp_server
from cirrusql.apps.mcp.tools import Tools
from cirrusql.execution.audit.access import AccessLog
from cirrusql.execution.audit.audit import open_audit
from cirrusql.session.session import Session
from cirrusql.settings import Settings


@dataclass(frozen=True)
class HttpOptions:
    """Where to listen, and what a client must present."""

    host: str
    port: int
    token: str


def run(
    open_session: Callable[[], Session],
    settings: Settings,
    *,
    allows_writes: bool,
    max_rows: int | None,
    max_bytes: int,
    http: HttpOptions | None,
    say: Callable[[str], None],
) -> None:
    """Serve until the client disconnects (stdio) or a signal arrives (http). Raises ConfigError at
    the start."""

    @contextmanager
    def open_tools() -> Iterator[Tools]:
        with open_session() as session:
            yield Tools(
                session, allows_writes=allows_writes, max_rows=max_rows, max_bytes=max_bytes
            )

    access = AccessLog(open_audit(settings.audit, settings.audit_size), "mcp", "token")
    server, sessions = mcp_server(open_tools, allows_writes=allows_writes)
    asyncio.run(_run(server, sessions, http, access, say))


async def _run(
    server: MCPServer[Any],
    sessions: ClientSessions,
    http: HttpOptions | None,
    access: AccessLog,
    say: Callable[[str], None],
) -> None:
    try:
        if http is None:
            await server.run_stdio_async()
        else:
            await serve(server, http.token, listening(http.host, http.port), access, say)
    finally:
        sessions.close()
