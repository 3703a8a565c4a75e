"""Expressions mean what PostgreSQL means, or are refused, or the documentation says otherwise."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import psycopg

from tests.apps.srv.expressions import Expression, answered, compared, expressions

DOCS = Path(__file__).parents[3] / "docs/postgresql.md"


def test_each_expression_compares_as_recorded(connection: psycopg.Connection[Any]) -> None:
    wrong = []
    for each in expressions():
        ours = answered(connection, each.sql)
        if (found := compared(each.answer, ours)) != each.compared:
            wrong.append((each.sql, f"PostgreSQL: {each.answer}", f"ours: {ours}", found))
    assert wrong == []


def test_what_differs_is_documented() -> None:
    told = " ".join(DOCS.read_text("utf-8").split())
    unsaid: list[Expression] = [
        each
        for each in expressions()
        if each.compared == "differs" and not (each.documented and each.documented in told)
    ]
    assert unsaid == []


def test_most_are_equal() -> None:
    counts = Counter(each.compared for each in expressions())
    assert counts.total() >= 360
    assert counts["equal"] / counts.total() > 0.75
