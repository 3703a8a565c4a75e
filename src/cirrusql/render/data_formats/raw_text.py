"""The format ``text``: cells unquoted and unescaped. For a single column, or for reading.

Cells are separated by commas, as in StackQL's ``text``; use ``csv`` to read rows back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cirrusql.render.text_values import plain

if TYPE_CHECKING:
    import pyarrow as pa

    from cirrusql.render.byte_sink import ByteSink


def write(
    schema: pa.Schema, batches: Iterable[pa.RecordBatch], out: ByteSink, *, header: bool
) -> None:
    """See ``formats.write``. NULL is an empty cell."""
    if not schema.names:
        return
    if header:
        out.write((",".join(schema.names) + "\n").encode())
    for batch in batches:
        columns = [
            [text or "" for text in plain(array, field)]
            for array, field in zip(batch.columns, schema, strict=True)
        ]
        out.write("".join(",".join(row) + "\n" for row in zip(*columns, strict=True)).encode())


def write_last(schema: pa.Schema, batches: Iterable[pa.RecordBatch], out: ByteSink) -> None:
    """The last column alone, of rows that are texts: a statement, a policy."""
    for batch in batches:
        texts = plain(batch.columns[-1], schema.field(len(schema) - 1))
        out.write("".join(f"{text or ''}\n" for text in texts).encode())
