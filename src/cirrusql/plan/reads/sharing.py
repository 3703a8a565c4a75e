"""Shares equal scans between references."""

from __future__ import annotations

from dataclasses import replace

from cirrusql.plan.model import CallSet, Scan
from cirrusql.plan.scope.planning_context import PlanningContext


def share(draft: PlanningContext, scan: Scan) -> Scan:
    """The existing scan that makes the same calls, extended by the needed columns; otherwise a new
    one."""
    for i, other in enumerate(draft.scans):
        if "share" not in draft.options.off and _is_same(other, scan):
            names = {c.name for c in (*other.columns, *scan.columns)}
            columns = tuple(c for c in other.table.columns if c.name in names)
            draft.scans[i] = replace(other, columns=columns)
            return draft.scans[i]
    new = replace(scan, id=draft.next_id())
    draft.scans.append(new)
    return new


def _is_same(one: Scan, other: Scan) -> bool:
    return (
        one.table.columns is other.table.columns
        and one.scope == other.scope
        and one.limit == other.limit
        and one.masked == other.masked
        and [_made(c) for c in one.calls] == [_made(c) for c in other.calls]
    )


def _made(calls: CallSet) -> tuple[object, ...]:
    """The identity of a set of calls."""
    return calls.method.operation, calls.bindings, calls.page_size, calls.batch, calls.constants
