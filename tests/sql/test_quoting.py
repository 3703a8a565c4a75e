"""Quoted names and texts round-trip."""

from __future__ import annotations

import pytest

from cirrusql.engine.database import Database
from cirrusql.sql.quoting import literal, quoted


@pytest.mark.parametrize("text", ["a", "it's", 'say "x"', "", "two\nlines", "sel;ect -- 'x'"])
def test_the_engine_reads_what_was_quoted(text: str) -> None:
    database = Database()
    try:
        name = quoted(text or "empty")
        assert database.rows(f"SELECT {literal(text)}, {name} FROM (SELECT 1 AS {name})") == [
            (text, 1)
        ]
    finally:
        database.close()
