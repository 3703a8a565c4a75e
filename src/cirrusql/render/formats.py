"""Rows to bytes: which formats there are, and the one function that writes any of them.

Importing this loads neither pyarrow nor rich: a format's name can be checked before
anything else is there. Each format has a module of its own, loaded when it is used.
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
"""Not for a terminal, and of one statement's rows each."""


def write(
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    format: str,
    out: ByteSink,
    *,
    header: bool = True,
    width: int | None = None,
) -> None:
    """All rows in ``format``; headings may repeat a name.

    Bounded memory: a table holds its first rows back to find the columns' widths, parquet one
    row group, the others one batch. ``width``: columns of terminal that a table may take.
    Text is UTF-8. Raises ConfigError for a format that there is not; errors of ``batches``
    and of ``out`` pass through.
    """
    if format not in FORMATS:
        raise ConfigError(f"unknown format {format!r}", hint=_near(format))
    if format in ("table", "vertical", "markdown"):
        from cirrusql.render import markdown, table, vertical

        if format == "table":
            table.write(schema, batches, out, header=header, width=width)
        elif format == "vertical":
            vertical.write(schema, batches, out)
        else:
            markdown.write(schema, batches, out, header=header)
    elif format in ("json", "jsonl"):
        from cirrusql.render import objects

        objects.write(schema, batches, out, is_array=format == "json")
    elif format in ("csv", "tsv"):
        from cirrusql.render import separated

        separated.write(schema, batches, out, is_csv=format == "csv", header=header)
    elif format == "text":
        from cirrusql.render import raw_text

        raw_text.write(schema, batches, out, header=header)
    elif format == "html":
        from cirrusql.render import html_table

        html_table.write(schema, batches, out, header=header)
    else:
        from cirrusql.render import columnar

        columnar.write(schema, batches, out, is_parquet=format == "parquet")


def _near(name: str) -> str:
    near = nearest(name, FORMATS)
    return f"did you mean {', '.join(near)}?" if near else f"one of {', '.join(FORMATS)}"
