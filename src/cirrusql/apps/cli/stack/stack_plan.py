"""``cirrusql stack plan``: shows what applying a stack would do."""

from __future__ import annotations

from typing import Any

import click

from cirrusql.apps.cli.stack.plan_output import plan_status, planned, say_remarks, write_plan
from cirrusql.apps.cli.stack.stack_options import ADDRESSES, FOLDER, open_stack, planning_options


@click.command("plan")
@FOLDER
@ADDRESSES
@click.option("--exit-code", is_flag=True, help="Exit with 10 if changes are pending.")
@planning_options
def command(**given: Any) -> int:
    """Show what differs between the files of DIR and what is live. Nothing is changed.

    \b
    cirrusql stack plan net/ -e prod
    cirrusql stack plan net/ topic "subs['a@acme.io']"
    """
    with open_stack(given) as stack:
        plan = planned(stack, given)
        write_plan(plan, given)
        say_remarks(plan)
        return plan_status(plan, tells_pending=given["exit_code"])
