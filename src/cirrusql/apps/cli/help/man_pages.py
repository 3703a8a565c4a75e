"""Generates manual pages from the commands' help: ``cirrusql(1)`` and one per subcommand.

``python -m cirrusql.apps.cli.help.man_pages DIR`` writes them; ``setup.py`` does so for each wheel.
Imports only click and what the commands import, so that a build needs no other dependency.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from cirrusql.apps.cli.main import cirrusql
from cirrusql.version import __version__


def man_pages() -> Iterator[tuple[str, str]]:
    """File names and contents. A group's subcommands are sections of its page."""
    context = click.Context(cirrusql, info_name="cirrusql")
    names = cirrusql.list_commands(context)
    yield "cirrusql.1", _page("cirrusql", cirrusql, [f"cirrusql-{name}" for name in names])
    for name in names:
        command = cirrusql.get_command(context, name)
        assert command is not None
        yield f"cirrusql-{name}.1", _page(f"cirrusql {name}", command, ["cirrusql"])


def write(folder: Path) -> list[Path]:
    """Write the pages into a folder, which is created if needed."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in man_pages():
        (folder / name).write_text(text, "utf-8")
        written.append(folder / name)
    return written


def _page(name: str, command: click.Command, others: list[str]) -> str:
    title = name.replace(" ", "-")
    first, _, _ = _help(command).partition("\n")
    lines = [
        f'.TH "{title.upper()}" "1" "" "CirruSQL {__version__}" "CirruSQL Manual"',
        ".SH NAME",
        rf"{_plain(title)} \- {_plain(first.rstrip('.'))}",
        ".SH SYNOPSIS",
        _usage(name, command),
        ".SH DESCRIPTION",
        *_description(command),
        *_options(command, ".SH OPTIONS"),
    ]
    if isinstance(command, click.Group):
        lines.append(".SH COMMANDS")
        context = click.Context(command, info_name=name)
        for sub in command.list_commands(context):
            found = command.get_command(context, sub)
            assert found is not None
            if command is cirrusql:
                lines += [".TP", _bold(f"cirrusql {sub}"), _plain(_help(found).split("\n")[0])]
            else:
                lines += [f".SS {_plain(f'{name} {sub}')}", _usage(f"{name} {sub}", found), ".PP"]
                lines += [*_description(found), *_options(found, ".PP\nOptions:")]
    lines += [".SH SEE ALSO", ", ".join(rf"\fB{_plain(other)}\fR(1)" for other in others)]
    return "\n".join(lines) + "\n"


def _help(command: click.Command) -> str:
    return inspect.cleandoc(command.help or "")


def _usage(name: str, command: click.Command) -> str:
    pieces = command.collect_usage_pieces(click.Context(command, info_name=name))
    return f"{_bold(name)} {_plain(' '.join(pieces))}"


def _description(command: click.Command) -> list[str]:
    """Paragraphs are filled; those after click's mark ``\\b`` keep their line breaks."""
    lines: list[str] = []
    for paragraph in re.split(r"\n\s*\n", _help(command)):
        if paragraph.startswith("\b\n"):
            lines += [".PP", ".nf", *map(_plain, paragraph.split("\n")[1:]), ".fi"]
        else:
            lines += [".PP", _plain(" ".join(paragraph.split()))]
    return lines


def _options(command: click.Command, heading: str) -> list[str]:
    context = click.Context(command)
    records = [
        record for p in command.get_params(context) if (record := p.get_help_record(context))
    ]
    if not records:
        return []
    lines = [heading]
    for flags, text in records:
        lines += [".TP", _bold(flags), _plain(" ".join(text.split()))]
    return lines


def _bold(text: str) -> str:
    return rf"\fB{_plain(text)}\fR"


def _plain(text: str) -> str:
    """Escape text for roff."""
    text = text.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{text}" if text.startswith((".", "'")) else text


if __name__ == "__main__":
    write(Path(sys.argv[1]))
