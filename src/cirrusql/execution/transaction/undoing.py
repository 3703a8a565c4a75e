"""Turns an inverse into the calls that undo one write: fills in values, or gives the reason why
not.

``catalog.inverses.inverses`` knows the inverse of each operation; this module knows one call: what
was sent, the previous state, and the response. Pure except ``before_of``, which makes calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cirrusql.api.model import Kind as ShapeKind
from cirrusql.catalog.inference.verbs import SWITCHES, TURNS_ON, parts
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.inverses.column_readings import column_value
from cirrusql.catalog.inverses.inverse import Inverse, Needs, NoInverse
from cirrusql.catalog.inverses.inverse_sources import ValueOrigin, ValueSource
from cirrusql.catalog.inverses.readback import Reading, makes
from cirrusql.catalog.inverses.row_inverses import row_value
from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.catalog.write_rules.copying import copy_of_itself
from cirrusql.execution.transaction import untagging
from cirrusql.execution.transaction.outcome_check import (
    ReadbackQuestion,
    Row,
    Rows,
    alike,
    look,
    question_of,
    values_at,
)
from cirrusql.execution.writes.engine_values import request_value
from cirrusql.transport.model import Batch, Call

if TYPE_CHECKING:
    from cirrusql.transport.fetcher import Fetcher


@dataclass(frozen=True)
class Before:
    """The state read before a write. ``listed``: the values among which the resource's name was
    searched."""

    rows: Rows = None
    listed: frozenset[str] | None = None
    is_combined: bool = False
    """The one row is made of several reads."""

    @property
    def was_there(self) -> bool | None:
        """Whether the resource existed; None: it was not or could not be checked."""
        return None if self.rows is None else bool(self.rows)


@dataclass(frozen=True)
class CannotUndo:
    """Nothing can undo the write."""

    reason: str


@dataclass(frozen=True)
class NothingToUndo:
    """The write changes nothing, so there is nothing to undo."""

    reason: str


@dataclass(frozen=True)
class UndoPlan:
    """The calls that undo a write. ``awaited``: parameters that come from the write's response."""

    table: Table
    method: Method
    parameters: Mapping[str, object]
    awaited: Mapping[str, ValueSource] = field(default_factory=dict)
    also: UndoPlan | None = None
    """A second call, if two are needed."""
    taken: frozenset[str] | None = None
    """Names that existed before: a resource with one of them is not ours."""


Planned = UndoPlan | NothingToUndo | CannotUndo


def before_of(
    fetcher: Fetcher,
    inverse: Inverse | NoInverse,
    write: tuple[Table, Method, Call],
    may_read: Callable[[Reading], bool],
) -> Before:
    """Read the state before a call, as far as its inverse requires.

    For a write that creates something under a given name, existence is always checked: otherwise
    nobody could tell, after a lost response, who created it.
    """
    table, method, call = write
    if isinstance(inverse, NoInverse) or inverse.needs is Needs.NOTHING:
        question = question_of(table, method, call) if makes(method) else None
        if question is None or not may_read(question.reading):
            return Before()
        return Before(rows=look(fetcher, [question])[0])
    if inverse.columns:
        return Before(rows=_columns(fetcher, inverse, call, may_read), is_combined=True)
    if inverse.reading is not None:
        if not may_read(inverse.reading):
            return Before()
        sent = {n: v for n, v in call.parameters.items() if v is not None}
        return Before(rows=look(fetcher, [ReadbackQuestion(inverse.reading, sent, call.target)])[0])
    if inverse.listing is not None:
        listing, name = inverse.listing, inverse.listing.field
        as_reading = Reading(listing.table, listing.method, {}, {}, False, "")
        if may_read(as_reading):
            return Before(listed=_listed(fetcher, as_reading, name, call))
    return Before()


def _columns(
    fetcher: Fetcher, inverse: Inverse, call: Call, may_read: Callable[[Reading], bool]
) -> Rows:
    """One row, combined from the reads of its columns; columns that are not found have no value."""
    if not all(may_read(c.reading) for c in inverse.columns):
        return None
    sent = {n: v for n, v in call.parameters.items() if v is not None}
    seen = look(fetcher, [ReadbackQuestion(c.reading, sent, call.target) for c in inverse.columns])
    row: dict[str, Any] = {}
    for told, rows in zip(inverse.columns, seen, strict=True):
        if rows is None or (len(rows) > 1 and not told.is_gathered):
            return None
        for column, pick in told.picks.items():
            values = [v for r in rows if (v := r.get(pick.column)) is not None]
            value: Any = values[0] if values else None
            if told.is_gathered and values and all(isinstance(v, list) for v in values):
                value = [item for v in values for item in v]
            elif pick.key is not None:
                value = value.get(pick.key) if isinstance(value, Mapping) else None
            if value is not None:
                row[column] = value
    return (row,)


def _listed(fetcher: Fetcher, reading: Reading, name: str, call: Call) -> frozenset[str] | None:
    found: set[str] = set()
    asked = ReadbackQuestion(reading, {}, call.target).call(0)
    with closing(fetcher.batches([asked])) as outcomes:
        for item in outcomes:
            if not isinstance(item, Batch):
                return None
            found.update(str(v) for v in item.rows.column(name).to_pylist() if v is not None)
    return frozenset(found)


def planned(table: Table, inverse: Inverse | NoInverse, call: Call, before: Before) -> Planned:
    """The calls that will undo a call that is about to be made."""
    if isinstance(inverse, NoInverse):
        return CannotUndo(inverse.reason)
    needs, rows = inverse.needs, before.rows
    if needs is Needs.NOTHING:
        return if_it_exists(inverse, call) if rows else _filled(table, inverse, call, None)
    if inverse.listing is not None:
        if before.listed is None:
            return CannotUndo("the previous state could not be listed")
        return _filled(table, inverse, call, None, taken=before.listed)
    if inverse.tags is not None:
        return _untagged(table, inverse, call, rows)
    if needs is Needs.STATE and rows:
        return _switched(table, inverse, call, rows)
    if rows is None or len(rows) > 1:
        return CannotUndo("the previous state could not be read")
    row = rows[0] if rows else None
    if needs is Needs.ABSENT:
        return _filled(table, inverse, call, None) if row is None else if_it_exists(inverse, call)
    if needs is Needs.PRESENT:
        return (
            NothingToUndo("this was already set")
            if row is None
            else _filled(table, inverse, call, row)
        )
    if row is None:
        absent = inverse.if_absent
        return (
            CannotUndo("there was no previous state")
            if absent is None
            else _filled(table, absent, call, None)
        )
    return _filled(table, inverse, call, row)


def _untagged(table: Table, inverse: Inverse, call: Call, rows: Rows) -> Planned:
    tags = inverse.tags
    assert tags is not None
    several = any(
        isinstance(v, list | tuple) and len(v) > 1
        for n, v in call.parameters.items()
        if n in tags.which
    )
    if rows is None or several:
        return CannotUndo("the tags of that resource alone could not be read")
    plan: UndoPlan | None = None
    for how, parameters in reversed(
        untagging.back(tags, call.parameters, untagging.before(tags, rows))
    ):
        plan = UndoPlan(table, tags.add if how == "add" else tags.remove, parameters, also=plan)
    return plan or NothingToUndo("this was already set")


def if_it_exists(inverse: Inverse, call: Call) -> CannotUndo | NothingToUndo:
    """For a resource that existed: an attachment remains; what a Put replaced cannot be
    restored."""
    if parts(call.operation.name).verb == "put":
        return CannotUndo("the previous state could not be read completely")
    return NothingToUndo("it already existed")


def _switched(table: Table, inverse: Inverse, call: Call, rows: Sequence[Row]) -> Planned:
    """All resources must have been in the other state, because undo cannot tell them apart."""
    verb = parts(call.operation.name).verb
    were_on = {_is_on(row, verb) for row in rows}
    if were_on == {verb in TURNS_ON}:
        return NothingToUndo("this was already set")
    if were_on == {verb not in TURNS_ON}:
        return _filled(table, inverse, call, None)
    return CannotUndo("it is unknown whether it was on or off before")


_STATES = {
    "enable": ({"enabled"}, {"disabled"}),
    "start": ({"running", "started"}, {"stopped"}),
    "activate": ({"active", "activated"}, {"inactive", "deactivated"}),
    "resume": ({"active", "running", "resumed"}, {"suspended"}),
}
_STATES |= {off: _STATES[on] for on, off in SWITCHES}


def _is_on(row: Row, verb: str) -> bool | None:
    """Whether the resource is on, from a field Enabled, State or Status; None if there is none."""
    for name, value in row.items():
        words = snake_case(name).split("_")
        if verb in ("enable", "disable") and words[-1] == "enabled" and isinstance(value, bool):
            return value
        if words[-1] not in ("state", "status") or len(words) > 3:
            continue
        if isinstance(value, Mapping):
            value = value.get("Name") or value.get("Code")
        on, off = _STATES[verb]
        if isinstance(value, str) and value.lower() in on | off:
            return value.lower() in on
    return None


def _filled(
    table: Table, inverse: Inverse, call: Call, row: Row | None, taken: frozenset[str] | None = None
) -> Planned:
    found: dict[str, object] = {}
    awaited: dict[str, ValueSource] = {}
    for name, source in inverse.parameters.items():
        if source.origin is ValueOrigin.ANSWER:
            awaited[name] = source
            continue
        if source.origin is ValueOrigin.CONSTANT:
            found[name] = source.value
            continue
        if source.origin is ValueOrigin.ROW:
            if (of_row := row_value(source, row or {})) is not None:
                found[name] = _as_sent(of_row, inverse.method, name, call)
            elif name in inverse.method.required:
                return CannotUndo(f"{name} had no previous value")
            continue
        if source.origin is ValueOrigin.COLUMNS:
            of_columns = column_value(table, inverse.method, name, call.parameters, row or {})
            if of_columns is None and name in call.parameters:
                return _unset(table, inverse, call, row, name)
            if of_columns is not None:
                found[name] = _as_sent(of_columns, inverse.method, name, call)
                if inverse.method.verb is not Verb.REPLACE and _lacks(
                    found[name], call.parameters.get(name)
                ):
                    return CannotUndo(f"part of {name} had no previous value")
            continue
        if source.origin is ValueOrigin.SENT and len(source.path) > 1:
            found[name] = values_at(call.parameters, source.path)
            continue
        value = (call.parameters if source.origin is ValueOrigin.SENT else row or {}).get(
            source.path[0]
        )
        if value is None:
            if source.origin is ValueOrigin.SENT and name not in inverse.method.required:
                continue
            # A Put sets everything: a value that was absent is restored by leaving it out.
            is_whole = _is_whole(inverse) and name not in inverse.method.required
            if source.origin is ValueOrigin.BEFORE and (name not in call.parameters or is_whole):
                continue
            return _unset(table, inverse, call, row, name)
        found[name] = _as_sent(value, inverse.method, name, call, is_whole=_is_whole(inverse))
        if found[name] is None:
            return CannotUndo(f"part of {name} had no previous value")
    is_same = bool(found) and inverse.method.operation is call.operation and not awaited
    if _is_whole(inverse) and any(
        v is not None and n not in found for n, v in call.parameters.items()
    ):
        # What had no value before is set by the call.
        is_same = False
    if is_same and all(alike(v, call.parameters.get(n)) for n, v in found.items()):
        return NothingToUndo("this was already set")
    return UndoPlan(table, inverse.method, found, awaited, taken=taken)


def _is_whole(inverse: Inverse) -> bool:
    """Whether the call that restores replaces everything: what it is not sent is reset."""
    method = inverse.method
    return method.verb is Verb.REPLACE or copy_of_itself(method) is not None


def _unset(table: Table, inverse: Inverse, call: Call, row: Row | None, name: str) -> Planned:
    """Restore missing values, if an operation removes everything that the write sets."""
    absent = inverse.if_absent
    seen = {n: _seen(table, inverse, call, row or {}, n) for n in inverse.parameters}
    if absent is None or any(value is not None for value in seen.values()):
        return CannotUndo(f"{name} had no previous value")
    return _filled(table, absent, call, row)


def _lacks(value: Any, sent: object) -> bool:
    """Whether a value was set that was missing before: an update keeps what it is not sent."""
    if not isinstance(sent, Mapping):
        return False
    return not isinstance(value, Mapping) or any(
        v is not None and n not in value for n, v in sent.items()
    )


def _seen(table: Table, inverse: Inverse, call: Call, row: Row, name: str) -> Any:
    """The previous value of a parameter; None if there was none, or if the parameter identifies the
    resource."""
    source = inverse.parameters[name]
    if source.origin is ValueOrigin.COLUMNS:
        return column_value(table, inverse.method, name, call.parameters, row)
    return row.get(source.path[0]) if source.origin is ValueOrigin.BEFORE else None


def _as_sent(value: Any, method: Method, name: str, call: Call, *, is_whole: bool = False) -> Any:
    """Convert a value read to the form of the parameter; None if part of it is missing.

    From a map, only the keys that change are taken, unless it is replaced whole.
    """
    shape = method.parameters[name].shape
    sent = call.parameters.get(name)
    if (
        not is_whole
        and shape.kind is ShapeKind.MAP
        and isinstance(value, Mapping)
        and isinstance(sent, Mapping)
    ):
        if any(value.get(k) is None for k in sent):
            return None
        return {k: value[k] for k in sent}
    return request_value(value, shape)


def completed(plan: Planned, answer: Mapping[str, object]) -> Planned:
    """The plan with values from the response; no parameter is awaited any more."""
    if not isinstance(plan, UndoPlan) or not plan.awaited:
        return plan
    found = dict(plan.parameters)
    for name, source in plan.awaited.items():
        value = _from(answer, source)
        if value is None:
            if name in plan.method.required:
                return CannotUndo(f"the response did not include {name}")
            continue
        if plan.taken is not None and str(value) in plan.taken:
            return NothingToUndo("it already existed")
        found[name] = value
    return UndoPlan(plan.table, plan.method, found)


def _from(answer: Mapping[str, object], source: ValueSource) -> object:
    value: Any = answer
    for member in source.path:
        value = value.get(member) if isinstance(value, Mapping) else None
    if source.each and isinstance(value, list):
        items = [i.get(source.each) for i in value if isinstance(i, Mapping)]
        return items if items and None not in items else None
    if value is None or value == []:
        return None
    return [value] if source.is_wrapped else value
