"""Writes rows in any format: lists the formats and dispatches to their modules.

Importing this loads neither pyarrow nor rich, so a format's name can be checked early. Each
format's module is imported when it is used.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cirrusql.errors import ConfigError, nearest
from cirrusql.render.byte_sink import ByteSink

if TYPE_CHECKING:
    import pyarrow as pa

FORMATS = (
    "table",
    "vertical",
    "json",
    "jsonl",
    "csv",
    "tsv",
    "text",
    "markdown",
    "html",
    "parquet",
    "arrow",
)
"""In the order of the guide to the command line."""

BINARY = frozenset({"parquet", "arrow"})
"""Binary formats, not for a terminal; they hold the rows of one statement only."""


def write(
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    format: str,
    out: ByteSink,
    *,
    header: bool = True,
    width: int | None = None,
) -> None:
    """Write all rows in ``format``; column names may repeat.

    Memory is bounded: a table buffers its first rows to determine column widths, parquet one row
    group, the others one batch. ``width``: terminal columns that a table may use. Text is UTF-8.
    Raises ConfigError for an unknown format; errors of ``batches`` and ``out`` pass through.
    """
    if format not in FORMATS:
        raise ConfigError(f"unknown format {format!r}", hint=_near(format))
    if format in ("table", "vertical", "markdown"):
        from cirrusql.render.tables import markdown, table, vertical

        if format == "table":
            table.write(schema, batches, out, header=header, width=width)
        elif format == "vertical":
            vertical.write(schema, batches, out)
        else:
            markdown.write(schema, batches, out, header=header)
    elif format in ("json", "jsonl"):
        from cirrusql.render.data_formats import objects

        objects.write(schema, batches, out, is_array=format == "json")
    elif format in ("csv", "tsv"):
        from cirrusql.render.data_formats import separated

        separated.write(schema, batches, out, is_csv=format == "csv", header=header)
    elif format == "text":
        from cirrusql.render.data_formats import raw_text

        raw_text.write(schema, batches, out, header=header)
    elif format == "html":
        from cirrusql.render.tables import html_table

        html_table.write(schema, batches, out, header=header)
    else:
        from cirrusql.render.data_formats import columnar

        columnar.write(schema, batches, out, is_parquet=format == "parquet")


def _near(name: str) -> str:
    near = nearest(name, FORMATS)
    return f"did you mean {', '.join(near)}?" if near else f"one of {', '.join(FORMATS)}"
