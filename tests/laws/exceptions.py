"""The entries of ``exceptions.toml``: where a law does not hold, and why."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from tests.laws.laws import LAWS, Violation


@dataclass(frozen=True)
class Excepted:
    """Tables that are exempt from a check of a law."""

    law: str
    check: str
    tables: tuple[str, ...]
    reason: str

    def covers(self, violation: Violation) -> bool:
        """Whether a violation is one of these."""
        return (
            violation.law == self.law
            and fnmatchcase(violation.check, self.check)
            and any(fnmatchcase(violation.table, pattern) for pattern in self.tables)
        )


@cache
def exceptions() -> tuple[Excepted, ...]:
    """All exceptions. Raises ValueError naming the entry that is wrong."""
    raw = tomllib.loads(Path(__file__).with_name("exceptions.toml").read_text())
    found = []
    for number, entry in enumerate(raw.get("exception", ()), 1):
        if set(entry) != {"law", "check", "tables", "reason"} or entry["law"] not in LAWS:
            raise ValueError(f"exceptions.toml: entry {number} is not of the form: {entry}")
        found.append(
            Excepted(entry["law"], entry["check"], tuple(entry["tables"]), entry["reason"])
        )
    return tuple(found)


def unexcepted(violations: Iterable[Violation]) -> list[Violation]:
    """The violations that no exception covers."""
    return [v for v in violations if not any(e.covers(v) for e in exceptions())]
