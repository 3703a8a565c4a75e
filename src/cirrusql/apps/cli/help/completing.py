"""The option ``-o``, and what bash, zsh and fish complete it with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from cirrusql.render import formats


def format_names(_context: click.Context, _option: click.Parameter, begun: str) -> list[str]:
    """The output formats that start with what is typed."""
    return [name for name in formats.FORMATS if name.startswith(begun.lower())]


def output_option(help_: str = "Format of the rows, as in exec.") -> Callable[[Any], Any]:
    """The option ``-o FORMAT`` of a command, as its argument ``format_``."""
    return click.option(
        "-o", "--output", "format_", metavar="FORMAT", help=help_, shell_complete=format_names
    )
