"""A plain installation, without the extras: a feature that needs one names it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

import cirrusql
from cirrusql.apps.cli.extras import PACKAGES
from cirrusql.apps.sandbox.sandbox import without_aws
from tests.support.fences import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


def installed() -> dict[str, Path]:
    """Everything that can be imported from installed packages, by name."""
    folders = [Path(sysconfig.get_path("purelib")), *map(Path, sys.path)]
    found: dict[str, Path] = {}
    for folder in folders:
        if folder.name == "site-packages" and folder.is_dir():
            for entry in folder.iterdir():
                found.setdefault(entry.name, entry)
    return found


@pytest.fixture
def plain(tmp_path: Path) -> dict[str, str]:
    """The environment of an interpreter that has all packages but those of the extras."""
    absent = {name for names in PACKAGES.values() for name in names}
    site = tmp_path / "site-packages"
    site.mkdir()
    for name, path in installed().items():
        if name.removesuffix(".py") not in absent and not name.endswith(".pth"):
            (site / name).symlink_to(path)
    source = Path(cirrusql.__file__).parents[1]
    return without_aws(os.environ) | {"PYTHONPATH": f"{source}{os.pathsep}{site}"}


@pytest.mark.parametrize(
    ("extra", "arguments"),
    [
        ("pg", ["srv", "--port", "0"]),
        ("mcp", ["mcp"]),
        ("mcp", ["mcp", "--http", "--port", "0"]),
        ("sandbox", ["sandbox", "--port", "0"]),
        ("sandbox", ["exec", "--sandbox", "SELECT UserName FROM aws.iam.users"]),
    ],
)
def test_a_command_without_its_extra_names_the_extra(
    plain: dict[str, str], extra: str, arguments: list[str]
) -> None:
    done = subprocess.run(
        # -S: without the packages of this interpreter.
        [sys.executable, "-S", "-m", "cirrusql", *arguments],
        env=plain,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    error, hint = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert error.startswith("error: ")
    assert PACKAGES[extra][0] in error
    assert hint == f"hint: pip install 'cirrusql[{extra}]'"


def test_a_plain_installation_runs_statements(plain: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-m", "cirrusql", "exec", "-H", "-o", "csv", "SELECT 1"],
        env=plain,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "1", "")


def test_all_means_every_extra_for_users() -> None:
    (all_,) = EXTRAS["all"]
    assert set(all_.removeprefix("cirrusql[").removesuffix("]").split(",")) == (
        set(EXTRAS) - {"all", "dev"}
    )


def test_the_readme_names_every_extra_for_users() -> None:
    table = (ROOT / "README.md").read_text("utf-8").split("| extra |")[1].split("\n\n")[0]
    assert all(f"`{extra}`" in table for extra in set(EXTRAS) - {"dev"})


def test_every_extra_that_a_command_asks_for_is_one() -> None:
    assert set(PACKAGES) <= set(EXTRAS)
