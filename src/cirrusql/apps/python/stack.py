"""Stacks from Python: ``cirrusql.stack("net").plan()``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cirrusql.apps.python.connection import open_session
from cirrusql.errors import ReadOnlySession
from cirrusql.execution.writes.write_options import WriteOptions

if TYPE_CHECKING:
    from cirrusql.stacks.applying.applier import ApplyReport
    from cirrusql.stacks.planning.plan import RowChange, StackPlan


def stack(
    folder: str | os.PathLike[str],
    environment: str = "",
    *,
    profile: str | None = None,
    region: str | None = None,
    endpoint_url: str | None = None,
    sandbox: bool | None = None,
    read_only: bool | None = None,
    config: str | os.PathLike[str] | None = None,
    values: Mapping[str, object] | None = None,
    **params: object,
) -> OpenStack:
    """Open the stack of a folder of ``.sql`` files, in a session of its own. Close it when done.

    ``params``: values of the stack's PARAMs, also as ``values`` for names that are options here.
    The other options are those of ``connect``. Raises the StackError of a text that is wrong.
    """
    from cirrusql.stacks.stack import Stack

    flags = {
        "profile": profile,
        "region": region,
        "endpoint_url": endpoint_url,
        "sandbox": sandbox,
        "read_only": read_only,
    }
    options = WriteOptions(assume_yes=True)
    # A read that fails in one place must not end a plan, and no read may come from memory.
    session, own = open_session(flags, {"on_error": "continue"}, config, options, has_cache=False)
    try:
        found = Stack(Path(folder), session, environment, {**(values or {}), **params})
    except BaseException:
        session.close()
        if own is not None:
            own.close()
        raise
    return OpenStack(found, own)


class OpenStack:
    """A stack in one environment. Closed at the end of ``with``."""

    def __init__(self, found: Any, sandbox: Any = None) -> None:
        self._stack = found
        self._sandbox = sandbox

    @property
    def name(self) -> str:
        """The name that its STACK statement gives."""
        name: str = self._stack.name
        return name

    @property
    def outputs(self) -> dict[str, Any]:
        """The outputs of the last apply by name, as rows; None for secret ones."""
        return {name: value for name, (value, _) in self._stack.state.outputs().items()}

    def plan(
        self,
        *addresses: str,
        replace: tuple[str, ...] = (),
        renew: tuple[str, ...] = (),
        destroy: bool = False,
    ) -> PlannedStack:
        """What differs between the files and what is live. Reads only."""
        from cirrusql.stacks.planning.planner import StackOptions

        options = StackOptions(frozenset(replace), frozenset(renew), frozenset(addresses), destroy)
        return PlannedStack(self._stack, self._stack.plan(options), is_destroy=destroy)

    def apply(self, *addresses: str, waves: int = 1, overwrite: bool = False) -> ApplyReport:
        """Plan, and make the changes. Raises StackError if they may not be made.

        What was not done is in ``report.failed``.
        """
        return self.plan(*addresses).apply(waves, overwrite=overwrite)

    def destroy(self, *addresses: str) -> ApplyReport:
        """Delete everything that the stack owns, or these rows."""
        return self.plan(*addresses, destroy=True).apply(overwrite=True)

    def close(self) -> None:
        """Close the state and the session."""
        self._stack.close()
        self._stack.session.close()
        if self._sandbox is not None:
            self._sandbox.close()

    def __enter__(self) -> OpenStack:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class PlannedStack:
    """A plan. ``print`` shows it as the command line does."""

    def __init__(self, found: Any, plan: StackPlan, *, is_destroy: bool = False) -> None:
        self._stack = found
        self._plan = plan
        self._is_destroy = is_destroy

    @property
    def changes(self) -> list[RowChange]:
        """What applying it would do, a row each."""
        return self._plan.pending

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be done."""
        return self._plan.is_empty

    @property
    def is_applicable(self) -> bool:
        """Whether it may be applied."""
        return self._plan.is_applicable

    def to_dict(self) -> dict[str, Any]:
        """The plan with its calls, as ``stack plan -o json`` prints it."""
        from cirrusql.stacks.output.plan_json import plan_json

        self._stack.add_calls(self._plan)
        return plan_json(self._plan)

    def apply(self, waves: int = 1, *, overwrite: bool = False) -> ApplyReport:
        """Make the changes. Raises StackError if they may not be made."""
        if self._stack.session.settings.read_only:
            raise ReadOnlySession("cannot apply: the session is read-only")
        report: ApplyReport = self._stack.apply(
            self._plan, waves, overwrites=overwrite or self._is_destroy
        )
        return report

    def __str__(self) -> str:
        from cirrusql.stacks.output.plan_text import PlanAsText

        return PlanAsText().of(self._plan)

    def __repr__(self) -> str:
        return f"<PlannedStack {self._plan.stack}: {len(self.changes)} changes>"
