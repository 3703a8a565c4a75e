"""The format ``table``: boxes for people. NULL is shown as such, numbers are right-aligned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING

from cirrusql.render.terminal import cells, cut, fitted, safe
from cirrusql.render.text_values import is_number, plain

if TYPE_CHECKING:
    import pyarrow as pa

    from cirrusql.render.byte_sink import ByteSink

HELD_BACK = 10_000
"""Rows that determine the column widths. Later rows are written as they arrive, and wider cells
stick out."""

_NARROWEST = 4
"""Minimum width of a column when the table is limited to a width."""


def write(
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    out: ByteSink,
    *,
    header: bool,
    width: int | None,
) -> None:
    """See ``formats.write``."""
    if not schema.names:
        return
    rows = rows_of(schema, batches)
    first = list(islice(rows, HELD_BACK))
    headings = [safe(name) for name in schema.names]
    widths = natural_widths(headings, first)
    at_right = [is_number(field.type) for field in schema]
    every: Iterable[tuple[str, ...]] = chain(first, rows)
    if width is not None:
        widths = narrowed(widths, width)
        every = (tuple(map(cut, row, widths)) for row in every)
        headings = list(map(cut, headings, widths))
    write_boxes(headings if header else None, every, widths, at_right, out)


def natural_widths(headings: Iterable[str], rows: Iterable[tuple[str, ...]]) -> list[int]:
    """The width of each column without truncation."""
    return [max(map(cells, column)) for column in zip(headings, *rows, strict=True)]


def write_boxes(
    headings: list[str] | None,
    rows: Iterable[tuple[str, ...]],
    widths: list[int],
    at_right: list[bool],
    out: ByteSink,
) -> None:
    """The rows in boxes of those widths."""
    for piece in pieces(_lines(headings, rows, widths, at_right)):
        out.write(piece.encode())


def rows_of(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[str, ...]]:
    """Every row as cells for a terminal."""
    for batch in batches:
        columns = [
            ["NULL" if text is None else safe(text) for text in plain(array, field)]
            for array, field in zip(batch.columns, schema, strict=True)
        ]
        yield from zip(*columns, strict=True)


def narrowed(
    widths: list[int], width: int, narrowest: int | Sequence[int] = _NARROWEST
) -> list[int]:
    """The widths, reducing the widest until the table fits or none can be reduced further.

    ``narrowest`` is the least width of every column, or of each.
    """
    room = width - 3 * len(widths) - 1
    least = [narrowest] * len(widths) if isinstance(narrowest, int) else narrowest
    found = list(widths)
    while sum(found) > room:
        free = [i for i, w in enumerate(found) if w > least[i]]
        if not free:
            break
        widest = max(found[i] for i in free)
        these = [i for i in free if found[i] == widest]
        below = [found[i] for i in free if found[i] < widest]
        floor = max([*below, *(least[i] for i in these)])
        # Down to the next narrower column, or as far as needed.
        lower = max(floor, widest - -(-(sum(found) - room) // len(these)))
        for i in these:
            found[i] = lower
    return found


def _lines(
    headings: list[str] | None,
    rows: Iterable[tuple[str, ...]],
    widths: list[int],
    at_right: list[bool],
) -> Iterator[str]:
    bars = ["─" * (w + 2) for w in widths]
    yield f"┌{'┬'.join(bars)}┐\n"
    if headings is not None:
        yield _line(headings, widths, [False] * len(widths))
        yield f"├{'┼'.join(bars)}┤\n"
    for row in rows:
        yield _line(row, widths, at_right)
    yield f"└{'┴'.join(bars)}┘\n"


def _line(row: Iterable[str], widths: list[int], at_right: list[bool]) -> str:
    parts = (fitted(c, w, at_right=r) for c, w, r in zip(row, widths, at_right, strict=True))
    return f"│ {' │ '.join(parts)} │\n"


def pieces(lines: Iterable[str]) -> Iterator[str]:
    """The lines in large chunks: one system call per line would be slow."""
    held: list[str] = []
    for line in lines:
        held.append(line)
        if len(held) >= 1000:
            yield "".join(held)
            held.clear()
    yield "".join(held)
