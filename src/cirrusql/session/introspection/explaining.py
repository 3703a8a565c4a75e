"""EXPLAIN: the plan, or with ANALYZE the plan after running it with its costs. Plain EXPLAIN makes
no call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cirrusql.errors import NotSupportedError
from cirrusql.plan.explain import HEADINGS, ExplainStep, policy, steps
from cirrusql.session.result import Result, ResultLayout, text_result
from cirrusql.sql.statements import (
    Delete,
    Exec,
    Explain,
    Insert,
    QueryStatement,
    TransactionStatement,
    Update,
)

if TYPE_CHECKING:
    from cirrusql.plan.model import Plan
    from cirrusql.session.running_session import RunningSession

_MEASURED = ("made_calls", "pages", "retries", "bytes", "rows", "ms")


def explained(
    session: RunningSession, statement: Explain, parameters: Mapping[str, object]
) -> Result:
    """The rows of an EXPLAIN in the requested format."""
    inner = statement.inner
    if isinstance(inner, TransactionStatement) and inner.action == "commit":
        return session.transaction.explained()
    if not isinstance(inner, QueryStatement | Insert | Update | Delete | Exec):
        raise NotSupportedError(
            f"EXPLAIN {inner.text.split()[0].upper()} is not supported: it makes no calls"
        )
    plan = session.plan(inner, parameters)
    if statement.is_analyze:
        return _analyzed(session, plan, inner, parameters)
    told = _told(statement, plan)
    # Explaining makes no calls, so it is always allowed; say if running the statement is not.
    told.notices += session.refusals(plan)
    return told


def _told(statement: Explain, plan: Plan) -> Result:
    if statement.format == "policy":
        text = json.dumps(policy(plan), indent=2)
        return text_result(("policy",), [(text,)], "EXPLAIN", ResultLayout.TEXT)
    found = steps(plan)
    if statement.format == "json":
        rows = [dict(zip(HEADINGS, s.cells(), strict=True)) for s in found]
        return text_result(("plan",), [(json.dumps(rows, indent=2),)], "EXPLAIN", ResultLayout.TEXT)
    if statement.format == "tree":
        return text_result(
            ("plan",), [(line,) for line in tree(found)], "EXPLAIN", ResultLayout.TEXT
        )
    return text_result(HEADINGS, [s.cells() for s in found], "EXPLAIN")


def tree(found: tuple[ExplainStep, ...]) -> list[str]:
    """One line per step, with its dependencies in brackets."""
    lines = []
    for step in found:
        whole = f"completeness: {step.completeness}" if step.completeness else ""
        found_in = (step.parameters, whole, f"regions: {step.regions}", f"calls: {step.calls}")
        parts = [p for p in found_in if p]
        lines.append(f"{step.step}. {step.operation} → {step.table} ({'; '.join(parts)})")
    return lines


def _analyzed(
    session: RunningSession,
    plan: Plan,
    inner: QueryStatement | Insert | Update | Delete | Exec,
    parameters: Mapping[str, object],
) -> Result:
    if plan.writes:
        raise NotSupportedError("EXPLAIN ANALYZE would write", hint=session.options.hints.preview)
    result = session.execute(inner, parameters)
    rows = result.table().num_rows
    records = session.records
    told = []
    for step in steps(plan):
        own = [r for r in records if f"{r.service}:{r.operation}" == step.operation]
        firsts = [r for r in own if r.page == 1 and r.attempt == 1]
        measured = (
            str(len(firsts)),
            str(sum(r.error is None for r in own)),
            str(sum(r.attempt > 1 for r in own)),
            str(sum(r.bytes for r in own)),
            str(rows),
            f"{sum(r.ms for r in own):.0f}",
        )
        told.append((*step.cells(), *measured))
    report = text_result((*HEADINGS, *_MEASURED), told, "EXPLAIN")
    report.failures = result.failures
    return report
