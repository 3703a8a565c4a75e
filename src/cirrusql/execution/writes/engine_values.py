"""Converts engine values to request parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cirrusql.api.model import Kind, Shape


def request_value(value: Any, shape: Shape) -> Any:
    """Convert an engine's value to a request parameter; members that are NULL are left out."""
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
        return {
            n: request_value(v, shape.members[n].shape) if n in shape.members else v
            for n, v in value.items()
            if v is not None
        }
    if shape.kind is Kind.LIST and isinstance(value, list):
        return [request_value(v, shape.element.shape) for v in value if v is not None]
    if shape.kind is Kind.MAP and isinstance(value, Mapping):
        return {k: request_value(v, shape.value.shape) for k, v in value.items() if v is not None}
    return value


def _is_structure(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, str) and value.lstrip()[:1] == "{")
