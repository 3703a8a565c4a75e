"""What ``--help`` shows: its command lines are ones that would run,
and every option is explained."""

from __future__ import annotations

import re
import shlex

import click
import pytest
from click.testing import CliRunner

from cirrusql.apps.cli.main import cirrusql
from tests.docs.test_complete import PROGRAMS
from tests.support.fences import PAGES, ROOT

ALL = [("", cirrusql), *PROGRAMS]
SHOWN = [
    line
    for _, command in ALL
    for line in re.findall(r"^ *(cirrusql .+)$", command.help or "", re.M)
]


def parsed(line: str) -> click.Context:
    """The context of a command line, nothing run.
    UsageError where an option or command is wrong."""
    arguments = shlex.split(line.split(" > ")[0])[1:]
    command: click.Command = cirrusql
    while isinstance(command, click.Group):
        name = arguments.pop(0)
        found = command.get_command(click.Context(command), name)
        assert found is not None, name
        command = found
    return command.make_context(name, arguments)


@pytest.mark.parametrize("line", SHOWN)
def test_a_command_line_in_the_help_is_one_that_parses(line: str) -> None:
    assert parsed(line).command.name


def test_the_help_shows_command_lines_at_all() -> None:
    assert len(SHOWN) > 5


@pytest.mark.parametrize(("name", "command"), ALL, ids=[name or "cirrusql" for name, _ in ALL])
def test_every_command_and_option_says_what_it_is_for(name: str, command: click.Command) -> None:
    assert command.help
    options = [p for p in command.params if isinstance(p, click.Option)]
    assert all(p.help for p in options), [p.opts for p in options if not p.help]


NAMES = {name for name, _ in PROGRAMS}
TEXTS = [
    *PAGES,
    ROOT / "ARCHITECTURE.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "src").rglob("*.py")),
]


def test_every_command_that_pages_and_docstrings_speak_of_is_one() -> None:
    for file in TEXTS:
        for words in re.findall(r"`cirrusql ([a-z]+(?: [a-z]+)?)", file.read_text("utf-8")):
            first, _, second = words.partition(" ")
            is_group = any(name.startswith(f"{first} ") for name in NAMES)
            assert first in NAMES, f"{file}: cirrusql {words}"
            assert not is_group or not second or words in NAMES, f"{file}: cirrusql {words}"


def test_the_first_example_prints_rows() -> None:
    """As it stands: a sandbox of its own, filled with the company."""
    assert SHOWN[0].startswith("cirrusql exec --sandbox"), SHOWN[0]
    done = CliRunner().invoke(cirrusql, [*shlex.split(SHOWN[0])[1:], "-o", "csv"])
    heading, *rows = done.stdout.splitlines()
    assert (done.exit_code, heading) == (0, "UserName,AccessKeyId"), done.stderr
    assert len({row.split(",")[0] for row in rows}) > 3
    assert all(row.split(",")[1].startswith("AKIA") for row in rows)
