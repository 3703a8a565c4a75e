"""COPY … TO STDOUT: rows in PostgreSQL's text or csv format, one batch at a time."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import pyarrow as pa

from cirrusql.apps.srv.client_commands import Copy
from cirrusql.apps.srv.protocol.data_rows import TEXT_FORMAT, cells


def out_response(columns: int) -> bytes:
    """The message that starts copying: every column is text."""
    body = struct.pack("!bh", 0, columns) + struct.pack("!h", 0) * columns
    return b"H" + struct.pack("!i", len(body) + 4) + body


DONE = b"c" + struct.pack("!i", 4)


def header(names: Sequence[str], form: Copy) -> bytes:
    """The heading line as a CopyData message."""
    return _data(form.delimiter.join(_worded(n, form) for n in names))


def messages(batch: pa.RecordBatch, types: Sequence[int], form: Copy) -> bytes:
    """A batch's rows as CopyData messages, one per row."""
    columns = [_texts(column) for column in cells(batch, types, [TEXT_FORMAT] * len(types))]
    lines = zip(*columns, strict=True) if columns else iter([()] * batch.num_rows)
    return b"".join(
        _data(form.delimiter.join(form.null if v is None else _worded(v, form) for v in line))
        for line in lines
    )


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


def _data(line: str) -> bytes:
    body = line.encode() + b"\n"
    return b"d" + struct.pack("!i", len(body) + 4) + body
