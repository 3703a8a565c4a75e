"""What happens to a statement that stores or changes data when some calls failed.

A SELECT returns the rows that could be read and reports the failures. A statement that stores rows
does the same with a notice; one that changes or removes rows is rejected, because a value that
could not be read looks like one that does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from cirrusql.errors import BadAnswer, CallFailed
from cirrusql.plan.model import Feed
from cirrusql.sql.quoting import quoted

if TYPE_CHECKING:
    from cirrusql.errors import Error
    from cirrusql.execution.reads.reads import ReadRun
    from cirrusql.plan.model import Plan, Scan
    from cirrusql.transport.model import Failure


class Effect(Enum):
    """What a statement run by the engine does besides returning rows."""

    NONE = "none"
    KEEPS = "keeps"
    """It stores the rows: CREATE TABLE AS, INSERT, COPY."""
    CHANGES = "changes"
    """The rows decide what else changes or is removed: UPDATE, DELETE, MERGE."""


def effect_of(tree: Any) -> Effect:
    """The effect of a parsed statement."""
    from sqlglot import exp

    if isinstance(tree, exp.Update | exp.Delete | exp.Merge):
        return Effect.CHANGES
    return Effect.KEEPS if isinstance(tree, exp.Insert | exp.Create | exp.Copy) else Effect.NONE


def notice(verb: str, failures: Sequence[Failure]) -> list[str]:
    """The notice about rows that were stored although calls failed."""
    if not failures:
        return []
    return [
        f"{verb}: {_calls(failures)} failed, so the stored rows are incomplete; with SET strict "
        "= true nothing would have been stored"
    ]


def check_whole(verb: str, run: ReadRun) -> None:
    """Raise an error if something could not be read that may decide what changes."""
    if run.failures:
        raise refused(verb, run.failures)
    if run.unread:
        raise BadAnswer(
            run.unread[0],
            hint=f"{verb}: nothing was changed, because the value may decide which rows change",
        )


@dataclass(frozen=True)
class Refused:
    """A row that is not written, because part of it could not be read."""

    target: str
    error: str
    request_id: str | None


def rows_refused(run: ReadRun, plan: Plan) -> list[Refused] | None:
    """Remove from an UPDATE or DELETE the rows whose details could not be read; keep the others.

    Returns None and removes nothing if a failure cannot be attributed to single rows: a failed
    listing may have had any row, and a subquery may decide about all rows.
    """
    targets = {write.target for write in plan.writes}
    scan = next((s for s in plan.scans if {s.id} == targets), None)
    if scan is None or run.unread or not run.failures:
        return None
    conditions = [_of_failure(plan, scan, failure) for failure in run.failures]
    if any(c is None for c in conditions):
        return None
    found: list[Refused] = []
    for failure, condition in zip(run.failures, conditions, strict=True):
        assert condition is not None
        columns, where, values = condition
        cells = ", ".join(quoted(c) for c in columns)
        rows = run.database.rows(
            f"SELECT DISTINCT {cells} FROM {scan.id} WHERE {where} ORDER BY ALL", values
        )
        called = failure.error if isinstance(failure.error, CallFailed) else None
        for row in rows:
            target = ", ".join(f"{c}={v}" for c, v in zip(columns, row, strict=True))
            text = (
                "not written, because the row could not be read completely: "
                f"{failure.error.message}"
            )
            found.append(Refused(target, text, called.request_id if called is not None else None))
    for condition in conditions:
        assert condition is not None
        _, where, values = condition
        run.keep_only(scan, f"({where}) IS NOT TRUE", values)
    return found


def _of_failure(
    plan: Plan, scan: Scan, failure: Failure
) -> tuple[list[str], str, Mapping[str, object]] | None:
    """The rows that a failed call concerns: the columns that identify them, and a condition."""
    if not isinstance(failure.error, CallFailed):
        return None
    call = failure.call
    feeds = [
        binding
        for other in plan.scans
        for calls in other.calls
        if calls.method.operation.id == call.operation.id
        for binding in calls.bindings
    ]
    is_of_rows = all(isinstance(f, Feed) and f.needs == (scan.id,) for f in feeds)
    detail = next(
        (d for d in scan.table.details if d.method.operation.id == call.operation.id), None
    )
    if detail is None or not feeds or not is_of_rows:
        return None
    there = {c.name for c in scan.columns}
    columns: list[str] = []
    conditions: list[str] = []
    values: dict[str, object] = {}
    for number, (parameter, column) in enumerate(detail.keys):
        if column not in there or parameter not in call.parameters:
            return None
        given = call.parameters[parameter]
        columns.append(column)
        values[f"_v{number}"] = [str(v) for v in given] if isinstance(given, list) else [str(given)]
        conditions.append(f"list_contains($_v{number}, CAST({quoted(column)} AS VARCHAR))")
    return columns, " AND ".join(conditions), values


def refused(verb: str, failures: Sequence[Failure]) -> Error:
    """The error saying why nothing was changed: the first failure with its consequences."""
    error = failures[0].error
    said = (
        f"{verb}: nothing was changed: {_calls(failures)} failed, and the rows they would have "
        "returned may decide what changes; exclude them in the WHERE clause, or grant access "
        "to them"
    )
    error.hint = f"{error.hint}; {said}" if error.hint else said
    return error


def _calls(failures: Sequence[Failure]) -> str:
    return "1 call" if len(failures) == 1 else f"{len(failures)} calls"
