"""A relation as HTML for notebooks. Everything from a cloud is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from cirrusql.render.tables.html_table import head, rows

if TYPE_CHECKING:
    import pyarrow as pa


def table_of(schema: pa.Schema, batches: Iterable[pa.RecordBatch], *notes: str) -> str:
    """A table with the rows, and the notes below it."""
    body = "".join(row for batch in batches for row in rows(schema, batch))
    table = (
        f"<table><thead>{head(schema)}</thead><tbody>{body}</tbody></table>" if schema.names else ""
    )
    return "<div>" + table + "".join(f"<p>{escape(note)}</p>" for note in notes) + "</div>"
