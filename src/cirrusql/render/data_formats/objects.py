"""The formats ``json`` (one array of objects) and ``jsonl`` (one object per line).

Repeated column names get a number, because an object's names are unique.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cirrusql.render.text_values import object_pattern, tokens, unique

if TYPE_CHECKING:
    import pyarrow as pa

    from cirrusql.render.byte_sink import ByteSink


def write(
    schema: pa.Schema, batches: Iterable[pa.RecordBatch], out: ByteSink, *, is_array: bool
) -> None:
    """See ``formats.write``."""
    pattern = object_pattern(unique(schema.names))
    start, between, end = ("[\n", ",\n", "\n]\n") if is_array else ("", "\n", "\n")
    is_first = True
    for batch in batches:
        if batch.num_rows == 0:
            continue
        columns = [tokens(array, field) for array, field in zip(batch.columns, schema, strict=True)]
        text = between.join([pattern % row for row in zip(*columns, strict=True)])
        out.write((start if is_first else between).encode() + text.encode())
        is_first = False
    if not is_first:
        out.write(end.encode())
    elif is_array:
        out.write(b"[]\n")
