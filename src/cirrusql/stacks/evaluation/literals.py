"""Values as SQL: a row that was evaluated becomes a statement that can be read, logged and run."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from cirrusql.sql.quoting import literal
from cirrusql.types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    INTEGER,
    TIMESTAMPTZ,
    VARCHAR,
    ListType,
    MapType,
    SqlType,
    StructType,
)

if TYPE_CHECKING:
    import pyarrow as pa


def sql_value(value: Any, type_: pa.DataType | None = None) -> str:
    """A value as SQL. ``type_`` tells a MAP from a STRUCT, which are both dicts; members of a
    STRUCT that are NULL are left out, for they are not given."""
    import pyarrow as pa

    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, bytes):
        return f"from_base64({literal(base64.b64encode(value).decode())})"
    if isinstance(value, datetime):
        return f"TIMESTAMPTZ {literal(value.isoformat())}"
    if isinstance(value, date | time):
        return literal(value.isoformat())
    if isinstance(value, timedelta):
        return f"INTERVAL {literal(f'{value.total_seconds()} seconds')}"
    if isinstance(value, Mapping):
        return _mapping(value, type_)
    if isinstance(value, list | tuple):
        is_list = type_ is not None and (pa.types.is_list(type_) or pa.types.is_large_list(type_))
        inner = type_.value_type if type_ is not None and is_list else None
        return "[" + ", ".join(sql_value(v, inner) for v in value) + "]"
    return literal(str(value))


def _mapping(value: Mapping[str, Any], type_: pa.DataType | None) -> str:
    import pyarrow as pa

    if type_ is not None and pa.types.is_map(type_):
        item = type_.item_type
        pairs = (f"{sql_value(k)}: {sql_value(v, item)}" for k, v in value.items())
        return "MAP {" + ", ".join(pairs) + "}"
    inner: dict[str, Any] = {}
    if type_ is not None and pa.types.is_struct(type_):
        inner = {f.name: f.type for f in type_}
    pairs = (
        f"{literal(k)}: {sql_value(v, inner.get(k))}" for k, v in value.items() if v is not None
    )
    return "{" + ", ".join(pairs) + "}"


def plain(value: Any) -> Any:
    """A value as JSON knows it, for the state and for plans."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, timedelta):
        return f"{value.total_seconds()} s"
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return value


def canonical(value: Any) -> str:
    """A plain value as text that is equal for equal values."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def column_type(type_: pa.DataType) -> SqlType:
    """The SQL type of a column of a query's result; text for what has no type of ours."""
    import pyarrow as pa

    if pa.types.is_struct(type_):
        return StructType("STRUCT", tuple((f.name, column_type(f.type)) for f in type_))
    if pa.types.is_map(type_):
        return MapType("MAP", column_type(type_.item_type))
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return ListType("LIST", column_type(type_.value_type))
    if pa.types.is_boolean(type_):
        return BOOLEAN
    if pa.types.is_int32(type_) or pa.types.is_int16(type_) or pa.types.is_int8(type_):
        return INTEGER
    if pa.types.is_integer(type_):
        return BIGINT
    if pa.types.is_floating(type_) or pa.types.is_decimal(type_):
        return DOUBLE
    return TIMESTAMPTZ if pa.types.is_timestamp(type_) else VARCHAR


def key_text(values: Any) -> str:
    """A key as it stands in an address: ``['a','eu-west-1']``."""
    return "[" + ",".join("NULL" if v is None else sql_value(str(v)) for v in values) + "]"
