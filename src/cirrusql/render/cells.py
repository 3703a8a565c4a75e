"""One value as text, for formats that people read and for those that machines do."""

from __future__ import annotations

import base64
import json
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    import pyarrow as pa

# What a terminal would obey rather than show: C0, DEL, C1, and the marks that turn text around.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def rows_of(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[Any, ...]]:
    """Rows as Python values; maps as dicts. Works with headings that repeat."""
    for batch in batches:
        columns = [
            column.to_pylist(maps_as_pydicts="lossy") if _holds_map(column.type) else column.to_pylist()
            for column in batch.columns
        ]
        yield from zip(*columns, strict=True) if columns else [()] * batch.num_rows


def _holds_map(type_: pa.DataType) -> bool:
    return "map<" in str(type_)


def text(value: Any) -> str:
    """A value as people read it: NULL as nothing, nested values as JSON, times in ISO 8601."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case datetime():
            return iso(value)
        case bytes():
            return readable(value)
        case dict() | list() | tuple():
            return json.dumps(plain(value), ensure_ascii=False)
        case float():
            return repr(value)
    return str(value)


def readable(value: bytes) -> str:
    """Bytes as text where they are text, else as base64."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return base64.b64encode(value).decode()


def iso(value: datetime) -> str:
    """ISO 8601; UTC as Z; a fraction only where there is one."""
    shown = value.isoformat()
    return shown[:-6] + "Z" if shown.endswith("+00:00") else shown


def plain(value: Any) -> Any:
    """A value as JSON has it: times as text, bytes as base64, what JSON has no number for as text."""
    match value:
        case dict():
            return {str(k): plain(v) for k, v in value.items()}
        case list() | tuple():
            return [plain(v) for v in value]
        case datetime():
            return iso(value)
        case date() | time():
            return value.isoformat()
        case bytes():
            return base64.b64encode(value).decode()
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case float() if not math.isfinite(value):
            return str(value)
        case timedelta() | UUID():
            return str(value)
    return value


def shown(value: Any) -> str:
    """Text for a terminal: one line, and nothing in it that the terminal would obey."""
    found = text(value).replace("\\", "\\") if not isinstance(value, str) else value
    found = found.replace("\n", "\\n").replace("\t", "\\t")
    return _CONTROL.sub(lambda m: f"\\x{ord(m[0]):02x}", found)


def width(line: str) -> int:
    """Columns that a line takes on a terminal."""
    if line.isascii():
        return len(line)
    return sum(_char_width(char) for char in line)


def _char_width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def is_number(type_: pa.DataType) -> bool:
    """Whether a column's cells stand to the right."""
    import pyarrow as pa

    return bool(pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_))
