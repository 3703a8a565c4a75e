"""JSON: one array of objects, or an object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, BinaryIO

from cirrusql.render.cells import plain, rows_of

if TYPE_CHECKING:
    import pyarrow as pa


def write_json(schema: pa.Schema, batches: Iterable[pa.RecordBatch], out: BinaryIO, header: bool) -> int:
    """An array with one object a row, each on its line."""
    count = 0
    names = distinct(schema.names)
    out.write(b"[")
    for row in rows_of(batches):
        out.write(b",\n" if count else b"\n")
        out.write(_object(names, row))
        count += 1
    out.write(b"\n]\n" if count else b"]\n")
    return count


def write_jsonl(schema: pa.Schema, batches: Iterable[pa.RecordBatch], out: BinaryIO, header: bool) -> int:
    """One object a line."""
    count = 0
    names = distinct(schema.names)
    for row in rows_of(batches):
        out.write(_object(names, row) + b"\n")
        count += 1
    return count


def _object(names: list[str], row: tuple[Any, ...]) -> bytes:
    cells = {n: plain(v) for n, v in zip(names, row, strict=True)}
    return json.dumps(cells, ensure_ascii=False).encode("utf-8", "backslashreplace")


def distinct(names: Iterable[str]) -> list[str]:
    """Headings that repeat get a number, so that no value is lost in an object."""
    found: list[str] = []
    for name in names:
        new, number = name, 2
        while new in found:
            new, number = f"{name}_{number}", number + 1
        found.append(new)
    return found
