"""Pairs of SQL and expected output, as ``.sql`` files hold them.

A case is a comment that is its name, a statement, and a comment of ``-->`` lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Case:
    """One pair of SQL and expected output."""

    name: str
    sql: str
    lines: tuple[str, ...]


def cases(path: Path) -> Iterator[Case]:
    """The pairs of a file, in order."""
    for block in path.read_text("utf-8").split("\n\n"):
        given = [line for line in block.splitlines() if line.strip()]
        names = [line[3:] for line in given if line.startswith("-- ")]
        lines = [line[4:] for line in given if line.startswith("-->")]
        sql = "\n".join(line for line in given if not line.startswith("--")).rstrip(";")
        if sql:
            yield Case(" ".join(names), sql, tuple(lines))
