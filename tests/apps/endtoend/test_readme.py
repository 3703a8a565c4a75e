"""What the README shows is what comes out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.apps.endtoend.conftest import Done

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text("utf-8")
SHOWN = re.findall(r"```sql\n(.*?)```\n\n```text\n(.*?)```", README, re.S)
STATEMENTS = re.findall(r"```sql\n(.*?)```", README, re.S)


def steady(text: str) -> str:
    """A table without what differs from run to run: ids, moments, and the widths they need."""
    text = re.sub(r"AKIA\w{16}", "AKIA", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "a moment", text)
    return re.sub(r"[ ─]+", " ", text).strip()


@pytest.mark.parametrize(("sql", "shown"), SHOWN, ids=range(len(SHOWN)))
def test_each_query_prints_what_is_shown_below_it(
    in_company: Callable[..., Done], sql: str, shown: str
) -> None:
    done = in_company(sql, "-o", "table")
    assert done.status == 0, done.err
    assert steady(done.out) == steady(shown)


def test_the_first_query_is_the_demos() -> None:
    demo = (ROOT / "src/cirrusql/apps/sandbox/demo.sql").read_text("utf-8")
    assert demo.split("\n", 1)[1] == SHOWN[0][0]


@pytest.mark.parametrize("sql", STATEMENTS[-1:])
def test_the_update_is_shown_by_a_dry_run(in_company: Callable[..., Done], sql: str) -> None:
    done = in_company(sql, "--dry-run")
    assert done.status == 0, done.err
    assert [row["operation"] for row in done.rows] == ["iam:UpdateAccessKey"] * 2
