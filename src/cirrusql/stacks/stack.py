"""A stack: a folder of SQL files, its state, and the session that it is planned and applied in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cirrusql.stacks.applying.applier import Applier, ApplyReport
from cirrusql.stacks.applying.plan_calls import add_calls
from cirrusql.stacks.applying.write_statements import OwnerTags
from cirrusql.stacks.evaluation.literals import sql_value
from cirrusql.stacks.evaluation.nodes import GraphBuilder
from cirrusql.stacks.language.accepting import FileEdit, edit_of
from cirrusql.stacks.language.folder import environment_values
from cirrusql.stacks.language.statements import StackError
from cirrusql.stacks.planning.begun import owner_label
from cirrusql.stacks.planning.checks import checked
from cirrusql.stacks.planning.plan import Action, CheckResult, Drift, RowChange, StackPlan
from cirrusql.stacks.planning.planner import Planner, StackOptions
from cirrusql.stacks.planning.recovering import recovered_rows
from cirrusql.stacks.runner import StackRunner
from cirrusql.stacks.secrets import SecretValues, stored_of
from cirrusql.stacks.state.lock import local_lock
from cirrusql.stacks.state.remote import open_remote
from cirrusql.stacks.state.store import State, StateFailed, StateRow

if TYPE_CHECKING:
    from cirrusql.session.session import Session

STATE_FOLDER = ".cirrusql"


@dataclass
class Stack:
    """One stack in one environment.

    ``session``: its own, whose engine has no other relations, and that writes without asking.
    ``values``: of parameters, by name, before those of the environment.
    """

    folder: Path
    session: Session
    environment: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    on_row: Callable[[RowChange], None] = lambda change: None
    """Called before each row is written."""
    breaks_lock: bool = False
    """Take the lock of a remote state from a run that has died."""
    undoes: bool = False
    """Undo an apply if something of it fails."""

    def __post_init__(self) -> None:
        self.runner = StackRunner(self.session)
        given = {n.lower(): v for n, v in self.values.items()}
        self.given = {**environment_values(self.folder, self.environment), **given}
        self.graph = GraphBuilder(self.folder, self.runner.rows).build(self.given)
        if self.graph.text.name is None:
            raise StackError(f"no file of {self.folder} names the stack", hint="STACK 'name';")
        self.name = self.graph.text.name.name
        stored = stored_of(self.runner)
        where, folder = self._where(), self.folder / STATE_FOLDER
        self.remote = open_remote(self.session, stored.objects, where, folder) if where else None
        self.state = State(self.remote.path if self.remote is not None else self.state_path)
        self.secrets = SecretValues(self.runner, self.given, self.state.meta("hash_key"))
        self.planner: Planner | None = None

    def _where(self) -> str:
        """What STATE says, with parameters filled in."""
        assert self.graph.text.name is not None
        values = {n.lower(): p.get("value") for n, p in self.graph.params.items()}

        def filled(match: re.Match[str]) -> str:
            value = values.get(match[1].lower())
            return match[0] if value is None else str(value)

        return re.sub(r"\$(\w+)", filled, self.graph.text.name.state or "")

    @property
    def state_path(self) -> Path:
        """The file of the state."""
        assert self.graph.text.name is not None
        said = self._where()
        if said:
            return (self.folder / said).resolve()
        name = f"{self.environment or 'default'}.state"
        return self.folder / STATE_FOLDER / name

    def close(self) -> None:
        """Close the state."""
        self.state.close()

    def __enter__(self) -> Stack:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def plan(self, options: StackOptions | None = None) -> StackPlan:
        """What differs. Reads only."""
        self.planner = Planner(
            self.runner,
            self.graph,
            self.state,
            options or StackOptions(),
            self.environment,
            self.secrets,
        )
        plan = self.planner.plan()
        plan.place = self.runner.region
        plan.outputs_before = {
            n: v for n, (v, hidden) in self.state.outputs().items() if not hidden
        }
        return plan

    def apply(self, plan: StackPlan, waves: int = 1, *, overwrites: bool = True) -> ApplyReport:
        """Make the changes of the last plan. Raises StackError if it may not be applied.

        ``overwrites``: also what was changed outside of the stack.
        """
        if self.planner is None:
            raise StackError("there is no plan to apply")
        refuse(plan)
        if not overwrites:
            refuse_drift(plan)
        with local_lock(self.state.path), self._remote_lock():
            if self.state.mark() != self.planner.mark:
                raise StateFailed(
                    f"the stack {self.name} was applied by another run since this plan was made",
                    hint="plan again",
                )
            applier = Applier(
                self.planner, self.state, self._owner(), self.secrets, self._begin, self.undoes
            )
            report = applier.apply(plan, waves)
        if self.remote is not None:
            report.notices += self.remote.notices
        return report

    def acceptance(self, drift: Drift, plan: StackPlan) -> FileEdit | None:
        """The edit of the files that keeps a value which was changed outside.

        None if the files compute it, if other rows have it from the same place, or if the row is
        gone.
        """
        node = self.graph.nodes.get(drift.resource)
        change = next((c for c in plan.changes if c.address == drift.address), None)
        cell = None
        if change is not None and change.desired is not None:
            cell = change.desired.cell(drift.column)
        rows = [c for c in plan.changes if c.resource == drift.resource and c.desired is not None]
        if node is None or cell is None or len(rows) != 1:
            # What is written there holds for all rows.
            return None
        body = node.resource.body
        new = sql_value(_as_given(cell.value, drift.live))
        return edit_of(body, cell.written or cell.name, new)

    def recover(self) -> list[StateRow]:
        """Put the rows that owner tags say are the stack's into its state; those that were found.

        Writes the state only. Raises StackError if the stack sets no owner tags.
        """
        plan = self.plan()
        assert self.planner is not None
        if not self.planner.label:
            raise StackError(
                "the stack sets no owner tags, so none can be found",
                hint="IMPORT takes over what is there",
            )
        if plan.is_partial:
            raise StackError(f"not everything can be read: {plan.errors[0]}")
        with local_lock(self.state.path), self._remote_lock():
            found = list(recovered_rows(self.planner))
            with self.state.transaction():
                for row in found:
                    self.state.put(row)
        return found

    def _begin(self, change: RowChange) -> None:
        if self.remote is not None:
            self.remote.beat()
        self.on_row(change)

    def _remote_lock(self) -> AbstractContextManager[None]:
        if self.remote is None:
            return nullcontext()
        return self.remote.held(self.state, breaks_lock=self.breaks_lock)

    def add_calls(self, plan: StackPlan) -> None:
        """Add the calls that the last plan would make, and the permissions that it needs."""
        if self.planner is None:
            raise StackError("there is no plan")
        add_calls(self.planner, plan, self._owner())

    def checks(self) -> list[CheckResult]:
        """The results of the tests and policies over the live rows, after a plan."""
        if self.planner is None:
            raise StackError("there is no plan")
        for node in self.graph.nodes.values():
            if node.address in self.planner.evaluated:
                self.planner.publish_live(node)
        return [
            *checked(self.graph, self.planner.evaluator, "test"),
            *checked(self.graph, self.planner.evaluator, "policy"),
        ]

    def _owner(self) -> OwnerTags:
        return OwnerTags(owner_label(self.graph, self.environment))


def _as_given(desired: Any, live: Any) -> Any:
    """A live value with the members that a desired one gives."""
    if isinstance(desired, Mapping) and isinstance(live, Mapping):
        return {k: _as_given(v, live.get(k)) for k, v in desired.items() if v is not None}
    return live


def refuse(plan: StackPlan) -> None:
    """Raise StackError if a plan may not be applied."""
    if plan.refusals:
        first = plan.refusals[0]
        lines = [f"{c.address}: {c.refused}" for c in plan.refusals]
        raise StackError("\n".join(lines), hint=first.hint or None)
    failed = [c.name for c in plan.checks if c.kind == "policy" and c.status == "fail"]
    if failed:
        raise StackError(f"a policy does not allow it: {', '.join(failed)}")


def refuse_drift(plan: StackPlan) -> None:
    """Raise StackError if a plan would overwrite what was changed outside of the stack."""
    found = [c.address for c in plan.pending if is_overwriting(c)]
    if found:
        raise StackError(
            f"changed outside of the stack: {', '.join(found)}",
            hint="--overwrite makes them again as the files say; cirrusql stack accept takes over "
            "what is live",
        )


def is_overwriting(change: RowChange) -> bool:
    """Whether a change undoes one that was made outside of the stack."""
    if change.action is Action.CREATE:
        return change.reason == "deleted outside"
    return any(cell.is_drift for cell in change.cells)
