"""Formats lists about the catalog for a terminal: columns under headings, the last one wrapped.

For SHOW, DESCRIBE, ``search`` and ``cookbook list``, whose last column is often prose: it is
wrapped beside the others, or below them if there is too little room. If the others alone are wider
than the terminal, the widest that others stand beside is cut, and stands below too, in full.
"""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap
from typing import TYPE_CHECKING

from cirrusql.render.tables.table import natural_widths, pieces, rows_of
from cirrusql.render.terminal import cells, cut, fitted, safe

if TYPE_CHECKING:
    import pyarrow as pa

    from cirrusql.render.byte_sink import ByteSink

_GAP = "  "
_LEAST = 30
"""Minimum width of prose beside other columns."""
_INDENT = 4
_NARROWEST = 12
"""Minimum width of a column that is cut."""


def write(
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    out: ByteSink,
    *,
    width: int,
    header: bool = True,
) -> None:
    """Write all rows, which are few."""
    if not schema.names:
        return
    headings = tuple(safe(name) for name in schema.names)
    # NULL and nothing are one to a reader of a list.
    rows = [tuple("" if c == "NULL" else c for c in row) for row in rows_of(schema, batches)]
    widths = natural_widths(headings, rows)
    before = sum(widths[:-1]) + len(_GAP) * (len(widths) - 1)
    if before > width and len(widths) > 2:
        # What nothing stands beside may be as long as it is.
        widest = max(range(len(widths) - 2), key=widths.__getitem__)
        kept = min(widths[widest], max(widths[widest] - before + width, _NARROWEST))
        before -= widths[widest] - kept
        widths[widest] = kept
    is_beside = width - before >= min(_LEAST, widths[-1])
    widths[-1] = min(widths[-1], max(width - before, 1))
    titles = [headings, tuple("─" * w for w in widths)] if header else []
    if not is_beside:
        titles = [(*row[:-1], "") for row in titles]
    lines = [_line(row, widths) for row in titles]
    for row in rows:
        if is_beside:
            first, *more = wrap(row[-1], width - before) or [""]
            lines.append(_line((*row[:-1], first), widths))
            lines += [f"{' ' * before}{part}".rstrip() for part in more]
        else:
            shown = (*map(cut, row[:-2], widths), *row[-2:-1], "")
            lines.append(_line(shown, widths))
            long = [c for c, w in zip(row[:-2], widths, strict=False) if cells(c) > w]
            for text in (*long, row[-1]):
                room = max(width - _INDENT, _INDENT)
                lines += [" " * _INDENT + part for part in wrap(text, room)]
    for piece in pieces(f"{line}\n" for line in lines):
        out.write(piece.encode())


def _line(row: Iterable[str], widths: list[int]) -> str:
    return _GAP.join(fitted(c, w) for c, w in zip(row, widths, strict=True)).rstrip()
