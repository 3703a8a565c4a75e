"""``cirrusql cookbook``: lists, shows and runs ready-made queries.

``apps.cookbook`` has the queries; running one is the same as ``exec`` with its text.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from cirrusql.apps.cli.common_options import common_options, load_settings
from cirrusql.apps.cli.help.completing import output_option
from cirrusql.apps.cli.opening import open_session
from cirrusql.apps.cli.output import Output
from cirrusql.apps.cli.progress_line import ProgressLine
from cirrusql.apps.cli.running import Runner
from cirrusql.apps.cookbook.questions import THEMES, Question, questions
from cirrusql.errors import UnknownName
from cirrusql.render.display.present import Meter
from cirrusql.session.result import Result, ResultLayout


@click.group("cookbook")
def command() -> None:
    """List and run ready-made queries about an account.

    \b
    cirrusql cookbook list security
    cirrusql cookbook show users-without-mfa
    cirrusql cookbook run users-without-mfa --sandbox
    """


@command.command("list")
@click.argument("theme", required=False, type=click.Choice(THEMES))
@output_option()
def list_(theme: str | None, format_: str | None) -> int:
    """List the questions, or those of a THEME."""
    import pyarrow as pa

    found = [q for q in questions() if theme in (None, q.theme)]
    columns = {
        "theme": [q.theme for q in found],
        "name": [q.name for q in found],
        "question": [q.question for q in found],
    }
    table = pa.table(columns, schema=pa.schema([(name, pa.string()) for name in columns]))
    with Output(format_, None, has_header=True) as output:
        progress = ProgressLine(lambda: "", is_shown=False)
        output.write(
            Result(table.schema, iter(table.to_batches()), layout=ResultLayout.LISTING),
            progress,
            Meter(),
        )
    return 0


@command.command()
@click.argument("name")
def show(name: str) -> int:
    """Print the SQL of a question: a file for exec -i."""
    question = find(name)
    sys.stdout.write(f"-- {question.question}\n{question.sql};\n")
    return 0


@command.command()
@click.argument("name")
@output_option()
@click.option("-f", "--file", metavar="FILE", help="Write the rows to this file, all or nothing.")
@click.option("-H", "--no-header", is_flag=True, help="Omit the column headings.")
@click.option("--strict", is_flag=True, default=None, help="Treat a partial result as an error.")
@click.option("--timing", is_flag=True, help="Print how long it took.")
@click.option("--no-progress", is_flag=True, help="Do not show progress on a terminal.")
@common_options
def run(name: str, **given: Any) -> int:
    """Run a question and print its rows."""
    question = find(name)
    output = Output(given["format_"], given["file"], has_header=not given["no_header"])
    settings = load_settings({**given, "progress": False if given["no_progress"] else None})

    with open_session(settings, os.environ) as session:
        runner = Runner(session, output, has_timing=given["timing"], is_verbose=given["verbose"])
        return runner.run(question.sql, {})


def find(name: str) -> Question:
    """The query of that name. Raises UnknownName with similar names."""
    by_name = {q.name: q for q in questions()}
    if name.lower() not in by_name:
        raise UnknownName(name, by_name, where="the cookbook", hint=_hint(name))
    return by_name[name.lower()]


def _hint(name: str) -> str | None:
    """If no name is similar, suggest queries by a word that they are about."""
    word = name.lower()
    found = [q.name for q in questions() if word in q.name or word in q.question.lower()]
    return f"did you mean {', '.join(found[:3])}?" if found else None
