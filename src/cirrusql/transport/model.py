"""What is asked of the fetch layer and what it gives back. Values only."""

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
    """How many requests a statement may make, each page one; attempts at the same one do not count.

    Whoever draws calls takes from it, and so does the loop that pages them on.
    """

    most: int
    most_rows: int = 0
    """Rows that may be read; 0: any number."""
    taken: int = 0
    rows: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False)

    def take(self) -> bool:
        """Whether one more may be made, which it then counts as."""
        with self._lock:
            if self.taken >= self.most:
                return False
            self.taken += 1
            return True

    def take_rows(self, count: int) -> None:
        """Count rows that were read. Raises CallLimit where they are too many."""
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
        """What to say where none may be made."""
        return CallLimit(
            f"stopped after {self.most} calls, pages included (max_calls); the rows read so far "
            "are shown",
            hint="narrow the WHERE, or SET max_calls = … to allow more",
        )


@dataclass(frozen=True)
class About:
    """What a person should know of a write call: read from the row that it is made for."""

    name: str = ""
    """What people call the thing (its Name tag, a key's UserName)."""
    before: Mapping[str, object] = field(default_factory=dict)
    """The values that parameters replace, as they were read."""
    after: Mapping[str, object] = field(default_factory=dict)
    """What they become, where the call does not send it under that name."""


@dataclass(frozen=True)
class Call:
    """One operation with its parameters at one target; a listing is paged to its end."""

    operation: Operation
    parameters: Mapping[str, object]
    target: Target
    rows: RowPath | None = None
    columns: tuple[Column, ...] = ()
    """FIELD columns to decode, PARAMETER and CONTEXT columns to fill in, in that order of
    appearance: a batch has exactly these."""
    page_size: int | None = None
    tag: int = 0
    """The caller's own mark, given back with every batch."""
    narrowing: frozenset[str] = frozenset()
    """Parameters that only narrow the rows: without them the answer is dearer, and no less."""
    unsaid: frozenset[str] = frozenset()
    """Parameters that say nothing of a row that has no value of the field of that name."""
    batch: str = ""
    """The parameter that lists keys: of several, one that does not exist may fail them all."""
    is_read: bool = False
    """It changes nothing, so it may be made again whatever became of it: ``Method.is_read``."""
    limit: int | None = None
    """Rows after which no further page is asked for; None: all."""
    elsewhere: Elsewhere = Elsewhere.FOLLOW
    about: About | None = field(default=None, compare=False)
    """Of a write whose row was read: for its preview, never sent."""
    allowance: Allowance | None = field(default=None, compare=False, repr=False)
    """What its further pages are taken from; None: as many as there are."""
    number: int = field(default_factory=_numbers.__next__, compare=False)
    """Which call it is, through every copy that says more of it:
    an ``id`` recurs once its object is gone."""

    def another(self, parameters: Mapping[str, object], narrowing: frozenset[str]) -> Call:
        """Another call, like this one but for its parameters."""
        return replace(self, parameters=parameters, narrowing=narrowing, number=next(_numbers))


@dataclass(frozen=True)
class Batch:
    """Rows of one page of one call."""

    call: Call
    rows: pa.RecordBatch
    unread: tuple[str, ...] = ()
    """Values that are not of their type, in words: they are NULL in the rows."""


@dataclass(frozen=True)
class Failure:
    """A call that could not be finished. Rows of its earlier pages were given already."""

    call: Call
    error: Error


@dataclass(frozen=True)
class Answer:
    """The whole answer of one call, as the model shapes it (names as the API spells them)."""

    call: Call
    values: Mapping[str, object]
    request_id: str | None = None


class CallRecord(NamedTuple):
    """One attempt, as ``cirrusql.calls`` shows it. Holds no parameter values."""

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
