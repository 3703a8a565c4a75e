"""Records what a stack owns: before the call that creates a row, and as the row reads after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cirrusql.stacks.evaluation.literals import canonical, plain
from cirrusql.stacks.evaluation.nodes import Node
from cirrusql.stacks.planning.comparing import echo_equal, is_same
from cirrusql.stacks.planning.differences import digest, live_value
from cirrusql.stacks.planning.plan import Action, Cell, DesiredRow, RowChange
from cirrusql.stacks.planning.row_shape import RowShape
from cirrusql.stacks.state.store import State, StateRow, now


@dataclass
class Recorder:
    """Writes the rows of a stack into its state. ``notices``: what the user should know."""

    state: State
    hash_key: str
    notices: list[str]

    def record(
        self,
        node: Node,
        shape: RowShape,
        row: DesiredRow,
        live: Mapping[str, Any],
        change: RowChange,
    ) -> None:
        """Put a row as it is now into the state."""
        known = self.state.rows().get(change.address)
        desired: dict[str, Any] = {}
        echo: dict[str, Any] = {}
        secrets: dict[str, str] = {}
        pending = {c.column for c in change.cells} if change.action is Action.IMPORT else set()
        for cell in row.cells:
            if cell.unknown or cell.name in pending:
                continue
            if cell.is_secret or not cell.is_readable:
                secrets[cell.name] = digest(self.hash_key, cell.value)
                continue
            desired[cell.name] = cell.value
            if cell.column in live:
                value = live_value(cell, live)
                echo[cell.name] = value
                self._note_echo(change, cell, value)
        self.state.put(
            StateRow(
                change.address, node.address, shape.table.id, row.key,
                change.id or (known.id if known is not None else {}),
                change.place or (known.place if known is not None else {}),
                desired, echo, secrets, node.needs, node.resource.on_delete, "applied",
                now(), now(), known.position if known is not None else 0,
            )
        )  # fmt: skip

    def _note_echo(self, change: RowChange, cell: Cell, value: Any) -> None:
        is_tags = cell.is_tags and not cell.tag
        if cell.value is not None and not is_same(cell.value, value, is_tags=is_tags):
            self.notices.append(
                f"{change.address}: {cell.name} was sent as {cell.value!r} and reads {value!r}"
            )

    def keep(self, node: Node, change: RowChange) -> None:
        """Record that a row is as desired, without a call."""
        row, known = change.desired, self.state.rows().get(change.address)
        if row is None or known is None or change.live is None:
            return
        desired = {c.name: c.value for c in row.cells if c.is_readable and not c.is_secret}
        echo = {
            c.name: live_value(c, change.live)
            for c in row.cells
            if c.name in desired and c.column in change.live
        }
        is_same_row = canonical(desired) == canonical(dict(known.desired)) and all(
            echo_equal(known.echo.get(n), v) for n, v in echo.items()
        )
        settled = replace(
            known, id=change.id or known.id, place=change.place or known.place,
            desired=desired, echo=echo, on_delete=node.resource.on_delete,
            depends=node.needs, status="applied", seen_at=now(),
        )  # fmt: skip
        is_as_before = (
            is_same_row
            and known.on_delete == node.resource.on_delete
            and tuple(known.depends) == tuple(node.needs)
            and known.status == "applied"
        )
        if not is_as_before:
            self.state.put(settled)

    def begin_creating(self, node: Node, shape: RowShape, change: RowChange) -> None:
        """Put a row into the state before the call is made that creates it."""
        row = change.desired
        assert row is not None
        values = {c.column: c.value for c in row.cells}
        id_ = {
            column: values.get(column, values.get(shape.same_as_name.get(column, "")))
            for column in shape.identity
        }
        self.state.put(
            StateRow(
                change.address, node.address, shape.table.id, row.key,
                id_ if all(v is not None for v in id_.values()) else {},
                row.place, self._names(shape, values), {}, {}, node.needs,
                node.resource.on_delete, "creating", now(), "",
            )
        )  # fmt: skip

    def set_aside(self, address: str) -> str:
        """Keep a row under another address while its replacement is made, so that it is deleted
        even if this run does not come to it; returns that address."""
        old = f"{address}#replaced"
        known = self.state.rows().get(address)
        if known is not None:
            self.state.put(replace(known, address=old, position=0))
        return old

    def put_back(self, address: str) -> None:
        """Undo ``set_aside`` if the replacement was not made."""
        rows = self.state.rows()
        old = rows.get(f"{address}#replaced")
        if old is not None and address not in rows:
            self.state.remove(old.address)
            self.state.put(replace(old, address=address))

    def settle(self) -> None:
        """End the journal's entries of interrupted runs whose rows are known again."""
        rows = self.state.rows()
        for entry in self.state.unfinished():
            row = rows.get(entry.address)
            if row is None or row.status == "applied":
                self.state.end(entry.number, "settled", entry.error)

    def _names(self, shape: RowShape, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The name by which a row can be found if the answer to its creation is lost."""
        found = {}
        for name in shape.natural:
            column = shape.columns.get(name.lower())
            value = values.get(name, values.get(column.name) if column is not None else None)
            if value is not None:
                found[name] = value
        return found


def identity_of_row(
    shape: RowShape, row: DesiredRow, answered: Mapping[str, Any]
) -> dict[str, Any]:
    """The identity of a row that was created: from the response, or as it was named."""
    values = {c.column: c.value for c in row.cells}
    found = {}
    for column in shape.identity:
        value = _answered(column, answered)
        if value is None:
            value = values.get(column, values.get(shape.same_as_name.get(column, "")))
        found[column] = plain(value)
    return found


def _answered(column: str, answered: Mapping[str, Any]) -> Any:
    """A column's value in a response: its own, or that of the one item that it contains."""
    if answered.get(column) is not None:
        return answered[column]
    for value in answered.values():
        item = value[0] if isinstance(value, list) and len(value) == 1 else value
        if isinstance(item, Mapping) and item.get(column) is not None:
            return item[column]
    return None
