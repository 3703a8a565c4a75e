"""Refuses an INSERT of what exists, where the operation would overwrite it: reads it first.

``catalog.write_rules.existing`` knows how each resource is found, or which condition of the request
makes the service itself refuse; the errors of both are worded here. What cannot be read is written,
with a notice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cirrusql.catalog.inference.verbs import parts
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.inverses.readback import Reading
from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.catalog.row_model.request_field import ITEM
from cirrusql.catalog.write_rules.existing import (
    ExistingReading,
    Guard,
    condition,
    existing_reading,
    guard_of,
    is_conditional,
)
from cirrusql.errors import AlreadyExists, CallFailed
from cirrusql.execution.audit.redaction import target_text
from cirrusql.execution.reads.read_cache import frozen
from cirrusql.execution.transaction.outcome_check import (
    ReadbackQuestion,
    Row,
    Rows,
    look,
    values_at,
)
from cirrusql.transport.model import Call, Failure

if TYPE_CHECKING:
    from cirrusql.execution.writes.write_calls import Executor, Outcome
    from cirrusql.plan.model import Write

_CODES = frozenset({"PreconditionFailed", "ConditionalCheckFailedException"})
"""Error codes for a condition of the request that is not met."""
_GONE = frozenset({"inactive", "deleted", "deleting", "delete_complete", "terminated"})
_SHOWN = 10


@dataclass(frozen=True)
class RowsSeen:
    """The rows that were read for another purpose, and how."""

    reading: Reading | None
    rows: Rows

    def is_of(self, reading: Reading) -> bool:
        """Whether they are what that reading would return."""
        own = self.reading
        return (
            own is not None
            and self.rows is not None
            and (own.method, own.given, own.match) == (reading.method, reading.given, reading.match)
        )


_Found = tuple[Call, bool | None]
"""A call, and whether what it creates exists; None: that could not be read."""


def check_new(
    executor: Executor, write: Write, calls: Sequence[Call], seen: RowsSeen | None = None
) -> list[str]:
    """Read what the calls of an INSERT would overwrite. Returns notices.

    ``seen``: what a transaction has read already. Raises AlreadyExists, naming every row, if
    anything exists: nothing is written then.
    """
    if write.existing is None:
        return _without_condition(write, calls) if write.keeps_existing else []
    found = existing_of(executor, write.table, write.method, calls, seen)
    if there := [call for call, exists in found if exists]:
        raise already_exists(write.table, write.method, there, len(calls))
    if again := _repeated(write, calls):
        raise already_exists(write.table, write.method, again, len(calls), "is given twice")
    unread = [_named(write.table, write.method, c) for c, exists in found if exists is None]
    if not unread:
        return []
    more = f" and {len(unread) - _SHOWN} more" if len(unread) > _SHOWN else ""
    return [
        f"{write.method.operation.id}: it could not be read whether {', '.join(unread[:_SHOWN])}"
        f"{more} existed, so it may have been overwritten"
    ]


def _without_condition(write: Write, calls: Sequence[Call]) -> list[str]:
    """A notice about requests that got no condition, because they have no room for it."""
    if guard_of(write.table, write.method, write.given) is not Guard.CONDITION:
        return []
    bare = [c for c in calls if not is_conditional(write.method, c.parameters)]
    if not bare:
        return []
    return [
        f"{write.method.operation.id}: {len(bare)} of {len(calls)} requests have no condition "
        "against overwriting, so what existed is overwritten"
    ]


def existing_of(
    executor: Executor,
    table: Table,
    method: Method,
    calls: Sequence[Call],
    already: RowsSeen | None = None,
) -> list[_Found]:
    """Whether what each call would create exists; equal reads are made once."""
    asked = [(call, _question(table, method, call)) for call in calls]
    questions: dict[object, tuple[ReadbackQuestion, ExistingReading]] = {}
    keys: list[object] = []
    for _, pair in asked:
        if pair is None or not executor.may_read(pair[0].reading):
            keys.append(None)
            continue
        read = pair[0].call(0)
        keys.append((read.operation.id, read.target, frozen(read.parameters), _match(*pair)))
        questions.setdefault(keys[-1], pair)
    asked_for = [question for question, _ in questions.values()]
    if already is not None and len(asked_for) == 1 and already.is_of(asked_for[0].reading):
        rows = [already.rows]
    else:
        rows = look(executor.fetcher, asked_for)
    seen = dict(zip(questions, rows, strict=True))
    found: list[_Found] = []
    for (call, pair), key in zip(asked, keys, strict=True):
        known = seen.get(key) if key is not None else None
        exists = (
            None
            if known is None or pair is None
            else any(_is_there(pair[1], pair[0].sent, row) for row in known)
        )
        found.append((call, exists))
    return found


def _question(
    table: Table, method: Method, call: Call
) -> tuple[ReadbackQuestion, ExistingReading] | None:
    sent = {n: v for n, v in call.parameters.items() if v is not None}
    found = existing_reading(table, method, sent)
    return None if found is None else (ReadbackQuestion(found.reading, sent, call.target), found)


def _match(question: ReadbackQuestion, found: ExistingReading) -> object:
    sources = (*question.reading.match.values(), *found.ends.values())
    return tuple(repr(values_at(question.sent, source.split("."))) for source in sources)


def _is_there(found: ExistingReading, sent: Mapping[str, object], row: Row) -> bool:
    """Whether a row is the resource, rather than the answer for none."""
    for field, source in found.ends.items():
        name = str(next(iter(values_at(sent, source.split("."))), ""))
        full = str(row.get(field) or "")
        if full != name and not full.endswith((f":{name}", f"/{name}")):
            return False
    reader = found.reading.method
    if any(_is_gone(name, value) for name, value in row.items()):
        return False
    if (reader.rows is not None and reader.rows.lists) or parts(
        reader.operation.name
    ).verb == "head":
        return True
    which = {*found.reading.match, *found.reading.given}
    return any(_says_something(v) for n, v in row.items() if n not in which)


def _is_gone(name: str, value: object) -> bool:
    is_status = snake_case(name).split("_")[-1] in ("status", "state")
    return is_status and isinstance(value, str) and value.lower() in _GONE


def _says_something(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_says_something, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_says_something, value))
    return value is not None and value != ""


def _repeated(write: Write, calls: Sequence[Call]) -> list[Call]:
    """The calls that would overwrite what another call of the statement creates."""
    seen: set[object] = set()
    again = []
    for call in calls:
        pair = _question(write.table, write.method, call)
        if pair is None:
            continue
        read = pair[0].call(0)
        key = (call.target, frozen(read.parameters), _match(*pair))
        if key in seen:
            again.append(call)
        seen.add(key)
    return again


def already_exists(
    table: Table, method: Method, calls: Sequence[Call], of: int, told: str = "already exists"
) -> AlreadyExists:
    """The error for rows that exist."""
    shown = "; ".join(_named(table, method, c) for c in calls[:_SHOWN])
    more = f"; and {len(calls) - _SHOWN} more" if len(calls) > _SHOWN else ""
    counted = f"{len(calls)} of {of} rows: " if of > 1 else ""
    return AlreadyExists(
        f"INSERT INTO {table.id}: nothing was written: {counted}{shown}{more} {told}",
        code="AlreadyExists",
        hint=overwriting_hint(table, method),
    )


def _named(table: Table, method: Method, call: Call) -> str:
    """What a call creates, by the parameters that it is found by alone."""
    pair = _question(table, method, call)
    if pair is None:
        return target_text(call)
    reading, sent = pair[1].reading, pair[0].sent
    sources = (*reading.given.values(), *reading.match.values(), *pair[1].ends.values())
    told = []
    for source in dict.fromkeys(sources):
        values = values_at(sent, source.split("."))
        if values:
            name = source.replace(f".{ITEM}", "")
            told.append(f"{name}={', '.join(map(str, values[:_SHOWN]))}")
    return ", ".join(told) or target_text(call)


def overwriting_hint(table: Table, method: Method) -> str:
    """How to overwrite on purpose."""
    if method.verb is Verb.REPLACE:
        return f"REPLACE INTO {table.id} overwrites it, and UPDATE changes it"
    return f"UPDATE {table.id} changes it"


def with_condition(write: Write, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of an INSERT with the condition by which the service refuses what exists."""
    if not write.keeps_existing:
        return dict(parameters)
    return {**parameters, **condition(write.method, parameters)}


def as_existing(write: Write, call: Call, outcome: Outcome) -> Outcome:
    """The outcome; that of a condition which was not met says that the resource exists."""
    if not write.keeps_existing or not isinstance(outcome, Failure):
        return outcome
    error = outcome.error
    if not isinstance(error, CallFailed) or error.code not in _CODES:
        return outcome
    found = AlreadyExists(
        f"{call.operation.id}: {target_text(call)} already exists",
        code=error.code,
        service=error.service,
        operation=error.operation,
        account=error.account,
        region=error.region,
        request_id=error.request_id,
        status=error.status,
        hint=overwriting_hint(write.table, write.method),
    )
    return replace(outcome, error=found)
