"""Casts values that are already Python objects to a type they may not have been made for."""

from __future__ import annotations

import json
import math
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cirrusql.types import ListType, MapType, SqlType, StructType


def fitted(value: Any, type_: SqlType) -> Any:
    """Convert a value to what pyarrow accepts for the type; None if that is impossible. Never
    raises."""
    if value is None:
        return None
    if isinstance(type_, StructType):
        if not isinstance(value, Mapping):
            return None
        return {name: fitted(value.get(name), inner) for name, inner in type_.fields}
    if isinstance(type_, ListType):
        return [fitted(v, type_.element) for v in (value if isinstance(value, list) else [value])]
    if isinstance(type_, MapType):
        return (
            [(k, fitted(v, type_.value)) for k, v in value.items()]
            if isinstance(value, Mapping)
            else None
        )
    if type_.name == "JSON" or (type_.name == "VARCHAR" and not isinstance(value, str)):
        return json_text(value)
    if type_.name in ("INTEGER", "BIGINT", "DOUBLE"):
        return _number(value, _BITS.get(type_.name))
    expected = {"VARCHAR": str, "BOOLEAN": bool, "TIMESTAMPTZ": datetime, "BLOB": bytes}[type_.name]
    return value if isinstance(value, expected) else None


_BITS = {"INTEGER": 31, "BIGINT": 63}


def _number(value: Any, bits: int | None) -> int | float | None:
    """A number of at most ``bits`` bits plus sign; a fraction if ``bits`` is None."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if bits is None:
        return number
    if not math.isfinite(number):
        return None
    whole = int(value if isinstance(value, int) else number)
    return whole if -(1 << bits) <= whole < 1 << bits else None


def json_text(value: Any) -> str:
    """JSON text: timestamps as ISO 8601, bytes as Base64, NaN and infinities by name."""
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, bytes | bytearray):
        return b64encode(value).decode()
    return value if value is None or isinstance(value, str | int | float) else str(value)
