"""Reads scalars of every protocol: whole columns through Arrow where possible, otherwise one by
one.

Lenient where the official clients' parsers are. A value that cannot be read as its type raises
ValueError, which ``decoder`` turns into BadAnswer.
"""

from __future__ import annotations

import re
import sys
from base64 import b64decode
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote

import pyarrow as pa

from cirrusql.api.model import Kind, Shape
from cirrusql.decode.formats.format import Convert, Raws, Read
from cirrusql.types import SqlType

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Years 1 to 9999: what Python, and so every driver, can represent.
_FIRST, _LAST = -62_135_596_800, 253_402_300_799
_MICROSECOND = timedelta(microseconds=1)
_FIRST_MILLISECONDS = 10**12
"""Above this (the year 2001 in milliseconds) a number cannot be seconds: some services send
milliseconds."""
_HTTP_DATE = re.compile(
    r"[A-Za-z]{3}, \d\d? [A-Za-z]{3} \d{4} \d\d:\d\d:\d\d (?:GMT|[+-]\d{4})", re.ASCII
)
_MISFIT = (pa.ArrowException, TypeError, ValueError, OverflowError)


def microseconds(value: Any) -> int:
    """Convert a timestamp in any Smithy format to microseconds since 1970 in UTC."""
    if isinstance(value, datetime):
        return _since_epoch(value)
    if isinstance(value, int | float):
        return _of_seconds(value)
    text = str(value).strip()
    try:
        seconds = float(text)
    except ValueError:
        return _since_epoch(_parsed(text))
    return _of_seconds(seconds)


def _of_seconds(seconds: float) -> int:
    if _FIRST_MILLISECONDS <= seconds < (_LAST + 1) * 1000:
        seconds /= 1000
    if not _FIRST <= seconds < _LAST + 1:
        raise ValueError(f"{seconds} seconds since 1970 is not a time between the years 1 and 9999")
    return round(seconds * 1_000_000)


def _parsed(text: str) -> datetime:
    # parsedate_to_datetime accepts almost anything and ignores what it does not understand.
    read = parsedate_to_datetime if _HTTP_DATE.fullmatch(text) else datetime.fromisoformat
    try:
        return read(text)
    except ValueError:
        pass
    # Slow, and accepts almost anything.
    from dateutil.parser import parse  # type: ignore[import-untyped]

    found: datetime = parse(text, tzinfos=_zone)
    return found


def _zone(name: str | None, offset: int | None) -> timezone | None:
    """The time zone for a name and offset in seconds: without a name, dateutil would use the local
    zone or warn."""
    return None if offset is None else timezone(timedelta(seconds=offset))


def _since_epoch(moment: datetime) -> int:
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _MICROSECOND


def moment(value: Any) -> datetime:
    """Convert a timestamp to an aware datetime in UTC."""
    return _EPOCH + microseconds(value) * _MICROSECOND


def boolean(value: Any) -> bool:
    """``true`` in any case is true."""
    return value if isinstance(value, bool) else str(value).strip().lower() == "true"


def blob(value: Any) -> bytes:
    """Base64 text, or bytes (CBOR has a bytes type)."""
    return value if isinstance(value, bytes) else b64decode(value)


def string(value: Any) -> str:
    """Text; a number or boolean where the model says string is converted to text.

    Lone surrogates, which JSON can spell and UTF-8 cannot, become U+FFFD.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value if isinstance(value, str) else str(value)
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def integer(value: Any) -> int:
    """A whole number; ``1.0`` is accepted."""
    if type(value) is int:
        return value
    try:
        return int(value)
    except ValueError:
        return int(float(value))


def policy(value: Any) -> str:
    """The JSON text of a percent-encoded policy document."""
    return unquote(string(value))


_READERS: dict[Kind, Read] = {
    Kind.STRING: string,
    Kind.INTEGER: integer,
    Kind.LONG: integer,
    Kind.FLOAT: float,
    Kind.DOUBLE: float,
    Kind.BOOLEAN: boolean,
    Kind.TIMESTAMP: microseconds,
    Kind.BLOB: blob,
}


def is_policy(shape: Shape) -> bool:
    """Whether the model's source says that the text is a percent-encoded document."""
    return bool(shape.traits.get("percentEncoded"))


def scalar_reader(shape: Shape) -> Read:
    """Return a function that reads one scalar into what Arrow accepts: timestamps as
    microseconds."""
    return policy if is_policy(shape) else _READERS[shape.kind]


def python_value(shape: Shape) -> Read:
    """Return a function that reads one scalar into a Python value: timestamps as aware
    datetimes."""
    if shape.kind is Kind.DOCUMENT:
        return lambda value: value
    return moment if shape.kind is Kind.TIMESTAMP else scalar_reader(shape)


def from_texts(shape: Shape, type_: SqlType) -> Convert:
    """Text to a column; empty text is NULL unless the type is text."""
    read, arrow = scalar_reader(shape), type_.arrow
    one_by_one = _each(read, arrow)
    if shape.kind is Kind.STRING and not is_policy(shape):
        return lambda texts: pa.array(texts, arrow)
    if shape.kind in (Kind.BLOB, Kind.STRING):
        return one_by_one
    column = {Kind.TIMESTAMP: _text_times, Kind.BOOLEAN: _booleans}.get(
        shape.kind, _numbers(read, arrow)
    )

    def convert(texts: Raws) -> pa.Array:
        if "" in texts:
            texts = [text or None for text in texts]
        try:
            return column(texts)
        except _MISFIT:
            return one_by_one(texts)

    return convert


def _booleans(texts: Raws) -> pa.Array:
    # Arrow would read "1" as true.
    found = [None if t is None else t == "true" or (t != "false" and boolean(t)) for t in texts]
    return pa.array(found, pa.bool_())


def _numbers(read: Read, arrow: pa.DataType) -> Convert:
    number = int if read is integer else float
    return lambda texts: pa.array([None if t is None else number(t) for t in texts], arrow)


def from_objects(shape: Shape, type_: SqlType) -> Convert:
    """Parsed JSON or CBOR scalars to a column."""
    read, arrow = scalar_reader(shape), type_.arrow
    one_by_one = _each(read, arrow)
    if is_policy(shape) or shape.kind is Kind.BLOB:
        return one_by_one
    column = _times if shape.kind is Kind.TIMESTAMP else lambda values: pa.array(values, arrow)

    def convert(values: Raws) -> pa.Array:
        try:
            return column(values)
        except _MISFIT:
            return one_by_one(values)

    return convert


def _each(read: Read, arrow: pa.DataType) -> Convert:
    def convert(values: Raws) -> pa.Array:
        try:
            return pa.array([None if v is None else read(v) for v in values], arrow)
        except _MISFIT:
            if (unread := UNREAD.get()) is None:
                raise
            return pa.array([_or_null(read, arrow, v, unread) for v in values], arrow)

    return convert


UNREAD: ContextVar[list[str] | None] = ContextVar("UNREAD", default=None)
"""Collects values that cannot be read as their type and become NULL. None: such values are errors.
"""


def _or_null(read: Read, arrow: pa.DataType, value: Any, unread: list[str]) -> Any:
    if value is None:
        return None
    try:
        found = read(value)
        pa.scalar(found, arrow)
    except _MISFIT:
        unread.append(f"{str(value)[:_SHOWN]!r} as {arrow}")
        return None
    return found


_SHOWN = 60


_TIME = pa.timestamp("us", tz="UTC")


class _Kernels:
    """Arrow's compute kernels: once loaded, they parse timestamps 20 times faster than Python."""

    _left = 10_000
    """Timestamps to be read before loading pays off: it takes as long as reading this many, and 9
    MB."""

    def are_worth(self, count: int) -> bool:
        """Whether to read this many timestamps with the kernels; they may already be loaded."""
        if self._left > 0 and "pyarrow.compute" not in sys.modules:
            self._left -= count
            return self._left <= 0
        return True


_kernels = _Kernels()


def _text_times(texts: Raws) -> pa.Array:
    if not _kernels.are_worth(len(texts)):
        return _each(microseconds, _TIME)(texts)
    return pa.array(texts, pa.string()).cast(_TIME)


def _times(values: Raws) -> pa.Array:
    """Timestamps that are all text, all numbers, or already parsed (in CBOR)."""
    kinds = set(map(type, values))
    if datetime in kinds:
        return pa.array(values, _TIME)
    if str in kinds:
        return _text_times(values)
    if not _kernels.are_worth(len(values)):
        return _each(microseconds, _TIME)(values)
    import pyarrow.compute as pc

    seconds = pa.array(values, pa.float64())
    ends = pc.min_max(seconds).as_py()
    if ends["min"] is not None and not _FIRST <= ends["min"] <= ends["max"] <= _LAST:
        raise ValueError("not a time between the years 1 and 9999")
    times: Callable[..., Any] = pc.multiply
    exact = pc.round(times(seconds, 1_000_000.0))
    return exact.cast(pa.int64()).cast(_TIME)
