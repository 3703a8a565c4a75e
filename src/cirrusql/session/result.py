"""The result of a statement, the only thing that apps and ``render`` read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from cirrusql.session.introspection.listing import Listing
from cirrusql.types import VARCHAR

if TYPE_CHECKING:
    import pyarrow as pa

    from cirrusql.errors import Error
    from cirrusql.execution.writes.write_results import WriteResult
    from cirrusql.transport.model import Failure


class ResultLayout(StrEnum):
    """How rows are presented to a person."""

    ROWS = "rows"
    LISTING = "listing"
    """A list about the catalog, whose last column may be prose."""
    TEXT = "text"
    """Each row is a text, in its last column: a statement, a policy."""


@dataclass
class Result:
    """The result of one statement: rows as a stream of Arrow batches, read once.

    ``failures`` is complete when the batches are used up. ``close`` cancels what is in progress;
    reading to the end closes too.
    """

    schema: pa.Schema
    """Headings as the user wrote them; names may repeat."""
    batches: Iterator[pa.RecordBatch]
    verb: str = "SELECT"
    """The statement's first word: ``SELECT``, ``INSERT``, ``SHOW`` …"""
    failures: list[Failure] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    on_close: Sequence[Callable[[], None]] = ()
    rows_written: int = 0
    """Number of successful writes, for the command tag; the failed ones are rows of the report."""
    exit_status: int = 0
    """1 if a write failed. A partial result (3) follows from ``failures``."""
    outcomes: Mapping[str, int] = field(default_factory=dict)
    """For a write, the number of calls by status; empty if it has no report."""
    cause: Error | None = None
    """The first failure of a write."""

    layout: ResultLayout = ResultLayout.ROWS
    """How a person reads it, if no format was requested."""
    display_order: Callable[[], Sequence[int] | None] | None = None
    """For ``SELECT *``, the positions of the columns in readable order; None if the user selected
    columns. For terminals only."""

    writes: Sequence[WriteResult] = ()
    """The calls of a write with their outcomes, for what manages rows over several statements."""

    interrupt: BaseException | None = None
    """The exception that interrupted a COMMIT: once the report has been shown, nothing
    else is run."""

    def table(self) -> pa.Table:
        """All rows at once."""
        import pyarrow as pa

        try:
            return pa.Table.from_batches(list(self.batches), schema=self.schema)
        finally:
            self.close()

    def close(self) -> None:
        """Cancel what is in progress and release resources."""
        for action in self.on_close:
            action()
        self.on_close = ()


def listing_result(found: Listing, verb: str, layout: ResultLayout = ResultLayout.ROWS) -> Result:
    """A Result of rows in memory."""
    import pyarrow as pa

    columns = list(zip(*found.rows, strict=True)) if found.rows else [() for _ in found.columns]
    arrays = [
        pa.array(list(cells), type_.arrow)
        for cells, (_, type_) in zip(columns, found.columns, strict=True)
    ]
    schema = pa.schema([(name, type_.arrow) for name, type_ in found.columns])
    batches: Iterator[Any] = iter(
        [pa.RecordBatch.from_arrays(arrays, schema=schema)] if arrays else []
    )
    return Result(schema=schema, batches=batches, verb=verb, layout=layout)


def text_result(
    headings: tuple[str, ...],
    rows: Sequence[tuple[str | None, ...]],
    verb: str,
    layout: ResultLayout = ResultLayout.ROWS,
) -> Result:
    """A Result of text columns."""
    return listing_result(Listing(tuple((h, VARCHAR) for h in headings), tuple(rows)), verb, layout)
