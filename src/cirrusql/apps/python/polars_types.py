"""What polars cannot take from Arrow as it is: INTERVAL, which becomes a Duration.

Owns the conversion, at any depth. ``relation`` makes the data frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from cirrusql.errors import DataError

_INTERVAL = pa.month_day_nano_interval()
_DURATION = pa.duration("us")
_MICROSECONDS_A_DAY = 86_400_000_000
_MOST = 2**63 - 1


def for_polars(table: pa.Table) -> pa.Table:
    """The table with durations for intervals. Raises DataError for an interval that has months:
    they have no fixed length."""
    for index, field in enumerate(table.schema):
        wanted = _without_intervals(field.type)
        if wanted == field.type:
            continue
        values = [_converted(v, field.name) for v in table.column(index).to_pylist()]
        table = table.set_column(index, field.name, pa.array(values, wanted))
    return table


def _without_intervals(type_: pa.DataType) -> pa.DataType:
    if type_ == _INTERVAL:
        return _DURATION
    if pa.types.is_struct(type_):
        return pa.struct([f.with_type(_without_intervals(f.type)) for f in type_])
    if pa.types.is_map(type_):
        return pa.map_(_without_intervals(type_.key_type), _without_intervals(type_.item_type))
    if pa.types.is_fixed_size_list(type_):
        return pa.list_(_without_intervals(type_.value_type), type_.list_size)
    if pa.types.is_list(type_):
        return pa.list_(_without_intervals(type_.value_type))
    return type_


def _converted(value: Any, column: str) -> Any:
    """A value of ``to_pylist`` with microseconds for its intervals."""
    if isinstance(value, pa.MonthDayNano):
        return _microseconds(value, column)
    if isinstance(value, Mapping):
        return {k: _converted(v, column) for k, v in value.items()}
    if isinstance(value, list):
        return [_converted(v, column) for v in value]
    if isinstance(value, tuple):  # an entry of a map
        return tuple(_converted(v, column) for v in value)
    return value


def _microseconds(interval: pa.MonthDayNano, column: str) -> int:
    found: int = interval.days * _MICROSECONDS_A_DAY + interval.nanoseconds // 1000
    if interval.months or abs(found) > _MOST:
        fault = "months, which have no fixed length" if interval.months else "too many days"
        raise DataError(
            f"column {column!r} holds an INTERVAL with {fault}: polars has no type for it",
            hint="cast it to VARCHAR in the query, or read it with .arrow() or .df()",
        )
    return found
