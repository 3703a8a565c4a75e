"""Shell completion of option values for bash, zsh and fish."""

from __future__ import annotations

import click

from cirrusql.render import formats


def format_names(_context: click.Context, _option: click.Parameter, begun: str) -> list[str]:
    """The output formats that start with what is typed."""
    return [name for name in formats.FORMATS if name.startswith(begun.lower())]
