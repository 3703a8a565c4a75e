"""What a plan does with one row: created, changed, replaced, deleted, or refused."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cirrusql.stacks.evaluation.literals import plain
from cirrusql.stacks.evaluation.nodes import Node
from cirrusql.stacks.language.statements import OnDelete, OnReplace
from cirrusql.stacks.planning.differences import changes_of
from cirrusql.stacks.planning.live import LiveRows, place_of
from cirrusql.stacks.planning.plan import Action, CellChange, DesiredRow, Drift, RowChange
from cirrusql.stacks.planning.row_shape import RowShape
from cirrusql.stacks.state.store import StateRow


@dataclass(frozen=True)
class RowChanges:
    """Judges the rows of a stack. ``replaces``: addresses that may be replaced though they hold
    data. ``begun``: addresses of writes that an earlier run began and did not end."""

    replaces: Collection[str]
    hash_key: str
    begun: Collection[str] = ()

    def of_new(
        self,
        node: Node,
        shape: RowShape,
        row: DesiredRow,
        live: Any,
        found: LiveRows,
        *,
        is_imported: bool,
    ) -> RowChange:
        change = RowChange(
            row.address, node.address, Action.CREATE, shape.table.id, row.key, None, row.place,
            desired=row,
        )  # fmt: skip
        if row.address in found.unreadable:
            change.action = Action.UNREADABLE
            return change
        if live is None:
            change.cells = [
                CellChange(c.name, None, c.value, c.unknown, c.is_secret)
                for c in row.cells
                if c.value is not None or c.unknown
            ]
            return change
        change.id = {n: plain(live.get(n)) for n in shape.identity}
        change.live = live
        change.place = {**place_of(live), **row.place}
        if not is_imported:
            change.refused = "exists, not owned by this stack"
            change.hint = f"IMPORT {row.address} FROM '{'|'.join(map(str, change.id.values()))}';"
            return change
        change.action = Action.IMPORT
        change.cells = self._cells(node, row, None, live)
        self._judge_replacement(node, shape, change)
        return change

    def _cells(
        self, node: Node, row: DesiredRow, state: StateRow | None, live: Mapping[str, Any]
    ) -> list[CellChange]:
        ignored = frozenset(n.lower() for n in node.resource.ignored)
        return changes_of(row.cells, state, live, ignored, self.hash_key)

    def of_owned(
        self,
        node: Node,
        shape: RowShape,
        row: DesiredRow,
        state: StateRow,
        live: Mapping[str, Any] | None,
        drift: list[Drift],
        *,
        unreadable: bool,
    ) -> RowChange:
        change = RowChange(
            row.address, node.address, Action.NONE, shape.table.id, row.key, state.id, state.place,
            desired=row, live=live,
        )  # fmt: skip
        if unreadable:
            change.action = Action.UNREADABLE
            return change
        if live is None:
            change.action = Action.CREATE
            change.id = None
            change.place = dict(row.place)
            change.reason = "deleted outside" if state.status == "applied" else ""
            change.cells = [
                CellChange(c.name, None, c.value, c.unknown, c.is_secret)
                for c in row.cells
                if c.value is not None or c.unknown
            ]
            if state.status == "applied":
                drift.append(
                    Drift(row.address, node.address, "", dict(state.desired), None, None,
                          state.seen_at)
                )  # fmt: skip
            return change
        change.cells = self._cells(node, row, state, live)
        if change.address in self.begun or state.status != "applied":
            # What an interrupted run wrote is not a change by somebody else.
            change.cells = [replace(c, is_drift=False) for c in change.cells]
        managed = {c.name for c in row.cells}
        change.notes = [f"no longer managed: {n}" for n in state.desired if n not in managed]
        drift += [
            Drift(row.address, node.address, c.column, c.after, state.echo.get(c.column),
                  c.before, state.seen_at)
            for c in change.cells
            if c.is_drift
        ]  # fmt: skip
        if change.cells:
            change.action = Action.UPDATE
            if any(c.is_drift for c in change.cells):
                change.reason = "changed outside"
            self._judge_replacement(node, shape, change)
        if state.status == "creating" and change.action in (Action.NONE, Action.UPDATE):
            change.action = Action.IMPORT
            change.reason = "made by a run that was interrupted"
        return change

    def refuse_alike(self, change: RowChange, shape: RowShape, live: Mapping[str, Any]) -> None:
        """Refuse to create a row again whose creation was begun, while one like it is there."""
        id_ = "|".join(str(plain(live.get(n))) for n in shape.identity)
        change.refused = (
            f"an interrupted run may have created it: {shape.table.id} {id_} is as desired"
        )
        change.hint = f"IMPORT {change.address} FROM '{id_}';"

    def _judge_replacement(self, node: Node, shape: RowShape, change: RowChange) -> None:
        """Make a change a replacement if the API cannot change a value, and refuse it if that loses
        data."""
        forced = [c.column for c in change.cells if c.forces]
        if not forced:
            return
        change.action = Action.REPLACE
        change.reason = f"{', '.join(forced)} cannot be changed"
        is_allowed = any(is_within(change.address, a) for a in self.replaces)
        if node.resource.on_delete is OnDelete.RESTRICT:
            change.refused = "ON DELETE RESTRICT protects it, and it would be replaced"
        elif node.resource.on_replace is OnReplace.RESTRICT and not is_allowed:
            change.refused = "ON REPLACE RESTRICT"
            change.hint = f"--replace {change.address}"
        elif shape.is_stateful and not is_allowed:
            change.refused = "it keeps data and would be replaced"
            change.hint = f"--replace {change.address}"

    def of_undesired(
        self,
        state: StateRow,
        shape: RowShape,
        on_delete: OnDelete,
        reason: str,
        *,
        is_gone: bool = False,
        is_unreadable: bool = False,
    ) -> RowChange:
        change = RowChange(
            state.address, state.resource, Action.DELETE, state.table, state.key, state.id,
            state.place, reason=reason, depends_on=state.depends,
        )  # fmt: skip
        if is_unreadable:
            change.action = Action.UNREADABLE
        elif is_gone:
            change.action = Action.FORGET
            change.reason = "deleted outside"
        elif OnDelete.RESTRICT in (on_delete, OnDelete(state.on_delete)):
            change.refused = "ON DELETE RESTRICT protects it"
            change.hint = (
                f"write ON DELETE RETAIN or leave it out in {state.resource}, apply, then remove it"
            )
        elif OnDelete(state.on_delete) is OnDelete.RETAIN:
            change.action = Action.FORGET
            change.reason = "ON DELETE RETAIN: it stays"
        return change


def is_within(address: str, what: str) -> bool:
    """Whether an address is another one, or belongs to it."""
    return address == what or address.startswith((f"{what}[", f"{what}."))


def renamed_hints(changes: Sequence[RowChange]) -> Iterator[str]:
    """Hints for resources of which one row goes and one comes: it may be the same under another
    key."""
    by_resource: dict[str, list[RowChange]] = {}
    for change in changes:
        by_resource.setdefault(change.resource, []).append(change)
    for rows in by_resource.values():
        new = [c for c in rows if c.action is Action.CREATE and not c.reason]
        old = [c for c in rows if c.action is Action.DELETE]
        if len(new) == len(old) == 1:
            yield (
                f"if {old[0].address} is to become {new[0].address}: "
                f"MOVED {old[0].address} TO {new[0].address};"
            )
