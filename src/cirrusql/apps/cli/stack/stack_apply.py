"""``cirrusql stack apply`` and ``destroy``: make the changes of a plan."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from cirrusql.apps.cli.progress_line import ProgressLine, no_progress
from cirrusql.apps.cli.report import say, say_notice
from cirrusql.apps.cli.stack.plan_output import planned, say_remarks, write_plan
from cirrusql.apps.cli.stack.stack_options import (
    ADDRESSES,
    FAILED,
    FOLDER,
    PARTIAL,
    PENDING,
    open_stack,
    planning_options,
)
from cirrusql.errors import ConfirmationRequired, ReadOnlySession

if TYPE_CHECKING:
    from cirrusql.stacks.planning.plan import RowChange, StackPlan
    from cirrusql.stacks.stack import Stack

_YES = click.option("-y", "--yes", is_flag=True, help="Apply without asking.")


@click.command("apply")
@FOLDER
@ADDRESSES
@_YES
@click.option(
    "--waves", metavar="N", type=click.IntRange(1), default=1,
    help="Continue with rows that are known only after others were applied, up to N rounds.",
)  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Also undo what was changed outside of the stack.")
@planning_options
def command(**given: Any) -> int:
    """Plan the files of DIR, show the plan, ask, and make its calls.

    \b
    cirrusql stack apply net/ -e prod
    cirrusql stack apply net/ --yes --waves 3
    """
    with open_stack(given) as stack:
        return _apply(stack, given)


@click.command("destroy")
@FOLDER
@ADDRESSES
@_YES
@planning_options
def destroy(**given: Any) -> int:
    """Delete everything that the stack of DIR owns.

    \b
    cirrusql stack destroy net/ -e test
    """
    with open_stack(given) as stack:
        return _apply(stack, given, is_destroy=True)


def _apply(stack: Stack, given: dict[str, Any], *, is_destroy: bool = False) -> int:
    from cirrusql.stacks.output.report_text import report_lines
    from cirrusql.stacks.stack import refuse, refuse_drift

    plan = planned(stack, given, is_destroy=is_destroy)
    write_plan(plan, given)
    say_remarks(plan)
    refuse(plan)
    overwrites = is_destroy or given["overwrite"]
    if not overwrites:
        refuse_drift(plan)
    if plan.is_empty:
        return PARTIAL if plan.is_partial else 0
    if stack.session.settings.read_only:
        raise ReadOnlySession("cannot apply: the session is read-only")
    if not given["yes"]:
        _ask(plan)
    doing = _Doing()
    stack.on_row = doing.begin
    with ProgressLine(doing.text, is_shown=stack.session.settings.progress):
        report = stack.apply(plan, given.get("waves", 1), overwrites=overwrites)
    for notice in report.notices:
        say_notice(notice)
    for line in report_lines(report):
        sys.stdout.write(f"{line}\n")
    if report.failed:
        return FAILED
    if report.waves_left:
        return PENDING
    return PARTIAL if plan.is_partial else 0


class _Doing:
    """What an apply is doing, for the progress line."""

    def __init__(self) -> None:
        self.count = 0
        self.address = ""

    def begin(self, change: RowChange) -> None:
        """A row is about to be written."""
        self.count += 1
        self.address = f"{change.action} {change.address}"

    def text(self) -> str:
        """The line."""
        return f"applying, row {self.count}: {self.address}" if self.count else "applying"


def _ask(plan: StackPlan) -> None:
    """Ask on a terminal. Raises ConfirmationRequired without a confirmation."""
    from cirrusql.stacks.output.plan_text import danger, summary

    what = summary(plan)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise ConfirmationRequired(
            f"{what}; nothing was changed", hint="--yes applies without asking"
        )
    with no_progress():
        if lost := danger(plan.changes):
            say(f"careful: {lost}")
        sys.stderr.write(f"apply: {what}? [yes/no] ")
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() not in ("yes", "y"):
            raise ConfirmationRequired("not confirmed: nothing was changed")
