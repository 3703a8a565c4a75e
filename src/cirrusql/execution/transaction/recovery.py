"""Recovers a transaction whose process died: reads its journal and checks the steps in progress.

Owns reading journals and undoing afterwards. A step that was in progress is checked like a write
whose response was lost; if no read operation can tell, it stays unknown and is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cirrusql.catalog.inverses.inverse_sources import ValueOrigin, ValueSource
from cirrusql.errors import ConfigError, JournalDamaged, ProgrammingError, nearest
from cirrusql.execution.audit.redaction import target_text
from cirrusql.execution.transaction.commit import CommitContext, TransactionStep, settle, undo
from cirrusql.execution.transaction.journal import (
    ENDED,
    HIDDEN_VALUE,
    TransactionJournal,
    decoded,
    is_held,
    journals,
    records,
)
from cirrusql.execution.transaction.outcome_check import OutcomeVerdict, look, question_of, verdict
from cirrusql.execution.transaction.undoing import CannotUndo, NothingToUndo, Planned, UndoPlan
from cirrusql.transport.model import Call, Target

if TYPE_CHECKING:
    from cirrusql.catalog.catalog import Catalog
    from cirrusql.catalog.model import Method, Table

LIST_HEADINGS = (
    "id",
    "begun",
    "state",
    "steps",
    "done",
    "unknown",
    "undone",
    "account",
    "endpoint",
)
SHOW_HEADINGS = ("step", "operation", "target", "region", "status", "undo", "error", "statement")


@dataclass
class RecoveredStep:
    """One step according to the journal. ``undo`` is stored in the journal's form."""

    facts: Mapping[str, Any]
    status: str = "not run"
    """``not run``, ``done``, ``failed``, ``unknown``, ``undoing``, ``undone``, ``not undone``."""
    undo: Mapping[str, Any] = field(default_factory=dict)
    message: str | None = None
    sent_at: datetime | None = None
    was_there: bool | None = None
    """Whether the resource that it creates already existed before it."""


@dataclass
class JournaledTransaction:
    """The contents of a journal."""

    path: Path
    begun: str = ""
    account: str | None = None
    endpoint: str | None = None
    steps: dict[int, RecoveredStep] = field(default_factory=dict)
    is_running: bool = False
    damage: str = ""
    """Why the file is damaged; the steps are those before the damage."""
    has_ended: bool = False
    """Nothing of it is left to be done; only its file was not removed."""
    has_left: bool = False
    """It came to its end, with steps that could not be undone."""

    @property
    def id(self) -> str:
        """The identifier used on the command line."""
        return self.path.stem

    @property
    def state(self) -> str:
        """The state in a word or two, for a list."""
        if self.is_running:
            return "running"
        if self.damage:
            return "damaged"
        statuses = {s.status for s in self.steps.values()}
        if self.has_ended or statuses <= {"not run", "failed", "undone"}:
            return "nothing left"
        if self.has_left:
            return "not all undone"
        return "all done" if statuses == {"done"} else "interrupted"

    def cells(self) -> tuple[str | None, ...]:
        """A row of LIST_HEADINGS."""
        statuses = [s.status for s in self.steps.values()]
        done = statuses.count("done") + statuses.count("not undone")
        doubt = statuses.count("unknown") + statuses.count("undoing")
        counts = (len(statuses), done, doubt, statuses.count("undone"))
        return (self.id, self.begun, self.state, *map(str, counts), self.account, self.endpoint)


def all_left() -> list[JournaledTransaction]:
    """Every transaction that has a journal, oldest first."""
    return [read(path) for path in journals()]


def find(identifier: str) -> JournaledTransaction:
    """Find a transaction by id or unambiguous prefix. Raises ProgrammingError."""
    known = {p.stem: p for p in journals()}
    found = [i for i in known if i == identifier] or [i for i in known if i.startswith(identifier)]
    if len(found) == 1:
        return read(known[found[0]])
    near = ", ".join(found or nearest(identifier, known))
    raise ProgrammingError(
        f"unknown transaction {identifier!r}"
        if not found
        else f"{identifier!r} matches more than one transaction",
        hint=f"one of {near}" if near else "cirrusql recover list",
    )


def read(path: Path) -> JournaledTransaction:
    """Read a journal."""
    found = JournaledTransaction(path, is_running=is_held(path))
    try:
        for record in records(path):
            _note(found, record)
    except JournalDamaged as error:
        found.damage = error.message
    return found


def _note(found: JournaledTransaction, record: Mapping[str, Any]) -> None:
    event = record.get("event")
    if event == "begin":
        found.begun = str(record.get("time", ""))
        found.account = record.get("who", {}).get("account")
        found.endpoint = record.get("endpoint")
    elif event == "step":
        found.steps[int(record["step"])] = RecoveredStep(record)
    elif event in ("committed", "rolled back"):
        found.has_ended = True
    elif event == ENDED:
        found.has_left = True
    elif (step := found.steps.get(int(record.get("step", 0)))) is not None:
        _apply(step, str(event), record)


def _apply(step: RecoveredStep, event: str, record: Mapping[str, Any]) -> None:
    if event == "sending":
        # Until a later line records the outcome.
        step.status = "unknown"
        step.sent_at = datetime.fromisoformat(record["time"])
        step.was_there = record.get("was_there")
    elif event == "undo failed":
        step.status = "not undone"
    elif event in ("done", "failed", "unknown", "undoing", "undone", "not done"):
        step.status = "not run" if event == "not done" else event
    step.undo = record.get("undo") or step.undo
    step.message = record.get("message") or step.message


@dataclass
class Recovery:
    """Checks and undoes one transaction."""

    transaction: JournaledTransaction
    means: CommitContext
    steps: list[TransactionStep] = field(default_factory=list)

    def settle(self) -> Sequence[TransactionStep]:
        """Determine the status of every step; read the state of those that were in progress.

        Raises ConfigError if the current settings reach another account or endpoint, and
        JournalDamaged if the journal is damaged.
        """
        if self.transaction.damage:
            raise JournalDamaged(
                self.transaction.damage,
                hint="nothing was undone: check the resources named in its other lines, then "
                "run `cirrusql recover forget`",
            )
        self._must_be_the_same()
        self.steps = [self._step(n, left) for n, left in sorted(self.transaction.steps.items())]
        for step in self.steps:
            left = self.transaction.steps[step.number]
            if step.status == "unknown" and left.sent_at is not None:
                settle(self.means, step, left.sent_at, left.was_there)
            elif step.status == "undoing":
                self._look_undone(step, left)
        return self.steps

    def _must_be_the_same(self) -> None:
        own = "the provider's own endpoints"
        wanted, here = self.transaction.endpoint, self.means.executor.endpoint_url
        if wanted != here:
            raise ConfigError(
                f"the transaction ran against {wanted or own}, not {here or own}",
                hint=f"--endpoint-url {wanted}"
                if wanted
                else "remove --endpoint-url and --sandbox",
            )
        first = next((s.facts for s in self.transaction.steps.values()), {})
        # If it never reached a call, any account will do.
        provider = (
            str(first["table"]).partition(".")[0] if first else self.means.catalog.providers()[0][0]
        )
        account = self.means.executor.who(first.get("connection"), provider).get("account")
        if self.transaction.account and account and account != self.transaction.account:
            raise ConfigError(
                f"the transaction ran in account {self.transaction.account}, but the current "
                f"account is {account}",
                hint="use the --profile, --connection or credentials that it ran with",
            )

    def _step(self, number: int, left: RecoveredStep) -> TransactionStep:
        facts = left.facts
        table = self.means.catalog.table(*str(facts["table"]).split("."))
        method = _method(self.means.catalog, table, str(facts["operation"]))
        target = Target(facts.get("connection"), str(facts["region"]), self.transaction.account)
        call = Call(method.operation, decoded(facts["parameters"]), target)
        step = TransactionStep(
            number, table, method, call, str(facts.get("statement", "")), left.status
        )
        step.error = left.message
        step.undo = self._plan(left.undo)
        if left.status == "not undone":
            step.told = f"not undone: {left.message or getattr(step.undo, 'reason', '')}"
        return step

    def _plan(self, facts: Mapping[str, Any]) -> Planned | None:
        """How to undo a step, from the journal."""
        if "nothing" in facts:
            return NothingToUndo(str(facts["nothing"]))
        if "operation" not in facts:
            return CannotUndo(str(facts.get("cannot", "no inverse operation is known")))
        if facts.get("listed") and facts.get("awaited"):
            return CannotUndo("it is no longer known whether it existed before")
        table = self.means.catalog.table(*str(facts["table"]).split("."))
        parameters = decoded(facts["parameters"])
        if _holds_hidden(parameters):
            return CannotUndo("a value is a secret, which the journal does not store")
        awaited = {
            n: ValueSource(ValueOrigin.ANSWER, tuple(s["path"]), s["each"], bool(s["wrapped"]))
            for n, s in facts.get("awaited", {}).items()
        }
        also = self._plan(facts["also"]) if facts.get("also") else None
        if isinstance(also, CannotUndo):
            return also
        method = _method(self.means.catalog, table, facts["operation"])
        second = also if isinstance(also, UndoPlan) else None
        return UndoPlan(table, method, parameters, awaited, second)

    def _look_undone(self, step: TransactionStep, left: RecoveredStep) -> None:
        """Whether a step whose undo was in progress was undone; if that is unknown, it is undone
        again."""
        step.status = "done"
        if isinstance(step.undo, UndoPlan) and not step.undo.awaited and step.undo.also is None:
            call = Call(step.undo.method.operation, step.undo.parameters, step.call.target)
            question = question_of(step.undo.table, step.undo.method, call)
            if question is not None and self.means.may_read(question.reading):
                (rows,) = look(self.means.fetcher, [question])
                if (
                    verdict(step.undo.method, question, rows, datetime.now(UTC))
                    is OutcomeVerdict.DONE
                ):
                    step.status = "undone"

    def undo(self) -> bool:
        """Undo the completed steps, last first. Returns whether nothing is left; then the journal
        is removed.

        Raises ProgrammingError while the transaction is running.
        """
        journal = TransactionJournal.reopen(self.transaction.path)
        if journal is None:
            raise ProgrammingError(
                "the transaction is still running: another process holds its journal"
            )
        try:
            for step in reversed(self.steps):
                if step.status in ("done", "not undone"):
                    self._undo(journal, step)
            left = [s for s in self.steps if s.status in ("not undone", "unknown")]
            if not left:
                journal.write("rolled back")
                journal.remove()
            return not left
        finally:
            journal.close()

    def _undo(self, journal: TransactionJournal, step: TransactionStep) -> None:
        plan = step.undo
        if isinstance(plan, UndoPlan) and not self.means.may_undo(plan.table, plan.method):
            step.undo = CannotUndo(f"the policy does not allow {plan.method.operation.id}")
        error = undo(self.means, journal.write, step)
        if error is not None:
            step.status, step.told = "not undone", f"not undone: {error}"


def forget(transaction: JournaledTransaction) -> None:
    """Remove a journal without undoing anything. Raises ProgrammingError while the transaction is
    running."""
    journal = TransactionJournal.reopen(transaction.path)
    if journal is None:
        raise ProgrammingError(
            "the transaction is still running: another process holds its journal"
        )
    journal.remove()


def shown(step: TransactionStep) -> tuple[str | None, ...]:
    """A row of SHOW_HEADINGS."""
    head = (
        str(step.number),
        step.call.operation.id,
        target_text(step.call),
        step.call.target.region,
    )
    return (*head, step.status, _told(step), step.error, step.statement)


def _told(step: TransactionStep) -> str | None:
    """How the step was undone, or what would undo it."""
    if step.status in ("undone", "not undone", "unknown"):
        return step.told
    if step.status != "done":
        return None
    if isinstance(step.undo, UndoPlan):
        return f"by {step.undo.method.operation.id}"
    return (
        f"cannot be undone: {step.undo.reason}"
        if isinstance(step.undo, CannotUndo)
        else "nothing to undo"
    )


def _method(catalog: Catalog, table: Table, operation: str) -> Method:
    name = operation.partition(":")[2]
    own = next((m for m in table.methods if m.operation.name == name), None)
    if own is not None:
        return own
    service, _ = catalog.service_catalog(table.provider, table.schema)
    try:
        return service.method(name)
    except KeyError as error:
        raise ProgrammingError(f"{table.schema} no longer has an operation {name}") from error


def _holds_hidden(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_holds_hidden, value.values()))
    return value is HIDDEN_VALUE or (isinstance(value, list) and any(map(_holds_hidden, value)))
