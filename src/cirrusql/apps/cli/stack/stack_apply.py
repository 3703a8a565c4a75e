"""``cirrusql stack apply`` and ``destroy``: make the changes of a plan."""

from __future__ import annotations

import sys
from pathlib import Path
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
    plan_options,
    planning_options,
)
from cirrusql.errors import ConfigError, ConfirmationRequired, ReadOnlySession

if TYPE_CHECKING:
    from cirrusql.stacks.planning.plan import RowChange, StackPlan
    from cirrusql.stacks.stack import Stack

_YES = click.option("-y", "--yes", is_flag=True, help="Apply without asking.")


_LOCK = click.option(
    "--break-lock", is_flag=True, help="Take the lock of a state from a run that has died."
)


@click.command("apply")
@FOLDER
@ADDRESSES
@_YES
@click.option(
    "--waves", metavar="N", type=click.IntRange(1), default=1,
    help="Continue with rows that are known only after others were applied, up to N rounds.",
)  # fmt: skip
@_LOCK
@click.option(
    "--on-failure", type=click.Choice(["stop", "undo"]), default="stop",
    help="What to do if a call fails: do what does not need it, or undo the whole apply.",
)  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Also undo what was changed outside of the stack.")
@planning_options
def command(**given: Any) -> int:
    """Plan the files of DIR, show the plan, ask, and make its calls.

    DIR may be a file that plan --out wrote: it is applied as it was planned, or refused.

    \b
    cirrusql stack apply net/ -e prod
    cirrusql stack apply net/ --yes --waves 3
    cirrusql stack apply net.plan --yes
    """
    if Path(given["folder"]).is_file():
        return _apply_file(given)
    with open_stack(given) as stack:
        return _apply(stack, given, planned(stack, plan_options(given)))


def _apply_file(given: dict[str, Any]) -> int:
    """Apply a plan file, which was seen when it was planned."""
    from cirrusql.stacks.plan_file import read_plan_file

    if given["addresses"] or given["environment"] or given["replaces"] or given["renews"]:
        raise ConfigError(
            "a plan file says what is applied: no address, --env, --replace or --renew",
            hint="give them to stack plan --out",
        )
    file = read_plan_file(Path(given["folder"]))
    of_file = {**given, "folder": file.folder, "environment": file.environment}
    with open_stack(of_file, planned_values=file.values) as stack:
        file.check_text(stack)
        plan = planned(stack, file.options)
        file.check_plan(stack, plan)
        # What was changed outside is part of the plan that was looked at.
        of_file["overwrite"] = True
        return _apply(stack, of_file, plan)


@click.command("destroy")
@FOLDER
@ADDRESSES
@_YES
@_LOCK
@planning_options
def destroy(**given: Any) -> int:
    """Delete everything that the stack of DIR owns.

    \b
    cirrusql stack destroy net/ -e test
    """
    with open_stack(given) as stack:
        plan = planned(stack, plan_options(given, is_destroy=True))
        return _apply(stack, {**given, "overwrite": True}, plan)


def _apply(stack: Stack, given: dict[str, Any], plan: StackPlan) -> int:
    from cirrusql.stacks.output.report_text import report_lines
    from cirrusql.stacks.stack import refuse, refuse_drift

    write_plan(plan, given)
    say_remarks(plan)
    refuse(plan)
    overwrites = given["overwrite"]
    if not overwrites:
        refuse_drift(plan)
    if plan.is_empty:
        return PARTIAL if plan.is_partial else 0
    if stack.session.settings.read_only:
        raise ReadOnlySession("cannot apply: the session is read-only")
    if not given["yes"]:
        _ask(plan)
    stack.breaks_lock = given["break_lock"]
    stack.undoes = given.get("on_failure") == "undo"
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
