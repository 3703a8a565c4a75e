"""``cirrusql mcp``: the options of the MCP server."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

import click

from cirrusql.apps.cli.options import common_options, load_settings
from cirrusql.errors import ConfigError

TOKEN_VARIABLE = "CIRRUSQL_MCP_TOKEN"  # noqa: S105


@click.command("mcp")
@click.option("--http", is_flag=True, help="Streamable HTTP instead of standard input and output.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Loopback address to listen on.")
@click.option("--port", default=8765, show_default=True, help="Port to listen on; 0: any free one.")
@click.option("--token-file", metavar="FILE", help=f"The bearer token; also {TOKEN_VARIABLE}.")
@click.option("--allow-writes", is_flag=True, help="Let previewed writes run.")
@click.option("--max-rows", type=int, help="Most rows of a page; without it 200, or up to 5000 if asked for.")
@click.option("--max-bytes", default=100_000, show_default=True, help="Bytes of a page.")
@common_options
def command(**given: Any) -> int:
    """Serve agents over the Model Context Protocol.

    \b
    cirrusql mcp --profile prod
    cirrusql mcp --http --port 8765
    """
    settings = load_settings(given)

    from cirrusql.apps.cli.opening import open_session
    from cirrusql.apps.cli.report import say
    from cirrusql.apps.mcp.serving import HttpOptions, run

    http = None
    if given["http"]:
        token = _token(given["token_file"])
        if token is None:
            token = secrets.token_urlsafe(24)
            say(f"clients must send: Authorization: Bearer {token}")
        http = HttpOptions(given["host"], given["port"], token)
    with open_session(settings, os.environ) as session:
        run(
            session,
            allows_writes=given["allow_writes"] and not settings.read_only,
            max_rows=given["max_rows"],
            max_bytes=given["max_bytes"],
            http=http,
            say=say,
        )
    return 0


def _token(path: str | None) -> str | None:
    """The token that the user gave, by file or environment."""
    if path is None:
        return os.environ.get(TOKEN_VARIABLE) or None
    try:
        token = Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the token file {path}: {error}") from error
    if len(token) < 16:
        raise ConfigError(f"the token in {path} is shorter than 16 characters")
    return token
