"""Parquet and Arrow IPC: the batches as they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from cirrusql.render.json_text import distinct

if TYPE_CHECKING:
    import pyarrow as pa


def write_parquet(schema: pa.Schema, batches: Iterable[pa.RecordBatch], out: BinaryIO, header: bool) -> int:
    """One row group a batch, compressed with zstd."""
    import pyarrow.parquet as pq

    count = 0
    named = _named(schema)
    with pq.ParquetWriter(out, named, compression="zstd") as writer:
        for batch in _renamed(batches, named):
            writer.write_batch(batch)
            count += batch.num_rows
    return count


def write_arrow(schema: pa.Schema, batches: Iterable[pa.RecordBatch], out: BinaryIO, header: bool) -> int:
    """The IPC stream format."""
    import pyarrow as pa

    count = 0
    named = _named(schema)
    with pa.ipc.new_stream(out, named) as writer:
        for batch in _renamed(batches, named):
            writer.write_batch(batch)
            count += batch.num_rows
    return count


def _named(schema: pa.Schema) -> pa.Schema:
    import pyarrow as pa

    names = distinct(schema.names)
    return pa.schema([f.with_name(n) for f, n in zip(schema, names, strict=True)])


def _renamed(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    for batch in batches:
        yield pa.RecordBatch.from_arrays(batch.columns, schema=schema)
