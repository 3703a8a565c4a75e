"""Limits the length and nesting of statements.

Owns both limits and their errors. Everything that reads statements must itself take linear time.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from cirrusql.errors import SqlSyntaxError, StatementTooLong

_FRAMES = 8000
"""Recursion depth: 300 pairs of parentheses. Twice as many still fit a thread's 8 MB stack."""


@contextmanager
def nesting() -> Iterator[None]:
    """Allow the nesting that people and programs use; SqlSyntaxError beyond it.

    Raises Python's recursion limit of 1,000, which applies to the whole process, and does not lower
    it again, because another thread may be deeper by then.
    """
    if sys.getrecursionlimit() < _FRAMES:
        sys.setrecursionlimit(_FRAMES)
    try:
        yield
    except RecursionError:
        hint = "use a list (IN, VALUES), a join or a CTE instead"
        raise SqlSyntaxError("the statement is nested too deeply", hint=hint) from None


def check_length(text: str, most: int) -> None:
    """Raise StatementTooLong if a statement has more than ``most`` bytes."""
    if len(text) <= most // 4:
        return
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > most:
        raise StatementTooLong(
            f"the statement has {size:,} bytes; max_statement is {most:,}",
            hint="put long lists into a table and join it, or raise max_statement in the config "
            "file",
        )
