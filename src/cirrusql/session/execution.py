"""Making write calls: each is written down before it is made, and its outcome after.

The one door through which a session writes, whoever asks: statements, transactions, what
undoes them. Which calls, and whether they may be made, is decided before (``writes``).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cirrusql.errors import AuditFailed, CallFailed, Error
from cirrusql.fetch.model import Answer, Call, Failure
from cirrusql.session.redaction import hide_in, statement_text, target_text, without_secrets

if TYPE_CHECKING:
    from cirrusql.fetch.fetcher import Fetcher
    from cirrusql.session.audit import AuditLog

Outcome = Answer | Failure | None
"""None: not run, since a call before it failed."""


@dataclass
class Executor:
    """Makes the write calls of one session."""

    fetcher: Fetcher
    audit: AuditLog | None
    endpoint_url: str | None = None
    _callers: dict[str | None, Mapping[str, str]] = field(default_factory=dict)

    def outcomes(
        self, calls: Sequence[Call], statement: str, *, stops: bool = False
    ) -> list[tuple[Call, Outcome]]:
        """What became of each call, in the order of the calls.

        ``stops``: one after the other, and none after one that failed. Raises AuditFailed where
        nothing was called because it could not be written down.
        """
        run = _Run(self, calls, statement)
        found: dict[int, Outcome] = {}
        try:
            answers = self.fetcher.answers(run.intended(), ordered=False, stop_on_error=stops)
            with closing(answers):
                for outcome in answers:
                    found[id(outcome.call)] = outcome
                    run.ended(outcome.call, outcome)
        finally:
            run.abandon()
        if run.refusal is not None and not found:
            raise run.refusal
        return [(call, found.get(id(call), run.not_run(call))) for call in calls]

    def who(self, connection: str | None) -> Mapping[str, str]:
        """Who calls, as the provider says; asked once for each connection."""
        if connection not in self._callers:
            try:
                account, arn = self.fetcher.caller(connection)
                self._callers[connection] = {"account": account, "arn": arn}
            except Error as error:
                # Whoever may write may not be allowed to ask who he is: no reason to stop him.
                self._callers[connection] = {"unknown": error.message}
        return self._callers[connection]

    def troubles(self) -> list[str]:
        """What could not be written down after the calls; told once."""
        if self.audit is None or self.audit.trouble is None:
            return []
        trouble, self.audit.trouble = self.audit.trouble, None
        return [trouble]

    def close(self) -> None:
        """Let go of the audit log."""
        if self.audit is not None:
            self.audit.close()


@dataclass
class _Run:
    """The records of one lot of calls."""

    executor: Executor
    calls: Sequence[Call]
    statement: str
    refusal: AuditFailed | None = None
    _open: dict[int, tuple[str, Call, float]] = field(default_factory=dict)
    _text: str | None = None

    def intended(self) -> Iterator[Call]:
        """The calls, each written down before it is given; none after one that could not be."""
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
        who = self.executor.who(call.target.connection)
        facts = {
            "who": who,
            **_where(call, who),
            "endpoint": self.executor.endpoint_url,
            "parameters": without_secrets(call),
            "statement": self._text,
        }
        self._open[id(call)] = (audit.intent(facts), call, time.monotonic())

    def ended(self, call: Call, outcome: Answer | Failure) -> None:
        """Write down what became of a call."""
        self._close(call, result_facts(call, outcome))

    def _close(self, call: Call, facts: Mapping[str, Any]) -> None:
        intent = self._open.pop(id(call), None)
        if intent is None or self.executor.audit is None:
            return
        identifier, _, started = intent
        ms = round((time.monotonic() - started) * 1000)
        self.executor.audit.result(identifier, {"operation": call.operation.id, **facts, "ms": ms})

    def abandon(self) -> None:
        """Whatever has no outcome yet was cut short: whether it was done is unknown."""
        for _, call, _ in tuple(self._open.values()):
            self._close(call, {"result": "unknown", "message": "interrupted before an answer came"})

    def not_run(self, call: Call) -> Failure | None:
        """Why a call without an outcome has none; None where one before it failed."""
        return Failure(call, self.refusal) if self.refusal is not None else None


def _where(call: Call, who: Mapping[str, str]) -> dict[str, Any]:
    return {
        "operation": call.operation.id,
        "target": target_text(call),
        "account": call.target.account_id or who.get("account"),
        "region": call.target.region,
        "connection": call.target.connection,
    }


def result_facts(call: Call, outcome: Answer | Failure) -> dict[str, Any]:
    """``result``, and for a failure its code, message and request id, for audit and journal."""
    if isinstance(outcome, Answer):
        return {"result": "done", "request_id": outcome.request_id}
    error = outcome.error
    called = error if isinstance(error, CallFailed) else None
    return {
        "result": status_of(outcome),
        "code": called.code if called is not None else type(error).__name__,
        "message": hide_in(error.message, call),
        "request_id": called.request_id if called is not None else None,
    }


def status_of(outcome: Outcome) -> str:
    """``done``, ``failed``, ``unknown`` or ``not run``."""
    if outcome is None:
        return "not run"
    if isinstance(outcome, Answer):
        return "done"
    return getattr(outcome.error, "outcome", None) or "failed"
