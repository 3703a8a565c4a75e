"""Finds out whether a write whose response was lost was done, by reading the resource it acted on.

Pure except ``look``. ``catalog.inverses.readback`` provides the read operation, and ``write_calls``
acts on the verdict. If the read cannot tell, the verdict is UNKNOWN rather than a guess.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.inverses.readback import (
    Reading,
    appears,
    created_field,
    disappears,
    makes,
    reading_of,
    sets_values,
)
from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.catalog.row_model.request_field import ITEM
from cirrusql.catalog.rows.column_types import method_columns
from cirrusql.errors import NotFound
from cirrusql.execution.transaction.journal import HIDDEN_VALUE
from cirrusql.transport.model import Batch, Call, Target

if TYPE_CHECKING:
    from cirrusql.transport.fetcher import Fetcher

Row = Mapping[str, Any]
Rows = tuple[Row, ...] | None
"""The rows that were read; None if reading failed."""

_CLOCKS_DIFFER = timedelta(seconds=5)
"""How far a service's timestamps may lag behind ours: they are truncated to seconds, and clocks
differ."""
_LONG_BEFORE = timedelta(minutes=15)
"""A clock cannot be off by more than this: signatures would be rejected."""


class OutcomeVerdict(Enum):
    """What the resource's current state says about a write whose response was lost."""

    DONE = "done"
    NOT_DONE = "not done"
    WAS_THERE = "already existed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ReadbackQuestion:
    """One resource to read: the one that a write with the parameters ``sent`` acts on."""

    reading: Reading
    sent: Mapping[str, object]
    target: Target

    def call(self, tag: int) -> Call:
        """The call that reads it."""
        method = self.reading.method
        return Call(
            operation=method.operation,
            parameters={
                **self.reading.constants,
                **{name: self.sent[source] for name, source in self.reading.given.items()},
            },
            target=self.target,
            rows=method.rows,
            columns=method_columns(method),
            tag=tag,
            is_read=method.is_read,
        )

    def shows(self, row: Row) -> bool:
        """Whether a row describes the resource."""
        return all(_is_of(row.get(field), self._sent(p)) for field, p in self.reading.match.items())

    def _sent(self, path: str) -> object:
        return self.sent[path] if path in self.sent else values_at(self.sent, path.split("."))


def values_at(sent: Mapping[str, object], path: Sequence[str]) -> list[object]:
    """The values at a path through the lists of a request: for ``Targets``, ``[]``, ``Id``, all
    ids."""
    found: list[Any] = [sent]
    for name in path:
        if name == ITEM:
            found = [item for value in found if isinstance(value, list | tuple) for item in value]
        else:
            found = [value[name] for value in found if isinstance(value, Mapping) and name in value]
    return found


def _is_of(read: object, sent: object) -> bool:
    """Whether a field equals the value sent, or one of the values sent."""
    if isinstance(read, Mapping):
        items = sent if isinstance(sent, list | tuple) else [sent]
        return any(
            isinstance(s, Mapping) and all(alike(v, read.get(n)) for n, v in s.items())
            for s in items
        )
    return any(_is_named(str(read), str(s)) for s in _several(sent))


def _several(sent: object) -> Sequence[object]:
    return sent if isinstance(sent, list | tuple) else (sent,)


def _is_named(read: str, sent: str) -> bool:
    """Whether two names are one; a domain's is read with a dot at its end, in lower case."""
    if read == sent or not read.endswith("."):
        return read == sent
    return _domain(read) == _domain(sent)


def _domain(name: str) -> str:
    return name.replace("\\052", "*").rstrip(".").lower()


def question_of(table: Table, write: Method, call: Call) -> ReadbackQuestion | None:
    """What to read for a write's call; None if no rule is certain."""
    given = {n: v for n, v in call.parameters.items() if v is not None}
    reading = reading_of(table, write, given)
    return ReadbackQuestion(reading, given, call.target) if reading is not None else None


def look(fetcher: Fetcher, questions: Sequence[ReadbackQuestion]) -> list[Rows]:
    """Read the current state of each resource. Not found returns no rows; any other failure returns
    None."""
    found: list[list[Row] | None] = [[] for _ in questions]
    calls = [q.call(i) for i, q in enumerate(questions)]
    with closing(fetcher.batches(calls)) as outcomes:
        for item in outcomes:
            tag = item.call.tag
            rows = found[tag]
            if isinstance(item, Batch):
                if rows is not None:
                    read = item.rows.to_pylist(maps_as_pydicts="lossy")
                    rows += [row for row in read if questions[tag].shows(row)]
            elif not isinstance(item.error, NotFound):
                found[tag] = None
    return [None if rows is None else tuple(rows) for rows in found]


def verdict(
    write: Method,
    question: ReadbackQuestion,
    rows: Rows,
    started: datetime,
    was_there: bool | None = None,
) -> OutcomeVerdict:
    """Decide from the rows whether a write that was sent at ``started`` or later was done.

    ``was_there``: whether the resource was found before the write; None: it was not checked.
    """
    if rows is None or len(rows) > 1:
        return OutcomeVerdict.UNKNOWN
    if disappears(write):
        return OutcomeVerdict.NOT_DONE if rows else OutcomeVerdict.DONE
    if not rows:
        return OutcomeVerdict.NOT_DONE if appears(write) else OutcomeVerdict.UNKNOWN
    if write.verb is Verb.REPLACE or not appears(write):
        return _as_asked(question, rows[0])
    if not makes(write):
        return OutcomeVerdict.DONE
    if was_there is not None:
        return OutcomeVerdict.WAS_THERE if was_there else OutcomeVerdict.DONE
    return _made_since(question.reading, rows[0], started)


def may_repeat(write: Method, question: ReadbackQuestion) -> bool:
    """Whether a write that was not done may be sent again without the risk of doing its work twice.

    Removing or attaching something twice has no further effect; a resource created or put under a
    key of the caller's cannot exist twice (PutLogEvents has no such key); and setting fields sets
    them to the same values.
    """
    if disappears(write):
        return True
    if appears(write):
        rows = question.reading.method.rows
        is_put_whole = write.verb is Verb.REPLACE and rows is not None and not rows.lists
        return question.reading.is_key or is_put_whole
    return sets_values(write)


def _made_since(reading: Reading, row: Row, started: datetime) -> OutcomeVerdict:
    """Whether an existing resource was created by the write, rather than before it."""
    field = created_field(reading)
    at = row.get(field) if field is not None else None
    if not isinstance(at, datetime):
        return OutcomeVerdict.UNKNOWN
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    if at >= started - _CLOCKS_DIFFER:
        return OutcomeVerdict.DONE
    return OutcomeVerdict.WAS_THERE if at < started - _LONG_BEFORE else OutcomeVerdict.UNKNOWN


def _as_asked(question: ReadbackQuestion, row: Row) -> OutcomeVerdict:
    """Whether the resource is in the state that the write requested, if all that it sets can be
    read."""
    fields = {snake_case(n): n for n in row}
    which = {*question.reading.given.values(), *question.reading.match.values()}
    asked = {n: v for n, v in question.sent.items() if n not in which}
    if not asked or any(snake_case(n) not in fields or v is HIDDEN_VALUE for n, v in asked.items()):
        return OutcomeVerdict.UNKNOWN
    are_equal = (alike(v, row[fields[snake_case(n)]]) for n, v in asked.items())
    return OutcomeVerdict.DONE if all(are_equal) else OutcomeVerdict.NOT_DONE


def alike(sent: Any, read: Any) -> bool:
    """Whether a value read equals a value sent; JSON documents are compared by content."""
    return bool(_plain(sent) == _plain(read))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items() if v is not None}
    if isinstance(value, list | tuple):
        items = [_plain(v) for v in value]
        return sorted(items, key=repr)
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "[", "%"):
        try:
            return _plain(json.loads(unquote(value) if value.startswith("%") else value))
        except ValueError:
            return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return float(value)


def answer_values(write: Method, row: Row | None) -> dict[str, object]:
    """The response that the write would have returned, as far as the row read contains it."""
    found: dict[str, Any] = {}
    if row is None or write.rows is None or write.rows.lists:
        return found
    for name, path in write.rows.fields.items():
        if row.get(name) is None:
            continue
        place = found
        for member in path.path[:-1]:
            place = place.setdefault(member, {})
        if path.path:
            place[path.path[-1]] = row[name]
    return found
