"""``make demo``, as in the README: the introduction, the query, its rows, what to try next."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from cirrusql.apps.sandbox.sandbox import without_aws
from tests.docs.test_help import parsed
from tests.support.fences import ROOT

DEMO = (ROOT / "src/cirrusql/apps/sandbox/demo.sql").read_text("utf-8")


def test_the_demo_says_what_it_does_and_what_to_try_next() -> None:
    done = subprocess.run(
        # -o: what is installed is not installed again.
        [
            "make",
            "--no-print-directory",
            "-o",
            ".venv/.done",
            "demo",
            f"BIN={Path(sys.executable).parent}",
        ],
        cwd=ROOT,
        env=without_aws(os.environ),
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    about, query, answer = done.stdout.partition(DEMO)
    assert "no credentials" in about
    assert query
    assert re.findall(r"│ AKIA\w{16} │", answer)
    following = answer.split("next:\n")[1].strip().splitlines()
    assert len(following) == 3
    for line in following:
        program, *rest = shlex.split(line)
        assert Path(program).name == "cirrusql"
        assert parsed(shlex.join(["cirrusql", *rest])).command.name


def install(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What `make setup` runs; nothing is downloaded."""
    return subprocess.run(
        [sys.executable, ROOT / "tools" / "install.py", "--no-index", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_an_installation_that_fails_shows_what_pip_said() -> None:
    done = install("no-such-package-of-ours")
    assert done.returncode == 1
    assert "No matching distribution found for no-such-package-of-ours" in done.stderr


def test_an_installation_says_when_it_is_done() -> None:
    done = install("--dry-run", "click")
    assert done.returncode == 0
    assert re.fullmatch(r"  installed in \d+ s\n", done.stderr)


def test_the_picture_of_the_shell_is_whole_without_a_network() -> None:
    picture = (ROOT / "docs" / "shell.svg").read_text("utf-8")
    assert set(re.findall(r"https?://[^\s\"']+", picture)) == {"http://www.w3.org/2000/svg"}
