"""``cirrusql stack accept``: the edit of the files that keeps what was changed outside."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cirrusql.apps.cli.report import say
from cirrusql.apps.cli.stack.plan_output import planned
from cirrusql.apps.cli.stack.stack_options import (
    ADDRESSES,
    FAILED,
    FOLDER,
    open_stack,
    plan_options,
    stack_options,
)

if TYPE_CHECKING:
    from cirrusql.stacks.language.accepting import FileEdit


@click.command("accept")
@FOLDER
@ADDRESSES
@click.option("--write", is_flag=True, help="Edit the files; otherwise the edit is printed.")
@stack_options
def command(**given: Any) -> int:
    """Print the edit of the files of DIR by which values that were changed outside are kept.

    \b
    cirrusql stack accept net/ bucket
    cirrusql stack accept net/ bucket --write

    Exit status 1 if a value cannot be edited, because the file computes it.
    """
    from cirrusql.stacks.language.accepting import diff_of, edited

    with open_stack(given) as stack:
        plan = planned(stack, plan_options(given))
        accepted = [(d, stack.acceptance(d, plan)) for d in plan.drift]
    status = 0
    by_file: dict[str, list[FileEdit]] = {}
    for drift, edit in accepted:
        if edit is not None:
            by_file.setdefault(edit.place.file, []).append(edit)
            continue
        what = f"{drift.column} is not written for it alone" if drift.column else "the row is gone"
        say(f"{drift.address}: {what}: edit {drift.resource} yourself")
        status = FAILED
    for file, edits in by_file.items():
        if given["write"]:
            path = Path(given["folder"]) / file
            path.write_text(edited(edits), "utf-8")
            for edit in edits:
                sys.stdout.write(f"{edit.place}: {edit.old} → {edit.new}\n")
        else:
            sys.stdout.write(diff_of(edits))
    if not accepted:
        sys.stdout.write("no drift\n")
    return status
