"""Runs a plan with writes: checks RETURNING, makes the calls, returns the rows or the report.

``execution.writes`` decides which calls to make and whether they are allowed; ``write_calls`` logs
each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from cirrusql.errors import NotSupportedError
from cirrusql.execution.reads.partial import Refused, check_whole, rows_refused
from cirrusql.execution.transaction.journal import left_behind
from cirrusql.execution.writes.outcomes import counted, told
from cirrusql.execution.writes.preview import HEADINGS as PREVIEW_HEADINGS
from cirrusql.execution.writes.preview import row_of
from cirrusql.execution.writes.write_results import WriteResult
from cirrusql.execution.writes.write_runner import REPORT_HEADINGS, WriteRun
from cirrusql.plan.writes.returning import returned_columns
from cirrusql.session.old_values import with_old_values
from cirrusql.session.preview_lines import preview_lines
from cirrusql.session.result import Result, text_result

if TYPE_CHECKING:
    from cirrusql.execution.reads.reads import ReadRun
    from cirrusql.plan.model import Plan, Write
    from cirrusql.session.running_session import RunningSession


def written(
    session: RunningSession,
    plan: Plan,
    run: ReadRun,
    parameters: Mapping[str, object],
    verb: str,
    text: str,
) -> Result:
    """Make the writes of a plan whose scans ``run`` has read; adds a notice about interrupted
    transactions."""
    result = _written(session, plan, run, parameters, verb, text)
    result.notices += left_behind()
    return result


def _written(
    session: RunningSession,
    plan: Plan,
    run: ReadRun,
    parameters: Mapping[str, object],
    verb: str,
    text: str,
) -> Result:
    """Make the writes of a plan whose scans ``run`` has read. ``text``: the user's, for the audit
    log.

    Raises the first failure of the reads: rows that could not be read could not be written, and
    would be missing from what was requested.
    """
    writes = WriteRun(
        session.database,
        session.fetcher,
        session.settings,
        parameters,
        session.options,
        session.executor,
        text,
        session.awaiter,
        old_values=partial(with_old_values, session, parameters),
        warnings=tuple(plan.notices),
    )
    refused = rows_refused(run, plan) if session.transaction_status != "open" else None
    if refused is None:
        check_whole(verb, run)
    for write in plan.writes:
        _check_returning(session, write, parameters)
    if session.transaction_status == "open":
        if step := next((w for w in plan.writes if w.answered), None):
            raise NotSupportedError(
                f"{step.method.operation.id} needs {', '.join(step.answered)} from the response "
                "of the previous call, which is not available before COMMIT",
                hint="insert the row before BEGIN, or set only columns that the creating call "
                "accepts",
            )
        prepared = list(zip(plan.writes, writes.prepare_all(plan.writes), strict=True))
        session.end(run)
        return session.transaction.queue(prepared, text, parameters)
    try:
        made = writes.run(plan.writes)
    finally:
        if session.cache is not None:
            for service in {w.method.operation.service.key for w in plan.writes}:
                session.cache.forget(service)
        session.end(run)
    is_shown = session.options.is_dry_run or any(m.failed or m.not_come for m in made)
    if refused or is_shown or any(w.returning is None for w in plan.writes if not w.follows):
        result = _reported(session, made, verb, refused or ())
        result.failures += run.failures
    else:
        result = _returned(session, made, parameters, verb)
    if writes.unshown is not None:
        result.notices += preview_lines(writes.unshown)
    result.notices += writes.notices
    result.notices += [n for n in plan.notices if n not in result.notices]
    result.writes = made
    return result


def _check_returning(
    session: RunningSession, write: Write, parameters: Mapping[str, object]
) -> None:
    """Errors in RETURNING must be raised before anything is done."""
    if write.returning is None:
        return
    session.database.load(write.id, returned_columns(write.table, write.method), [])
    try:
        session.database.check(write.returning.sql, parameters)
    finally:
        session.database.unregister([write.id])


def _reported(
    session: RunningSession, made: Sequence[WriteResult], verb: str, refused: Sequence[Refused] = ()
) -> Result:
    if session.options.is_dry_run:
        calls = [call for m in made for call, _ in m.outcomes]
        result = text_result(PREVIEW_HEADINGS, [row_of(c) for c in calls], verb)
    else:
        rows = [row for m in made for row in m.report()]
        operation = ", ".join(dict.fromkeys(m.write.method.operation.id for m in made))
        rows += [(operation, r.target, "refused", r.error, r.request_id) for r in refused]
        result = text_result(REPORT_HEADINGS, rows, verb)
        result.outcomes = counted(row[2] or "" for row in rows)
        result.cause = next((m.cause for m in made if m.cause is not None), None)
    result.rows_written = sum(m.done for m in made)
    result.exit_status = 1 if refused or any(m.failed or m.not_come for m in made) else 0
    if result.exit_status and result.outcomes:
        result.notices.append(f"{verb}: {told(result.outcomes)}")
    if refused:
        count = f"{len(refused)} row{'s' if len(refused) > 1 else ''}"
        result.notices.append(
            f"{verb}: {count} could not be read completely and "
            f"{'are' if len(refused) > 1 else 'is'} not written: "
            + "; ".join(r.target for r in refused[:5])
            + ("; …" if len(refused) > 5 else "")
        )
    result.notices += session.executor.troubles()
    return result


def _returned(
    session: RunningSession,
    made: Sequence[WriteResult],
    parameters: Mapping[str, object],
    verb: str,
) -> Result:
    """The rows of RETURNING: those of each operation, in order."""
    import pyarrow as pa

    tables = []
    for one in made:
        write = one.write
        assert write.returning is not None
        session.database.load(write.id, returned_columns(write.table, write.method), one.rows())
        try:
            tables.append(pa.Table.from_batches(*_rows(session, write.returning.sql, parameters)))
        finally:
            session.database.unregister([write.id])
    whole = (
        tables[0] if len(tables) == 1 else pa.concat_tables(tables, promote_options="permissive")
    )
    return Result(
        schema=whole.schema,
        batches=iter(whole.to_batches()),
        verb=verb,
        rows_written=sum(m.done for m in made),
        notices=[
            *filter(None, dict.fromkeys(m.write.returning_notice for m in made)),
            *session.executor.troubles(),
        ],
    )


def _rows(
    session: RunningSession, sql: str, parameters: Mapping[str, object]
) -> tuple[list[object], object]:
    rows = session.database.run(sql, parameters)
    try:
        return list(rows.batches()), rows.schema
    finally:
        rows.close()
