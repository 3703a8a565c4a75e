"""A result that an agent reads page by page, and its values as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cirrusql.render.text_values import tokens

if TYPE_CHECKING:
    import pyarrow as pa

    from cirrusql.session.result import Result

_MOST_KEPT = 64 * 1024 * 1024
"""Bytes of rows that a cursor keeps while the engine is used for something else."""
_MOST_CELL = 2_000
"""Characters of a value in a row that is too large for a page."""


@dataclass
class OpenResult:
    """A result that has not been read to its end."""

    result: Result
    batches: Iterator[pa.RecordBatch]
    calls: Callable[[], int]
    waiting: list[list[Any]] = field(default_factory=list)
    kept: list[pa.RecordBatch] = field(default_factory=list)
    is_read: bool = False
    is_cut: bool = False

    def rows(self) -> Iterator[list[Any]]:
        """The remaining rows, one at a time."""
        while True:
            while self.waiting:
                yield self.waiting.pop(0)
            batch = self.kept.pop(0) if self.kept else None
            if batch is None and not self.is_read:
                batch = next(self.batches, None)
            if batch is None:
                self.close()
                return
            self.waiting = python_rows(batch)

    def keep(self) -> None:
        """Read the remaining rows into memory, up to the limit."""
        size = 0
        while not self.is_read:
            batch = next(self.batches, None)
            if batch is None:
                break
            size += batch.nbytes
            if size > _MOST_KEPT:
                self.is_cut = True
                break
            self.kept.append(batch)
        self.close()

    def close(self) -> None:
        """Close the result; its failures are kept."""
        self.is_read = True
        self.result.close()


def python_rows(batch: pa.RecordBatch) -> list[list[Any]]:
    """The rows of a batch as JSON values."""
    columns = [
        [json.loads(t) for t in tokens(array, f)]
        for array, f in zip(batch.columns, batch.schema, strict=True)
    ]
    if not columns:
        return [[] for _ in range(batch.num_rows)]
    return [list(row) for row in zip(*columns, strict=True)]


def shortened(value: Any) -> Any:
    """A value shortened for display, with its original size."""
    text = value if isinstance(value, str) else json.dumps(value)
    if len(text) <= _MOST_CELL:
        return value
    return f"{text[:_MOST_CELL]}… ({len(text)} characters)"
