"""How long a statement may be, and how deeply nested.

Owns both limits and their errors. That what reads a statement takes time in proportion to its
length is everybody's own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from cirrusql.errors import SqlSyntaxError, StatementTooLong

_FRAMES = 8000
"""Python calls within calls: 300 pairs of parentheses.
Twice as many still fit a thread's 8 MB of stack."""


@contextmanager
def nesting() -> Iterator[None]:
    """Room for what is nested as people and programs nest it; SqlSyntaxError for more.

    Python's own limit of 1,000 calls, which holds for the whole process, is raised and not lowered
    again: another thread may stand deeper by then.
    """
    if sys.getrecursionlimit() < _FRAMES:
        sys.setrecursionlimit(_FRAMES)
    try:
        yield
    except RecursionError:
        hint = "use a list (IN, VALUES), a join or a CTE instead"
        raise SqlSyntaxError("the statement is nested too deeply", hint=hint) from None


def check_length(text: str, most: int) -> None:
    """StatementTooLong where a statement has more bytes than ``most``."""
    if len(text) <= most // 4:
        return
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > most:
        raise StatementTooLong(
            f"the statement has {size:,} bytes; max_statement is {most:,}",
            hint="put long lists into a table and join it, or raise max_statement in the config "
            "file",
        )
