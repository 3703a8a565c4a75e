"""``cirrusql stack drift``: shows what was changed outside of a stack since it was applied."""

from __future__ import annotations

import sys
from typing import Any

import click

from cirrusql.apps.cli.report import say
from cirrusql.apps.cli.stack.plan_output import planned
from cirrusql.apps.cli.stack.stack_options import (
    ADDRESSES,
    FOLDER,
    PARTIAL,
    PENDING,
    format_option,
    open_stack,
    plan_options,
    stack_options,
)


@click.command("drift")
@FOLDER
@ADDRESSES
@click.option("--exit-code", is_flag=True, help="Exit with 10 if something was changed.")
@format_option("text", "json")
@stack_options
def command(**given: Any) -> int:
    """Show managed values that were changed outside of the stack of DIR, and rows that are gone.

    \b
    cirrusql stack drift net/ --exit-code
    cirrusql stack drift net/ -e prod -o json
    """
    from cirrusql.stacks.output.drift_text import drift_lines
    from cirrusql.stacks.output.plan_json import drift_json, json_text

    with open_stack(given) as stack:
        plan = planned(stack, plan_options(given))
    if given["format_"] == "json":
        sys.stdout.write(json_text(drift_json(plan.drift)))
    else:
        for line in drift_lines(plan.drift) if plan.drift else ("no drift",):
            sys.stdout.write(f"{line}\n")
    for error in plan.errors:
        say(f"not read: {error}")
    if plan.is_partial:
        return PARTIAL
    return PENDING if plan.drift and given["exit_code"] else 0
