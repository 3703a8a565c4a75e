"""The catalog queries of table browsers, each run as its tool runs it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

_ENTRY = re.compile(
    r"-- tool: (?P<tool>.*)\n-- (?P<key>rows|finds): (?P<value>.*)\n(?P<sql>(?:(?!-- tool:).*\n)+)"
)


@dataclass(frozen=True)
class ToolQuery:
    """A query, the tool it comes from, and what its answer must contain."""

    tool: str
    sql: str
    rows: int | None
    finds: str | None

    def check(self, found: list[tuple[Any, ...]]) -> None:
        """Whether an answer is sensible."""
        if self.finds is not None:
            assert self.finds in {str(cell) for row in found for cell in row}
        elif self.rows == 0:
            assert found == []
        else:
            assert len(found) >= (self.rows or 0)


def tool_queries() -> Iterator[ToolQuery]:
    """The queries of the file."""
    text = Path(__file__).with_name("tool_queries.sql").read_text("utf-8")
    for number, entry in enumerate(_ENTRY.finditer(text)):
        value = entry["value"].strip()
        rows = (0 if value == "none" else int(value)) if entry["key"] == "rows" else None
        sql = entry["sql"].strip().rstrip(";")
        yield ToolQuery(
            f"{number} {entry['tool']}", sql, rows, value if entry["key"] == "finds" else None
        )


QUERIES = list(tool_queries())


def test_no_query_of_the_file_is_left_out() -> None:
    text = Path(__file__).with_name("tool_queries.sql").read_text("utf-8")
    assert len(QUERIES) == text.count("\n-- tool: ") - 1
    assert not any("-- " in q.sql for q in QUERIES)


@pytest.mark.parametrize("query", QUERIES, ids=lambda q: q.tool)
def test_a_tools_query_is_answered(connection: psycopg.Connection[Any], query: ToolQuery) -> None:
    query.check(connection.execute(query.sql).fetchall())
