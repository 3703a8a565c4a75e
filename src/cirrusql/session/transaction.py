"""BEGIN, COMMIT and ROLLBACK: writes are queued, previewed, and run together.

Owns the queue and which statements are accepted while it is open. ``commit`` runs and undoes it.
Reads see the cloud's current state, without the queued writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from cirrusql.catalog.inverses.inverse import Inverse, Needs
from cirrusql.catalog.model import Method, Table
from cirrusql.errors import ConfirmationRequired, Error, NotSupportedError, TransactionAborted
from cirrusql.execution.audit.redaction import target_text
from cirrusql.execution.writes.confirmation import Extent, calls_told
from cirrusql.execution.writes.outcomes import counted, told
from cirrusql.plan.model import EngineQuery, Plan, Write
from cirrusql.session.preview_lines import preview_lines
from cirrusql.session.result import text_result
from cirrusql.sql import statements
from cirrusql.transport.model import Call

if TYPE_CHECKING:
    from cirrusql.execution.transaction.commit import CommitContext, TransactionStep
    from cirrusql.execution.writes.preview import Preview
    from cirrusql.session.result import Result
    from cirrusql.session.running_session import RunningSession

EXPLAIN_HEADINGS = (
    *(
        "step",
        "operation",
        "target",
        "name",
        "region",
        "connection",
        "changes",
        "dangers",
        "parameters",
    ),
    *("undo", "provided"),
)
"""Columns of EXPLAIN COMMIT. ``undo``: what undoes the step, or why nothing does; ``provided``:
what must be true before the call for that."""


@dataclass
class TransactionQueue:
    """The transaction of one session. ``status`` is ``idle``, ``open`` or ``failed``."""

    session: RunningSession
    status: str = "idle"
    steps: list[TransactionStep] = field(default_factory=list)
    extents: list[tuple[int, Extent]] = field(default_factory=list)
    """How much each queued statement writes, with the number of steps queued before it."""

    @property
    def is_open(self) -> bool:
        """Whether writes are queued rather than made."""
        return self.status == "open"

    def command(self, statement: statements.TransactionStatement) -> Result:
        """Run BEGIN, COMMIT or ROLLBACK."""
        if statement.action == "begin":
            return self._begin()
        if statement.action == "rollback":
            return self._rollback()
        return self._commit()

    def check(self, statement: statements.Statement) -> None:
        """Raise TransactionAborted if an earlier statement failed: nothing else is accepted until
        the end."""
        if self.status == "failed" and not isinstance(statement, statements.TransactionStatement):
            raise TransactionAborted(
                "an earlier statement of this transaction failed, so this one was not run",
                hint="ROLLBACK",
            )

    def fail(self) -> None:
        """Record a failed statement: the transaction can no longer be committed."""
        if self.is_open:
            self.status = "failed"

    def queue(
        self,
        prepared: Sequence[tuple[Write, Sequence[Call]]],
        text: str,
        parameters: Mapping[str, object],
    ) -> Result:
        """Queue the validated calls of a statement, to be made at COMMIT."""
        from cirrusql.execution.transaction.commit import TransactionStep
        from cirrusql.execution.writes.preview import shown_calls
        from cirrusql.execution.writes.write_runner import REPORT_HEADINGS

        if any(write.returning is not None and write.verb != "EXEC" for write, _ in prepared):
            raise NotSupportedError(
                "RETURNING has no rows before COMMIT", hint="read the rows after COMMIT"
            )
        rows: list[tuple[str | None, ...]] = []
        self.extents.append((len(self.steps), Extent.of(prepared)))
        for write, calls in prepared:
            unnamed = {c.number for c in shown_calls([(write, calls)])}
            for call in calls:
                step = TransactionStep(
                    len(self.steps) + 1,
                    write.table,
                    write.method,
                    call,
                    text,
                    wait=write.wait,
                    write=write,
                    given=parameters,
                    is_named=call.number not in unnamed,
                )
                self.steps.append(step)
                rows.append((call.operation.id, target_text(call), "queued", None, None))
        result = text_result(REPORT_HEADINGS, rows, prepared[0][0].verb if prepared else "INSERT")
        result.rows_written = len(rows)
        return result

    def _begin(self) -> Result:
        result = _said("BEGIN")
        if self.status != "idle":
            result.notices.append("a transaction is already open")
            return result
        self.status = "open"
        return result

    def _rollback(self) -> Result:
        result = _said("ROLLBACK")
        if self.status == "idle":
            result.notices.append("no transaction is open")
        self.drop()
        return result

    def drop(self) -> int:
        """Drop the queue; returns how many writes there were."""
        count = len(self.steps)
        self.status, self.steps, self.extents = "idle", [], []
        return count

    def cut(self, count: int) -> None:
        """Drop all but the first steps; a failed transaction stays open."""
        self.steps = self.steps[:count]
        self.extents = [(before, extent) for before, extent in self.extents if before < count]
        self.status = "open"

    def _commit(self) -> Result:
        if self.status == "idle":
            result = _said("COMMIT")
            result.notices.append("no transaction is open")
            return result
        if self.status == "failed":
            count = self.drop()
            result = _said("ROLLBACK")
            result.exit_status = 1
            result.notices.append(
                f"an earlier statement failed: {count} queued writes were dropped and none was made"
            )
            return result
        steps = self.steps
        if self.session.options.is_dry_run:
            self.drop()
            return _preview(self._told(steps))
        if not steps:
            self.drop()
            return _said("COMMIT")
        try:
            unshown = self._ask(steps)
        except Error:
            self.drop()
            raise
        result = self._run(steps)
        if unshown is not None:
            result.notices += preview_lines(unshown)
        return result

    def _run(self, steps: list[TransactionStep]) -> Result:
        from cirrusql.execution.transaction.commit import HEADINGS, Commit

        self.drop()
        commit = Commit(self.means(), steps)
        try:
            is_done = commit.run()
        finally:
            if self.session.cache is not None:
                for service in {s.call.operation.service.key for s in steps}:
                    self.session.cache.forget(service)
        result = text_result(
            HEADINGS, [s.cells() for s in steps], "COMMIT" if is_done else "ROLLBACK"
        )
        result.rows_written = sum(s.status in ("done", "not undone") for s in steps)
        result.exit_status = 0 if is_done else 1
        result.outcomes = counted(s.status for s in steps)
        result.interrupt = commit.interrupt
        result.notices += [
            *self.session.executor.troubles(),
            *commit.notices,
            *([] if is_done else [f"the transaction failed: {told(result.outcomes)}"]),
        ]
        return result

    def _ask(self, steps: Sequence[TransactionStep]) -> Preview | None:
        """Confirm, like a statement, but once for all of them; on a terminal always.

        Returns previews that could not be shown to anybody.
        """
        from cirrusql.execution.writes.preview import Preview, places_told

        options, extent = self.session.options, Extent.sum([extent for _, extent in self.extents])
        session = self.session
        if options.confirm is not None and not options.assume_yes:
            calls = self._told(steps, reads_all=True)
            places = places_told(calls, session.executor, session.settings)
            if options.confirm(Preview(calls, extent, places)):
                return None
            raise ConfirmationRequired(
                f"not confirmed: none of {len(steps)} calls was made; rolled back"
            )
        if not options.assume_yes and extent.asks(session.settings.max_writes):
            raise ConfirmationRequired(
                f"COMMIT would write {extent.told} by {calls_told(steps)}; none was made, and the "
                "transaction is rolled back",
                hint=options.hints.commit,
            )
        calls = self._told([s for s in steps if not s.is_named])
        if not calls:
            return None
        unnamed = Extent.sum([e for _, e in self.extents if e.unnamed or not e.is_known])
        preview = Preview(
            calls, unnamed, places_told(calls, session.executor, session.settings, asks=False)
        )
        if options.show is None:
            return preview
        options.show(preview)
        return None

    def _told(self, steps: Sequence[TransactionStep], *, reads_all: bool = False) -> list[Call]:
        """The calls with their old values, as in a statement's preview."""
        from cirrusql.session.old_values import with_old_values

        found: list[Call] = []
        for _, group in groupby(steps, lambda s: id(s.write)):
            of = list(group)
            write, calls = of[0].write, [step.call for step in of]
            if write is not None and (reads_all or write.is_found_by_reading):
                found += with_old_values(self.session, of[0].given, [(write, calls)])[0][1]
            else:
                found += calls
        return found

    def explained(self) -> Result:
        """EXPLAIN COMMIT: the queued calls and what undoes each. Makes no call."""
        from cirrusql.execution.transaction.undoing import NothingToUndo, if_it_exists
        from cirrusql.execution.writes.preview import row_of

        means = self.means()
        rows = []
        for step in self.steps:
            inverse = means.inverse(step)
            undo, provided = f"cannot be undone: {inverse.reason}", None
            if isinstance(inverse, Inverse) and _has_read(step, inverse):
                there = if_it_exists(inverse, step.call)
                is_kept = isinstance(there, NothingToUndo)
                undo = f"{'nothing to undo' if is_kept else 'cannot be undone'}: {there.reason}"
            elif isinstance(inverse, Inverse):
                undo, provided = inverse.promised, inverse.provided
            rows.append((str(step.number), *row_of(step.call), undo, provided))
        return text_result(EXPLAIN_HEADINGS, rows, "EXPLAIN")

    def means(self) -> CommitContext:
        """The dependencies of a commit."""
        from cirrusql.execution.transaction.commit import CommitContext

        session = self.session
        return CommitContext(
            session.catalog,
            session.fetcher,
            session.executor,
            session.awaiter,
            session.may_read,
            self._may_undo,
        )

    def _may_undo(self, table: Table, method: Method) -> bool:
        write = Write("_undo", table, method, EngineQuery(""), verb=method.verb.value)
        return not self.session.refusals(Plan(writes=(write,)))


def _has_read(step: TransactionStep, inverse: Inverse) -> bool:
    """Whether a row was read that must not exist for the inverse: COMMIT will find it."""
    write = step.write
    is_found = write is not None and write.verb == "UPDATE" and write.is_found_by_reading
    return is_found and inverse.needs is Needs.ABSENT


def _said(verb: str) -> Result:
    return text_result((), [], verb)


def _preview(calls: Sequence[Call]) -> Result:
    from cirrusql.execution.writes.preview import HEADINGS, row_of

    return text_result(HEADINGS, [row_of(c) for c in calls], "COMMIT")
