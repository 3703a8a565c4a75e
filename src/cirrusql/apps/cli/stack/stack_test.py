"""``cirrusql stack test``: runs a stack's TEST and POLICY queries over what is live."""

from __future__ import annotations

import sys
from typing import Any

import click

from cirrusql.apps.cli.report import say
from cirrusql.apps.cli.stack.plan_output import planned
from cirrusql.apps.cli.stack.stack_options import (
    FAILED,
    FOLDER,
    PARTIAL,
    format_option,
    open_stack,
    plan_options,
    stack_options,
)


@click.command("test")
@FOLDER
@format_option("text", "json")
@stack_options
def command(**given: Any) -> int:
    """Run the TEST and POLICY queries of DIR over the live rows: rows that they find are errors.

    \b
    cirrusql stack test net/ -e prod
    """
    from cirrusql.stacks.output.check_text import check_lines
    from cirrusql.stacks.output.plan_json import json_text

    with open_stack(given) as stack:
        plan = planned(stack, plan_options(given))
        checks = stack.checks()
    if given["format_"] == "json":
        found = [
            {"name": c.name, "kind": c.kind, "status": c.status, "rows": list(c.rows)}
            for c in checks
        ]
        sys.stdout.write(json_text(found))
    else:
        for line in check_lines(checks):
            sys.stdout.write(f"{line}\n")
    for error in plan.errors:
        say(f"not read: {error}")
    if any(c.status == "fail" for c in checks):
        return FAILED
    return PARTIAL if plan.is_partial or any(c.status == "unknown" for c in checks) else 0
