"""The format ``html``: a table element to put into a page. Everything in a cell is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING

from cirrusql.render.terminal import safe
from cirrusql.render.text_values import is_number, plain

if TYPE_CHECKING:
    import pyarrow as pa

    from cirrusql.render.byte_sink import ByteSink

_BREAK = re.compile(r"\r\n|\r|\n")


def write(
    schema: pa.Schema, batches: Iterable[pa.RecordBatch], out: ByteSink, *, header: bool
) -> None:
    """See ``formats.write``. The bytes are ASCII, so that no page reads them in another encoding;
    the lines of a value are kept apart by ``<br>``."""
    if not schema.names:
        return
    out.write(b"<table>\n")
    if header:
        out.write(_ascii(f"<thead>{head(schema)}</thead>\n"))
    out.write(b"<tbody>\n")
    for batch in batches:
        lines = "\n".join(rows(schema, batch))
        if lines:
            out.write(_ascii(lines + "\n"))
    out.write(b"</tbody>\n</table>\n")


def head(schema: pa.Schema) -> str:
    """The row of headings."""
    return f"<tr>{''.join(f'<th>{escape(safe(name))}</th>' for name in schema.names)}</tr>"


def rows(schema: pa.Schema, batch: pa.RecordBatch) -> Iterator[str]:
    """Each row; numbers are right-aligned, and NULL is distinguished from text."""
    columns = [
        [_cell(text, is_number(field.type)) for text in plain(array, field)]
        for array, field in zip(batch.columns, schema, strict=True)
    ]
    for row in zip(*columns, strict=True):
        yield f"<tr>{''.join(row)}</tr>"


def _cell(text: str | None, is_at_right: bool) -> str:
    side = ' style="text-align: right"' if is_at_right else ""
    inner = "<em>NULL</em>" if text is None else _escaped(text)
    return f"<td{side}>{inner}</td>"


def _escaped(text: str) -> str:
    """What would reorder or hide a part of the page is spelled out, as for a terminal."""
    return "<br>".join(escape(safe(line)) for line in _BREAK.split(text))


def _ascii(text: str) -> bytes:
    return text.encode("ascii", "xmlcharrefreplace")
