"""``cirrusql stack graph``: prints what a stack's resources need."""

from __future__ import annotations

import sys
from typing import Any

import click

from cirrusql.apps.cli.stack.stack_options import FOLDER, format_option, open_stack, stack_options


@click.command("graph")
@FOLDER
@format_option("mermaid", "dot")
@stack_options
def command(**given: Any) -> int:
    """Print the graph of the resources of DIR: which are made before which.

    \b
    cirrusql stack graph net/ -o dot > net.dot
    """
    from cirrusql.stacks.output.graph_text import dot, mermaid

    with open_stack(given) as stack:
        text = mermaid(stack.graph) if given["format_"] == "mermaid" else dot(stack.graph)
        sys.stdout.write(text)
    return 0
