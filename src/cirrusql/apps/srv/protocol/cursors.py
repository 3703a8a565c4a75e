"""Cursor positions, and the rows that FETCH and MOVE refer to, as PostgreSQL counts.

A SCROLL cursor stores its rows and moves in both directions; any other streams its rows, and only
moves forward. ``client_connection`` sends the rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from cirrusql.apps.srv.client_commands import ALL, Direction
from cirrusql.apps.srv.worker import Run
from cirrusql.errors import ProgrammingError


class ForwardOnly(ProgrammingError, sqlstate="55000"):
    """A cursor without SCROLL cannot move backwards."""


@dataclass
class Scroll:
    """The rows of a SCROLL cursor. ``position``: 0 before the first row, one more than their number
    after the last."""

    rows: pa.Table
    position: int = 0

    def fetch(self, direction: Direction, count: int) -> pa.Table:
        """The rows, in the order in which they are passed."""
        last = self.rows.num_rows
        if direction is Direction.FORWARD and count:
            return self._passed(count)
        wanted = self.position + count
        if direction is Direction.ABSOLUTE:
            wanted = count if count >= 0 else last + 1 + count
        self.position = max(0, min(wanted, last + 1))
        is_row = 0 < self.position <= last
        return self.rows.slice(self.position - 1 if is_row else 0, 1 if is_row else 0)

    def _passed(self, count: int) -> pa.Table:
        last, before = self.rows.num_rows, self.position
        self.position = max(0, min(before + count, last + 1))
        if count > 0:
            return self.rows.slice(before, min(count, max(last - before, 0)))
        found = range(min(before - 1, last), max(before + count, 1) - 1, -1)
        return self.rows.take(pa.array([i - 1 for i in found], pa.int64()))


def scrolled(run: Run) -> Scroll:
    """Read all rows of a statement for a SCROLL cursor. Blocking."""
    run.keep()
    assert run.schema is not None
    rows = pa.Table.from_batches([b.cast(run.schema) for b in run.waiting], run.schema)
    run.waiting = []
    return Scroll(rows)


def ahead(done: int, direction: Direction, count: int) -> tuple[int, int]:
    """For a forward-only cursor that has returned this many rows: how many rows to skip, then how
    many to fetch (ALL: the rest).

    Raises ForwardOnly.
    """
    if direction is Direction.FORWARD and count > 0:
        return 0, count
    steps = count - done if direction is Direction.ABSOLUTE else count
    if direction is not Direction.FORWARD and steps > 0:
        return steps - 1, 1
    raise ForwardOnly(
        "cursor can only scan forward", hint="declare it with SCROLL to go back: DECLARE c SCROLL …"
    )


def skip(run: Run, count: int) -> int:
    """Skip rows, at most the given number (ALL: the rest); returns how many there were.
    Blocking."""
    passed = 0
    while passed < count:
        batch, _ = run.take(0 if count == ALL else count - passed)
        if batch is None:
            break
        passed += batch.num_rows
    return passed
