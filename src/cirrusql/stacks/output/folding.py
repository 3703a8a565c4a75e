"""Groups the rows of a plan that change alike, so that a hundred of them are shown as one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cirrusql.stacks.evaluation.literals import canonical
from cirrusql.stacks.output.value_text import secret_text, unknown_text, value_text
from cirrusql.stacks.planning.plan import Action, CellChange, RowChange

_ALWAYS_WHOLE = (Action.CREATE, Action.REPLACE)


@dataclass(frozen=True)
class FoldedRows:
    """Rows of one resource with the same change; the first stands for all."""

    rows: tuple[RowChange, ...]

    @property
    def first(self) -> RowChange:
        """The row that is shown."""
        return self.rows[0]

    def after(self, number: int) -> str:
        """The new value of the first row's cell of that number; how many there are if others
        differ."""
        cell = self.first.cells[number]
        if cell.unknown:
            return unknown_text(cell.unknown)
        if cell.is_secret:
            return secret_text(cell.after)
        different = {canonical(r.cells[number].after) for r in self.rows}
        text = value_text(cell.after)
        return text if len(different) == 1 else f"{text} … {len(different)} values"


def folded(changes: Iterable[RowChange], *, is_full: bool = False) -> list[FoldedRows]:
    """The changes, those alike and next to each other as one. ``is_full``: each for itself."""
    groups: list[list[RowChange]] = []
    last = ""
    for change in changes:
        kind = _kind(change)
        if groups and kind == last and not is_full:
            groups[-1].append(change)
        else:
            groups.append([change])
        last = kind
    return [FoldedRows(tuple(rows)) for rows in groups]


def _kind(change: RowChange) -> str:
    """Equal for changes that may be folded."""
    cells = [_cell_kind(change, cell) for cell in change.cells]
    facts = [change.resource, str(change.action), change.table, change.reason, change.refused]
    moved = change.previous_address.partition("[")[0]
    return canonical([*facts, moved, list(change.notes), *cells])


def _cell_kind(change: RowChange, cell: CellChange) -> list[object]:
    kind: list[object] = [cell.column, list(cell.unknown), cell.is_drift, cell.forces]
    if change.action not in _ALWAYS_WHOLE:
        kind += [cell.before, cell.after]
    return kind


def counts(changes: Sequence[RowChange], deferred: int) -> str:
    """``2 to change, 3 to create, 1 moved``; empty if there is nothing."""
    words = {
        Action.UPDATE: "to change",
        Action.CREATE: "to create",
        Action.REPLACE: "to replace",
        Action.DELETE: "to delete",
        Action.FORGET: "to forget",
        Action.MOVE: "moved",
        Action.IMPORT: "to import",
        Action.UNREADABLE: "not readable",
    }
    parts = []
    for action, word in words.items():
        if count := sum(c.action is action for c in changes):
            parts.append(f"{count} {word}")
    if deferred:
        parts.append(f"{deferred} deferred")
    return ", ".join(parts)
