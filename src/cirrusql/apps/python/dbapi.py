"""The module-level interface of PEP 249: constants, constructors and type objects.

``cirrusql`` exports all of them.
"""

from __future__ import annotations

import datetime as _datetime
import time as _time

apilevel = "2.0"
threadsafety = 2
"""Threads may share the module and connections; a cursor belongs to one thread."""
paramstyle = "qmark"
"""In addition, a mapping goes with ``$name``."""

Date = _datetime.date
Time = _datetime.time
Timestamp = _datetime.datetime
Binary = bytes


def DateFromTicks(ticks: float) -> _datetime.date:  # noqa: N802
    """The local date of a time in seconds since 1970."""
    return _datetime.date(*_time.localtime(ticks)[:3])


def TimeFromTicks(ticks: float) -> _datetime.time:  # noqa: N802
    """The local time of day of a time in seconds since 1970."""
    return _datetime.time(*_time.localtime(ticks)[3:6])


def TimestampFromTicks(ticks: float) -> _datetime.datetime:  # noqa: N802
    """The local time of a time in seconds since 1970."""
    return _datetime.datetime(*_time.localtime(ticks)[:6])


class TypeObject:
    """Equals the ``type_code`` of every column whose SQL type is of its kind."""

    def __init__(self, name: str, *types: str) -> None:
        self._name = name
        self._types = frozenset(types)

    def __eq__(self, other: object) -> bool:
        return other in self._types if isinstance(other, str) else self is other

    def __hash__(self) -> int:
        return hash(self._name)

    def __repr__(self) -> str:
        return self._name


STRING = TypeObject("STRING", "VARCHAR", "JSON", "UUID", "ENUM")
BINARY = TypeObject("BINARY", "BLOB", "BIT")
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
NUMBER = TypeObject(
    "NUMBER",
    *_INTEGERS,
    *(f"U{name}" for name in _INTEGERS),
    "DOUBLE",
    "FLOAT",
    "DECIMAL",
    "BOOLEAN",
)
DATETIME = TypeObject(
    "DATETIME",
    "DATE",
    "TIME",
    "TIME WITH TIME ZONE",
    "TIMESTAMP",
    "TIMESTAMP WITH TIME ZONE",
    "TIMESTAMP_S",
    "TIMESTAMP_MS",
    "TIMESTAMP_NS",
    "INTERVAL",
)
ROWID = TypeObject("ROWID")
