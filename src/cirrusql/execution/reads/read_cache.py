"""Answers of earlier reads, kept in memory for ``cache_ttl`` seconds.

An answer is kept only when its call was read to its end, and never one with a column that
the model marks sensitive. A write drops what its service answered.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cirrusql.catalog.secrets.secret_columns import is_secret_column
from cirrusql.transport.model import Call

if TYPE_CHECKING:
    import pyarrow as pa

_MOST_BYTES = 256 * 1024 * 1024
_MERGED_ROWS = 10_000
_MOST_ASKED = 10_000


@dataclass(frozen=True)
class CachedRows:
    """The rows of one call, and when they were asked for."""

    rows: tuple[pa.RecordBatch, ...]
    at: float
    service: str

    @property
    def size(self) -> int:
        """Bytes of the rows."""
        return sum(batch.nbytes for batch in self.rows)


@dataclass
class Writings:
    """When each service was last written to, by any of the sessions that share this: a server's."""

    _at: dict[str, float] = field(default_factory=dict)

    def note(self, service: str, at: float) -> None:
        """Somebody has written to the service. Any thread may say so."""
        self._at[service] = at

    def last(self, service: str) -> float:
        """The moment of the last write, by the cache's clock."""
        return self._at.get(service, float("-inf"))


@dataclass
class ReadCache:
    """Of one session. ``clock`` gives seconds; oldest entries go when there is no more room.

    What was asked before a service was written to is not given after it, whichever session wrote.
    """

    clock: Callable[[], float] = time.monotonic
    writings: Writings = field(default_factory=Writings)
    _asked: dict[Hashable, float] = field(default_factory=dict)
    """When the calls were asked for that are under way."""
    _kept: OrderedDict[Hashable, CachedRows] = field(default_factory=OrderedDict)
    _bytes: int = 0

    def get(self, call: Call, ttl: float) -> tuple[pa.RecordBatch, ...] | None:
        """The rows of an identical call that is not older than ``ttl`` seconds."""
        key, now = key_of(call), self.clock()
        kept = self._kept.get(key)
        if kept is None or now - kept.at >= ttl or kept.at <= self.writings.last(kept.service):
            if len(self._asked) > _MOST_ASKED:
                self._asked.clear()
            self._asked[key] = now
            return None
        return kept.rows

    def put(self, call: Call, rows: list[pa.RecordBatch]) -> None:
        """Keep the rows of a call that was read to its end."""
        if any(map(is_secret_column, call.columns)):
            return
        key = key_of(call)
        self._drop(key)
        asked = self._asked.pop(key, None)
        if asked is None:
            return
        kept = CachedRows(_merged(rows), asked, call.operation.service.key)
        self._kept[key] = kept
        self._bytes += kept.size
        while self._bytes > _MOST_BYTES and self._kept:
            self._drop(next(iter(self._kept)))

    def forget(self, service: str) -> None:
        """Drop everything that a service answered, here and wherever ``writings`` is shared."""
        self.writings.note(service, self.clock())
        for key in [k for k, kept in self._kept.items() if kept.service == service]:
            self._drop(key)

    def _drop(self, key: Hashable) -> None:
        gone = self._kept.pop(key, None)
        if gone is not None:
            self._bytes -= gone.size


def _merged(rows: list[pa.RecordBatch]) -> tuple[pa.RecordBatch, ...]:
    """Pages as few large batches: what is read again costs by the batch more than by the row."""
    import pyarrow as pa

    if len(rows) < 2:
        return tuple(rows)
    return tuple(pa.Table.from_batches(rows).combine_chunks().to_batches(_MERGED_ROWS))


def key_of(call: Call) -> Hashable:
    """What two calls with the same answer have in common."""
    fields = call.rows.fields if call.rows is not None else {}
    columns = tuple((column.name, fields.get(column.name)) for column in call.columns)
    lists = call.rows.lists if call.rows is not None else ()
    target = (call.target.connection, call.target.region)
    asked = (call.operation.id, target, frozen(call.parameters), call.elsewhere)
    return (*asked, columns, lists, call.page_size, call.limit)


def frozen(value: object) -> Hashable:
    """A hashable twin of a parameter value."""
    if isinstance(value, Mapping):
        return tuple(sorted((k, frozen(v)) for k, v in value.items()))
    if isinstance(value, list | tuple):
        return tuple(frozen(v) for v in value)
    # A value of the engine: text, number, moment.
    return value if value.__hash__ is not None else repr(value)
