"""Caches responses of earlier reads in memory for ``cache_ttl`` seconds.

A response is cached only if its call was read to the end, and never if it has a column that the
model marks sensitive. A write drops the cached responses of its service.
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
    """The rows of one call, and the time of the request."""

    rows: tuple[pa.RecordBatch, ...]
    at: float
    service: str

    @property
    def size(self) -> int:
        """Size of the rows in bytes."""
        return sum(batch.nbytes for batch in self.rows)


@dataclass
class WriteTimes:
    """When each service was last written to by any session that shares this object (those of a
    server)."""

    _at: dict[str, float] = field(default_factory=dict)

    def note(self, service: str, at: float) -> None:
        """Record a write to the service. Thread-safe."""
        self._at[service] = at

    def last(self, service: str) -> float:
        """The time of the last write, by the cache's clock."""
        return self._at.get(service, float("-inf"))


@dataclass
class ReadCache:
    """The cache of one session. ``clock`` returns seconds; the oldest entries are evicted first.

    Responses requested before a write to their service are not used after it, whichever session
    wrote.
    """

    clock: Callable[[], float] = time.monotonic
    writings: WriteTimes = field(default_factory=WriteTimes)
    _asked: dict[Hashable, float] = field(default_factory=dict)
    """Request times of the calls in progress."""
    _kept: OrderedDict[Hashable, CachedRows] = field(default_factory=OrderedDict)
    _bytes: int = 0

    def get(self, call: Call, ttl: float) -> tuple[pa.RecordBatch, ...] | None:
        """The rows of an identical call that is at most ``ttl`` seconds old."""
        key, now = key_of(call), self.clock()
        kept = self._kept.get(key)
        if kept is None or now - kept.at >= ttl or kept.at <= self.writings.last(kept.service):
            if len(self._asked) > _MOST_ASKED:
                self._asked.clear()
            self._asked[key] = now
            return None
        return kept.rows

    def put(self, call: Call, rows: list[pa.RecordBatch]) -> None:
        """Cache the rows of a call that was read to the end."""
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
        """Drop all responses of a service, here and wherever ``writings`` is shared."""
        self.writings.note(service, self.clock())
        for key in [k for k, kept in self._kept.items() if kept.service == service]:
            self._drop(key)

    def _drop(self, key: Hashable) -> None:
        gone = self._kept.pop(key, None)
        if gone is not None:
            self._bytes -= gone.size


def _merged(rows: list[pa.RecordBatch]) -> tuple[pa.RecordBatch, ...]:
    """Merge pages into few large batches: reading cached rows costs more per batch than per row."""
    import pyarrow as pa

    if len(rows) < 2:
        return tuple(rows)
    return tuple(pa.Table.from_batches(rows).combine_chunks().to_batches(_MERGED_ROWS))


def key_of(call: Call) -> Hashable:
    """The key that calls with the same response share."""
    fields = call.rows.fields if call.rows is not None else {}
    columns = tuple((column.name, fields.get(column.name)) for column in call.columns)
    lists = call.rows.lists if call.rows is not None else ()
    target = (call.target.connection, call.target.region)
    asked = (call.operation.id, target, frozen(call.parameters), call.elsewhere)
    return (*asked, columns, lists, call.page_size, call.limit)


def frozen(value: object) -> Hashable:
    """A hashable copy of a parameter value."""
    if isinstance(value, Mapping):
        return tuple(sorted((k, frozen(v)) for k, v in value.items()))
    if isinstance(value, list | tuple):
        return tuple(frozen(v) for v in value)
    # An engine value: text, number or timestamp.
    return value if value.__hash__ is not None else repr(value)
