"""The user pages say all there is to say: every command, flag, setting, statement, error and
system table; and no link between pages is dead.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

from cirrusql import errors
from cirrusql.apps.cli.main import COMMANDS
from cirrusql.apps.shell.backslash_commands import COMMANDS as SHELL_COMMANDS
from cirrusql.session.introspection.system_tables import CATALOG_TABLES, SESSION_TABLES
from cirrusql.settings import SETTING_NAMES, Settings
from tests.support.fences import PAGES as FILES
from tests.support.fences import ROOT

DOCS = ROOT / "docs"
SETTINGS = (DOCS / "settings.md").read_text("utf-8")
ERRORS = (DOCS / "errors.md").read_text("utf-8")
INDEX = (DOCS / "index.md").read_text("utf-8")
ROOMS = sorted((ROOT / "src" / "cirrusql").glob("*/README.md"))
PAGES = "\n".join(p.read_text("utf-8") for p in sorted(DOCS.glob("*.md")))


def programs(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """A command and all that is below it, by what one types."""
    yield name, command
    for below, found in getattr(command, "commands", {}).items():
        yield from programs(f"{name} {below}", found)


PROGRAMS = [
    each
    for name, (module, _) in COMMANDS.items()
    for each in programs(name, import_module(module).command)
]
FLAGS = {flag for _, c in PROGRAMS for p in c.params for flag in p.opts if flag.startswith("-")}
RAISED = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.Error) and kind not in (errors.Error, errors.DatabaseError)
]
STATEMENTS = """SELECT, INSERT, UPDATE, REPLACE, DELETE, EXEC, EXPLAIN, DESCRIBE, SET, RESET, BEGIN, COMMIT,
ROLLBACK, COPY, CREATE VIEW, CREATE TABLE, CREATE MATERIALIZED VIEW, REFRESH MATERIALIZED VIEW,
EXPLAIN ANALYZE, EXPLAIN (POLICY), EXPLAIN (FORMAT, DESCRIBE EXTENDED, DESCRIBE METHOD, SHOW EXTENDED,
SHOW PROVIDERS,
SHOW SERVICES, SHOW RESOURCES, SHOW METHODS, SHOW PARENTS, SHOW INSERT, SHOW CREATE, SHOW TABLES,
SHOW CONNECTIONS, SHOW REGIONS, SHOW VARIABLES, /*+ FRESH */, /*+ AWAIT, information_schema"""  # noqa: E501


@pytest.mark.parametrize("flag", sorted(FLAGS))
def test_every_flag_is_in_the_docs(flag: str) -> None:
    assert re.search(rf"`{flag}[` ,=]", PAGES)


@pytest.mark.parametrize("statement", re.split(r",\s+", STATEMENTS))
def test_every_statement_is_in_the_docs(statement: str) -> None:
    assert statement in PAGES


@pytest.mark.parametrize("kind", RAISED, ids=lambda k: k.__name__)
def test_every_error_is_in_the_docs_with_its_code_cause_and_cure(kind: type[errors.Error]) -> None:
    row = rf"^\| `{kind.__name__}` \| {kind.sqlstate} \| {kind.exit_status} \| [^|]+ \| [^|]*\|$"
    assert re.search(row, ERRORS, re.M)


def test_no_error_is_in_the_docs_that_there_is_not() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", ERRORS, re.M)) == {k.__name__ for k in RAISED}


@pytest.mark.parametrize("name", [*CATALOG_TABLES, *SESSION_TABLES])
def test_every_system_table_is_in_the_docs(name: str) -> None:
    assert f"cirrusql.{name}" in PAGES


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


@pytest.mark.parametrize("name", [name for name, _ in PROGRAMS])
def test_every_command_is_in_the_docs(name: str) -> None:
    first, _, below = name.partition(" ")
    assert f"cirrusql {name}" in PAGES or (below and re.search(rf"`{first} {below}[` ]", PAGES))


@pytest.mark.parametrize("name", SHELL_COMMANDS)
def test_every_shell_command_is_in_the_docs(name: str) -> None:
    assert re.search(rf"`{re.escape(name)}[` ,]", PAGES)


@pytest.mark.parametrize("status", ["0", "1", "2", "3", "130"])
def test_every_exit_status_is_in_the_docs(status: str) -> None:
    assert f"\n| {status} | " in PAGES


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda p: p.name)
def test_every_page_is_in_the_index(page: Path) -> None:
    assert page == DOCS / "index.md" or f"({page.name})" in INDEX


def anchors(page: Path) -> set[str]:
    """What a link may name of a page, as GitHub makes it of headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


@pytest.mark.parametrize("page", [*FILES, *ROOMS], ids=str)
def test_no_link_between_pages_is_dead(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", page.read_text("utf-8")):
        file = page.parent / target if target else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), f"{target}#{anchor}"


# What ARCHITECTURE.md and the rooms' own pages call a file, below src/cirrusql or the root.
NAMED = [
    name
    for page in (ROOT / "ARCHITECTURE.md", *ROOMS)
    for name in re.findall(r"`((?:\w+/)+\w+\.(?:py|toml|sql|md))`", page.read_text("utf-8"))
]


@pytest.mark.parametrize("file", sorted(set(NAMED)))
def test_every_file_that_the_architecture_names_is_there(file: str) -> None:
    assert (ROOT / "src" / "cirrusql" / file).exists() or (ROOT / file).exists()


@pytest.mark.parametrize("page", ROOMS, ids=lambda page: page.parent.name)
def test_every_file_that_a_room_s_page_names_without_its_folder_is_there(page: Path) -> None:
    files = [*page.parent.rglob("*"), *page.parent.parent.glob("*.py")]
    there = {file.name for file in files if file.is_file()}
    assert set(re.findall(r"`(\w+\.(?:py|toml|sql|zip))`", page.read_text("utf-8"))) <= there


@pytest.mark.parametrize("page", ROOMS, ids=lambda page: page.parent.name)
def test_a_room_s_page_names_the_rooms_in_it(page: Path) -> None:
    there = {folder.parent.name for folder in page.parent.glob("*/__init__.py")}
    assert set(re.findall(r"^\| `(\w+)/` \|", page.read_text("utf-8"), re.M)) == there
