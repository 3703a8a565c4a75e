"""Random values of any shape: what a service could answer or a user could ask."""

from __future__ import annotations

import string
from datetime import UTC, datetime
from random import Random
from typing import Any

from cirrusql.api.model import Kind, Shape

_TEXT = string.ascii_letters + string.digits + " -_./:é漢<&>\"'"
_DEEPEST = 4


def value_of(
    shape: Shape, rng: Random, *, within: tuple[Shape, ...] = (), is_full: bool = True
) -> Any:
    """A value that the model allows as to its type. Shapes that hold themselves end soon.

    ``is_full``: every member of every structure is there; otherwise each is left out at times.
    """
    match shape.kind:
        case Kind.STRING:
            return rng.choice(shape.enum) if shape.enum else text(rng, shape)
        case Kind.INTEGER:
            return rng.randint(0, 2**31 - 1)
        case Kind.LONG:
            return rng.randint(0, 2**53)
        case Kind.FLOAT | Kind.DOUBLE:
            return float(rng.randint(-(10**6), 10**6)) / 8
        case Kind.BOOLEAN:
            return rng.random() < 0.5
        case Kind.TIMESTAMP:
            return datetime.fromtimestamp(rng.randint(1, 2_000_000_000), UTC)
        case Kind.BLOB:
            return rng.randbytes(rng.randint(1, 12))
        case Kind.DOCUMENT:
            return {"a": [1, "b", None]}
    inner = (*within, shape)
    if shape.kind is Kind.LIST:
        if shape.element.shape in inner:
            return []
        size = rng.randint(1, 2 if len(within) < _DEEPEST else 1)
        return [
            value_of(shape.element.shape, rng, within=inner, is_full=is_full) for _ in range(size)
        ]
    if shape.kind is Kind.MAP:
        keys = (
            rng.sample(shape.key.shape.enum, 1)
            if shape.key.shape.enum
            else [f"k{i}" for i in range(2)]
        )
        return {k: value_of(shape.value.shape, rng, within=inner, is_full=is_full) for k in keys}
    names = [n for n in shape.member_names if not _goes_on(shape.members[n].shape, inner)]
    if shape.is_union and names:
        names = [rng.choice(names)]
    elif not is_full:
        names = [n for n in names if n in shape.required or rng.random() < 0.7]
    return {
        n: value_of(shape.members[n].shape, rng, within=inner, is_full=is_full)
        for n in names
        if not shape.members[n].shape.is_event_stream
    }


def _goes_on(shape: Shape, within: tuple[Shape, ...]) -> bool:
    """Whether a value would contain one of its enclosing shapes again, without end."""
    if shape.kind is Kind.LIST:
        return shape in within or _goes_on(shape.element.shape, within)
    if shape.kind is Kind.MAP:
        return shape in within or _goes_on(shape.value.shape, within)
    return shape in within


def text(rng: Random, shape: Shape) -> str:
    """Text of a length that the shape allows."""
    low = int(shape.minimum or 1)
    high = min(int(shape.maximum or low + 12), low + 12)
    return (
        "".join(rng.choice(_TEXT) for _ in range(rng.randint(low, max(low, high)))).strip() or "x"
    )
