"""Questions with their SQL and its rows, shown first on a page.

Owns the format and the tables that a question is about. The caller decides where the SQL runs:
``Run`` returns the rows as a Markdown table.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from cirrusql.apps.docs.prose import quoted

Run = Callable[[str], "Rows | None"]
"""Runs a statement. Returns None if it fails."""

_TABLE = re.compile(r"\baws\.(\w+)\.(\w+)", re.IGNORECASE)
_MOST_ROWS = 6


@dataclass(frozen=True)
class Rows:
    """The rows of a statement: ``lines`` of a Markdown table, including its heading."""

    lines: tuple[str, ...]

    @property
    def count(self) -> int:
        return max(len(self.lines) - 2, 0)


@dataclass(frozen=True)
class Asked:
    """A question in words, and the statement that answers it."""

    question: str
    sql: str


def by_table(questions: Iterable[Asked]) -> Mapping[str, list[Asked]]:
    """The questions about each table (``service.resource``), those about few tables first."""
    found: dict[str, list[tuple[int, Asked]]] = defaultdict(list)
    for asked in questions:
        names = {f"{service}.{name}".lower() for service, name in _TABLE.findall(asked.sql)}
        for name in names:
            found[name].append((len(names), asked))
    return {
        name: [asked for _, asked in sorted(those, key=lambda pair: pair[0])]
        for name, those in found.items()
    }


def answer_text(asked: Asked, run: Run | None) -> str:
    """The question, its SQL and its rows, as Markdown."""
    text = f"**{quoted(asked.question)}**\n\n```sql\n{asked.sql.strip().rstrip(';')};\n```\n"
    rows = run(asked.sql) if run is not None else None
    return text + (f"\n{rows_text(rows)}" if rows is not None and rows.count else "")


def rows_text(rows: Rows) -> str:
    """The first rows of a result, and the number of further ones."""
    shown = "\n".join(rows.lines[: _MOST_ROWS + 2]) + "\n"
    more = rows.count - _MOST_ROWS
    if more <= 0:
        return shown
    return f"{shown}\n{more} more row{'' if more == 1 else 's'}.\n"
