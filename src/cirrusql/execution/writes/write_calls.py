"""Makes write calls: logs the intent before each call, and its outcome after it.

Every write of a session goes through here: statements, transactions, and their undo.
``write_runner`` decides beforehand which calls to make and whether they are allowed.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cirrusql.errors import AuditFailed, CallFailed, Error, Interrupted, NotFound, Unreachable
from cirrusql.execution.audit.redaction import (
    hide_in,
    statement_text,
    summary,
    target_text,
    without_secrets,
)
from cirrusql.execution.transaction.outcome_check import (
    OutcomeVerdict,
    ReadbackQuestion,
    Rows,
    answer_values,
    look,
    may_repeat,
    question_of,
    verdict,
)
from cirrusql.execution.writes.partial_failures import judged
from cirrusql.transport.model import Answer, Call, Failure

if TYPE_CHECKING:
    from cirrusql.catalog.inverses.readback import Reading
    from cirrusql.catalog.model import Method, Table
    from cirrusql.execution.audit.audit import AuditLog
    from cirrusql.transport.fetcher import Fetcher

_MOST_WRITTEN = 1024 * 1024
"""Bytes of parameters and statement text that one statement may add to the audit log in full;
digests stand for the rest, so that no statement rotates older log files away."""
_MOST_OF_A_CALL = 16 * 1024
_LONGEST_TEXT = 1000
_NOTES = 10
"""Lost responses that are reported one by one."""

Outcome = Answer | Failure | None
"""None: not run, because a call before it failed."""


@dataclass
class Executor:
    """Makes the write calls of one session."""

    fetcher: Fetcher
    audit: AuditLog | None
    endpoint_url: str | None = None
    max_attempts: int = 5
    may_read: Callable[[Reading], bool] = lambda reading: True
    """Whether the policy allows reading a resource."""
    notes: list[str] = field(default_factory=list)
    """What was found out after the calls."""
    _callers: dict[tuple[str | None, str], Mapping[str, str]] = field(default_factory=dict)

    def outcomes(
        self,
        calls: Sequence[Call],
        statement: str,
        *,
        stops: bool = False,
        of: tuple[Table, Method] | None = None,
        was_there: bool | None = None,
    ) -> list[tuple[Call, Outcome]]:
        """Make the calls and return their outcomes in order.

        ``stops``: make calls one by one, and none after a failure. ``of``: the table and method of
        the write, used to check calls whose response was lost; ``was_there``: whether the resources
        that they create were found before. Raises AuditFailed if nothing was called because the
        audit log could not be written.
        """
        started = datetime.now(UTC)
        found: dict[int, Outcome] = {}
        refusal = None
        for lot in [[c] for c in calls] if stops else [calls]:
            refusal = self._made(lot, statement, found)
            if of is not None and (lost := [c for c in lot if _is_lost(found.get(c.number))]):
                self._resolve(lost, statement, of, found, (started, was_there))
            if stops and not isinstance(found.get(lot[0].number), Answer):
                break
        if refusal is not None and not found:
            raise refusal
        rest = refusal
        return [
            (c, found.get(c.number, Failure(c, rest) if rest is not None else None)) for c in calls
        ]

    def _made(
        self, calls: Sequence[Call], statement: str, found: dict[int, Outcome]
    ) -> AuditFailed | None:
        """Make each call once. Returns the reason if some were not made."""
        run = _Run(self, calls, statement)
        try:
            with closing(self.fetcher.answers(run.intended(), ordered=False)) as answers:
                for answer in answers:
                    outcome = judged(answer)
                    found[outcome.call.number] = outcome
                    run.ended(outcome.call, outcome)
        finally:
            run.abandon()
        return run.refusal

    def _resolve(
        self,
        lost: Sequence[Call],
        statement: str,
        of: tuple[Table, Method],
        found: dict[int, Outcome],
        since: tuple[datetime, bool | None],
    ) -> None:
        """Check the calls whose responses were lost; repeat those that were not done.

        A call is repeated only if that cannot do its work twice.
        """
        table, method = of
        asked = [(c, question_of(table, method, c)) for c in lost]
        pending = [(c, q) for c, q in asked if q is not None and self.may_read(q.reading)]
        causes = {c.number: o.error for c in lost if isinstance(o := found.get(c.number), Failure)}
        for attempt in range(1, self.max_attempts + 1):
            again = []
            for (call, question), rows in zip(pending, self._seen(pending, attempt), strict=True):
                found_out = verdict(method, question, rows, *since)
                if attempt < self.max_attempts and found_out is OutcomeVerdict.NOT_DONE:
                    # The change may not be visible yet.
                    again += [call] if may_repeat(method, question) else []
                else:
                    cause = causes[call.number]
                    found[call.number] = self._concluded(
                        call, question, method, found_out, rows, cause
                    )
            self._made(again, statement, found)
            pending = [(c, q) for c, q in pending if _is_in_doubt(found[c.number])]
            if not pending:
                return

    def _seen(self, pending: Sequence[tuple[Call, ReadbackQuestion]], attempt: int) -> list[Rows]:
        if attempt > 1:
            time.sleep(0.1 * 2.0**attempt)
        return look(self.fetcher, [question for _, question in pending])

    def _concluded(
        self,
        call: Call,
        question: ReadbackQuestion,
        method: Method,
        found_out: OutcomeVerdict,
        rows: Rows,
        cause: Error,
    ) -> Answer | Failure:
        """Record the outcome that follows from a verdict. ``cause``: why the outcome
        was in doubt."""
        seen = question.reading.reason
        outcome: Answer | Failure
        if found_out is OutcomeVerdict.DONE:
            outcome = Answer(call, answer_values(method, rows[0] if rows else None))
            why = f"answered {cause.code}" if isinstance(cause, CallFailed) else "response lost"
            self.notes.append(
                f"{call.operation.id} {target_text(call)}: {why}; {seen} confirms that it was done"
            )
        else:
            outcome = Failure(call, _undone(found_out, seen, cause))
        if self.audit is not None:
            facts = {"operation": call.operation.id, "target": target_text(call), "looked": seen}
            self.audit.result("", {**facts, **result_facts(call, outcome)})
        return outcome

    def who(self, connection: str | None, provider: str) -> Mapping[str, str]:
        """The caller's identity, as the provider reports it; requested once per connection."""
        key = (connection, provider)
        if key not in self._callers:
            try:
                self._callers[key] = self.fetcher.caller(connection, provider)
            except Error as error:
                # A caller that may write may lack permission to ask for its identity, which is no
                # reason to stop.
                self._callers[key] = {"unknown": error.message}
        return self._callers[key]

    def troubles(self) -> list[str]:
        """What was found out or could not be logged after the calls; each is returned once."""
        told, self.notes = self.notes[:_NOTES], self.notes[_NOTES:]
        if self.notes:
            told.append(f"… and {len(self.notes)} more lost responses were checked")
        self.notes = []
        if self.audit is not None and self.audit.trouble is not None:
            told.append(self.audit.trouble)
            self.audit.trouble = None
        return told

    def close(self) -> None:
        """Close the audit log."""
        if self.audit is not None:
            self.audit.close()


@dataclass
class _Run:
    """The audit records of one batch of calls."""

    executor: Executor
    calls: Sequence[Call]
    statement: str
    refusal: AuditFailed | None = None
    _open: dict[int, tuple[str, Call, float]] = field(default_factory=dict)
    _text: str | None = None
    _first: str = ""
    """The id of the line that contains the statement; other lines refer to it."""
    _written: int = 0

    def intended(self) -> Iterator[Call]:
        """Yield the calls, each after its intent is logged; stops at the first that cannot be
        logged."""
        for call in self.calls:
            try:
                self._intend(call)
            except AuditFailed as error:
                self.refusal = error
                return
            yield call

    def _intend(self, call: Call) -> None:
        if (audit := self.executor.audit) is None:
            return
        if self._text is None:
            self._text = statement_text(self.statement, self.calls)
        who = self.executor.who(call.target.connection, call.operation.service.provider)
        parameters = without_secrets(call)
        size = len(json.dumps(parameters, default=str))
        is_short = size > _MOST_OF_A_CALL or self._written > _MOST_WRITTEN
        self._written += 0 if is_short else size
        facts = {
            "who": who,
            **_where(call, who),
            "endpoint": self.executor.endpoint_url,
            "parameters": summary(parameters) if is_short else parameters,
            "statement": None if self._first else self._text,
            "statement_of": self._first or None,
        }
        identifier = audit.intent(facts)
        self._first = self._first or identifier
        self._open[call.number] = (identifier, call, time.monotonic())

    def ended(self, call: Call, outcome: Answer | Failure) -> None:
        """Record the outcome of a call."""
        self._close(call, result_facts(call, outcome))

    def _close(self, call: Call, facts: Mapping[str, Any]) -> None:
        intent = self._open.pop(call.number, None)
        if intent is None or self.executor.audit is None:
            return
        identifier, _, started = intent
        ms = round((time.monotonic() - started) * 1000)
        self.executor.audit.result(identifier, {"operation": call.operation.id, **facts, "ms": ms})

    def abandon(self) -> None:
        """Record that every call without an outcome was interrupted: whether it was done is
        unknown."""
        for _, call, _ in tuple(self._open.values()):
            self._close(
                call, {"result": "unknown", "message": "interrupted before a response arrived"}
            )


def _where(call: Call, who: Mapping[str, str]) -> dict[str, Any]:
    return {
        "operation": call.operation.id,
        "target": _cut(target_text(call)),
        "account": call.target.account_id or who.get("account"),
        "region": call.target.region,
        "connection": call.target.connection,
    }


def _cut(text: str) -> str:
    return (
        text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}… ({len(text)} characters)"
    )


def result_facts(call: Call, outcome: Answer | Failure) -> dict[str, Any]:
    """``result``, and for a failure its code, message and request id, for audit log and journal."""
    if isinstance(outcome, Answer):
        return {"result": "done", "request_id": outcome.request_id}
    error = outcome.error
    called = error if isinstance(error, CallFailed | _Settled) else None
    return {
        "result": status_of(outcome),
        "code": called.code if called is not None else type(error).__name__,
        "message": _cut(hide_in(error.message, call)),
        "request_id": called.request_id if called is not None else None,
    }


def _is_unknown(outcome: Outcome) -> bool:
    return status_of(outcome) == "unknown"


def _is_lost(outcome: Outcome) -> bool:
    """Whether a response was lost; after an interrupt no further calls are made to find out."""
    return (
        _is_unknown(outcome)
        and isinstance(outcome, Failure)
        and not isinstance(outcome.error, Interrupted)
    )


def _is_in_doubt(outcome: Outcome) -> bool:
    """Whether the call may have been done: its response was lost, and no check has settled it.

    If a second attempt is rejected because the resource exists or is gone, that says nothing about
    the first.
    """
    if not isinstance(outcome, Failure) or isinstance(outcome.error, _Settled | Interrupted):
        return False
    code = getattr(outcome.error, "code", "")
    return (
        _is_unknown(outcome) or isinstance(outcome.error, NotFound) or bool(_IS_THERE.search(code))
    )


_IS_THERE = re.compile(
    r"Exist|Duplicate|Conflict|InUse|AlreadyOwned|Already|PreconditionFailed|ConditionalCheckFailed",
    re.IGNORECASE,
)
"""Error codes by which services refuse to create what already exists."""


class _Settled(Unreachable):
    """A call that may have been done, and what the check found."""

    code: str = ""
    request_id: str | None = None


def _undone(found_out: OutcomeVerdict, seen: str, cause: Error) -> _Settled:
    """The error of a call that was not done, or whose outcome the check cannot determine.

    An error code is a response; without one, the response was lost.
    """
    told = {
        OutcomeVerdict.NOT_DONE: f"{seen} shows that it was not done",
        OutcomeVerdict.WAS_THERE: f"{seen} shows that it already existed",
        OutcomeVerdict.UNKNOWN: f"{seen} cannot tell whether it was done",
    }[found_out]
    lead = cause.message if isinstance(cause, CallFailed) else "the response was lost"
    found = _Settled(f"{lead}, and {told}", hint="check the resource before you try again")
    found.outcome = "unknown" if found_out is OutcomeVerdict.UNKNOWN else None
    found.code = cause.code if isinstance(cause, CallFailed) else type(cause).__name__
    found.request_id = cause.request_id if isinstance(cause, CallFailed) else None
    return found


def status_of(outcome: Outcome) -> str:
    """``done``, ``failed``, ``unknown`` or ``not run``."""
    if outcome is None:
        return "not run"
    if isinstance(outcome, Answer):
        return "done"
    if isinstance(outcome.error, Interrupted):
        # It may have been sent before it was interrupted.
        return "unknown"
    return getattr(outcome.error, "outcome", None) or "failed"
