"""Fills a sandbox from an SQL file, in the past and the present.

Owns the only extension of a seed file: a line ``-- clock: N days ago`` (or ``-- clock: now``)
before statements that run as of that time. The given session runs the statements.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from cirrusql.errors import ConfigError, OperationalError
from cirrusql.session.result import Result

_CLOCK = re.compile(r"^--\s*clock:\s*(?:now|(\d+(?:\.\d+)?)\s+days?\s+ago)\s*$", re.I | re.M)
_ANY_CLOCK = re.compile(r"^--\s*clock:.*$", re.I | re.M)


class Clock(Protocol):
    """An object whose clock can be set."""

    def set_clock(self, days_ago: float) -> None:
        """Let everything created from now on be that many days old."""


@dataclass(frozen=True)
class Section:
    """Statements for one point in time."""

    days_ago: float
    sql: str
    line: int
    """Its first line in the file, from 1."""


def sections(text: str) -> Iterator[Section]:
    """A seed file's sections in order; statements before the first clock line run now.

    Raises ConfigError for an invalid clock line.
    """
    for any_line in _ANY_CLOCK.finditer(text):
        if not _CLOCK.match(any_line[0]):
            line = text.count("\n", 0, any_line.start()) + 1
            raise ConfigError(
                f"line {line}: cannot read {any_line[0]!r}",
                hint="use -- clock: 90 days ago, or -- clock: now",
            )
    start, days_ago = 0, 0.0
    for mark in _CLOCK.finditer(text):
        yield Section(days_ago, text[start : mark.start()], text.count("\n", 0, start) + 1)
        start, days_ago = mark.end(), float(mark[1] or 0)
    yield Section(days_ago, text[start:], text.count("\n", 0, start) + 1)


def seed(text: str, clock: Clock, run: Callable[[str], Iterable[Result]]) -> None:
    """Run a seed file. The first failure ends it, with an Error that says where."""
    for section in sections(text):
        clock.set_clock(section.days_ago)
        for result in run(section.sql):
            _drain(result)
    clock.set_clock(0)


def _drain(result: Result) -> None:
    """Read a result to its end; a failed write is an error here."""
    table = result.table()
    if result.failures:
        raise result.failures[0].error
    if not result.exit_status:
        return
    reports = table.to_pylist()
    for row in reports:
        if row.get("error"):
            raise OperationalError(f"{row['operation']} ({row['target']}): {row['error']}")
    raise OperationalError(f"{result.verb} failed")
