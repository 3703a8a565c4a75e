"""A stack's folder as the tests use it: write files, plan, apply, count calls."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from cirrusql.stacks.applying.applier import ApplyReport
from cirrusql.stacks.planning.plan import Action, StackPlan
from cirrusql.stacks.planning.planner import StackOptions
from cirrusql.stacks.stack import Stack
from tests.support.catalog import CATALOG
from tests.support.fault_proxy import FaultProxy

_READS = ("Get", "List", "Describe", "Head", "Lookup", "GET ", "HEAD ")


class StackFolder:
    """One stack; each plan and apply is a session of its own, as separate commands are."""

    def __init__(self, path: Path, proxy: FaultProxy) -> None:
        self.path = path
        self.proxy = proxy
        path.mkdir(parents=True, exist_ok=True)

    def write(self, text: str, name: str = "stack.sql") -> None:
        """Write a file of the stack."""
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).write_text(text, "utf-8")

    def text(self, name: str = "stack.sql") -> str:
        """A file of the stack."""
        return (self.path / name).read_text("utf-8")

    @contextmanager
    def open(
        self, environment: str = "", values: Mapping[str, object] | None = None
    ) -> Iterator[Stack]:
        """The stack, open."""
        settings = Settings(
            endpoint_url=self.proxy.url, sandbox=True, region="us-east-1", on_error="continue"
        )
        with (
            Session(
                settings, os.environ, options=WriteOptions(assume_yes=True), catalog=CATALOG
            ) as session,
            Stack(self.path, session, environment, values or {}) as found,
        ):
            yield found

    def plan(self, options: StackOptions | None = None, **given: Any) -> StackPlan:
        """Plan, and see that nothing is written."""
        before = self.writes()
        with self.open(**given) as found:
            plan = found.plan(options)
        assert self.writes() == before, f"a plan wrote {self.writes() - before}"
        return plan

    def apply(
        self, options: StackOptions | None = None, waves: int = 1, **given: Any
    ) -> ApplyReport:
        """Plan and apply."""
        with self.open(**given) as found:
            return found.apply(found.plan(options), waves)

    def applied(self, **given: Any) -> Counter[str]:
        """Apply, see that everything was done and that a plan is empty then; the writes made."""
        before = self.writes()
        report = self.apply(**given)
        failed = [(r.change.address, r.status, r.error) for r in report.failed]
        assert not failed, failed
        made = self.writes() - before
        self.is_silent(**{k: v for k, v in given.items() if k in ("environment", "values")})
        return made

    def destroyed(self, **given: Any) -> Counter[str]:
        """Destroy all; the writes made."""
        before = self.writes()
        report = self.apply(StackOptions(is_destroy=True), **given)
        failed = [(r.change.address, r.status, r.error) for r in report.failed]
        assert not failed, failed
        return self.writes() - before

    def is_silent(self, **given: Any) -> None:
        """A plan is empty: invariant I1."""
        plan = self.plan(**given)
        pending = [(c.address, str(c.action), c.reason, c.cells) for c in plan.pending]
        assert not pending, pending
        assert plan.is_empty
        assert not plan.errors, plan.errors

    def writes(self) -> Counter[str]:
        """The calls so far that change something, by operation."""
        return Counter(
            {
                name: count
                for name, count in self.proxy.calls.items()
                if not name.partition(":")[2].startswith(_READS)
            }
        )

    def rows(self) -> dict[str, Mapping[str, Any]]:
        """The identity of each row in the state, by address."""
        with self.open() as found:
            return {address: row.id for address, row in found.state.rows().items()}


def actions(plan: StackPlan) -> dict[str, Action]:
    """What a plan does, by address; without what it leaves alone."""
    return {c.address: c.action for c in plan.changes if c.action is not Action.NONE}
