"""Converts engine values to request parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cirrusql.api.model import Kind, Shape
from cirrusql.types import ListType, SqlType, StructType


def request_value(value: Any, shape: Shape, shown: SqlType | None = None) -> Any:
    """Convert an engine's value to a request parameter; members that are NULL are left out.

    ``shown``: the type of the column that the value is computed from. Its members that only
    responses have are left out too: a table's WarmThroughput is read with its Status.
    """
    if value is None:
        return None
    if (
        shape.kind is Kind.STRUCTURE
        and shape.member_names == ("Value",)
        and not _is_structure(value)
    ):
        # A service may wrap each value of an attribute: SET InstanceType = 't3.small' needs no
        # wrapper.
        return {"Value": value}
    if shape.kind is Kind.STRUCTURE and isinstance(value, Mapping):
        seen = dict(shown.fields) if isinstance(shown, StructType) else {}
        return {
            n: request_value(v, shape.members[n].shape, seen.get(n)) if n in shape.members else v
            for n, v in value.items()
            if v is not None and (n in shape.members or n not in seen)
        }
    if shape.kind is Kind.LIST and isinstance(value, list):
        item = shown.element if isinstance(shown, ListType) else None
        return [request_value(v, shape.element.shape, item) for v in value if v is not None]
    if shape.kind is Kind.MAP and isinstance(value, Mapping):
        return {k: request_value(v, shape.value.shape) for k, v in value.items() if v is not None}
    return value


def _is_structure(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, str) and value.lstrip()[:1] == "{")
