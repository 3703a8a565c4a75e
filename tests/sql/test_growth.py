"""Parsing takes time in proportion to a statement's length, whatever the text."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from cirrusql.errors import Error, SqlSyntaxError
from cirrusql.sql.parse import parse
from cirrusql.sql.split import parameter_marks, split
from cirrusql.sql.statement_secrets import hidden, holds_secret, literals, names_secret

SHAPES: dict[str, Callable[[int], str]] = {
    "doubled quotes": lambda n: "SELECT '" + "''" * n,
    "short literals": lambda n: "SELECT " + "'a', " * n,
    "rows of a table with a password": lambda n: (
        "INSERT INTO t (password) VALUES " + "('a', 1), " * n
    ),
    "words": lambda n: "SELECT " + "a_very_long_word " * n,
    "one word": lambda n: "x" * 8 * n,
    "aliases": lambda n: "'" + " as " * n,
    "open parentheses": lambda n: "(" * n,
    "escapes": lambda n: "E'" + "\\'" * n,
    "open comments": lambda n: "/*" * n,
    "dollars": lambda n: "$a" * n,
    "dollar quotes": lambda n: "$a$ " * n,
    "blanks after a password": lambda n: "password" + " " * 4 * n,
    "passwords": lambda n: "password " * n,
    "parameters": lambda n: "SELECT " + "$1," * n,
}


def _read(text: str) -> None:
    holds_secret(text)
    names_secret(text)
    hidden(text)
    list(literals(text))
    try:
        parameter_marks(text)
        split(text)
    except Error:
        pass


def _seconds(work: Callable[[], None]) -> float:
    """The least of several runs, in this thread's own time:
    what others do meanwhile does not count."""
    found = []
    for _ in range(5):
        started = time.thread_time()
        work()
        found.append(time.thread_time() - started)
    return min(found)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_text_of_any_shape_is_read_in_linear_time(shape: str) -> None:
    size = 4000
    once, four_times = (_seconds(lambda n=n: _read(SHAPES[shape](n))) for n in (size, 4 * size))  # type: ignore[misc]
    # Linear is 4 and a square 16; what lies between leaves room for a noisy machine.
    assert four_times <= 8 * once + 0.005, f"{size}: {once:.4f} s, {4 * size}: {four_times:.4f} s"


def test_a_mistake_at_the_end_of_many_rows_is_told_in_linear_time() -> None:
    def work(rows: int) -> None:
        values = "'sesame', " * rows
        with pytest.raises(SqlSyntaxError):
            parse(
                f"SELECT 1 AS password FROM aws.iam.users WHERE UserName IN ({values}'sesame' oops"
            )

    few, many = _seconds(lambda: work(250)), _seconds(lambda: work(1000))
    assert many <= 8 * few, f"250 rows: {few:.3f} s, 1,000 rows: {many:.3f} s"
