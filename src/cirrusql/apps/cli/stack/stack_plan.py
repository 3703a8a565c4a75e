"""``cirrusql stack plan``: shows what applying a stack would do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cirrusql.apps.cli.stack.plan_output import plan_status, planned, say_remarks, write_plan
from cirrusql.apps.cli.stack.stack_options import (
    ADDRESSES,
    FOLDER,
    format_option,
    open_stack,
    plan_options,
    planning_options,
)


@click.command("plan")
@FOLDER
@ADDRESSES
@click.option("--exit-code", is_flag=True, help="Exit with 10 if changes are pending.")
@click.option(
    "--out", metavar="FILE", help="Write the plan to a file: apply FILE makes exactly its changes."
)
@format_option("text", "json", "markdown")
@planning_options
def command(**given: Any) -> int:
    """Show what differs between the files of DIR and what is live. Nothing is changed.

    \b
    cirrusql stack plan net/ -e prod
    cirrusql stack plan net/ topic "subs['a@acme.io']"
    cirrusql stack plan net/ --out net.plan
    cirrusql stack plan net/ -o markdown > comment.md
    """
    with open_stack(given) as stack:
        plan = planned(stack, plan_options(given))
        if given["format_"] != "text" or given["out"]:
            stack.add_calls(plan)
        write_plan(plan, given)
        if given["out"]:
            from cirrusql.stacks.plan_file import write_plan_file

            write_plan_file(stack, plan, Path(given["out"]), plan_options(given))
        say_remarks(plan)
        return plan_status(plan, tells_pending=given["exit_code"])
