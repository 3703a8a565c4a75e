"""Undoes an apply that failed: what it created is deleted, what it changed is set back, in reverse
order. What cannot be undone is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cirrusql.stacks.applying.write_statements import OwnerTags, WriteStatement, delete, update
from cirrusql.stacks.evaluation.literals import sql_value
from cirrusql.stacks.planning.differences import live_value
from cirrusql.stacks.planning.plan import Action, CellChange, RowChange
from cirrusql.stacks.planning.row_shape import RowShape
from cirrusql.stacks.state.store import State, StateRow

Write = Callable[[WriteStatement, Sequence[RowChange], str, int], Sequence[Any]]


@dataclass
class Undo:
    """What an apply has done so far, and the rows of the state as they were before it."""

    state: State
    owner: OwnerTags
    write: Write
    before: dict[str, StateRow] = field(init=False)
    once: set[str] = field(init=False)
    _steps: list[tuple[RowShape, RowChange, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.before = self.state.rows()
        self.once = set(self.state.once())

    def created(self, shape: RowShape, change: RowChange) -> None:
        """A row was created."""
        self._steps.append((shape, change, "create"))

    def updated(self, shape: RowShape, change: RowChange) -> None:
        """A row was changed, perhaps in part."""
        self._steps.append((shape, change, "update"))

    def deleted(self, shape: RowShape, change: RowChange) -> None:
        """A row was deleted."""
        self._steps.append((shape, change, "delete"))

    def run(self) -> list[str]:
        """Undo everything; what could not be undone, for the user."""
        left = []
        touched = set()
        for shape, change, what in reversed(self._steps):
            error = self._step(shape, change, what)
            if error:
                left.append(f"{change.address}: {error}")
                touched.add(change.address)
        rows = self.state.rows()
        with self.state.transaction():
            for address, row in self.before.items():
                if address not in touched and rows.get(address) != row:
                    self.state.put(row)
            for address, row in rows.items():
                is_known = address in self.before or address in touched
                if not is_known and row.status == "applied":
                    self.state.remove(address)
        for name in self.state.once().keys() - self.once:
            self.state.forget_once(name)
        return left

    def _step(self, shape: RowShape, change: RowChange, what: str) -> str:
        if what == "delete":
            return "it was deleted, and that cannot be undone"
        if what == "create":
            gone = replace(change, action=Action.DELETE)
            (outcome,) = self.write(delete(shape, gone), [gone], "undo create", 1)
            if outcome.status != "done":
                return f"it was created and could not be deleted: {outcome.error}"
            self.state.remove(change.address)
            return ""
        secret = [c.column for c in change.cells if c.is_secret]
        if secret:
            return f"{', '.join(secret)} cannot be set back, since the old value cannot be read"
        (outcome,) = self.write(
            update(shape, _reversed(change), self.owner), [change], "undo update", 1
        )
        if outcome.status != "done":
            return f"it was changed and could not be set back: {outcome.error}"
        return ""


def _reversed(change: RowChange) -> RowChange:
    """The change that sets the values of a row back to those read before."""
    assert change.desired is not None
    assert change.live is not None
    cells = []
    changes = []
    for changed in change.cells:
        cell = change.desired.cell(changed.column)
        if cell is None:
            continue
        value = live_value(cell, change.live)
        raw = value if cell.tag or cell.is_tags else change.live.get(cell.column)
        cells.append(replace(cell, value=value, sql=sql_value(raw)))
        changes.append(CellChange(changed.column, changed.after, value))
    return replace(change, desired=replace(change.desired, cells=tuple(cells)), cells=changes)
