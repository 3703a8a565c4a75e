"""Converts Arrow batches to DataRow messages, one column at a time.

A message joins byte strings that Arrow builds for whole columns: nanoseconds per value instead of a
microsecond in Python. Only values whose PostgreSQL text Arrow cannot produce (arrays, json, bytea,
intervals) are converted one by one.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pg_mimic.arrays import encode_array_binary, format_array_literal
from pg_mimic.types import encode_value_binary
from pyarrow import types as kinds

from cirrusql.apps.srv.protocol import oids
from cirrusql.errors import DataError
from cirrusql.render.text_values import tokens

_MOST_ROWS = 2_000
_MOST_BYTES = 32 * 1024 * 1024
"""Larger batches are halved: a message buffer is several times as large."""

_EPOCH_MICROS = 946_684_800_000_000
_PLAIN_NUMERIC = pa.decimal128(38, 12)
"""``numeric`` without a scale, as ``dialect.meanings`` writes it."""
_FOREVER = pa.scalar(2**63 - 1, pa.int64())
_ALL_DAYS = pa.scalar(2**31 - 1, pa.int32())
"""Microseconds from 1970 to 2000, PostgreSQL's epoch."""
_EPOCH_DAYS = 10_957

TEXT_FORMAT = 0
BINARY_FORMAT = 1


def messages(
    batch: pa.RecordBatch, types: Sequence[int], formats: Sequence[int]
) -> Iterator[memoryview]:
    """The DataRow messages of a batch, in buffers of bounded size.

    ``types``: the columns' OIDs; ``formats``: 0 for text and 1 for binary.
    """
    for piece in _pieces(batch):
        yield _joined(cells(piece, types, formats), piece.num_rows)


def fitted(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The batch with the column types that the client was told before the values were known.

    A parameter's value may give a column another type than its context implied. Raises DataError if
    a value does not fit.
    """
    columns, fields = [], []
    for column, own, told in zip(batch.columns, batch.schema, schema, strict=True):
        is_fit = own.type == told.type or oids.oid_of(own) == oids.oid_of(told)
        try:
            columns.append(column if is_fit else _as(column, own, told))
        except pa.ArrowException as error:
            raise DataError(
                f"column {told.name!r} was described as {told.type}: {error}"
            ) from error
        fields.append(own if is_fit else told)
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields))


def _as(column: pa.Array, own: pa.Field, told: pa.Field) -> pa.Array:
    if kinds.is_string(told.type):
        _, text = _cell(column, own, oids.oid_of(own), TEXT_FORMAT)
        kept = pc.if_else(column.is_valid(), text, pa.scalar(None, pa.large_binary()))
        return kept.cast(pa.large_string()).cast(told.type)
    return column.cast(told.type)


def cells(
    batch: pa.RecordBatch, types: Sequence[int], formats: Sequence[int]
) -> list[tuple[pa.Array, pa.Array]]:
    """Length (-1: NULL) and bytes of each value, a pair for each column."""
    columns = zip(batch.columns, batch.schema, types, formats, strict=True)
    return [_cell(column, field, oid, code) for column, field, oid, code in columns]


def _pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    for start in range(0, batch.num_rows, _MOST_ROWS):
        waiting = [batch.slice(start, _MOST_ROWS)]
        while waiting:
            piece = waiting.pop()
            if (
                piece.get_total_buffer_size() > _MOST_BYTES
                and piece.num_rows > 1
                and _is_big(piece)
            ):
                half = piece.num_rows // 2
                waiting += [piece.slice(half), piece.slice(0, half)]
            else:
                yield piece


def _is_big(piece: pa.RecordBatch) -> bool:
    return bool(piece.nbytes > _MOST_BYTES)


def _joined(columns: list[tuple[pa.Array, pa.Array]], rows: int) -> memoryview:
    """Message type, length and column count before the cells of each row."""
    total = pa.array([6] * rows, pa.int32()) if not columns else None
    for lengths, _ in columns:
        size = pc.add(pc.max_element_wise(lengths, 0), 4)
        total = pc.add(size, 6) if total is None else pc.add(total, size)
    assert total is not None
    total = total.cast(pa.int32())
    count = pa.scalar(len(columns).to_bytes(2, "big"), pa.large_binary())
    parts: list[Any] = [pa.scalar(b"D", pa.large_binary()), _big_endian(total, "i"), count]
    for lengths, payload in columns:
        parts += [_big_endian(lengths, "i"), payload]
    return _content(pc.binary_join_element_wise(*parts, pa.scalar(b"", pa.large_binary())))


def _content(joined: Any) -> memoryview:
    """The concatenated bytes of a large_binary array."""
    if isinstance(joined, pa.ChunkedArray):
        joined = joined.combine_chunks()
    _, offsets, data = joined.buffers()
    if data is None:
        return memoryview(b"")
    ends = memoryview(offsets).cast("q")
    return memoryview(data)[ends[joined.offset] : ends[joined.offset + len(joined)]]


def _cell(column: pa.Array, field: pa.Field, oid: int, code: int) -> tuple[pa.Array, pa.Array]:
    """Length (-1: NULL) and bytes of each value."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if kinds.is_dictionary(column.type):
        column = column.dictionary_decode()
    make = _BINARY.get(oid) if code == BINARY_FORMAT else _TEXT.get(oid)
    if make is not None:
        value = make(column)
    elif oid == oids.JSON:
        value = _json(column, field)
    elif code == BINARY_FORMAT:
        value = _each(
            column, lambda v: _array_binary(oid, v) if oid in oids.ELEMENTS else _binary(oid, v)
        )
    elif oid in oids.ELEMENTS:
        value = _each(column, lambda v: format_array_literal(oid, v).encode())
    else:
        value = column.cast(pa.string())
    payload = value.cast(pa.large_binary()) if value.type != pa.large_binary() else value
    lengths = pc.fill_null(pc.cast(pc.binary_length(payload), pa.int32()), -1)
    return lengths, pc.fill_null(payload, b"")


def _each(column: pa.Array, make: Callable[[Any], bytes]) -> pa.Array:
    return pa.array([None if v is None else make(v) for v in column.to_pylist()], pa.large_binary())


def _json(column: pa.Array, field: pa.Field) -> pa.Array:
    made = tokens(column, field)
    valid = column.is_valid().to_pylist()
    return pa.array([t if v else None for t, v in zip(made, valid, strict=True)], pa.large_string())


# Text, as PostgreSQL writes it with ISO dates.


def _bool_text(column: pa.Array) -> pa.Array:
    return pc.if_else(column, "t", "f")


def _float_text(column: pa.Array) -> pa.Array:
    text = column.cast(pa.string())
    for ours, theirs in (("nan", "NaN"), ("-inf", "-Infinity"), ("inf", "Infinity")):
        text = pc.if_else(pc.equal(text, ours), theirs, text)
    return text


def _numeric_text(column: pa.Array) -> pa.Array:
    """``2::numeric`` is 2: the decimals are the engine's, not the value's."""
    text = column.cast(pa.string())
    if column.type != _PLAIN_NUMERIC:
        return text
    return pc.replace_substring_regex(text, r"\.?0+$", "")


def _timestamp_text(column: pa.Array) -> pa.Array:
    return _with_infinity(column.cast(pa.int64()), _FOREVER, _finite_text(column))


def _with_infinity(numbers: pa.Array, most: pa.Scalar, text: pa.Array) -> pa.Array:
    """The engine's greatest and least moments are infinity."""
    text = pc.if_else(pc.equal(numbers, most), "infinity", text)
    return pc.if_else(pc.equal(numbers, pc.negate(most)), "-infinity", text)


def _date_text(column: pa.Array) -> pa.Array:
    return _with_infinity(column.cast(pa.int32()), _ALL_DAYS, column.cast(pa.string()))


def _finite_text(column: pa.Array) -> pa.Array:
    micros = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    if column.type.tz in (None, "UTC"):
        text = _trimmed(micros.cast(pa.timestamp("us")).cast(pa.string()))
        return text if column.type.tz is None else pc.binary_join_element_wise(text, "+00", "")
    local = pc.local_timestamp(micros)
    offsets = pc.subtract(local.cast(pa.int64()), micros.cast(pa.int64())).dictionary_encode()
    names = pa.array(
        [_offset_text(o // 1_000_000) for o in offsets.dictionary.to_pylist()], pa.string()
    )
    suffixes = pa.DictionaryArray.from_arrays(offsets.indices, names).dictionary_decode()
    return pc.binary_join_element_wise(_trimmed(local.cast(pa.string())), suffixes, "")


def _offset_text(seconds: int) -> str:
    """``+02``, ``-03:30``, as PostgreSQL writes UTC offsets."""
    minutes, rest = divmod(abs(seconds), 60)
    text = f"{'-' if seconds < 0 else '+'}{minutes // 60:02d}"
    if minutes % 60 or rest:
        text += f":{minutes % 60:02d}"
    return text + (f":{rest:02d}" if rest else "")


def _time_text(column: pa.Array) -> pa.Array:
    return _trimmed(column.cast(pa.time64("us")).cast(pa.string()))


def _trimmed(text: pa.Array) -> pa.Array:
    return pc.utf8_rtrim(pc.utf8_rtrim(text, "0"), ".") if len(text) else text


def _bytea_text(column: pa.Array) -> pa.Array:
    return _each(column, lambda v: b"\\x" + v.hex().encode())


def _interval_text(column: pa.Array) -> pa.Array:
    return _each(column, lambda v: interval_text(v.months, v.days, v.nanoseconds // 1000).encode())


def interval_text(months: int, days: int, micros: int) -> str:
    """``1 year 2 mons 3 days 04:05:06.7``, as PostgreSQL writes it."""
    years, months = (
        (abs(months) // 12) * (1 if months >= 0 else -1),
        abs(months) % 12 * (1 if months >= 0 else -1),
    )
    parts = [
        f"{count} {unit}{'' if count == 1 else 's'}"
        for count, unit in ((years, "year"), (months, "mon"), (days, "day"))
        if count
    ]
    if micros or not parts:
        seconds, rest = divmod(abs(micros), 1_000_000)
        clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        fraction = f".{rest:06d}".rstrip("0") if rest else ""
        parts.append(("-" if micros < 0 else "") + clock + fraction)
    return " ".join(parts)


_TEXT: dict[int, Callable[[pa.Array], pa.Array]] = {
    oids.BOOL: _bool_text,
    oids.FLOAT4: _float_text,
    oids.FLOAT8: _float_text,
    oids.DATE: _date_text,
    oids.NUMERIC: _numeric_text,
    oids.TIMESTAMP: _timestamp_text,
    oids.TIMESTAMPTZ: _timestamp_text,
    oids.TIME: _time_text,
    oids.BYTEA: _bytea_text,
    oids.INTERVAL: _interval_text,
}


# Binary: big-endian numbers, counted from 2000.


def _big_endian(column: Any, code: str) -> pa.Array:
    """Numbers as big-endian bytes; NULL stays NULL. ``code`` as in ``array``: h, i, q, f, d."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    numbers = array(code)
    width = numbers.itemsize
    assert column.type.bit_width == 8 * width, column.type
    data = column.buffers()[1]
    start = column.offset * width
    numbers.frombytes(
        memoryview(data)[start : start + len(column) * width] if data is not None else b""
    )
    if sys.byteorder == "little":
        numbers.byteswap()
    fixed = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(width), len(column), [None, pa.py_buffer(numbers.tobytes())]
    )
    made = fixed.cast(pa.large_binary())
    if column.null_count:
        made = pc.if_else(column.is_valid(), made, pa.scalar(None, pa.large_binary()))
    return made


def _number(code: str, arrow: pa.DataType) -> Callable[[pa.Array], pa.Array]:
    return lambda column: _big_endian(column.cast(arrow), code)


def _bool_binary(column: pa.Array) -> pa.Array:
    yes, no = pa.scalar(b"\x01", pa.large_binary()), pa.scalar(b"\x00", pa.large_binary())
    return pc.if_else(column, yes, no)


def _timestamp_binary(column: pa.Array) -> pa.Array:
    micros = column.cast(pa.timestamp("us", column.type.tz), safe=False).cast(pa.int64())
    found = _infinite(column.cast(pa.int64()), _FOREVER, pc.subtract(micros, _EPOCH_MICROS))
    return _big_endian(found, "q")


def _infinite(numbers: pa.Array, most: pa.Scalar, since: pa.Array) -> pa.Array:
    """PostgreSQL sends the greatest number for infinity, and the least."""
    least = pa.scalar(-most.as_py() - 1, most.type)
    since = pc.if_else(pc.equal(numbers, most), most, since)
    return pc.if_else(pc.equal(numbers, pc.negate(most)), least, since)


def _date_binary(column: pa.Array) -> pa.Array:
    numbers = column.cast(pa.date32()).cast(pa.int32())
    days = pc.subtract(numbers, pa.scalar(_EPOCH_DAYS, pa.int32()))
    return _big_endian(_infinite(numbers, _ALL_DAYS, days), "i")


def _time_binary(column: pa.Array) -> pa.Array:
    return _big_endian(column.cast(pa.time64("us")).cast(pa.int64()), "q")


def _same_binary(column: pa.Array) -> pa.Array:
    return column.cast(pa.large_binary())


def _text_binary(column: pa.Array) -> pa.Array:
    return column.cast(pa.large_string())


def _interval_binary(column: pa.Array) -> pa.Array:
    def made(value: Any) -> bytes:
        return struct.pack("!qii", value.nanoseconds // 1000, value.days, value.months)

    return _each(column, made)


_BINARY: dict[int, Callable[[pa.Array], pa.Array]] = {
    oids.BOOL: _bool_binary,
    oids.INT2: _number("h", pa.int16()),
    oids.INT4: _number("i", pa.int32()),
    oids.INT8: _number("q", pa.int64()),
    oids.FLOAT4: _number("f", pa.float32()),
    oids.FLOAT8: _number("d", pa.float64()),
    oids.TEXT: _text_binary,
    oids.BYTEA: _same_binary,
    oids.TIMESTAMP: _timestamp_binary,
    oids.TIMESTAMPTZ: _timestamp_binary,
    oids.DATE: _date_binary,
    oids.TIME: _time_binary,
    oids.INTERVAL: _interval_binary,
}


def _binary(oid: int, value: Any) -> bytes:
    made: bytes = encode_value_binary(oid, value)
    return made


def _array_binary(oid: int, value: Any) -> bytes:
    made: bytes = encode_array_binary(oid, value)
    return made
