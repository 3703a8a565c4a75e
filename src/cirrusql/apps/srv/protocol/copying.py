"""COPY … TO STDOUT: rows in PostgreSQL's text, csv or binary format, one batch at a time."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

import pyarrow as pa

from cirrusql.apps.srv.client_commands import Copy
from cirrusql.apps.srv.protocol.data_rows import BINARY_FORMAT, TEXT_FORMAT, cells

_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
_TRAILER = struct.pack("!h", -1)
_DONE = b"c" + struct.pack("!i", 4)


def begin(names: Sequence[str], form: Copy) -> bytes:
    """The messages before the rows: every column has the same format."""
    code = BINARY_FORMAT if form.is_binary else TEXT_FORMAT
    body = struct.pack("!bh", code, len(names)) + struct.pack("!h", code) * len(names)
    started = b"H" + struct.pack("!i", len(body) + 4) + body
    if form.is_binary or not form.has_header:
        return started
    return started + _line(form.delimiter.join(_worded(n, form) for n in names))


def end(form: Copy, rows: int) -> bytes:
    """The messages after the rows."""
    if not form.is_binary:
        return _DONE
    return _data(_TRAILER if rows else _SIGNATURE + _TRAILER) + _DONE


def messages(batch: pa.RecordBatch, types: Sequence[int], form: Copy, *, is_first: bool) -> bytes:
    """A batch's rows as CopyData messages, one per row. In binary, the first begins with the
    signature, as PostgreSQL's does."""
    if form.is_binary:
        first, *others = _tuples(batch, types)
        return b"".join(map(_data, (_SIGNATURE + first if is_first else first, *others)))
    columns = [_texts(column) for column in cells(batch, types, [TEXT_FORMAT] * len(types))]
    lines = zip(*columns, strict=True) if columns else iter([()] * batch.num_rows)
    return b"".join(
        _line(form.delimiter.join(form.null if v is None else _worded(v, form) for v in line))
        for line in lines
    )


def _tuples(batch: pa.RecordBatch, types: Sequence[int]) -> Iterator[bytes]:
    """Each row in binary: the number of fields, and each with its length before it."""
    columns = [
        list(zip(lengths.to_pylist(), payload.to_pylist(), strict=True))
        for lengths, payload in cells(batch, types, [BINARY_FORMAT] * len(types))
    ]
    count = struct.pack("!h", len(columns))
    for row in range(batch.num_rows):
        fields = (column[row] for column in columns)
        yield count + b"".join(struct.pack("!i", n) + (v if n > 0 else b"") for n, v in fields)


def _texts(column: tuple[pa.Array, pa.Array]) -> list[str | None]:
    lengths, payload = column
    pairs = zip(lengths.to_pylist(), payload.to_pylist(), strict=True)
    return [None if n < 0 else v.decode("utf-8") for n, v in pairs]


def _worded(text: str, form: Copy) -> str:
    if form.is_csv:
        special = (form.delimiter, form.quote, "\n", "\r")
        if any(s in text for s in special) or text == form.null:
            return form.quote + text.replace(form.quote, form.quote * 2) + form.quote
        return text
    escaped = (
        text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    )
    return (
        escaped
        if form.delimiter == "\t"
        else escaped.replace(form.delimiter, "\\" + form.delimiter)
    )


def _line(line: str) -> bytes:
    return _data(line.encode() + b"\n")


def _data(body: bytes) -> bytes:
    return b"d" + struct.pack("!i", len(body) + 4) + body
