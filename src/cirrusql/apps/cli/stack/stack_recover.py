"""``cirrusql stack recover``: rebuilds a lost state from owner tags."""

from __future__ import annotations

import sys
from typing import Any

import click

from cirrusql.apps.cli.stack.stack_options import FOLDER, open_stack, stack_options


@click.command("recover")
@FOLDER
@click.option(
    "--tags", is_flag=True, required=True, help="Find the stack's rows by their owner tags."
)
@stack_options
def command(**given: Any) -> int:
    """Put what owner tags say is the stack of DIR's into its state. Only the state is written.

    \b
    cirrusql stack recover net/ --tags
    cirrusql stack plan net/
    """
    with open_stack(given) as stack:
        found = stack.recover()
    for row in found:
        names = ", ".join(f"{name} = {value}" for name, value in row.id.items())
        sys.stdout.write(f"{row.address}  {row.table}  {names}\n")
    count = f"{len(found)} row{'s' if len(found) != 1 else ''}"
    sys.stdout.write(f"{count} recovered\n")
    return 0
