"""The user pages say all there is to say: every flag, setting and shell command."""

import re
from pathlib import Path

import pytest

from cirrusql.apps.cli import (
    doctor_command,
    exec_command,
    mcp_command,
    sandbox_command,
    search_command,
    srv_command,
)
from cirrusql.apps.cli.main import COMMANDS
from cirrusql.apps.shell.commands import COMMANDS as SHELL_COMMANDS
from cirrusql.settings import SETTING_NAMES, Settings

DOCS = Path(__file__).parents[3] / "docs"
SETTINGS = (DOCS / "settings.md").read_text("utf-8")
PAGES = "\n".join(p.read_text("utf-8") for p in sorted(DOCS.glob("*.md")))
MODULES = (doctor_command, exec_command, mcp_command, sandbox_command, search_command, srv_command)
PROGRAMS = [m.command for m in MODULES]
FLAGS = {flag for c in PROGRAMS for p in c.params for flag in p.opts if flag.startswith("-")}


@pytest.mark.parametrize("flag", sorted(FLAGS))
def test_every_flag_is_in_the_docs(flag: str) -> None:
    assert re.search(rf"`{flag}[` ,]", PAGES)


@pytest.mark.parametrize("name", SETTING_NAMES)
def test_every_setting_is_in_the_docs_with_its_default(name: str) -> None:
    row = re.search(rf"^\| `{name}` \| (.*?) ?\|", SETTINGS, re.M)
    assert row is not None
    default = {n: v for n, v, _, _ in Settings().variables()}[name]
    assert plain(row[1].strip()) == plain(default)


def plain(text: str) -> str:
    """A default as SHOW VARIABLES and as the page print it, in one form."""
    switched = {"on": "true", "off": "false"}.get(text, text)
    duration = re.fullmatch(r"(\d+)(m|s)", switched)
    if duration:
        return f"{int(duration[1]) * (60 if duration[2] == 'm' else 1)}.0"
    return switched


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_docs(name: str) -> None:
    assert f"cirrusql {name}" in PAGES


@pytest.mark.parametrize("name", SHELL_COMMANDS)
def test_every_shell_command_is_in_the_docs(name: str) -> None:
    assert re.search(rf"`{re.escape(name)}[` ,]", PAGES)


@pytest.mark.parametrize("status", ["0", "1", "2", "3", "130"])
def test_every_exit_status_is_in_the_docs(status: str) -> None:
    assert f"\n| {status} | " in PAGES


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda p: p.name)
def test_no_link_between_pages_is_dead(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+\.md)(?:#[^)]*)?\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target
