"""Filling a sandbox from a file of SQL, in the past and the present.

Owns the one thing that a seed file has beyond the language: a line
``-- clock: N days ago`` (or ``-- clock: now``) before statements that are to be run as if
it were then. Leaves the statements to the session that it is given.
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
    """What can be told when now is."""

    def set_clock(self, days_ago: float) -> None:
        """Let everything that is made from now on be made that many days ago."""


@dataclass(frozen=True)
class Section:
    """Statements of one point in time."""

    days_ago: float
    sql: str
    line: int
    """Where it begins in the file, from 1."""


def sections(text: str) -> Iterator[Section]:
    """A seed file's sections in order; what stands before the first clock line is now.

    Raises ConfigError for a clock line that cannot be read.
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
    """Run a seed file. The first thing that fails ends it, as an Error that says where."""
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
