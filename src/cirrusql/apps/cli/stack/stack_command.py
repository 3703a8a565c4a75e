"""``cirrusql stack``: the group of the commands for desired state. Each is in ``stack_NAME.py``."""

from __future__ import annotations

import click

from cirrusql.apps.cli.stack import (
    stack_accept,
    stack_apply,
    stack_drift,
    stack_graph,
    stack_outputs,
    stack_plan,
    stack_recover,
    stack_test,
)


@click.group("stack")
def command() -> None:
    """Plan and apply desired state: a folder of .sql files with RESOURCE statements.

    \b
    cirrusql stack plan net/
    cirrusql stack apply net/ --yes
    cirrusql stack destroy net/

    Exit status: 0 done; 1 a call, test or policy failed; 2 the files are wrong or it may not be
    applied; 3 something could not be read; 10 changes are pending (plan --exit-code), or rows are
    left for another apply.
    """


for found in (
    stack_plan.command,
    stack_apply.command,
    stack_apply.destroy,
    stack_drift.command,
    stack_accept.command,
    stack_test.command,
    stack_outputs.command,
    stack_graph.command,
    stack_recover.command,
):
    command.add_command(found)
