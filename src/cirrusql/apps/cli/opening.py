"""Opens a session for a command, in a private sandbox if requested.

Rejects contradictory options: a sandbox takes no profile and no remote endpoint.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cirrusql.errors import ConfigError
from cirrusql.execution.audit.session_origin import SessionOrigin
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.loopback import is_loopback
from cirrusql.settings import Settings

if TYPE_CHECKING:
    from cirrusql.apps.sandbox.sandbox import Sandbox
    from cirrusql.session.session import Session


@contextmanager
def open_session(
    settings: Settings,
    environ: Mapping[str, str],
    options: WriteOptions | None = None,
    *,
    has_cache: bool = False,
    interface: str = "",
) -> Iterator[Session]:
    """A session, closed at the end; if ``settings.sandbox``, one that uses a sandbox.

    ``interface``: the command, for the audit log. ``has_cache``: answer identical reads from memory
    for a while, for sessions that last. Raises ConfigError if the options contradict the sandbox or
    it cannot start.
    """
    with place(settings, environ) as (settings, environ):
        from cirrusql.session.session import Session

        session = Session(
            settings,
            environ,
            options=options or WriteOptions(),
            has_cache=has_cache,
            origin=SessionOrigin(interface),
        )
        try:
            yield session
        finally:
            session.close()


@contextmanager
def place(
    settings: Settings, environ: Mapping[str, str]
) -> Iterator[tuple[Settings, Mapping[str, str]]]:
    """The settings and environment for running statements: as given, or of a sandbox
    while it runs."""
    if not settings.sandbox:
        yield settings, environ
        return
    from cirrusql.apps.sandbox.sandbox import in_sandbox, without_aws

    endpoint = running_sandbox(settings)
    if endpoint is not None:
        yield in_sandbox(settings, endpoint), without_aws(environ)
        return
    with company(environ, settings.sandbox_keep) as sandbox:
        yield sandbox.settings(settings), without_aws(environ)


def company(environ: Mapping[str, str], keep: float) -> Sandbox:
    """A sandbox with the company in it: a copy of one that was kept, else a new one.

    ``keep``: for how many seconds the new one is kept for the next command; 0: not at all.
    """
    from cirrusql.apps.sandbox.sandbox import COMPANY, Sandbox, place_of

    text = COMPANY.read_text("utf-8")
    place = place_of(text) if keep else None
    found = Sandbox.kept(place) if place is not None else None
    if found is not None:
        return found
    sandbox = Sandbox(environ=environ)
    try:
        fill(sandbox, text)
        if place is not None:
            sandbox.keep(place, keep)
    except BaseException:
        sandbox.close()
        raise
    return sandbox


def running_sandbox(settings: Settings) -> str | None:
    """The endpoint of a running sandbox to use; None: start one. ConfigError for contradictory
    options."""
    origins = settings.origins
    if settings.profile is not None and origins.get("profile") == "--profile":
        raise ConfigError(
            "--sandbox uses no credentials and cannot be combined with --profile",
            hint="omit one of the two",
        )
    if settings.endpoint_url is None:
        return None
    host = urlsplit(settings.endpoint_url).hostname
    if host and is_loopback(host):
        started_here = origins.get("sandbox") == "--sandbox"
        was_named = origins.get("endpoint_url") == "--endpoint-url"
        return None if started_here and not was_named else settings.endpoint_url
    raise ConfigError(
        f"a sandbox sends nothing beyond this machine, but the endpoint "
        f"({origins.get('endpoint_url', 'endpoint_url')}) is {settings.endpoint_url}",
        hint="omit the endpoint, or use http://127.0.0.1:PORT of a running sandbox",
    )


def fill(sandbox: Sandbox, text: str) -> None:
    """Run a seed file in a sandbox, with settings of its own."""
    from cirrusql.apps.sandbox.sandbox import without_aws
    from cirrusql.apps.sandbox.seed import seed
    from cirrusql.session.session import Session

    session = Session(
        sandbox.settings(Settings(audit="off")),
        without_aws(os.environ),
        options=WriteOptions(assume_yes=True),
    )
    try:
        seed(text, sandbox, lambda sql: session.run(sql, {}))
    finally:
        session.close()
