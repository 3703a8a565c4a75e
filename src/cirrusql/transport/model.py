"""Inputs and outputs of the transport layer. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from cirrusql.api.exchange import Elsewhere as Elsewhere
from cirrusql.api.exchange import Target as Target
from cirrusql.api.model import Operation
from cirrusql.catalog.model import Column, RowPath
from cirrusql.errors import CallLimit, Error

if TYPE_CHECKING:
    import pyarrow as pa

_numbers = count(1)


@dataclass(eq=False)
class Allowance:
    """How many requests a statement may make; each page is one request, retries do not count.

    Used by the consumer that draws calls and by the loop that requests further pages.
    """

    most: int
    most_rows: int = 0
    """Rows that may be read; 0: unlimited."""
    taken: int = 0
    rows: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False)

    def take(self) -> bool:
        """Take one request from the allowance; false if it is used up."""
        with self._lock:
            if self.taken >= self.most:
                return False
            self.taken += 1
            return True

    def take_rows(self, count: int) -> None:
        """Count rows that were read. Raises CallLimit if there are too many."""
        with self._lock:
            self.rows += count
            is_over = 0 < self.most_rows < self.rows
        if is_over:
            raise CallLimit(
                f"stopped after reading {self.most_rows} rows (max_rows); the rows read so far "
                "are shown",
                hint="narrow the WHERE, or SET max_rows = … to allow more",
            )

    def error(self) -> CallLimit:
        """The error for an allowance that is used up."""
        return CallLimit(
            f"stopped after {self.most} calls, pages included (max_calls); the rows read so far "
            "are shown",
            hint="narrow the WHERE, or SET max_calls = … to allow more",
        )


@dataclass(frozen=True)
class About:
    """Facts about a write call for display, taken from the row that it is made for."""

    name: str = ""
    """The resource's display name (its Name tag, a key's UserName)."""
    before: Mapping[str, object] = field(default_factory=dict)
    """The values that parameters replace, as read."""
    after: Mapping[str, object] = field(default_factory=dict)
    """The new values, if the call does not send them under these names."""


@dataclass(frozen=True)
class Call:
    """One operation with its parameters at one target; a listing is paged to its end."""

    operation: Operation
    parameters: Mapping[str, object]
    target: Target
    rows: RowPath | None = None
    columns: tuple[Column, ...] = ()
    """FIELD columns to decode, PARAMETER and CONTEXT columns to fill in, in this order: a batch has
    exactly these columns."""
    page_size: int | None = None
    tag: int = 0
    """An opaque value of the caller, returned with every batch."""
    narrowing: frozenset[str] = frozenset()
    """Parameters that only narrow the rows: without them the call costs more and returns no less.
    """
    unsaid: frozenset[str] = frozenset()
    """Parameters that must not be used as values of rows whose field of that name is empty."""
    batch: str = ""
    """The parameter that lists keys: one key that does not exist may fail the whole call."""
    is_read: bool = False
    """The call changes nothing, so it may be repeated whatever happened: ``Method.is_read``."""
    limit: int | None = None
    """The number of rows after which no further page is requested; None: all."""
    elsewhere: Elsewhere = Elsewhere.FOLLOW
    about: About | None = field(default=None, compare=False)
    """For the preview of a write whose row was read; never sent."""
    allowance: Allowance | None = field(default=None, compare=False, repr=False)
    """The allowance for further pages; None: unlimited."""
    number: int = field(default_factory=_numbers.__next__, compare=False)
    """Identifies the call across copies with more details: an ``id()`` may recur once its object is
    gone."""

    def another(self, parameters: Mapping[str, object], narrowing: frozenset[str]) -> Call:
        """A copy of this call with other parameters, which counts as a new call."""
        return replace(self, parameters=parameters, narrowing=narrowing, number=next(_numbers))


@dataclass(frozen=True)
class Batch:
    """Rows of one page of one call."""

    call: Call
    rows: pa.RecordBatch
    unread: tuple[str, ...] = ()
    """Descriptions of values that do not match their type; they are NULL in the rows."""


@dataclass(frozen=True)
class Failure:
    """A call that failed. Rows of its earlier pages were already returned."""

    call: Call
    error: Error


@dataclass(frozen=True)
class Answer:
    """The complete response of one call, in the shape and spelling of the model."""

    call: Call
    values: Mapping[str, object]
    request_id: str | None = None


class CallRecord(NamedTuple):
    """One attempt, as shown in ``cirrusql.calls``. Contains no parameter values."""

    service: str
    operation: str
    account: str | None
    region: str
    connection: str | None
    page: int
    attempt: int
    status: int | None
    error: str | None
    request_id: str | None
    bytes: int
    ms: float
    is_cached: bool = False
