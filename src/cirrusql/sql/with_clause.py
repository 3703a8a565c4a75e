"""``WITH …`` before a write: where it ends, and that what it names are queries.

What the write itself says is ``write_statements``'.
"""

from __future__ import annotations

from typing import Any

from cirrusql.errors import NotSupportedError, SqlSyntaxError
from cirrusql.sql.scan import Scanner

_WRITES = frozenset({"INSERT", "REPLACE", "UPDATE", "DELETE"})


def with_clause(scanner: Scanner) -> str | None:
    """The text of the WITH that the statement begins with, where a write comes after it;
    passed over then."""
    start = scanner.position
    end = _end(scanner)
    if end is None or scanner.at_position(end).peek_word() not in _WRITES:
        return None
    text = scanner.text[start:end]
    _check(scanner, text)
    scanner.position = end
    return text.strip()


def _end(scanner: Scanner) -> int | None:
    """Where the last of its queries is closed; None where it is not one that can be told so far."""
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
    """SqlSyntaxError where it is not SQL;
    NotSupportedError where one of its parts is a write itself."""
    start = scanner.position
    refuse_writes_within(scanner.check("", start, start + len(text), " SELECT 1"))


def refuse_writes_within(tree: Any) -> None:
    """NotSupportedError where what a WITH names is no query."""
    from sqlglot import exp

    for cte in tree.find_all(exp.CTE):
        if not isinstance(cte.this, exp.Query):
            raise NotSupportedError(
                f"WITH {cte.alias}: a write within WITH is not supported",
                hint="run it as a separate statement, with RETURNING for its result",
            )
