"""Applies a plan: makes its calls in the order of the references, and records each.

A row is in the state before the call that creates it is made, so that whatever interrupts the
run, the next one knows what to look for.
"""

from __future__ import annotations

import getpass
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cirrusql.errors import Error
from cirrusql.stacks.applying.recorder import Recorder, identity_of_row
from cirrusql.stacks.applying.undo import Undo
from cirrusql.stacks.applying.write_statements import (
    OwnerTags,
    WriteStatement,
    delete,
    given_columns,
    insert,
    update,
)
from cirrusql.stacks.evaluation.literals import canonical
from cirrusql.stacks.evaluation.nodes import SECRET_MARK, Node
from cirrusql.stacks.language.statements import OnReplace
from cirrusql.stacks.planning.comparing import is_same
from cirrusql.stacks.planning.differences import live_value
from cirrusql.stacks.planning.live import place_of, read_rows
from cirrusql.stacks.planning.plan import (
    Action,
    CheckResult,
    DesiredRow,
    RowChange,
    StackPlan,
)
from cirrusql.stacks.planning.planner import Planner
from cirrusql.stacks.planning.row_shape import RowShape
from cirrusql.stacks.runner import Outcome
from cirrusql.stacks.secrets import SecretValues
from cirrusql.stacks.state.store import State

_READS_AGAIN = (0.0, 0.3, 1.0, 2.0)
"""Seconds before each attempt to read a row as written; services are consistent eventually."""


_WAIT = 900.0
"""Seconds that a row may take to be ready or gone, if its RESOURCE does not say AWAIT."""


@dataclass
class Applied:
    """What became of one change."""

    change: RowChange
    status: str
    """``done``, ``failed``, ``unknown``, ``not run`` or ``undone``."""
    error: str = ""


@dataclass
class ApplyReport:
    """What became of a plan."""

    results: list[Applied] = field(default_factory=list)
    waves_left: bool = False
    checks: list[CheckResult] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    secret_outputs: set[str] = field(default_factory=set)
    notices: list[str] = field(default_factory=list)

    @property
    def failed(self) -> list[Applied]:
        """What was not done."""
        return [r for r in self.results if r.status != "done"]


@dataclass
class Applier:
    """Applies one plan."""

    planner: Planner
    state: State
    owner: OwnerTags
    secrets: SecretValues
    on_row: Callable[[RowChange], None] = lambda change: None
    undoes: bool = False
    """Whether all is undone if something fails."""
    report: ApplyReport = field(default_factory=ApplyReport)
    recorder: Recorder = field(init=False)
    undo: Undo = field(init=False)
    _changed: set[str] = field(default_factory=set)
    """Resources whose rows were changed in this run."""
    _broken: set[str] = field(default_factory=set)
    """Resources with a row that was not done."""

    def __post_init__(self) -> None:
        self.recorder = Recorder(self.state, self.planner.hash_key, self.report.notices)
        self.undo = Undo(self.state, self.owner, self._write)

    def apply(self, plan: StackPlan, waves: int = 1) -> ApplyReport:
        """Make the changes of a plan, and those of as many waves as are allowed.

        Calls that fail are in the report. Raises the Error of the state or the audit log.
        """
        graph = self.planner.graph
        self.state.set_once(plan.once)
        for node in graph.nodes.values():
            if node.address not in self.planner.deferred:
                self._node(node, [c for c in plan.changes if c.resource == node.address], plan)
        for wave in range(1, waves + 1):
            deferred = [a for a in self.planner.deferred if self._may_follow(a)]
            if not deferred or wave == waves:
                self.report.waves_left = bool(self.planner.deferred) and not self._broken
                break
            for address in deferred:
                del self.planner.deferred[address]
                node = graph.nodes[address]
                self._node(node, self.planner.of_node(node, plan), plan)
        if self._undone():
            return self.report
        self._delete([c for c in plan.changes if c.action is Action.DELETE])
        if self._undone():
            return self.report
        for change in plan.changes:
            if change.action is Action.FORGET:
                self.state.remove(change.address)
                self._done(change)
        self._finish(plan)
        return self.report

    def _undone(self) -> bool:
        """Undo what was done if something failed and that is wanted."""
        if not (self.undoes and self.report.failed):
            return False
        done = [r for r in self.report.results if r.status == "done"]
        left = self.undo.run()
        kept = {text.partition(": ")[0] for text in left}
        for result in done:
            if result.change.address not in kept:
                result.status, result.error = "undone", ""
        self.report.notices += [f"not undone: {text}" for text in left]
        self._end()
        return True

    def _may_follow(self, address: str) -> bool:
        needs = self.planner.graph.nodes[address].needs
        return not any(n in self._broken for n in needs)

    # One resource.

    def _node(self, node: Node, changes: Sequence[RowChange], plan: StackPlan) -> None:
        if self._needs_broken(node) or (self.undoes and self.report.failed):
            self._broken.add(node.address)
            for change in changes:
                if change.writes:
                    self.report.results.append(
                        Applied(change, "not run", "something that it needs was not done")
                    )
            return
        if any(n in self._changed for n in node.needs):
            changes = self._again(node, changes, plan)
        shape = self.planner.shapes[node.address]
        for change in changes:
            if change.action is Action.MOVE:
                self._move(change)
        live = [c for c in changes if c.action is Action.IMPORT]
        for change in live:
            assert change.desired is not None
            assert change.live is not None
            self.recorder.record(node, shape, change.desired, change.live, change)
            if not change.cells:
                self._done(change)
        self._create(node, shape, [c for c in changes if c.action is Action.CREATE])
        for change in changes:
            if change.action is Action.REPLACE:
                self._replace(node, shape, change)
            elif change.action is Action.UPDATE or (
                change.action is Action.IMPORT and change.cells
            ):
                self._update(node, shape, change)
            elif change.action is Action.NONE and change.live is not None:
                self.recorder.keep(node, change)

    def _needs_broken(self, node: Node) -> bool:
        return any(need in self._broken for need in node.needs)

    def _again(
        self, node: Node, planned: Sequence[RowChange], plan: StackPlan
    ) -> Sequence[RowChange]:
        """The changes of a resource after what it needs was changed: values that were unknown are
        known now; those that were known must be the same."""
        changes = self.planner.of_node(node, plan)
        before = {c.address: c for c in planned}
        kept = []
        for change in changes:
            differs = _differs(before.get(change.address), change)
            if differs:
                self._broken.add(node.address)
                self.report.results.append(Applied(change, "not run", differs))
            else:
                kept.append(change)
        changes = kept
        moved = [c for c in planned if c.action is Action.MOVE]
        return [*moved, *changes]

    def _move(self, change: RowChange) -> None:
        rows = self.state.rows()
        old = rows.get(change.previous_address)
        if old is not None:
            with self.state.transaction():
                self.state.remove(change.previous_address)
                self.state.put(replace(old, address=change.address, resource=change.resource))
        self._done(change)

    def _create(self, node: Node, shape: RowShape, changes: Sequence[RowChange]) -> None:
        groups: dict[tuple[str, ...], list[RowChange]] = {}
        for change in changes:
            assert change.desired is not None
            key = given_columns(shape, change.desired, self.owner)
            groups.setdefault(key, []).append(change)
        for group in groups.values():
            rows = [c.desired for c in group if c.desired is not None]
            statement = insert(shape, rows, self.owner)
            for change in group:
                self.recorder.begin_creating(node, shape, change)
            outcomes = self._write(statement, group, "create", len(group))
            self._created(node, shape, group, outcomes)

    def _created(
        self, node: Node, shape: RowShape, changes: Sequence[RowChange], outcomes: Sequence[Any]
    ) -> None:
        done: list[tuple[RowChange, dict[str, Any], dict[str, str]]] = []
        for change, outcome in zip(changes, outcomes, strict=True):
            assert change.desired is not None
            if outcome.status == "done" or _is_made(outcome):
                id_ = identity_of_row(shape, change.desired, outcome.row)
                place = {**change.desired.place}
                if outcome.region and not shape.table.is_global:
                    place.setdefault("region", outcome.region)
                done.append((change, id_, place))
            if outcome.status != "done":
                self._failed(node, change, outcome)
                if outcome.status == "failed" and not _is_made(outcome):
                    self.state.remove(change.address)
        live = self._read(node, shape, done)
        failed = {r.change.address for r in self.report.failed}
        for change, id_, place in done:
            row = live.get(change.address, {})
            change.id, change.place = id_, {**place_of(row), **place}
            assert change.desired is not None
            self.recorder.record(node, shape, change.desired, row, change)
            self.undo.created(shape, change)
            if change.address not in failed:
                self._done(change)
        if done:
            self._changed.add(node.address)
            self.planner.publish_live(node)

    def _read(
        self,
        node: Node,
        shape: RowShape,
        rows: Sequence[tuple[RowChange, Mapping[str, Any], Mapping[str, str]]],
    ) -> dict[str, Mapping[str, Any]]:
        """The rows as they read after a write, as soon as they show what was written."""
        desired = {c.address: c.desired for c, _, _ in rows if c.desired is not None}
        columns = self.planner.read_columns(shape, node, list(desired.values()))
        found: dict[str, Mapping[str, Any]] = {}
        left = list(rows)
        for pause in _READS_AGAIN:
            if not left:
                break
            time.sleep(pause)
            asked = [(c.address, i, p) for c, i, p in left]
            live = read_rows(
                self.planner.runner, shape, shape.identity, asked, columns, is_fresh=True
            )
            found |= live.rows
            left = [
                (c, i, p)
                for c, i, p in left
                if not _settled(desired[c.address], found.get(c.address))
            ]
        return found

    def _update(self, node: Node, shape: RowShape, change: RowChange) -> None:
        assert change.desired is not None
        assert change.id is not None
        row = change.desired
        statement = update(shape, change, self.owner)
        (outcome,) = self._write(statement, [change], "update", 1)
        self.undo.updated(shape, change)
        if outcome.status != "done":
            self._failed(node, change, outcome)
        live = self._read(node, shape, [(change, change.id, change.place)])
        if change.address in live and outcome.status == "done":
            if change.action is Action.IMPORT:
                change = replace(change, cells=[])
            self.recorder.record(node, shape, row, live[change.address], change)
        self._changed.add(node.address)
        self.planner.publish_live(node)
        if outcome.status == "done":
            self._done(change)

    def _replace(self, node: Node, shape: RowShape, change: RowChange) -> None:
        made = replace(change, action=Action.CREATE, id=None)
        if node.resource.on_replace is OnReplace.CREATE_FIRST:
            old = self.recorder.set_aside(change.address)
            self._create(node, shape, [made])
            if node.address not in self._broken and self._remove(shape, change, keeps_row=True):
                self.state.remove(old)
            self.recorder.put_back(change.address)
            return
        if self._remove(shape, change):
            self._create(node, shape, [made])

    # Deleting.

    def _delete(self, changes: Sequence[RowChange]) -> None:
        """Delete rows, those first that others do not need."""
        rows = self.state.rows()
        order = sorted(
            changes,
            key=lambda c: rows[c.address].position if c.address in rows else 0,
            reverse=True,
        )
        left = list(order)
        while left:
            blocked = {need for c in left for need in c.depends_on}
            now_ = [c for c in left if not _is_needed(c, blocked)] or left[:1]
            for change in now_:
                if self._keeps_needed(change):
                    self.report.results.append(
                        Applied(change, "not run", "something that was made from it is still there")
                    )
                else:
                    self._remove(self.planner.shape_of(change.table.split(".")), change)
            left = [c for c in left if c not in now_]

    def _keeps_needed(self, change: RowChange) -> bool:
        return any(
            r.change.action is Action.DELETE
            and r.status in ("failed", "unknown")
            and change.resource in r.change.depends_on
            for r in self.report.results
        )

    def _remove(self, shape: RowShape, change: RowChange, *, keeps_row: bool = False) -> bool:
        node = self.planner.graph.nodes.get(change.resource)
        known = self.state.rows().get(change.address)
        if known is not None and not keeps_row:
            self.state.put(replace(known, status="deleting"))
        for sql in change.first:
            (outcome,) = self._write(WriteStatement(sql), [change], "empty", 1)
            if outcome.status != "done":
                self._failed(node, change, outcome)
                return False
        (outcome,) = self._write(delete(shape, change), [change], "delete", 1)
        if outcome.status != "done" and not self._is_gone(shape, change):
            self._failed(node, change, outcome)
            return False
        self.undo.deleted(shape, change)
        if change.action is Action.DELETE:
            self.state.remove(change.address)
            self._done(change)
        return True

    def _is_gone(self, shape: RowShape, change: RowChange) -> bool:
        """Whether a row that could not be deleted is not there anyway."""
        assert change.id is not None
        asked = [(change.address, change.id, change.place)]
        live = read_rows(self.planner.runner, shape, shape.identity, asked, (), is_fresh=True)
        return not live.rows and not live.unreadable

    # Calls.

    def _write(
        self, statement: WriteStatement, changes: Sequence[RowChange], action: str, count: int
    ) -> Sequence[Any]:
        """Make a statement's calls, recorded before and after."""
        numbers = [
            self.state.begin(
                c.address, action, c.table, {"id": c.id, "place": dict(c.place), "key": dict(c.key)}
            )
            for c in changes
        ]
        for change in changes:
            self.on_row(change)
        try:
            parameters = {n: self._resolved(v) for n, v in statement.parameters.items()}
            outcomes = self.planner.runner.write(
                statement.sql, count, parameters or None, seconds=self._seconds(changes[0], action)
            )
        except Error as error:
            # An error of the text or a refusal is raised before any call; others may come later.
            status = "failed" if error.exit_status == 2 else "unknown"
            outcomes = [Outcome(status, error.message)] * count
        outcomes = [replace(o, error=self.secrets.hidden(o.error)) for o in outcomes]
        for number, outcome in zip(numbers, outcomes, strict=True):
            self.state.end(number, outcome.status, outcome.error)
        return outcomes

    def _resolved(self, value: object) -> object:
        """The value of a parameter: what a reference stands for, or the value itself."""
        is_reference = isinstance(value, str) and value.startswith(SECRET_MARK)
        return self.secrets.value(str(value)) if is_reference else value

    def _seconds(self, change: RowChange, action: str) -> float | None:
        """How long to wait for a row to be ready, or gone: what is made from it needs that."""
        node = self.planner.graph.nodes.get(change.resource)
        said = node.resource.await_seconds if node is not None else None
        return said or (_WAIT if action in ("create", "delete") else None)

    def _failed(self, node: Node | None, change: RowChange, outcome: Any) -> None:
        if node is not None:
            self._broken.add(node.address)
        self.report.results.append(Applied(change, outcome.status, outcome.error))

    def _done(self, change: RowChange) -> None:
        self.report.results.append(Applied(change, "done"))

    # The end.

    def _finish(self, plan: StackPlan) -> None:
        if not self.planner.options.is_destroy:
            self._outputs()
        self._end()

    def _end(self) -> None:
        self.recorder.settle()
        counts = Counter(str(r.change.action) for r in self.report.results if r.status == "done")
        status = "failed" if self.report.failed else "done"
        self.state.add_history(
            getpass.getuser(),
            "destroy" if self.planner.options.is_destroy else "apply",
            counts,
            status,
        )

    def _outputs(self) -> None:
        for query in self.planner.graph.outputs:
            if self._broken or self.report.waves_left:
                return
            value, after = self.planner.value_of(query)
            is_secret = getattr(query.item, "is_secret", False)
            self.report.outputs[query.address] = None if after or is_secret else value
            if getattr(query.item, "is_secret", False):
                self.report.secret_outputs.add(query.address)
        self.state.set_outputs(self.report.outputs, self.report.secret_outputs)


def _differs(planned: RowChange | None, change: RowChange) -> str:
    """What of a change is not as it was planned, though its value was known then; empty if
    nothing."""
    if planned is None or planned.desired is None or change.desired is None:
        return ""
    for cell in planned.desired.cells:
        found = change.desired.cell(cell.name)
        is_other = found is not None and canonical(found.value) != canonical(cell.value)
        if is_other and not cell.unknown and found is not None:
            return f"{cell.name} was planned as {cell.value!r} and would be {found.value!r}"
    return ""


def _is_made(outcome: Any) -> bool:
    """Whether the creating call itself was done, though a step after it was not."""
    return bool(outcome.row)


def _is_needed(change: RowChange, needed: set[str]) -> bool:
    return change.resource in needed


def _settled(row: DesiredRow, live: Mapping[str, Any] | None) -> bool:
    """Whether a row reads as it was written."""
    if live is None:
        return False
    return all(
        is_same(c.value, live_value(c, live), is_tags=c.is_tags and not c.tag, is_exact=c.is_exact)
        for c in row.cells
        if c.is_readable and not c.is_secret and not c.unknown and c.value is not None
    )
