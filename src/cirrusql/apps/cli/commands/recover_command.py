"""``cirrusql recover``: lists interrupted transactions, and undoes or forgets them.

``execution.transaction.recovery`` determines what became of them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from cirrusql.apps.cli.common_options import common_options, load_settings
from cirrusql.apps.cli.help.completing import output_option
from cirrusql.apps.cli.opening import open_session
from cirrusql.apps.cli.output import Output
from cirrusql.apps.cli.progress_line import ProgressLine
from cirrusql.apps.cli.report import say, say_notice
from cirrusql.errors import ConfirmationRequired, ReadOnlySession
from cirrusql.render.display.present import Meter
from cirrusql.session.result import text_result

if TYPE_CHECKING:
    from cirrusql.execution.transaction.recovery import Recovery

_FORMAT = output_option("Format of the rows.")


@click.group("recover")
def command() -> None:
    """Show, undo or forget interrupted transactions.

    A process that dies during a COMMIT leaves a journal that records its progress.
    """


@command.command("list")
@_FORMAT
def list_command(format_: str | None) -> int:
    """List the transactions that have a journal, oldest first. Makes no calls."""
    from cirrusql.execution.transaction.recovery import LIST_HEADINGS, all_left

    found = all_left()
    _print(LIST_HEADINGS, [t.cells() for t in found], format_)
    for damaged in (t for t in found if t.damage):
        say(f"notice: {damaged.damage}")
    return 0


@command.command("show")
@click.argument("identifier", metavar="ID")
@_FORMAT
@common_options
def show_command(identifier: str, format_: str | None, **given: Any) -> int:
    """Show the outcome of each step; looks up steps that were under way. Writes nothing."""
    from cirrusql.execution.transaction.recovery import SHOW_HEADINGS, shown

    with _recovery(identifier, given, writes=False) as recovery:
        _print(SHOW_HEADINGS, [shown(s) for s in recovery.settle()], format_)
    return 0


@command.command("undo")
@click.argument("identifier", metavar="ID")
@click.option("-y", "--yes", is_flag=True, help="Undo without asking.")
@_FORMAT
@common_options
def undo_command(identifier: str, yes: bool, format_: str | None, **given: Any) -> int:
    """Undo what was done, last step first. Exit status 1 if something is left."""
    from cirrusql.execution.transaction.recovery import SHOW_HEADINGS, shown

    # A format that there is not is an error before anything is undone.
    Output(format_, None, has_header=True)
    with _recovery(identifier, given, writes=True) as recovery:
        steps = recovery.settle()
        todo = [s for s in steps if s.status in ("done", "not undone")]
        if todo and not yes:
            _ask([shown(s) for s in todo])
        is_whole = recovery.undo()
        _print(SHOW_HEADINGS, [shown(s) for s in steps], format_)
        for trouble in recovery.means.executor.troubles():
            say_notice(trouble)
    if not is_whole:
        say(
            f"notice: something is left; `cirrusql recover show {recovery.transaction.id}` shows it"
        )
    return 0 if is_whole else 1


@command.command("forget")
@click.argument("identifier", metavar="ID")
def forget_command(identifier: str) -> int:
    """Remove a journal and leave its changes as they are."""
    from cirrusql.execution.transaction.recovery import find, forget

    transaction = find(identifier)
    forget(transaction)
    say(f"{transaction.id} is forgotten: its changes stay as they are")
    return 0


@contextmanager
def _recovery(identifier: str, given: dict[str, Any], *, writes: bool) -> Iterator[Recovery]:
    from cirrusql.execution.transaction.recovery import Recovery, find

    transaction = find(identifier)
    settings = load_settings(given)
    if settings.read_only and writes:
        raise ReadOnlySession("cannot undo: the session is read-only")
    with open_session(settings, os.environ, interface="recover") as session:
        yield Recovery(transaction, session.transaction.means())


def _ask(rows: Sequence[tuple[str | None, ...]]) -> None:
    """Show what will be undone and ask on a terminal. Raises ConfirmationRequired without a
    confirmation."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise ConfirmationRequired(
            f"{len(rows)} steps would be undone; none was undone",
            hint="run recover show to see them, or use --yes to undo them",
        )
    for row in rows:
        say("  " + "  ".join(cell for cell in row if cell))
    sys.stderr.write(f"undo these {len(rows)} steps? [yes/no] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("yes", "y"):
        raise ConfirmationRequired("not confirmed: nothing was undone")


def _print(
    headings: tuple[str, ...], rows: Sequence[tuple[str | None, ...]], format_: str | None
) -> None:
    with Output(format_, None, has_header=True) as output:
        no_progress = ProgressLine(lambda: "", is_shown=False)
        output.write(text_result(headings, rows, "SHOW"), no_progress, Meter())
    sys.stdout.buffer.flush()
