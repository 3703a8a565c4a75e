"""``cirrusql shell``: opens the session for the prompt."""

from __future__ import annotations

import os
from typing import Any

import click

from cirrusql.apps.cli.common_options import common_options, load_settings
from cirrusql.apps.cli.opening import open_session
from cirrusql.apps.cli.progress_line import ProgressLine
from cirrusql.apps.cli.report import error_text, failure_text


@click.command("shell")
@common_options
def command(**given: Any) -> int:
    """Start a prompt. Statements end with a semicolon; \\? lists the backslash commands."""
    settings = load_settings(given)

    from cirrusql.apps.cli.running import write_options
    from cirrusql.apps.shell.shell import Shell

    options = write_options(is_shell=True)
    with open_session(settings, os.environ, options, has_cache=True, interface="shell") as session:
        shell = Shell(
            session,
            error_text=error_text,
            failure_text=failure_text,
            progress=lambda: ProgressLine(session.progress, is_shown=session.settings.progress),
        )
        return shell.run()
