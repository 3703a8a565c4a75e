"""``cirrusql stack output``: prints the outputs of the last apply."""

from __future__ import annotations

import sys
from typing import Any

import click

from cirrusql.apps.cli.stack.stack_options import FOLDER, format_option, open_stack, stack_options
from cirrusql.errors import UnknownName, nearest


@click.command("output")
@FOLDER
@click.argument("name", metavar="[NAME]", required=False)
@format_option("text", "json")
@stack_options
def command(**given: Any) -> int:
    """Print the outputs of the stack of DIR as the last apply left them, or the one of that NAME.

    \b
    cirrusql stack output net/ topic_arn
    cirrusql stack output net/ -o json
    """
    from cirrusql.stacks.output.plan_json import json_text
    from cirrusql.stacks.output.report_text import output_text

    with open_stack(given) as stack:
        found = stack.state.outputs()
    name = given["name"]
    if name is not None:
        if name not in found:
            near = nearest(name, found)
            raise UnknownName(
                f"there is no output {name}",
                hint=f"did you mean {near[0]}?" if near else "cirrusql stack apply makes outputs",
            )
        found = {name: found[name]}
    if given["format_"] == "json":
        values = {n: {"value": v, "sensitive": hidden} for n, (v, hidden) in found.items()}
        sys.stdout.write(json_text(values if name is None else values[name]["value"]))
        return 0
    for each, (value, hidden) in found.items():
        text = "(secret)" if hidden else output_text(value)
        # One value alone is for a shell: without quotes.
        if name is not None and not hidden and text.startswith("'"):
            text = text[1:-1].replace("''", "'")
        sys.stdout.write(f"{text}\n" if name is not None else f"{each} = {text}\n")
    return 0
