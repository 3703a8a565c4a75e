"""Every fenced block of our pages runs as it is written, or says why not.

A page is one test: its blocks run in order, in one scratch home, against a sandbox that all
pages share. So a page undoes what it does, and relies on nothing that another page did.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from cirrusql.apps.sandbox.sandbox import without_aws
from cirrusql.config_file import load
from tests.apps.endtoend.conftest import Done
from tests.support.fences import PAGES, ROOT, Block, blocks

Runner = Callable[[Block], None]
LANGUAGES = {"sql", "sh", "python", "toml", "json"}


def steady(text: str) -> str:
    """Rows without what differs from run to run: ids, times, and column widths."""
    text = re.sub(r"AKIA\w{16}", "AKIA", text)
    text = re.sub(r"\b(i|vol|sg|eipalloc|subnet|vpc)-[0-9a-f]{8,17}\b", r"\1-id", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "a moment", text)
    return re.sub(r"[ ─]+", " ", text).strip()


def check_rows(block: Block, out: str) -> None:
    """Every statement of an example has rows, or the page says why not."""
    is_empty = re.search(r"^├[─┼]*┤\n└", out, re.M) is not None
    assert is_empty is ("finds nothing" in block.marks), f"{block}: rows\n{out}"


@pytest.fixture
def run(
    in_company: Callable[..., Done], company: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Runner:
    """Runs one block of any language."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}

    def sql(block: Block) -> None:
        done = in_company(block.text, "-o", "table", *block.marks.get("with", "").split())
        assert done.status == int(block.marks.get("exit", "0")), f"{block}: {done.err}"
        check_rows(block, done.out)
        if block.shown is not None:
            assert steady(done.out or done.err) == steady(block.shown), str(block)

    def shell(block: Block) -> None:
        bin_ = Path(sys.executable).parent
        place = {"CIRRUSQL_SANDBOX": "on", "CIRRUSQL_ENDPOINT_URL": company}
        environ = without_aws(os.environ) | place | {"PATH": f"{bin_}:{os.environ['PATH']}"}
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", block.text],
            cwd=tmp_path,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert done.returncode == int(block.marks.get("exit", "0")), f"{block}: {done.stderr}"
        check_rows(block, done.stdout)
        if block.shown is not None:
            assert steady(done.stdout) == steady(block.shown), str(block)

    def python(block: Block) -> None:
        exec(compile(block.text, str(block), "exec"), names)

    def toml(block: Block) -> None:
        tomllib.loads(block.text)
        config = tmp_path / "config.toml"
        config.write_text(block.text, "utf-8")
        load({}, {}, config)

    def json_(block: Block) -> None:
        json.loads(block.text)

    by_language = {"sql": sql, "sh": shell, "python": python, "toml": toml, "json": json_}
    return lambda block: by_language[block.language](block)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_every_block_of_a_page_runs_as_it_is_written(page: Path, run: Runner) -> None:
    for block in blocks(page):
        if block.is_run:
            run(block)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_every_block_has_a_language_that_is_run_or_says_why_not(page: Path) -> None:
    for block in blocks(page):
        assert not block.is_run or block.language in LANGUAGES, f"{block}: {block.language!r}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_a_block_that_another_test_runs_is_run_there(page: Path) -> None:
    for block in blocks(page):
        if (test := block.marks.get("run by")) is not None:
            assert page.name in (ROOT / test).read_text("utf-8"), str(block)


def test_the_first_query_of_the_readme_is_the_demos() -> None:
    demo = (ROOT / "src/cirrusql/apps/sandbox/demo.sql").read_text("utf-8")
    first = next(b for b in blocks(ROOT / "README.md") if b.language == "sql")
    assert demo.split("\n", 1)[1] == first.text
