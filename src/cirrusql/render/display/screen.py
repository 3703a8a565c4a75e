"""Formats rows for a terminal: a table that fits its width, or one value per line if none can.

Owns what is truncated and left out; the ``ScreenReport`` lets the caller say so. ``pager`` handles
pages, ``formats`` pipes and files.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from cirrusql.render.display.readable_values import one_line, several_lines, values
from cirrusql.render.display.screen_report import ScreenReport
from cirrusql.render.tables.table import HELD_BACK, narrowed, natural_widths, pieces, write_boxes
from cirrusql.render.tables.vertical import RecordLines
from cirrusql.render.terminal import cells, cut, safe
from cirrusql.render.text_values import is_number

if TYPE_CHECKING:
    import pyarrow as pa

    from cirrusql.render.byte_sink import ByteSink

_NARROWEST = 20
"""Minimum column width in a table whose form the user did not choose: most names and ids. Less
would not identify the row."""
_NARROWEST_TIME = 17
"""The same for times: to the minute, and the sign that says that something is cut."""
_WRAPS_FROM = 20
"""Room that words need to be wrapped."""

Row = tuple[Any, ...]


def write(
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    out: ByteSink,
    *,
    width: int,
    form: str = "auto",
    header: bool = True,
    order: Sequence[int] | None = None,
) -> ScreenReport:
    """Write all rows in a form of ``FORMS``.

    ``order``: for ``SELECT *``, the columns in readable order; the form ``auto`` then leaves out
    those that are NULL in every row.
    """
    report = ScreenReport()
    if not schema.names:
        return report
    rows = _rows(schema, batches)
    first = list(islice(rows, HELD_BACK))
    shown = list(order) if order is not None else list(range(len(schema)))
    if order is not None and form == "auto" and 0 < len(first) < HELD_BACK:
        shown = [i for i in shown if any(row[i] is not None for row in first)] or shown
        report.hidden = len(schema) - len(shown)
    fields = [schema.field(i) for i in shown]
    held = [tuple(row[i] for i in shown) for row in first]
    rest = (tuple(row[i] for i in shown) for row in rows)
    texts = [tuple(map(_cell, row)) for row in held]
    headings = [safe(field.name) for field in fields]
    widths = natural_widths(headings, texts)
    if form != "vertical":
        widths = narrowed(widths, width, [_narrowest(f, form) for f in fields])
        if form == "table" or sum(widths) + 3 * len(widths) + 1 <= width:
            every = chain(texts, (tuple(map(_cell, row)) for row in rest))
            _write_table(fields, headings if header else None, every, widths, out, report)
            return report
    _write_records(fields, chain(held, rest), width, out)
    return report


def _narrowest(field: pa.Field, form: str) -> int:
    if form != "auto":
        return 1
    return _NARROWEST_TIME if str(field.type).startswith("timestamp") else _NARROWEST


def _rows(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[Row]:
    for batch in batches:
        columns = [values(a, f) for a, f in zip(batch.columns, schema, strict=True)]
        yield from zip(*columns, strict=True)


def _cell(value: Any) -> str:
    if value is None:
        return "NULL"
    return safe(value if isinstance(value, str) else one_line(value))


def _write_table(
    fields: Sequence[pa.Field],
    headings: list[str] | None,
    rows: Iterable[tuple[str, ...]],
    widths: list[int],
    out: ByteSink,
    report: ScreenReport,
) -> None:
    def fit(row: tuple[str, ...]) -> tuple[str, ...]:
        found = tuple(map(cut, row, widths))
        report.cut += sum(a is not b for a, b in zip(row, found, strict=True))
        return found

    at_right = [is_number(field.type) for field in fields]
    names = None if headings is None else list(map(cut, headings, widths))
    write_boxes(names, map(fit, rows), widths, at_right, out)


def _write_records(
    fields: Sequence[pa.Field], rows: Iterable[Row], width: int, out: ByteSink
) -> None:
    records = RecordLines(field.name for field in fields)
    room = width - records.margin
    texts = (records.text([_lines(value, room) for value in row]) for row in rows)
    for piece in pieces(texts):
        out.write(piece.encode())


def _lines(value: Any, room: int) -> list[str]:
    """The lines of a value: words are wrapped, words longer than a line are kept."""
    if value is None:
        return ["NULL"]
    if not isinstance(value, str):
        return several_lines(value, room)
    if cells(value) <= room and "\n" not in value:
        return [value]
    if (document := _document(value)) is not None:
        return document
    if room < _WRAPS_FROM:
        return value.split("\n")
    return [
        part
        for line in value.split("\n")
        for part in wrap(line, room, break_long_words=False, break_on_hyphens=False) or [""]
    ]


def _document(text: str) -> list[str] | None:
    """The lines of a text that is JSON itself: a policy."""
    if not text.startswith(("{", "[")):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return json.dumps(found, indent=2, ensure_ascii=False).split("\n")
