"""Writes one result for its reader: a person at a terminal, or a pipe or file.

A requested format is used. Otherwise rows are a table, which on a terminal is fitted to it; a
statement or policy is printed as text; a list about the catalog is formatted for the terminal.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

from cirrusql.render import formats
from cirrusql.render.display.screen_report import FORMS, ScreenReport

if TYPE_CHECKING:
    import pyarrow as pa

    from cirrusql.render.byte_sink import ByteSink

T = TypeVar("T")
_TEXT, _LISTING = "text", "listing"


WRITES = frozenset({"INSERT", "UPDATE", "REPLACE", "DELETE", "EXEC", "COMMIT", "ROLLBACK"})
"""Verbs whose rows report what was done."""


class Presented(Protocol):
    """How the result is presented."""

    @property
    def schema(self) -> pa.Schema: ...

    @property
    def batches(self) -> Iterable[pa.RecordBatch]: ...

    @property
    def layout(self) -> str: ...

    @property
    def display_order(self) -> Callable[[], Sequence[int] | None] | None: ...


class Meter:
    """Counts rows as they are read, and the seconds that reading them took, not showing them."""

    def __init__(self) -> None:
        self.rows = 0
        self.seconds = 0.0

    def read(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The batches."""
        source = iter(batches)
        while (batch := self.timed(lambda: next(source, None))) is not None:
            self.rows += batch.num_rows
            yield batch

    def timed(self, action: Callable[[], T]) -> T:
        """Return the action's result; its time counts."""
        started = time.monotonic()
        try:
            return action()
        finally:
            self.seconds += time.monotonic() - started


def present(
    result: Presented,
    out: ByteSink,
    format_: str | None,
    *,
    width: int | None,
    meter: Meter,
    header: bool = True,
) -> ScreenReport:
    """Write all rows. ``width``: of the terminal; None: a pipe or file.

    ``format_``: one of ``formats.FORMATS``, or None if none was requested.
    """
    schema, batches = result.schema, meter.read(result.batches)
    if format_ is None and result.layout == _TEXT:
        from cirrusql.render.data_formats import raw_text

        raw_text.write_last(schema, batches, out)
    elif width is None:
        formats.write(schema, batches, format_ or "table", out, header=header)
    elif format_ is None and result.layout == _LISTING:
        from cirrusql.render.display import listing_text

        listing_text.write(schema, batches, out, width=width, header=header)
    elif format_ is None or format_ in FORMS:
        from cirrusql.render.display import screen

        # What reads the catalog for it reads it while rows are on their way.
        order = result.display_order() if result.display_order is not None else None
        form = format_ or "auto"
        return screen.write(
            schema, batches, out, width=width, form=form, header=header, order=order
        )
    else:
        formats.write(schema, batches, format_, out, header=header)
    return ScreenReport()


def summary(
    meter: Meter, report: ScreenReport, *, written: int | None = None, has_time: bool = True
) -> str:
    """``9 rows in 0.42 s``. ``written``: of a write, the rows that it did."""
    count = meter.rows if written is None else written
    told = "the first " if report.is_unfinished else ""
    told += f"{count:,} {'row' if count == 1 else 'rows'}"
    told += "" if written is None else " written"
    return f"{told} in {meter.seconds:.2f} s" if has_time else told


def left_out(report: ScreenReport, how: str) -> str | None:
    """What is not on the screen, and how to see it."""
    told = []
    if report.cut:
        told.append(f"{report.cut:,} {'cell is' if report.cut == 1 else 'cells are'} cut short")
    if report.hidden:
        told.append(
            f"{report.hidden:,} {'column is' if report.hidden == 1 else 'columns are'} NULL in "
            "every row and not shown"
        )
    return f"{', and '.join(told)}; {how}" if told else None
