"""The manual pages and the completion of the command line."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cirrusql.apps.cli.help.man_pages import man_pages, write
from cirrusql.apps.cli.main import COMMANDS
from cirrusql.render.formats import FORMATS
from tests.docs.test_complete import PROGRAMS

PAGES = dict(man_pages())


def unescaped(text: str) -> str:
    return re.sub(r"\\f.|\\&", "", text).replace(r"\-", "-").replace(r"\e", "\\")


def test_each_command_has_a_page_and_the_program_names_them_all() -> None:
    assert set(PAGES) == {"cirrusql.1", *(f"cirrusql-{name}.1" for name in COMMANDS)}
    assert all(f"cirrusql-{name}(1)" in unescaped(PAGES["cirrusql.1"]) for name in COMMANDS)


@pytest.mark.parametrize("name", [name for name, _ in PROGRAMS])
def test_a_page_has_every_option_with_what_it_does(name: str) -> None:
    text = unescaped(PAGES[f"cirrusql-{name.split()[0]}.1"])
    for parameter in dict(PROGRAMS)[name].params:
        for flag in parameter.opts:
            if flag.startswith("-"):
                assert flag in text
                assert " ".join(str(parameter.help).split()) in text


def test_man_s_own_formatter_has_nothing_to_object_to(tmp_path: Path) -> None:
    if shutil.which("groff") is None:
        pytest.skip("no groff here")
    pages = write(tmp_path)
    done = subprocess.run(
        ["groff", "-man", "-ww", "-z", *map(str, pages)], capture_output=True, check=True, text=True
    )
    assert done.stderr == ""


def completed(*words: str) -> set[str]:
    """The completions that bash offers for the last word."""
    done = subprocess.run(
        [Path(sys.executable).with_name("cirrusql")],
        env={
            "_CIRRUSQL_COMPLETE": "bash_complete",
            "COMP_WORDS": " ".join(("cirrusql", *words)),
            "COMP_CWORD": str(len(words)),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return {line.partition(",")[2] for line in done.stdout.splitlines()}


def test_output_formats_are_completed() -> None:
    assert completed("exec", "-o", "") == set(FORMATS)
    assert completed("cookbook", "run", "x", "-o", "js") == {"json", "jsonl"}
    assert completed("search", "user", "--output", "par") == {"parquet"}


def test_commands_and_options_are_completed() -> None:
    assert completed("s") == {name for name in COMMANDS if name.startswith("s")}
    assert completed("exec", "--dry") == {"--dry-run"}
