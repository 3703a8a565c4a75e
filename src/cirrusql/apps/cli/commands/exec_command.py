"""``cirrusql exec``: runs statements, prints their rows, and sets the exit status."""

from __future__ import annotations

import os
from typing import Any

import click

from cirrusql.apps.cli.common_options import common_options, load_settings
from cirrusql.apps.cli.help.completing import output_option
from cirrusql.apps.cli.output import Output
from cirrusql.apps.cli.script import parameters_of, read_script
from cirrusql.apps.cli.stackql_options import renamed
from cirrusql.render import formats

_FORMATS = f"Format of the rows: {', '.join(formats.FORMATS)}."


@click.command("exec", context_settings={"token_normalize_func": renamed})
@click.argument("sql", required=False)
@output_option(_FORMATS)
@click.option("-f", "--file", metavar="FILE", help="Write the rows to this file, all or nothing.")
@click.option("-H", "--no-header", is_flag=True, help="Omit the column headings.")
@click.option(
    "-i", "--input", "input_", metavar="FILE", help="Read statements from a file; - is stdin."
)
@click.option(
    "--var",
    "variables",
    multiple=True,
    metavar="NAME=TEXT",
    help="Value of $NAME. NAME:=JSON is typed; use NAME=@FILE, NAME=@env:VARIABLE or NAME=- for "
    "secrets.",
)
@click.option(
    "--iqldata",
    metavar="FILE",
    help="Fill in {{ .name }} templates of the statements from a JSON (or Jsonnet) file.",
)
@click.option("--dry-run", is_flag=True, help="Show every write call, but make none.")
@click.option("-y", "--yes", is_flag=True, help="Write without asking.")
@click.option("--strict", is_flag=True, default=None, help="Treat a partial result as an error.")
@click.option("--timing", is_flag=True, help="Print how long each statement took.")
@click.option("--no-progress", is_flag=True, help="Do not show progress on a terminal.")
@common_options
def command(sql: str | None, **given: Any) -> int:
    """Run SQL from the argument, a file or standard input.

    \b
    cirrusql exec "SELECT InstanceId, State.Name FROM aws.ec2.instances WHERE region = '*'"
    cirrusql exec -i audit.sql -o csv > audit.csv
    cirrusql exec "SELECT * FROM aws.iam.users WHERE UserName = $u" --var u=alice
    """
    output = Output(given["format_"], given["file"], has_header=not given["no_header"])
    parameters = parameters_of(
        given["variables"], is_input_free=sql is not None or given["input_"] not in (None, "-")
    )
    settings = load_settings({**given, "progress": False if given["no_progress"] else None})
    script = read_script(sql, given["input_"])
    if given["iqldata"] is not None:
        from cirrusql.apps.cli.template_values import filled_in

        script = filled_in(script, given["iqldata"])

    from cirrusql.apps.cli.opening import open_session
    from cirrusql.apps.cli.running import Runner, write_options

    options = write_options(assume_yes=given["yes"], is_dry_run=given["dry_run"])
    with open_session(settings, os.environ, options, interface="exec") as session:
        runner = Runner(session, output, has_timing=given["timing"], is_verbose=given["verbose"])
        return runner.run(script, parameters)
