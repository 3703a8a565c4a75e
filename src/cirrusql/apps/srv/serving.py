"""Runs the server from start to end: its sessions, its messages, signals."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping
from dataclasses import replace

from cirrusql.apps.srv.listener import Listener
from cirrusql.apps.srv.protocol.greeting import Client
from cirrusql.apps.srv.server_options import ServerOptions
from cirrusql.catalog.catalog import Catalog
from cirrusql.engine.resource_limits import SharedMemory
from cirrusql.execution.audit.access import AccessLog
from cirrusql.execution.audit.audit import open_audit
from cirrusql.execution.audit.session_origin import SessionOrigin
from cirrusql.execution.reads.read_cache import WriteTimes
from cirrusql.execution.writes.write_options import SERVER, WriteOptions
from cirrusql.providers import default_catalog
from cirrusql.session.session import Session
from cirrusql.settings import Settings


def serve(
    options: ServerOptions,
    settings: Settings,
    environ: Mapping[str, str],
    say: Callable[[str], None],
) -> None:
    """Serve until SIGINT or SIGTERM. Raises ConfigError before it listens.

    ``say`` gets lines for whoever started the server.
    """
    asyncio.run(_serve(options, settings, environ, say))


async def _serve(
    options: ServerOptions,
    settings: Settings,
    environ: Mapping[str, str],
    say: Callable[[str], None],
) -> None:
    listener = listener_of(options, settings, environ)
    await listener.start()
    if not default_catalog(settings).index().is_kept():
        listener.warm()
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            continue
        loop.add_signal_handler(number, ended.set)
    host, port = listener.address
    say(
        f"listening on {host}:{port}, "
        f"{'reading and writing' if options.allows_writes else 'read-only'}"
    )
    try:
        await ended.wait()
        say("ending")
    finally:
        await listener.stop()


def listener_of(
    options: ServerOptions,
    settings: Settings,
    environ: Mapping[str, str],
    catalog: Catalog | None = None,
) -> Listener:
    """A listener that gives every client a session of its own with these settings."""
    catalog = catalog or default_catalog(settings)
    # The statement timeout is PostgreSQL's here, and enforced by the connection.
    shared = replace(
        settings,
        read_only=not options.allows_writes,
        # A client is not the user who started the server, so that user's privileges are not given
        # by default.
        credentials=False,
        statement_timeout=0.0,
        progress=False,
    ).guarded()

    writings = WriteTimes()
    memory = SharedMemory(settings.max_memory)

    def open_session(client: Client) -> Session:
        return Session(
            shared,
            environ,
            options=WriteOptions(hints=SERVER),
            catalog=catalog,
            user=client.user,
            has_cache=True,
            writings=writings,
            memory=memory,
            origin=SessionOrigin("srv", client.user, client.address),
        )

    audit = open_audit(settings.audit, settings.audit_size, SessionOrigin("srv"))
    access = AccessLog(audit, "srv", options.authentication)
    return Listener(options, open_session, catalog, access, settings.providers)
