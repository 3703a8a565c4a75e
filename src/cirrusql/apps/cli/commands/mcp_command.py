"""``cirrusql mcp``: the options of the MCP server."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

import click

from cirrusql.apps.cli.common_options import common_options, load_settings
from cirrusql.apps.cli.extras import require
from cirrusql.apps.cli.opening import place
from cirrusql.apps.cli.report import say, say_notice
from cirrusql.apps.cli.secret_files import readable_by_others
from cirrusql.engine.resource_limits import SharedMemory
from cirrusql.errors import ConfigError
from cirrusql.execution.audit.session_origin import SessionOrigin

TOKEN_VARIABLE = "CIRRUSQL_MCP_TOKEN"  # noqa: S105


@click.command("mcp")
@click.option(
    "--http", is_flag=True, help="Use streamable HTTP instead of standard input and output."
)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Loopback address to listen on."
)
@click.option("--port", default=8765, show_default=True, help="Port to listen on; 0: any free one.")
@click.option(
    "--token-file", metavar="FILE", help=f"File with the bearer token; also {TOKEN_VARIABLE}."
)
@click.option("--allow-writes", is_flag=True, help="Allow previewed writes to run.")
@click.option(
    "--max-rows", type=int, help="Maximum rows per page; by default 200, or up to 5000 on request."
)
@click.option("--max-bytes", default=100_000, show_default=True, help="Maximum bytes per page.")
@common_options
def command(**given: Any) -> int:
    """Serve agents over the Model Context Protocol.

    \b
    cirrusql mcp --profile prod
    cirrusql mcp --http --port 8765
    """
    require("mcp", "cirrusql mcp")
    settings = load_settings(given)

    from cirrusql.apps.mcp.transports import HttpOptions, run
    from cirrusql.execution.reads.read_cache import WriteTimes
    from cirrusql.providers import default_catalog
    from cirrusql.session.session import Session

    http = None
    if given["http"]:
        token = _token(given["token_file"])
        if token is None:
            token = secrets.token_urlsafe(24)
            say(f"clients must send: Authorization: Bearer {token}")
        http = HttpOptions(given["host"], given["port"], token)
    with place(settings, os.environ) as (settings, environ):
        catalog = default_catalog(settings)
        writings, memory = WriteTimes(), SharedMemory(settings.max_memory)

        def open_session() -> Session:
            return Session(
                settings,
                environ,
                catalog=catalog,
                writings=writings,
                memory=memory,
                origin=SessionOrigin("mcp"),
            )

        run(
            open_session,
            settings,
            allows_writes=given["allow_writes"] and not settings.read_only,
            max_rows=given["max_rows"],
            max_bytes=given["max_bytes"],
            http=http,
            say=say,
        )
    return 0


def _token(path: str | None) -> str | None:
    """The token from a file or the environment. ConfigError if it is easy to guess."""
    if path is None:
        token = os.environ.get(TOKEN_VARIABLE)
        return _strong(token, TOKEN_VARIABLE) if token else None
    try:
        token = Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the token file {path}: {error}") from error
    if (warning := readable_by_others(Path(path))) is not None:
        say_notice(warning)
    return _strong(token, path)


_SHORTEST = 16
_FEWEST = 8
"""Minimum number of different characters, which a repeated word does not reach."""


def _strong(token: str, place: str) -> str:
    hint = "python3 -c 'import secrets; print(secrets.token_urlsafe(24))' makes a good one"
    if len(token) < _SHORTEST:
        raise ConfigError(f"the token in {place} is shorter than {_SHORTEST} characters", hint=hint)
    if len(set(token)) < _FEWEST:
        raise ConfigError(
            f"the token in {place} can be guessed: it has fewer than {_FEWEST} different "
            "characters",
            hint=hint,
        )
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigError(
            f"the token in {place} has characters that are not allowed in a header", hint=hint
        )
    return token
