"""A relation as HTML for notebooks. Everything that came from a cloud is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING

from cirrusql.render.text_values import is_number, plain

if TYPE_CHECKING:
    import pyarrow as pa


def table_of(schema: pa.Schema, batches: Iterable[pa.RecordBatch], *notes: str) -> str:
    """A table with the rows, and the notes below it."""
    head = "".join(f"<th>{escape(name)}</th>" for name in schema.names)
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in _rows(schema, batches))
    table = (
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        if schema.names
        else ""
    )
    return "<div>" + table + "".join(f"<p>{escape(note)}</p>" for note in notes) + "</div>"


def _rows(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[str, ...]]:
    sides = [' style="text-align: right"' if is_number(f.type) else "" for f in schema]
    for batch in batches:
        columns = [
            [
                f"<td{side}>{'<em>NULL</em>' if text is None else escape(text)}</td>"
                for text in plain(a, f)
            ]
            for a, f, side in zip(batch.columns, schema, sides, strict=True)
        ]
        yield from zip(*columns, strict=True)
