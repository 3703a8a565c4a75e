"""The formats ``parquet`` and ``arrow`` (an IPC stream): types are kept, names made unique."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import types as kinds

from cirrusql.render.text_values import plain, unique

if TYPE_CHECKING:
    from cirrusql.render.byte_sink import ByteSink

ROWS_IN_GROUP = 122_880
"""Rows per row group: the engine's default, so that its readers share the work evenly."""
BYTES_IN_GROUP = 64 * 1024 * 1024
"""A group also ends at this size, so that rows of any width fit in memory."""


class _Counted:
    """A sink as pyarrow expects a file: with a position, which a pipe does not have."""

    closed = False

    def __init__(self, out: ByteSink) -> None:
        self._out = out
        self._position = 0

    def write(self, data: bytes) -> int:
        self._out.write(data)
        self._position += len(data)
        return len(data)

    def tell(self) -> int:
        return self._position

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False


def write(
    schema: pa.Schema, batches: Iterable[pa.RecordBatch], out: ByteSink, *, is_parquet: bool
) -> None:
    """See ``formats.write``."""
    stored = storable(schema)
    pieces = (_stored(batch, schema, stored) for batch in batches)
    with pa.PythonFile(_Counted(out), mode="w") as file:
        if is_parquet:
            _write_parquet(stored, pieces, file)
        else:
            with pa.ipc.new_stream(file, stored) as writer:
                for piece in pieces:
                    writer.write_batch(piece)


def _write_parquet(
    schema: pa.Schema, batches: Iterable[pa.RecordBatch], file: pa.NativeFile
) -> None:
    from pyarrow.parquet import ParquetWriter

    with ParquetWriter(file, schema, compression="zstd") as writer:
        for group in _groups(batches):
            writer.write_table(pa.Table.from_batches(group, schema), row_group_size=ROWS_IN_GROUP)


def _groups(batches: Iterable[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    held: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        size += batch.nbytes
        if rows >= ROWS_IN_GROUP or size >= BYTES_IN_GROUP:
            yield held
            held, rows, size = [], 0, 0
    if held:
        yield held


def storable(schema: pa.Schema) -> pa.Schema:
    """The schema with unique names, and text for types that the file format lacks."""
    names = unique(schema.names)
    fields = []
    for name, field in zip(names, schema, strict=True):
        kind = pa.string() if _has_no_word(field.type) else field.type
        fields.append(pa.field(name, kind, metadata=field.metadata))
    return pa.schema(fields)


def _has_no_word(kind: pa.DataType) -> bool:
    if kinds.is_interval(kind) or kinds.is_union(kind) or kinds.is_null(kind):
        return True
    if kinds.is_struct(kind) and kind.num_fields == 0:
        return True
    return kinds.is_nested(kind) and any(
        _has_no_word(kind.field(i).type) for i in range(kind.num_fields)
    )


def _stored(batch: pa.RecordBatch, schema: pa.Schema, stored: pa.Schema) -> pa.RecordBatch:
    arrays = [
        array if own.type.equals(target.type) else pa.array(plain(array, own), pa.string())
        for array, own, target in zip(batch.columns, schema, stored, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=stored)
