"""A result: its schema at once, its batches on demand.

Arrow lacks some of the engine's types (JSON is text there), so the schema's fields carry the SQL
type as metadata, also within structures.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa

SQL_TYPE = b"sql_type"
"""The field metadata key for the SQL type, read by ``render``."""


class ResultRows:
    """A result, read once. ``changed``: rows affected by a local INSERT, UPDATE or DELETE."""

    def __init__(
        self,
        reader: pa.RecordBatchReader | None,
        schema: pa.Schema,
        cause: Callable[[Exception], BaseException],
        changed: int = 0,
    ) -> None:
        self.schema = schema
        self.changed = changed
        self._reader = reader
        self._cause = cause
        self._held: deque[pa.RecordBatch] = deque()
        self._error: BaseException | None = None
        self._is_pulling = False

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows in bounded batches. An exception raised by a stream below is raised
        unchanged."""
        while True:
            if self._held:
                yield self._held.popleft()
                continue
            if self._error is not None:
                error, self._error = self._error, None
                raise error
            batch = self._pull()
            if batch is None:
                return
            yield batch

    def drain(self) -> None:
        """Read the rest into memory, because the connection is needed for something else."""
        if self._is_pulling:
            # Called from within a stream that this very result reads.
            return
        try:
            while (batch := self._pull()) is not None:
                self._held.append(batch)
        except Exception as error:
            self._error = error

    def _pull(self) -> pa.RecordBatch | None:
        if self._reader is None:
            return None
        self._is_pulling = True
        try:
            batch = self._reader.read_next_batch()
        except StopIteration:
            self._let_go()
            return None
        except Exception as error:
            self._let_go()
            # Without chaining: the engine's message may contain what ours hides.
            raise self._cause(error) from None
        finally:
            self._is_pulling = False
        return pa.RecordBatch.from_arrays(batch.columns, schema=self.schema)

    def _let_go(self) -> None:
        if self._reader is not None:
            reader, self._reader = self._reader, None
            reader.close()

    def close(self) -> None:
        """Close the result; unread rows are lost. May be called more than once."""
        self._held.clear()
        self._let_go()


def annotated(schema: pa.Schema, types: list[Any]) -> pa.Schema:
    """The schema with the SQL type of every field, and of JSON within structures."""
    # The engine's heading of an expression names the macro behind a function of SQLite's.
    named = [field.with_name(field.name.replace("_sqlite_", "")) for field in schema]
    return pa.schema([_field(field, type_) for field, type_ in zip(named, types, strict=True)])


def _field(field: pa.Field, type_: Any) -> pa.Field:
    kind = field.type
    if "JSON" in str(type_):
        kind = _kind(kind, type_)
    return pa.field(field.name, kind, metadata={SQL_TYPE: str(type_).encode()})


def _kind(kind: pa.DataType, type_: Any) -> pa.DataType:
    """The Arrow type with its JSON parts marked."""
    if type_.id not in ("struct", "list", "array", "map"):
        return kind
    inner = dict(type_.children) if type_.id in ("struct", "map") else {}
    if pa.types.is_struct(kind):
        parts = [kind.field(i) for i in range(kind.num_fields)]
        return pa.struct([_field(p, inner[p.name]) for p in parts])
    if pa.types.is_map(kind):
        return pa.map_(kind.key_field, _field(kind.item_field, inner["value"]))
    element = _field(
        kind.value_field, type_.child if hasattr(type_, "child") else type_.children[0][1]
    )
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(element, kind.list_size)
    return pa.large_list(element) if pa.types.is_large_list(kind) else pa.list_(element)
