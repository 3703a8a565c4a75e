"""Pass: sends bounds on a row's timestamp to the API: ``EventTime >= a`` becomes CloudTrail's
StartTime.

Runs last, like ``filter_pushdown``, and is sound for the same reason: it uses only conditions that
every relevant row must meet, and the engine evaluates them again. The window is extended by a
second on both sides, since an end may be exclusive and timestamps truncated: the response never has
less than the condition accepts. If the bounds exclude each other, no call is made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlglot import exp

from cirrusql.catalog.behaviour.completeness import narrowing
from cirrusql.catalog.behaviour.time_windows import FieldBound, field_bounds
from cirrusql.plan.model import CallSet, Feed
from cirrusql.plan.parameter_values.windows import bounds
from cirrusql.plan.passes.predicates import narrowed
from cirrusql.plan.scope.constants import is_volatile
from cirrusql.plan.scope.lineage import bases
from cirrusql.plan.scope.planning_context import PlanningContext
from cirrusql.plan.scope.resolve import is_star, resolve
from cirrusql.plan.scope.scopes import SelectScope, TableReference


@dataclass(frozen=True)
class _Bound:
    column: str
    value: str
    """SQL of a constant."""
    is_start: bool


def field_windows(draft: PlanningContext) -> None:
    """Send the bounds to each scan that a single reference reads, unless their parameters are
    already bound."""
    uses = Counter(s.scan.id for s in draft.sources if s.scan is not None)
    said: dict[TableReference, list[_Bound]] = {}
    for scope in draft.scopes():
        for source, bound in _bounds(scope):
            said.setdefault(source, []).append(bound)
    for source, found in said.items():
        scan = next(
            (s for s in draft.scans if source.scan is not None and s.id == source.scan.id), None
        )
        if scan is not None and uses[scan.id] == 1 and scan.id not in draft.whole:
            calls = tuple(_bounded(source, c, found) for c in scan.calls)
            draft.scans[draft.scans.index(scan)] = replace(scan, calls=calls)


def _bounds(scope: SelectScope) -> Iterator[tuple[TableReference, _Bound]]:
    varying = (exp.Column, exp.Query, exp.Any, exp.All, exp.AggFunc)
    for conjunct in scope.conjuncts:
        for bound in bounds(conjunct.node):
            if not isinstance(bound.column, exp.Column) or is_star(bound.column):
                continue
            target = resolve(scope, bound.column)
            if target is None or target.item.scope is not scope or target.rest:
                continue
            if bound.value.find(*varying) is not None or is_volatile(bound.value):
                continue
            value = bound.value.sql(dialect="duckdb")
            if "infinity" in value.lower():
                continue
            for item in narrowed(scope, conjunct, target):
                for base, column in bases(item, target.column):
                    if base.source is not None and (own := base.source.column(column)) is not None:
                        yield base.source, _Bound(own.name, value, bound.is_start)


def _bounded(source: TableReference, call_set: CallSet, said: list[_Bound]) -> CallSet:
    method = call_set.method
    bound = {name for binding in call_set.bindings for name in binding.parameters}
    if not bound <= {*method.required, *method.keys, *narrowing(method)}:
        return call_set
    taken = {*bound, *call_set.constants, *call_set.filters, *source.used}
    bindings = []
    ends = [e for e in field_bounds(method) if e.parameter not in taken]
    for field in dict.fromkeys(e.field for e in ends):
        pairs = [(e, v) for e in ends if e.field == field and (v := _values(e, said))]
        if pairs:
            bindings.append(_feed(pairs))
    return replace(call_set, bindings=(*call_set.bindings, *bindings)) if bindings else call_set


def _values(end: FieldBound, said: list[_Bound]) -> list[str]:
    return [
        b.value
        for b in said
        if b.column.lower() == end.field.lower() and b.is_start is end.is_start
    ]


def _feed(pairs: list[tuple[FieldBound, list[str]]]) -> Feed:
    """A feed with one row, the bounds of a field; no row if they exclude each other."""
    cells, conditions = [], []
    for i, (end, values) in enumerate(pairs):
        type_, step = ("BIGINT", "1000") if end.is_number else ("TIMESTAMPTZ", "INTERVAL 1 SECOND")
        tightest = "greatest" if end.is_start else "least"
        listed = ", ".join(f"CAST({v} AS {type_})" for v in values)
        wide = f"{tightest}({listed}) {'-' if end.is_start else '+'} {step}"
        cells.append(f"{f'greatest(0, {wide})' if end.is_number else wide} AS v{i}")
        conditions.append(f"v{i} IS NOT NULL")
    starts = [f"v{i}" for i, (end, _) in enumerate(pairs) if end.is_start]
    conditions += [
        f"{s} <= v{i}" for s in starts for i, (end, _) in enumerate(pairs) if not end.is_start
    ]
    sql = f"SELECT DISTINCT * FROM (SELECT {', '.join(cells)}) WHERE {' AND '.join(conditions)}"
    reason = ", ".join(
        f"{e.field} {'>' if e.is_start else '<'} {' and '.join(v)}" for e, v in pairs
    )
    return Feed(tuple(end.parameter for end, _ in pairs), sql, reason=reason)
