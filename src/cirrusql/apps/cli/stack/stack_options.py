"""The options and arguments that the subcommands of ``cirrusql stack`` share, and the stack that
they open."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cirrusql.apps.cli.common_options import common_options, load_settings
from cirrusql.apps.cli.opening import open_session
from cirrusql.apps.cli.script import parameters_of
from cirrusql.execution.writes.write_options import WriteOptions

if TYPE_CHECKING:
    from cirrusql.stacks.planning.planner import StackOptions
    from cirrusql.stacks.stack import Stack

F = TypeVar("F", bound=Callable[..., Any])

FAILED = 1
REFUSED = 2
PARTIAL = 3
PENDING = 10
"""The exit status if changes are pending and that was asked for, or waves are left."""

FOLDER = click.argument("folder", metavar="[DIR]", default=".")
ADDRESSES = click.argument("addresses", metavar="[ADDRESS]...", nargs=-1)

_SHARED = (
    click.option(
        "-e", "--env", "environment", metavar="NAME", default="",
        help="Environment: parameters from env/NAME.toml, and a state of its own.",
    ),
    click.option(
        "--var", "variables", multiple=True, metavar="NAME=TEXT",
        help="Value of a PARAM. NAME:=JSON is typed; use NAME=@FILE, NAME=@env:VARIABLE or NAME=- "
        "for secrets.",
    ),
    click.option("--no-progress", is_flag=True, help="Do not show progress on a terminal."),
)  # fmt: skip
_PLANNING = (
    click.option(
        "--replace", "replaces", multiple=True, metavar="ADDRESS",
        help="Allow that this row is replaced although it keeps data.",
    ),
    click.option(
        "--renew", "renews", multiple=True, metavar="ADDRESS",
        help="Draw the once() values of this row or resource anew.",
    ),
    click.option("--full", is_flag=True, help="Show every row and every value whole."),
)  # fmt: skip


def stack_options(function: F) -> F:
    """Add the options of all subcommands that open a stack."""
    for option in reversed(_SHARED):
        function = option(function)
    return common_options(function)


def planning_options(function: F) -> F:
    """Add the options of subcommands that plan."""
    for option in reversed(_PLANNING):
        function = option(function)
    return stack_options(function)


def format_option(*names: str) -> Callable[[Any], Any]:
    """The option ``-o`` with these formats, the first as default."""
    return click.option(
        "-o", "--output", "format_", type=click.Choice(names), default=names[0],
        help=f"Format: {', '.join(names)}.",
    )  # fmt: skip


@contextmanager
def open_stack(
    given: Mapping[str, Any], planned_values: Mapping[str, object] | None = None
) -> Iterator[Stack]:
    """The stack of a command line, in a session of its own; closed at the end.

    ``planned_values``: parameters of a plan file.
    """
    from cirrusql.stacks.stack import Stack

    values = {**(planned_values or {}), **parameters_of(given["variables"])}
    settings = load_settings({**given, "progress": False if given.get("no_progress") else None})
    # A read that fails in one place must not end the plan: its rows are unreadable.
    settings = replace(settings, on_error="continue")
    options = WriteOptions(assume_yes=True)
    with (
        open_session(settings, os.environ, options, interface="stack") as session,
        Stack(Path(given["folder"]), session, given["environment"], values) as stack,
    ):
        yield stack


def plan_options(given: Mapping[str, Any], *, is_destroy: bool = False) -> StackOptions:
    """What a plan is asked for."""
    from cirrusql.stacks.planning.planner import StackOptions

    return StackOptions(
        frozenset(given.get("replaces", ())),
        frozenset(given.get("renews", ())),
        frozenset(given.get("addresses", ())),
        is_destroy,
    )
