"""The calls that a plan would make, as a preview of the statements that apply would run.

Only for rows whose values are all known: what a call sends is known only with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cirrusql.errors import Error
from cirrusql.stacks.applying.write_statements import (
    OwnerTags,
    WriteStatement,
    delete,
    insert,
    update,
)
from cirrusql.stacks.planning.plan import Action, RowChange, StackPlan
from cirrusql.stacks.planning.planner import Planner

_SECRET = "(secret)"  # noqa: S105
"""Stands for the value of a secret, which a plan does not read."""


def add_calls(planner: Planner, plan: StackPlan, owner: OwnerTags) -> None:
    """Fill in the calls of each change, and the plan's policy document."""
    for change in plan.changes:
        if not change.writes or change.refused or any(c.unknown for c in change.cells):
            continue
        change.calls = []
        for statement in _statements(planner, change, owner):
            values: dict[str, object] = dict.fromkeys(statement.parameters, _SECRET)
            try:
                change.calls += planner.runner.preview(statement.sql, values or None)
            except Error as error:
                plan.notices.append(f"{change.address}: its calls are not known: {error.message}")
                break
    plan.calls = dict(planner.runner.reads)
    plan.policy = _policy(planner, plan)


def _statements(planner: Planner, change: RowChange, owner: OwnerTags) -> Iterator[WriteStatement]:
    shape = planner.shape_of(change.table.split("."))
    if change.action in (Action.DELETE, Action.REPLACE):
        yield delete(shape, change)
    if change.action in (Action.CREATE, Action.REPLACE) and change.desired is not None:
        yield insert(shape, [change.desired], owner)
    if change.action in (Action.UPDATE, Action.IMPORT):
        yield update(shape, change, owner)


def _policy(planner: Planner, plan: StackPlan) -> Mapping[str, Any]:
    """The smallest policy document for the plan's reads and writes; one per provider."""
    documents: dict[str, Any] = {}
    for provider in dict.fromkeys(c.table.split(".")[0] for c in plan.changes):
        services = {c.table.split(".")[1] for c in plan.changes if c.table.startswith(provider)}
        calls = [*plan.calls, *(call.operation for c in plan.changes for call in c.calls)]
        words, actions = None, set()
        for service in (planner.runner.session.catalog.service(provider, s) for s in services):
            if service.permissions is None:
                continue
            words = service.permissions
            for operation in _operations(service, calls):
                actions |= set(operation.permissions)
        if words is not None:
            documents[provider] = words.document(sorted(actions))
    return next(iter(documents.values())) if len(documents) == 1 else documents


def _operations(service: Any, calls: Iterable[str]) -> Iterator[Any]:
    for call in calls:
        of, _, name = call.partition(":")
        if of in (service.key, service.id) and name in service.operation_names:
            yield service.operation(name)
