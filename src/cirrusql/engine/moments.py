"""Converts Arrow values to Python values with aware timestamps in UTC.

Needs neither pytz nor a time zone database, because the engine's session is in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from cirrusql.errors import DataError


def python_rows(batch: pa.RecordBatch) -> Iterator[tuple[Any, ...]]:
    """The rows of a batch as tuples. Raises DataError for a time that Python cannot represent."""
    return zip(*map(_values, batch.columns), strict=True)


def _values(array: pa.Array) -> list[Any]:
    bare = _without_zone(array.type)
    try:
        found: list[Any] = (array if bare is None else array.cast(bare)).to_pylist()
    except (OverflowError, ValueError) as error:
        raise DataError("a time is outside the years 1 to 9999") from error
    return found if bare is None else [_aware(value, array.type) for value in found]


def _without_zone(type_: pa.DataType) -> pa.DataType | None:
    """The type with timestamps without time zone; None if it has none with a zone."""
    if pa.types.is_timestamp(type_):
        return pa.timestamp(type_.unit) if type_.tz is not None else None
    if pa.types.is_struct(type_):
        inner = [_without_zone(f.type) for f in type_]
        if all(t is None for t in inner):
            return None
        return pa.struct(
            [f if t is None else f.with_type(t) for f, t in zip(type_, inner, strict=True)]
        )
    if pa.types.is_map(type_):
        key, item = _without_zone(type_.key_type), _without_zone(type_.item_type)
        return (
            None
            if key is None and item is None
            else pa.map_(key or type_.key_type, item or type_.item_type)
        )
    if pa.types.is_list(type_):
        element = _without_zone(type_.value_type)
        return None if element is None else pa.list_(type_.value_field.with_type(element))
    return None


def _aware(value: Any, type_: pa.DataType) -> Any:
    """Convert a value of a type without zones to ``type_``: timestamps with a zone become UTC."""
    if value is None or _without_zone(type_) is None:
        return value
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC)
    if pa.types.is_struct(type_):
        return {f.name: _aware(value[f.name], f.type) for f in type_}
    if pa.types.is_map(type_):
        return [(_aware(k, type_.key_type), _aware(v, type_.item_type)) for k, v in value]
    return [_aware(v, type_.value_type) for v in value]
