"""Finds the ``WITH …`` before a write, and checks that it defines only queries.

``write_statements`` parses the write itself.
"""

from __future__ import annotations

from typing import Any

from cirrusql.errors import NotSupportedError, SqlSyntaxError
from cirrusql.sql.scan import Scanner

_WRITES = frozenset({"INSERT", "REPLACE", "UPDATE", "DELETE"})


def with_clause(scanner: Scanner) -> str | None:
    """The text of the WITH that the statement starts with, if a write follows; consumes it."""
    start = scanner.position
    end = _end(scanner)
    if end is None or scanner.at_position(end).peek_word() not in _WRITES:
        return None
    text = scanner.text[start:end]
    _check(scanner, text)
    scanner.position = end
    return text.strip()


def _end(scanner: Scanner) -> int | None:
    """The end of its last query; None if it cannot be determined yet."""
    inner = scanner.at_position(scanner.position)
    try:
        inner.word()
        inner.take("RECURSIVE")
        while True:
            inner.name()
            while not inner.take("AS"):
                if inner.at("("):
                    inner.position = inner.closing("(", ")") + 1
                else:
                    # USING KEY (a)
                    inner.word()
            inner.take("NOT")
            inner.take("MATERIALIZED")
            if not inner.at("("):
                return None
            inner.position = inner.closing("(", ")") + 1
            if not inner.at(","):
                return inner.position
            inner.position += 1
    except SqlSyntaxError:
        return None


def _check(scanner: Scanner, text: str) -> None:
    """Raise SqlSyntaxError if it is not SQL, NotSupportedError if a part of it is a write."""
    start = scanner.position
    refuse_writes_within(scanner.check("", start, start + len(text), " SELECT 1"))


def refuse_writes_within(tree: Any) -> None:
    """Raise NotSupportedError if a WITH defines anything but queries."""
    from sqlglot import exp

    for cte in tree.find_all(exp.CTE):
        if not isinstance(cte.this, exp.Query):
            raise NotSupportedError(
                f"WITH {cte.alias}: a write within WITH is not supported",
                hint="run it as a separate statement, with RETURNING for its result",
            )
