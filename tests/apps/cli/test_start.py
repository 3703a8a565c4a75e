"""What the start of the program loads, and what it must not."""

import subprocess
import sys

import pytest

HEAVY = ("duckdb", "pyarrow", "botocore", "aiohttp", "sqlglot", "moto", "prompt_toolkit", "rich")


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["nosuch"]])
def test_saying_what_it_is_loads_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom cirrusql.apps.cli.main import run\n"
        f"run({arguments!r})\n"
        f"print('loaded', sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("loaded []\n")


def test_version_is_one_line() -> None:
    command = [sys.executable, "-m", "cirrusql", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "cirrusql 0.1.0\n"
