"""Which optional parameters narrow an answer by being absent, and what makes the table whole again.

``completeness.toml`` is the data; what a parameter's parent is, the overlay and
``catalog.parents`` say; the planner binds what is said here. Whether a parameter is told of
at all is for the catalog's tests to say: they read the documentation of every one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from cirrusql.api.model import Kind
from cirrusql.catalog.model import Method, ParameterRole
from cirrusql.catalog.overlay import correction


class FillKind(StrEnum):
    """How an absent parameter is given values."""

    PARENT = "parent"
    """Each value that its parent lists, or that the overlay's [parents] say: the rows bear it."""
    EACH = "each"
    """One value after the other: the rows of each call are of that value."""
    CONSTANT = "constant"
    """One value that lets everything through: all of an enum at once, or a word for all."""
    SCOPE = "scope"
    """What the account owns, where the whole would be everybody's; another value widens it."""


@dataclass(frozen=True)
class Fill:
    """What is sent for a parameter that the statement leaves out."""

    kind: FillKind
    values: tuple[object, ...] = ()
    """One call for each. Empty for a parent; empty for a scope that is narrow without a value."""
    keys: Mapping[str, str] | None = None
    """Of a scope: the columns that find a thing whoever owns it, and the parameter that takes them."""
    widest: object = None
    """Of a scope: what is sent where such a key is given; None for nothing."""

    @property
    def role(self) -> ParameterRole:
        """What DESCRIBE EXTENDED calls the parameter, where it is no field of the row."""
        if self.kind is FillKind.SCOPE:
            return ParameterRole.SCOPE
        return ParameterRole.OPTION if self.kind is FillKind.CONSTANT else ParameterRole.KEY


@cache
def fills_given() -> Mapping[str, object]:
    """``completeness.toml``'s fills, as they are written, by ``service:Operation.Parameter``."""
    text = files("cirrusql.catalog.behaviour").joinpath("completeness.toml").read_text("utf-8")
    found: Mapping[str, object] = tomllib.loads(text)["fills"]
    return found


def narrowing(method: Method) -> Mapping[str, Fill]:
    """The optional parameters of a method whose absence narrows its answer, and what fills each."""
    operation = method.operation
    found = {name: Fill(FillKind.PARENT) for name in correction(operation.id).keys}
    for name, member in operation.parameters.items():
        given = fills_given().get(f"{operation.id}.{name}")
        if given is not None:
            shape = member.shape
            enum = shape.element.shape.enum if shape.kind is Kind.LIST else shape.enum
            found[name] = _fill(given, enum)
    return {name: fill for name, fill in found.items() if name not in method.required}


def _fill(given: object, enum: tuple[str, ...]) -> Fill:
    match given:
        case "parent":
            return Fill(FillKind.PARENT)
        case "each":
            return Fill(FillKind.EACH, enum)
        case "all":
            return Fill(FillKind.CONSTANT, (list(enum),))
        case {"each": list(values)}:
            return Fill(FillKind.EACH, tuple(values))
        case {"send": value}:
            return Fill(FillKind.CONSTANT, (value,))
        case {"scope": value, **rest}:
            keys, widest = rest.get("keys", {}), rest.get("widest")
            return Fill(FillKind.SCOPE, () if value == "" else (value,), keys, widest)  # type: ignore[arg-type]
        case _:
            raise ValueError(f"completeness.toml: not a way to fill a parameter: {given!r}")
