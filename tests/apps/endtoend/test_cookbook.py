"""``cirrusql cookbook``. The answers are tested in ``tests/apps/cookbook``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cirrusql.apps.cookbook.questions import THEMES, questions
from tests.apps.endtoend.conftest import Cirrusql, Done

NAME = "users-without-mfa"


def test_list_has_every_question(cirrusql: Cirrusql) -> None:
    done = cirrusql("cookbook", "list", "-o", "jsonl")
    assert done.status == 0
    assert [row["name"] for row in done.rows] == [q.name for q in questions()]


@pytest.mark.parametrize("theme", THEMES)
def test_list_of_a_theme_has_its_questions_only(cirrusql: Cirrusql, theme: str) -> None:
    rows = cirrusql("cookbook", "list", theme, "-o", "jsonl").rows
    assert {row["theme"] for row in rows} == {theme}


def test_what_show_prints_is_a_file_for_exec(
    cirrusql: Cirrusql, in_company: Callable[..., Done], tmp_path: Path
) -> None:
    shown = tmp_path / "question.sql"
    shown.write_text(cirrusql("cookbook", "show", NAME).out, "utf-8")
    ran = cirrusql("cookbook", "run", NAME, "-o", "jsonl")
    assert ran.status == 0, ran.err
    assert cirrusql("exec", "-i", str(shown), "-o", "jsonl").rows == ran.rows != []


@pytest.mark.parametrize(
    ("name", "near"), [("user-without-mfa", NAME), ("multi-factor", NAME), ("zyzzyva", "zyzzyva")]
)
def test_an_unknown_question_names_the_nearest(cirrusql: Cirrusql, name: str, near: str) -> None:
    done = cirrusql("cookbook", "show", name)
    assert (done.status, done.out) == (2, "")
    assert near in done.err
