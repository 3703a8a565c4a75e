"""Parameters against the model: every fault at once, each with its place, before any call.

Values that the model marks sensitive are never repeated in a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from cirrusql.api.model import Kind, Operation, Shape
from cirrusql.errors import nearest
from cirrusql.wire.coerce import parameters_of

_WORDS = {
    Kind.STRING: "text",
    Kind.INTEGER: "a whole number",
    Kind.LONG: "a whole number",
    Kind.FLOAT: "a number",
    Kind.DOUBLE: "a number",
    Kind.BOOLEAN: "true or false",
    Kind.TIMESTAMP: "a timestamp",
    Kind.BLOB: "bytes or text",
    Kind.STRUCTURE: "a STRUCT or JSON object",
    Kind.LIST: "a list",
    Kind.MAP: "a MAP or JSON object",
}
_TYPES: dict[Kind, Any] = {
    Kind.STRING: str,
    Kind.INTEGER: int,
    Kind.LONG: int,
    Kind.FLOAT: float,
    Kind.DOUBLE: float,
    Kind.BOOLEAN: bool,
    Kind.TIMESTAMP: datetime,
    Kind.BLOB: (bytes, bytearray),
    Kind.STRUCTURE: Mapping,
    Kind.LIST: list,
    Kind.MAP: Mapping,
}


def faults(operation: Operation, parameters: Mapping[str, object]) -> list[str]:
    """What is wrong with the parameters, worded; empty where nothing is."""
    given = parameters_of(operation, parameters)
    found = [
        f"{name} is required"
        for name in operation.required
        if name not in given and not operation.parameters[name].is_idempotency_token
    ]
    for name, value in given.items():
        member = operation.parameters.get(name)
        if member is None:
            found.append(_unknown(name, tuple(operation.parameters), ""))
        else:
            found += _check(value, member.shape, name)
    return found


def _unknown(name: str, legal: tuple[str, ...], place: str) -> str:
    near = nearest(name, legal)
    hint = f" (did you mean {', '.join(near)}?)" if near else ""
    return f"{place}{name} is unknown{hint}"


def _check(value: Any, shape: Shape, place: str) -> Iterator[str]:
    if value is None or shape.kind is Kind.DOCUMENT:
        return
    expected: Any = _TYPES[shape.kind]
    is_bool_for_number = isinstance(value, bool) and shape.kind is not Kind.BOOLEAN
    if not isinstance(value, expected) or is_bool_for_number:
        yield f"{place} must be {_WORDS[shape.kind]}, not {_shown(value, shape)}"
        return
    yield from _bounds(value, shape, place)
    if shape.kind is Kind.STRUCTURE:
        yield from _structure(value, shape, place)
    elif shape.kind is Kind.LIST:
        for i, item in enumerate(value, 1):
            yield from _check(item, shape.element.shape, f"{place}[{i}]")
    elif shape.kind is Kind.MAP:
        for key, item in value.items():
            yield from _check(item, shape.value.shape, f"{place}[{key!r}]")


def _structure(value: Mapping[str, Any], shape: Shape, place: str) -> Iterator[str]:
    given = {k: v for k, v in value.items() if v is not None}
    for name in shape.member_names:
        if name in shape.required and name not in given:
            yield f"{place}.{name} is required"
    for name, item in given.items():
        member = shape.members.get(name)
        if member is None:
            yield _unknown(name, shape.member_names, f"{place}.")
        else:
            yield from _check(item, member.shape, f"{place}.{name}")
    if shape.is_union and len(given) != 1:
        yield f"{place} must have exactly one of {', '.join(shape.member_names)}"


def _bounds(value: Any, shape: Shape, place: str) -> Iterator[str]:
    if shape.kind is Kind.STRING and shape.enum and value not in shape.enum:
        near = nearest(value, shape.enum)
        legal = near or shape.enum[:6]
        yield f"{place} must be one of {', '.join(legal)}{'…' if near else ''}, not {_shown(value, shape)}"
    is_number = shape.kind in (Kind.INTEGER, Kind.LONG, Kind.FLOAT, Kind.DOUBLE)
    size = value if is_number else len(value) if hasattr(value, "__len__") else None
    if size is not None and shape.kind is not Kind.STRUCTURE:
        what = place if is_number else f"the length of {place}"
        if shape.minimum is not None and size < shape.minimum:
            yield f"{what} must be at least {shape.minimum:g}, not {_number(size, shape)}"
        if shape.maximum is not None and size > shape.maximum:
            yield f"{what} must be at most {shape.maximum:g}, not {_number(size, shape)}"
    if shape.kind is Kind.STRING and shape.pattern and not _matches(shape.pattern, value):
        yield f"{place} must match {shape.pattern}, which {_shown(value, shape)} does not"


def _number(size: Any, shape: Shape) -> str:
    return "****" if shape.is_sensitive else f"{size}"


def _matches(pattern: str, value: str) -> bool:
    """Whether the value fits; a pattern that Python cannot read (they are Java's) forbids nothing."""
    try:
        return re.search(pattern, value) is not None
    except re.error:
        return True


def _shown(value: Any, shape: Shape) -> str:
    if shape.is_sensitive:
        return "****"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
