"""COMMIT: runs the steps of a transaction in order, and undoes them if one fails.

Before each call, the journal records what is about to be done and how to undo it; after it, the
outcome. Owns the order and the compensation. ``write_calls`` makes the calls,
``catalog.inverses.inverses`` knows the inverses, and ``recovery`` handles crashes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cirrusql.catalog.inverses.inverse import Inverse, Needs, NoInverse
from cirrusql.catalog.inverses.inverses import inverse_of
from cirrusql.catalog.model import Method, Table
from cirrusql.errors import (
    AlreadyExists,
    AuditFailed,
    Error,
    Interrupted,
    JournalFailed,
    NotFound,
    PartlyFailed,
)
from cirrusql.execution.audit.redaction import statement_text, target_text
from cirrusql.execution.transaction.journal import ENDED, TransactionJournal, encoded, parameters_of
from cirrusql.execution.transaction.outcome_check import (
    OutcomeVerdict,
    answer_values,
    look,
    question_of,
    verdict,
)
from cirrusql.execution.transaction.undoing import (
    Before,
    CannotUndo,
    NothingToUndo,
    Planned,
    UndoPlan,
    before_of,
    completed,
    planned,
)
from cirrusql.execution.writes.existing_check import RowsSeen, as_existing, check_new
from cirrusql.execution.writes.write_calls import Executor, Outcome, result_facts, status_of
from cirrusql.transport.model import Answer, Call, Failure

if TYPE_CHECKING:
    from cirrusql.catalog.catalog import Catalog
    from cirrusql.catalog.inverses.readback import Reading
    from cirrusql.execution.writes.awaiting import Awaiter
    from cirrusql.plan.model import Wait, Write
    from cirrusql.transport.fetcher import Fetcher

HEADINGS = ("step", "operation", "target", "status", "undo", "error", "request_id")
"""Columns of the report of COMMIT, which has one row per call."""


@dataclass
class TransactionStep:
    """One call of a transaction and its state."""

    number: int
    table: Table
    method: Method
    call: Call
    statement: str
    status: str = "queued"
    """``queued``, ``done``, ``failed``, ``unknown``, ``not run``, ``undone``, ``not undone``."""
    wait: Wait | None = None
    """What to wait for before the next step."""
    write: Write | None = None
    """The planned write and the parameters from its statement, for the preview."""
    given: Mapping[str, object] = field(default_factory=dict)
    is_named: bool = True
    """The statement names literally what it writes."""
    undo: Planned | None = None
    told: str | None = None
    """How it was undone, or why not."""
    error: str | None = None
    request_id: str | None = None
    is_partly_done: bool = False
    """The call failed, but did part of its work."""

    def cells(self) -> tuple[str | None, ...]:
        """A row of HEADINGS."""
        head = (str(self.number), self.call.operation.id, target_text(self.call))
        return (*head, self.status, self.told, self.error, self.request_id)


@dataclass(frozen=True)
class CommitContext:
    """The dependencies of a commit."""

    catalog: Catalog
    fetcher: Fetcher
    executor: Executor
    awaiter: Awaiter
    may_read: Callable[[Reading], bool]
    may_undo: Callable[[Table, Method], bool]
    """Whether the policy allows undoing a write with these calls."""

    def inverse(self, step: TransactionStep) -> Inverse | NoInverse:
        """The inverse of a step, as far as the catalog and the policy allow."""
        given = {n: v for n, v in step.call.parameters.items() if v is not None}
        found = inverse_of(self.catalog, step.table, step.method, given)
        if isinstance(found, Inverse) and not self.may_undo(step.table, found.method):
            return NoInverse(f"the policy does not allow {found.told}")
        if isinstance(found, Inverse) and found.needs is not Needs.NOTHING:
            if unread := [r for r in found.looks if not self.may_read(r)]:
                return NoInverse(f"the policy does not allow {unread[0].method.operation.id}")
            absent = found.if_absent
            if absent is not None and not self.may_undo(step.table, absent.method):
                return replace(found, if_absent=None)
        return found


@dataclass
class Commit:
    """Runs the steps. ``notices`` are shown beside the report."""

    means: CommitContext
    steps: Sequence[TransactionStep]
    notices: list[str] = field(default_factory=list)
    journal: TransactionJournal | None = None
    interrupt: BaseException | None = None
    """The exception that interrupted the steps; it is raised again once everything is undone."""

    def run(self) -> bool:
        """Run all steps. Returns whether all were done; every step has its final status.

        Raises JournalFailed or AuditFailed if nothing was called.
        """
        self.journal = TransactionJournal.begin()
        try:
            self._begin()
        except (JournalFailed, KeyboardInterrupt):
            self.journal.remove()
            raise
        refusal: Error | None = None
        for step in self.steps:
            try:
                refusal = self._forward(step)
            except (JournalFailed, AuditFailed) as error:
                step.status, refusal = "not run", error
            if step.status != "done" or refusal is not None:
                step.error = step.error or (refusal.message if refusal is not None else None)
                break
        else:
            self._ended("committed")
            return True
        self._back()
        for step in self.steps:
            step.status = "not run" if step.status == "queued" else step.status
        self._close()
        if isinstance(refusal, JournalFailed | AuditFailed) and all(
            s.status == "not run" for s in self.steps
        ):
            raise refusal
        return False

    def _begin(self) -> None:
        assert self.journal is not None
        first = self.steps[0]
        who = self.means.executor.who(
            first.call.target.connection, first.call.operation.service.provider
        )
        begin = {"event": "begin", "who": dict(who), "endpoint": self.means.executor.endpoint_url}
        self.journal.write_all([begin, *map(_step_facts, self.steps)])

    # Do.

    def _forward(self, step: TransactionStep) -> Error | None:
        assert self.journal is not None
        inverse = self.means.inverse(step)
        sent_at: datetime | None = None
        before = Before()
        try:
            write = (step.table, step.method, step.call)
            before = before_of(self.means.fetcher, inverse, write, self.means.may_read)
            if step.write is not None and step.write.keeps_existing:
                reading = inverse.reading if isinstance(inverse, Inverse) else None
                seen = RowsSeen(None if before.is_combined else reading, before.rows)
                self.notices += check_new(self.means.executor, step.write, [step.call], seen)
            step.undo = planned(step.table, inverse, step.call, before)
            undo_by = undo_facts(step.undo)
            self.journal.write(
                "sending", step=step.number, undo=undo_by, was_there=before.was_there
            )
            sent_at = datetime.now(UTC)
            outcome = self._called(step, before.was_there)
            if isinstance(outcome, Failure) and isinstance(outcome.error, Interrupted):
                raise outcome.error
            return self._answered(step, outcome)
        except AlreadyExists as error:
            step.status, step.error = "failed", error.message
            self._note("failed", step=step.number, code=error.code, message=error.message)
            return error
        except (Interrupted, KeyboardInterrupt) as error:
            self.interrupt = error
            if step.status != "done":
                self._interrupted(step, sent_at, before.was_there)
            return Interrupted("interrupted")

    def _answered(self, step: TransactionStep, outcome: Outcome) -> Error | None:
        """Record the outcome of a step. Returns why the transaction must be undone, or None."""
        step.status = status_of(outcome)
        if isinstance(outcome, Answer):
            assert step.undo is not None
            step.undo = completed(step.undo, outcome.values)
            step.request_id = outcome.request_id
            self._note(
                "done", step=step.number, undo=undo_facts(step.undo), request_id=outcome.request_id
            )
            return self._waited(step, outcome)
        if outcome is not None:
            facts = result_facts(step.call, outcome)
            step.error, step.request_id = facts["message"], facts.get("request_id")
            error = outcome.error
            step.is_partly_done = isinstance(error, PartlyFailed) and not error.is_all
            self._note(
                "unknown" if step.status == "unknown" or step.is_partly_done else "failed",
                step=step.number,
                code=facts["code"],
                message=facts["message"],
            )
            return outcome.error
        return None

    def _waited(self, step: TransactionStep, answer: Answer) -> Error | None:
        """Wait for what a step created, if AWAIT requires it. Returns why the transaction must be
        undone, or None."""
        if step.wait is None:
            return None
        try:
            (waited,) = self.means.awaiter.wait(step.wait, step.method, [(step.call, answer)])
        except Interrupted as error:
            return error
        return waited.error

    def _interrupted(
        self, step: TransactionStep, sent_at: datetime | None, was_there: bool | None
    ) -> None:
        """Determine whether an interrupted step was done; if so, it is undone with the others."""
        if sent_at is None:
            step.status = "not run"
            return
        step.status, step.error = "unknown", "interrupted"
        settle(self.means, step, sent_at, was_there)
        event = {"done": "done", "not run": "not done"}.get(step.status, "unknown")
        undo_by = undo_facts(step.undo) if step.status == "done" else None
        self._note(event, step=step.number, message="interrupted", undo=undo_by)

    def _called(self, step: TransactionStep, was_there: bool | None) -> Outcome:
        ((_, outcome),) = self.means.executor.outcomes(
            [step.call],
            step.statement,
            stops=True,
            of=(step.table, step.method),
            was_there=was_there,
        )
        return as_existing(step.write, step.call, outcome) if step.write is not None else outcome

    # Undo.

    def _back(self) -> None:
        """Undo the completed steps, last first. A step that cannot be undone does not stop the
        others."""
        for step in reversed(self.steps):
            if step.status == "done":
                self._undo(step)
            elif step.status == "unknown":
                step.told = "not undone: it is unknown whether it was done"
            elif step.is_partly_done:
                step.told = "not undone: the parts that did not fail remain done"
        left = [s for s in self.steps if s.status in ("not undone", "unknown") or s.is_partly_done]
        if not left:
            self._ended("rolled back")
            return
        self._note(ENDED, left=[s.number for s in left])
        if self.journal is not None:
            hint = f"cirrusql recover show {self.journal.id}"
            self.notices.append(f"{len(left)} steps could not be undone; `{hint}` lists them")

    def _undo(self, step: TransactionStep) -> None:
        error = undo(self.means, self._note, step)
        if error is not None:
            step.status, step.told = "not undone", f"not undone: {error}"

    def _note(self, event: str, **facts: Any) -> None:
        """Journal something that has happened; a failure to write it changes nothing."""
        assert self.journal is not None
        try:
            self.journal.write(event, **facts)
        except JournalFailed as error:
            if error.message not in self.notices:
                self.notices.append(error.message)

    def _ended(self, event: str) -> None:
        self._note(event)
        assert self.journal is not None
        self.journal.remove()

    def _close(self) -> None:
        if self.journal is not None:
            self.journal.close()


def _step_facts(step: TransactionStep) -> dict[str, Any]:
    target = step.call.target
    return {
        "event": "step",
        "step": step.number,
        "table": step.table.id,
        "operation": step.call.operation.id,
        "target": target_text(step.call),
        "region": target.region,
        "connection": target.connection,
        "parameters": parameters_of(step.call),
        "statement": statement_text(step.statement, [step.call]),
    }


def settle(
    means: CommitContext, step: TransactionStep, sent_at: datetime, was_there: bool | None
) -> None:
    """Check whether a step of unknown outcome was done; it stays unknown if no read operation can
    tell."""
    question = question_of(step.table, step.method, step.call)
    if question is None or not means.may_read(question.reading):
        step.told = "no read operation can tell whether it was done"
        return
    (rows,) = look(means.fetcher, [question])
    found = verdict(step.method, question, rows, sent_at, was_there)
    if found is OutcomeVerdict.DONE:
        step.status, step.told = "done", f"according to {question.reading.reason}"
        step.undo = completed(
            step.undo or CannotUndo(""), answer_values(step.method, (rows or (None,))[0])
        )
    elif found in (OutcomeVerdict.NOT_DONE, OutcomeVerdict.WAS_THERE):
        step.status, step.told = "not run", f"according to {question.reading.reason}"
    else:
        step.told = f"{question.reading.reason} cannot tell whether it was done"


def undo(means: CommitContext, note: Callable[..., None], step: TransactionStep) -> str | None:
    """Undo a completed step. Returns the reason if that failed, or None. ``note`` writes to the
    journal."""
    plan = step.undo
    if isinstance(plan, NothingToUndo):
        step.status, step.told = "undone", f"nothing to undo: {plan.reason}"
        note("undone", step=step.number, why=plan.reason)
        return None
    if not isinstance(plan, UndoPlan):
        return plan.reason if plan is not None else "no inverse operation is known"
    note("undoing", step=step.number)
    told = []
    while plan is not None:
        error = _undone(means, plan, step)
        if error is not None:
            note("undo failed", step=step.number, message=error)
            return error
        told.append(plan.method.operation.id)
        plan = plan.also
    step.status, step.told = "undone", ", ".join(told)
    note("undone", step=step.number)
    return None


def _undone(means: CommitContext, plan: UndoPlan, step: TransactionStep) -> str | None:
    """Make one call that undoes a step. Returns the reason if that failed, or None."""
    call = Call(plan.method.operation, plan.parameters, step.call.target)
    try:
        ((_, outcome),) = means.executor.outcomes(
            [call], f"undo of: {step.statement}", stops=True, of=(plan.table, plan.method)
        )
    except AuditFailed as error:
        return error.message
    if isinstance(outcome, Answer) or _is_gone(outcome):
        return None
    assert outcome is not None
    return f"{plan.method.operation.id}: {result_facts(call, outcome)['message']}"


def _is_gone(outcome: Outcome) -> bool:
    """A resource that no longer exists does not have to be removed."""
    return isinstance(outcome, Failure) and isinstance(outcome.error, NotFound)


def undo_facts(plan: Planned | None) -> dict[str, Any]:
    """How to undo a step, as recorded in the journal."""
    if isinstance(plan, UndoPlan):
        shapes = plan.method.operation.parameters
        return {
            "table": plan.table.id,
            "operation": plan.method.operation.id,
            "parameters": encoded(shapes, plan.parameters),
            "awaited": {n: _source_facts(s) for n, s in plan.awaited.items()},
            "listed": plan.taken is not None,
            "also": undo_facts(plan.also) if plan.also is not None else None,
        }
    if isinstance(plan, NothingToUndo):
        return {"nothing": plan.reason}
    return {"cannot": plan.reason if isinstance(plan, CannotUndo) else "unknown"}


def _source_facts(source: Any) -> dict[str, Any]:
    return {"path": list(source.path), "each": source.each, "wrapped": source.is_wrapped}
