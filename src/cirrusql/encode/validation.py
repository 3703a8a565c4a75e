"""Validates parameters against the model: reports all faults at once, with their position, before
any call.

Never repeats values that are marked sensitive or named like secrets. The keys of a map are names
and are shown. ``coercion`` converts engine values to the API's types first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from cirrusql.api.model import Kind, Member, Operation, Shape
from cirrusql.encode.coercion import parameters_of
from cirrusql.errors import nearest

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
    Kind.BLOB: bytes,
    Kind.STRUCTURE: Mapping,
    Kind.LIST: list,
    Kind.MAP: Mapping,
}
# In Smithy, an Integer has 32 bits and a Long 64.
_BITS = {Kind.INTEGER: 31, Kind.LONG: 63}
_SIZED = frozenset({Kind.STRING, Kind.BLOB, Kind.LIST, Kind.MAP})
_SECRET_NAME = re.compile(
    r"password|secret|passphrase|privatekey|credential|authtoken", re.IGNORECASE
)
_HIDDEN = "****"
_SHOWN = 60
"""Characters of a value that a message repeats."""


def faults(operation: Operation, parameters: Mapping[str, object]) -> list[str]:
    """The faults of the parameters, as messages; empty if there are none.

    Positions are written as in SQL, counting lists from 1: ``Tags[1].Key``. Idempotency tokens are
    optional: each call gets one.
    """
    given = parameters_of(operation, parameters)
    missing = [
        f"{name} is required"
        for name in operation.required
        if name not in given and not operation.parameters[name].is_idempotency_token
    ]
    return missing + faults_of_values(operation, parameters)


def faults_of_values(operation: Operation, parameters: Mapping[str, object]) -> list[str]:
    """The faults of the given values, regardless of what else the operation requires."""
    found: list[str] = []
    for name, value in parameters_of(operation, parameters).items():
        member = operation.parameters.get(name)
        if member is None:
            found.append(_unknown(name, tuple(operation.parameters), ""))
        elif not member.traits.get("jsonvalue"):
            found += _in_path(member, value, name)
            found += _check(value, member.shape, name, is_secret=_is_secret(member))
    return found


def _unknown(name: str, legal: tuple[str, ...], place: str) -> str:
    near = nearest(name, legal)
    hint = f" (did you mean {', '.join(near)}?)" if near else ""
    return f"{place}{name} is unknown{hint}"


def _in_path(member: Member, value: Any, place: str) -> Iterator[str]:
    """An empty path segment would address the parent rather than the resource."""
    if value == "" and member.traits.get("location") == "uri":
        yield f"{place} must not be empty: it is part of the path"


def _is_secret(member: Member) -> bool:
    return member.shape.is_sensitive or _SECRET_NAME.search(member.name) is not None


def _check(value: Any, shape: Shape, place: str, *, is_secret: bool) -> Iterator[str]:
    if value is None or shape.kind is Kind.DOCUMENT:
        return
    is_secret = is_secret or shape.is_sensitive
    is_bool_for_number = isinstance(value, bool) and shape.kind is not Kind.BOOLEAN
    if not isinstance(value, _TYPES[shape.kind]) or is_bool_for_number:
        yield f"{place} must be {_WORDS[shape.kind]}, not {_shown(value, is_secret)}"
        return
    yield from _bounds(value, shape, place, is_secret)
    match shape.kind:
        case Kind.STRUCTURE:
            yield from _structure(value, shape, place, is_secret)
        case Kind.LIST:
            for i, item in enumerate(value, 1):
                yield from _check(item, shape.element.shape, f"{place}[{i}]", is_secret=is_secret)
        case Kind.MAP:
            yield from _map(value, shape, place, is_secret)
        case Kind.STRING:
            yield from _string(value, shape, place, is_secret)
        case _:
            pass


def _structure(
    value: Mapping[str, Any], shape: Shape, place: str, is_secret: bool
) -> Iterator[str]:
    given = {k: v for k, v in value.items() if v is not None}
    for name in shape.member_names:
        if (
            name in shape.required
            and name not in given
            and not shape.members[name].is_idempotency_token
        ):
            yield f"{place}.{name} is required"
    for name, item in given.items():
        member = shape.members.get(name)
        if member is None:
            yield _unknown(name, shape.member_names, f"{place}.")
        else:
            inner = is_secret or _is_secret(member)
            yield from _check(item, member.shape, f"{place}.{name}", is_secret=inner)
    if shape.is_union and len(given) != 1:
        count = "none" if not given else ", ".join(given)
        yield f"{place} must have exactly one of {', '.join(shape.member_names)}, not {count}"


def _map(value: Mapping[str, Any], shape: Shape, place: str, is_secret: bool) -> Iterator[str]:
    for key, item in value.items():
        inner = f"{place}[{_shown(key, is_secret=False)}]"
        what = f"the key of {inner}"
        yield from _bounds(key, shape.key.shape, what, is_secret=False)
        yield from _string(key, shape.key.shape, what, is_secret=False)
        secret_item = is_secret or _SECRET_NAME.search(key) is not None
        yield from _check(item, shape.value.shape, inner, is_secret=secret_item)


def _bounds(value: Any, shape: Shape, place: str, is_secret: bool) -> Iterator[str]:
    is_sized = shape.kind in _SIZED
    if not is_sized and shape.kind not in (Kind.INTEGER, Kind.LONG, Kind.FLOAT, Kind.DOUBLE):
        return
    size = len(value) if is_sized else value
    what = f"the length of {place}" if is_sized else place
    shown = _HIDDEN if is_secret else f"{size}"
    bits = _BITS.get(shape.kind)
    if shape.minimum is not None and size < shape.minimum:
        yield f"{what} must be at least {_number(shape.minimum)}, not {shown}"
    elif shape.maximum is not None and size > shape.maximum:
        yield f"{what} must be at most {_number(shape.maximum)}, not {shown}"
    elif bits is not None and not -(1 << bits) <= size < 1 << bits:
        yield f"{what} must be a {bits + 1}-bit integer, not {shown}"


def _number(bound: float) -> str:
    return f"{int(bound)}" if bound == int(bound) else f"{bound}"


def _string(value: str, shape: Shape, place: str, is_secret: bool) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        # Similar values would reveal a secret, too.
        legal = () if is_secret else nearest(value, shape.enum)
        shown = ", ".join(legal or shape.enum[:6])
        more = "…" if len(shape.enum) > len(legal or shape.enum[:6]) else ""
        yield f"{place} must be one of {shown}{more}, not {_shown(value, is_secret)}"
    elif shape.pattern and not _matches(shape.pattern, value):
        yield f"{place} must match {shape.pattern}, which {_shown(value, is_secret)} does not"


def _matches(pattern: str, value: str) -> bool:
    """Whether the value matches; a pattern that Python cannot compile (they are Java's) always
    does."""
    compiled = _compiled(pattern)
    return compiled is None or compiled.search(value) is not None


@lru_cache(maxsize=2048)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _shown(value: Any, is_secret: bool) -> str:
    if is_secret:
        return _HIDDEN
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
