"""A plan as JSON: format version 1.0, described by ``docs/stack-plan.schema.json``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from cirrusql.stacks.evaluation.nodes import SECRET_MARK
from cirrusql.stacks.output.plan_text import is_output_changed
from cirrusql.stacks.planning.plan import Action, Cell, CellChange, Drift, RowChange, StackPlan
from cirrusql.version import __version__

FORMAT_VERSION = "1.0"
_ACTIONS = {Action.REPLACE: ["delete", "create"]}
_SECRET = "(secret)"  # noqa: S105


def plan_json(plan: StackPlan) -> dict[str, Any]:
    """The plan as JSON values."""
    return {
        "format_version": FORMAT_VERSION,
        "cirrusql_version": __version__,
        "stack": plan.stack,
        "environment": plan.environment,
        "serial": plan.serial,
        "timestamp": plan.created,
        "applyable": plan.is_applicable and not plan.is_empty,
        "complete": not plan.deferred and not plan.is_partial,
        "params": plan.params,
        "resource_changes": [_change(c) for c in plan.changes],
        "drift": drift_json(plan.drift),
        "deferred": [
            {"address": f"{d.address}[*]", "because": list(d.because), "wave": 2}
            for d in plan.deferred
        ],
        "output_changes": {n: _output(plan, n) for n in plan.outputs if is_output_changed(plan, n)},
        "checks": [
            {"name": c.name, "kind": c.kind, "status": c.status, "rows": [dict(r) for r in c.rows]}
            for c in plan.checks
        ],
        "reads": {
            "calls": sum(plan.calls.values()),
            "by_operation": dict(sorted(plan.calls.items())),
        },
        "policy_document": plan.policy,
        "notices": plan.notices,
        "errors": plan.errors,
    }


def json_text(value: Any) -> str:
    """JSON as the commands print it."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n"


def shown(value: Any) -> Any:
    """A value without secrets."""
    if isinstance(value, str) and value.startswith(SECRET_MARK):
        return {"secret": True, "source": value.removeprefix(SECRET_MARK)}
    if isinstance(value, Mapping):
        return {str(k): shown(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [shown(v) for v in value]
    return value


def drift_json(drift: Iterable[Drift]) -> list[dict[str, Any]]:
    """Values that were changed outside, with the time until which they were as applied; a row that
    is gone has no column."""
    return [
        {
            "address": found.address,
            "resource": found.resource,
            "column": found.column,
            "managed": shown(found.managed),
            "last_applied": shown(found.last_applied),
            "live": shown(found.live),
            "since": found.since,
        }
        for found in drift
    ]


def _change(change: RowChange) -> dict[str, Any]:
    is_new = change.action in (Action.CREATE, Action.REPLACE)
    cells = change.desired.cells if change.desired is not None else ()
    changed = {c.column: c for c in change.cells}
    before = {c.column: _before(c) for c in change.cells if not c.is_secret}
    after = {
        c.name: _after(c)
        for c in cells
        if not c.unknown and (c.value is not None or c.name in changed)
    }
    return {
        "address": change.address,
        "resource": change.resource,
        "key": dict(change.key),
        "table": change.table,
        "id": dict(change.id) if change.id else None,
        "region": change.place.get("region"),
        "account_id": change.place.get("account_id"),
        "connection": change.place.get("connection"),
        "wave": change.wave,
        "depends_on": list(change.depends_on),
        "previous_address": change.previous_address or None,
        "importing": dict(change.id) if change.action is Action.IMPORT and change.id else None,
        "change": {
            "actions": _ACTIONS.get(change.action, [str(change.action)]),
            "before": None if change.action is Action.CREATE else before,
            "after": None if change.action is Action.DELETE else after,
            "after_unknown": {c.name: list(c.unknown) for c in cells if c.unknown},
            "after_sensitive": {c.name: True for c in cells if _is_secret(c)},
            "replace_paths": [[c.column] for c in change.cells if c.forces]
            if not is_new or change.action is Action.REPLACE
            else [],
            "changed_outside": [c.column for c in change.cells if c.is_drift],
        },
        "action_reason": change.reason or None,
        "refused": change.refused or None,
        "hint": change.hint or None,
        "calls": [
            {
                "operation": c.operation,
                "iam_actions": list(c.permissions),
                "parameters": dict(c.parameters),
                "inverse": c.inverse or None,
            }
            for c in change.calls
        ],
        "notes": change.notes,
        "source": change.source or None,
    }


def _before(cell: CellChange) -> Any:
    return shown(cell.before)


def _after(cell: Cell) -> Any:
    """The value of a cell; of a secret, what it is taken from."""
    value = shown(cell.value)
    return {"secret": True} if cell.is_secret and value == cell.value else value


def _is_secret(cell: Cell) -> bool:
    return cell.is_secret or (isinstance(cell.value, str) and cell.value.startswith(SECRET_MARK))


def _output(plan: StackPlan, name: str) -> dict[str, Any]:
    value = plan.outputs[name]
    is_unknown = isinstance(value, Mapping) and "unknown" in value
    if name in plan.secret_outputs:
        return {"sensitive": True}
    return {
        "before": plan.outputs_before.get(name),
        "after": None if is_unknown else value,
        "after_unknown": list(value["unknown"]) if is_unknown else [],
    }
