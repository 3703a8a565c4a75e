"""Converts values to text, one column at a time: plain text for tables, JSON for nested values.

Timestamps are ISO 8601 in UTC, blobs base64, numbers exact. Every format uses these conversions.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from json.encoder import encode_basestring as quoted
from typing import Any

import pyarrow as pa
from pyarrow import types as kinds

_FEW = 1000
"""Up to this many values are converted one by one: loading pyarrow's cast kernels takes 30 ms."""

SQL_TYPE = b"sql_type"
"""Field metadata with the SQL type, for engine types that Arrow lacks."""

_LAST = 2**63 - 1
"""The engine's ``infinity`` of a timestamp; its negative is ``-infinity``."""


def plain(array: pa.Array, field: pa.Field) -> list[str | None]:
    """Each value as text; None for NULL. Nested values are JSON on one line."""
    if is_nested(field.type):
        return [None if text == "null" else text for text in tokens(array, field)]
    texts = _scalars(array, field.type)
    return [_bare(t) for t in texts] if is_json(field) else texts


def _bare(text: str | None) -> str | None:
    """A scalar of JSON as people read it: a string without its quotes."""
    if text is None or text[:1] != '"':
        return text
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, str) else text


def tokens(array: pa.Array, field: pa.Field) -> list[str]:
    """Each value as JSON on one line; ``null`` for NULL."""
    kind = field.type
    if kinds.is_struct(kind):
        return _objects(array, kind)
    if kinds.is_map(kind):
        return _maps(array, kind)
    if _is_list(kind):
        return _lists(array, kind)
    if kinds.is_union(kind):
        return [_token_of(value) for value in array.to_pylist()]
    texts = _scalars(array, kind)
    if is_json(field):
        # JSON has line breaks only between its parts: within a string they are escaped.
        return ["null" if t is None else t.replace("\r", " ").replace("\n", " ") for t in texts]
    if is_number(kind) or kinds.is_boolean(kind):
        return ["null" if t is None else _number(t) for t in texts]
    return ["null" if t is None else quoted(t) for t in texts]


def is_json(field: pa.Field) -> bool:
    """Whether the text of a field is JSON."""
    return bool(field.metadata) and field.metadata.get(SQL_TYPE) == b"JSON"


def is_number(kind: pa.DataType) -> bool:
    """Whether values of the type are numbers: unquoted in JSON, right-aligned in tables."""
    return bool(kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_decimal(kind))


def is_nested(kind: pa.DataType) -> bool:
    """Whether values of the type are nested."""
    return bool(kinds.is_nested(kind))


def unique(names: Sequence[str]) -> list[str]:
    """Unique column names: ``a, a`` → ``a, a_1``. For formats that find values by name."""
    taken: set[str] = set(names)
    seen: set[str] = set()
    found = []
    for name in names:
        number, own = 0, name
        while own in seen or (number and own in taken):
            number += 1
            own = f"{name}_{number}"
        seen.add(own)
        found.append(own)
    return found


def _is_list(kind: pa.DataType) -> bool:
    return bool(kinds.is_list(kind) or kinds.is_large_list(kind) or kinds.is_fixed_size_list(kind))


# JSON of nested values.


def _objects(array: pa.Array, kind: pa.DataType) -> list[str]:
    fields = [kind.field(i) for i in range(kind.num_fields)]
    parts = [tokens(a, f) for a, f in zip(array.flatten(), fields, strict=True)]
    pattern = object_pattern([f.name for f in fields])
    valid = array.is_valid().to_pylist()
    rows = zip(*parts, strict=True) if parts else iter([()] * len(array))
    return [
        pattern % row if is_there else "null" for row, is_there in zip(rows, valid, strict=True)
    ]


def object_pattern(names: Sequence[str]) -> str:
    """A ``%`` pattern that builds a JSON object from its members' values."""
    inner = ",".join(f"{quoted(name)}:".replace("%", "%%") + "%s" for name in names)
    return "{" + inner + "}"


def _lists(array: pa.Array, kind: pa.DataType) -> list[str]:
    import pyarrow.compute as pc

    parts = iter(tokens(array.flatten(), kind.value_field))
    lengths = pc.list_value_length(array).to_pylist()
    return ["null" if n is None else f"[{','.join(islice(parts, n))}]" for n in lengths]


def _maps(array: pa.Array, kind: pa.DataType) -> list[str]:
    import pyarrow.compute as pc

    entries = array.cast(pa.list_(pa.struct([("key", kind.key_type), ("value", kind.item_type)])))
    inner = entries.flatten()
    keys = plain(inner.field(0), kind.key_field)
    values = tokens(inner.field(1), kind.item_field)
    parts = (f"{quoted(k or '')}:{v}" for k, v in zip(keys, values, strict=True))
    lengths = pc.list_value_length(entries).to_pylist()
    return ["null" if n is None else "{" + ",".join(islice(parts, n)) + "}" for n in lengths]


def _token_of(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _number(text: str) -> str:
    # JSON has no syntax for these; PostgreSQL writes them as strings too.
    return f'"{text}"' if text in ("NaN", "Infinity", "-Infinity") else text


# Text of scalars.


def _scalars(array: pa.Array, kind: pa.DataType) -> list[str | None]:
    if isinstance(array, pa.ExtensionArray):
        return _scalars(array.storage, array.storage.type)
    if kinds.is_null(kind):
        return [None] * len(array)
    if kinds.is_dictionary(kind):
        return _scalars(array.dictionary_decode(), kind.value_type)
    if kinds.is_float64(kind):
        return _each(array, _float)
    if kinds.is_timestamp(kind):
        return _timestamps(array, kind)
    if kinds.is_time(kind):
        return _strings(_trimmed(array.cast(pa.string())))
    if kinds.is_interval(kind):
        return _each(array, _interval)
    if kinds.is_binary(kind) or kinds.is_large_binary(kind) or kinds.is_fixed_size_binary(kind):
        return _each(array, lambda value: b64encode(value).decode("ascii"))
    if kinds.is_floating(kind):
        return [_SPECIAL.get(t or "", t) for t in _strings(array.cast(pa.string()))]
    if kinds.is_decimal(kind) and kind.scale > 0:
        return _each(array, lambda value: f"{value:f}")
    if kinds.is_string(kind):
        return _strings(array)
    if kinds.is_integer(kind) and len(array) <= _FEW:
        return _each(array, str)
    return _strings(array.cast(pa.string()))


def _strings(array: pa.Array) -> list[str | None]:
    found: list[str | None] = array.to_pylist()
    return found


def _each(array: pa.Array, word: Callable[[Any], str]) -> list[str | None]:
    return [None if value is None else word(value) for value in array.to_pylist()]


_SPECIAL = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def _float(value: float) -> str:
    text = repr(value)
    return _SPECIAL.get(text, text)


def _trimmed(texts: pa.Array) -> pa.Array:
    """``10:00:00.500000`` → ``10:00:00.5``"""
    import pyarrow.compute as pc

    return pc.if_else(
        pc.match_substring(texts, "."), pc.replace_substring_regex(texts, r"\.?0+$", ""), texts
    )


def _timestamps(array: pa.Array, kind: pa.DataType) -> list[str | None]:
    """ISO 8601, with a Z if the type has a time zone."""
    if len(array) <= _FEW:
        # Loading Arrow's kernels takes as long as a short statement's other half.
        with suppress(OverflowError):
            return _few_timestamps(array, kind)
    import pyarrow.compute as pc

    numbers = array.cast(pa.int64())
    # Through the integer, because Arrow may not know the engine's name of a time zone.
    texts = _trimmed(numbers.cast(pa.timestamp(kind.unit)).cast(pa.string()))
    end = "Z" if kind.tz else ""
    found = [None if t is None else t.replace(" ", "T") + end for t in texts.to_pylist()]
    extremes = pc.min_max(numbers).as_py()
    if extremes["max"] == _LAST or extremes["min"] == -_LAST:
        special = {_LAST: "infinity", -_LAST: "-infinity"}
        return [special.get(n, t) for n, t in zip(numbers.to_pylist(), found, strict=True)]
    return found


_EPOCH = datetime(1970, 1, 1)
_DIGITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}


def _few_timestamps(array: pa.Array, kind: pa.DataType) -> list[str | None]:
    """The same without Arrow's kernels. Raises OverflowError beyond the years 1 to 9999,
    infinity included."""
    digits = _DIGITS[kind.unit]
    end = "Z" if kind.tz else ""
    found: list[str | None] = []
    for number in array.view(pa.int64()).to_pylist():
        if number is None:
            found.append(None)
            continue
        if abs(number) == _LAST:
            raise OverflowError("infinity")
        seconds, fraction = divmod(number, 10**digits)
        text = (_EPOCH + timedelta(seconds=seconds)).isoformat()
        if fraction:
            text += "." + f"{fraction:0{digits}d}".rstrip("0")
        found.append(text + end)
    return found


def _interval(value: Any) -> str:
    """In the engine's format: ``1 year 2 months 3 days 04:05:06.5``."""
    months, days, nanoseconds = value
    years, months = int(months / 12), months - 12 * int(months / 12)
    counts = ((years, "year"), (months, "month"), (days, "day"))
    parts = [f"{n} {unit}{'' if abs(n) == 1 else 's'}" for n, unit in counts if n]
    if nanoseconds or not parts:
        seconds, rest = divmod(abs(nanoseconds) // 1000, 1_000_000)
        fraction = re.sub(r"\.?0+$", "", f".{rest:06d}")
        sign = "-" if nanoseconds < 0 else ""
        parts.append(
            f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}"
        )
    return " ".join(parts)
