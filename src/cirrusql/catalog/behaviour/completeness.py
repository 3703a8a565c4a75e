"""Which optional parameters narrow an answer by being absent, and what makes the table whole again.

``completeness.toml`` is the data; what lists the values of a parameter, the overlay and
``catalog.relations.parents`` say; the planner binds what is said here. Whether every parameter is
told of that the documentation says such a thing of is for the catalog's tests to say.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from cirrusql.api.model import Kind, Operation
from cirrusql.api.overlay import Overlay
from cirrusql.catalog.model import Method, ParameterRole


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
    NONE = "none"
    """Nothing lists its values: what the answer is narrowed to is said."""


@dataclass(frozen=True)
class Fill:
    """What is sent for a parameter that the statement leaves out."""

    kind: FillKind
    values: tuple[object, ...] = ()
    """One call for each. Empty for a parent; empty for a scope that is narrow without a value."""
    unless: tuple[str, ...] = ()
    """Other parameters: where one of them is bound, this one is left out."""
    columns: tuple[str, ...] = ()
    """Of a constant: it only matters where one of these columns is needed."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Of a scope: the columns that find a thing whoever owns it,
    and the parameter that takes them."""
    widest: tuple[object, ...] = ()
    """Of a scope: what is sent where such a key is given, one call for each; empty for nothing."""
    can_lack: bool = False
    """Of a parent: its rows may have no value, and are asked for without one."""
    narrow: str = ""
    """What the answer is narrowed to, where nothing can fill the parameter."""

    @property
    def role(self) -> ParameterRole:
        """What DESCRIBE EXTENDED calls the parameter, where it is no field of the row."""
        if self.kind is FillKind.SCOPE:
            return ParameterRole.SCOPE
        is_option = self.kind in (FillKind.CONSTANT, FillKind.NONE)
        return ParameterRole.OPTION if is_option else ParameterRole.KEY


@cache
def fills_given(overlay: Overlay) -> Mapping[str, Mapping[str, Any]]:
    """``completeness.toml``'s fills as they are written, by ``service:Operation``,
    then by parameter."""
    found: dict[str, dict[str, Any]] = {}
    for key, raw in overlay.section("completeness.toml", "fills").items():
        operation, _, parameter = key.partition(".")
        found.setdefault(operation, {})[parameter] = raw
    return found


@cache
def harmless_given(overlay: Overlay) -> Mapping[str, tuple[str, ...]]:
    """What sounds like narrowing and is not: ``service:Operation.Parameter`` by reason."""
    return {
        reason: tuple(keys)
        for reason, keys in overlay.section("completeness.toml", "harmless").items()
    }


def fills_of(operation: Operation) -> Mapping[str, Fill]:
    """The fills of an operation's optional parameters.
    Raises ValueError naming the key that is wrong."""
    # Not kept by operation: each would hold its service's whole model for as long as the process
    # lives.
    given = fills_given(operation.overlay).get(operation.id, {})
    found = {}
    for name, raw in given.items():
        if name in operation.parameters and name not in operation.required:
            shape = operation.parameters[name].shape
            enum = shape.element.shape.enum if shape.kind is Kind.LIST else shape.enum
            found[name] = _fill(f"{operation.id}.{name}", raw, enum)
    return found


def narrowing(method: Method) -> Mapping[str, Fill]:
    """The optional parameters of a method whose absence narrows its answer, and what fills each."""
    return fills_of(method.operation)


def excused(operation: Operation, given: Collection[str]) -> frozenset[str]:
    """The parameters that need no value because another one is bound."""
    return frozenset(
        n for n, f in fills_of(operation).items() if any(other in given for other in f.unless)
    )


def fed_by_parents(operation: Operation) -> tuple[str, ...]:
    """The optional parameters that are keys of a whole table, though a call can do without."""
    return tuple(name for name, fill in fills_of(operation).items() if fill.kind is FillKind.PARENT)


def may_lack(operation: Operation) -> frozenset[str]:
    """The keys among them that some rows of the parent have no value of,
    and are asked for without."""
    return frozenset(name for name, fill in fills_of(operation).items() if fill.can_lack)


def _fill(key: str, raw: Any, enum: tuple[str, ...]) -> Fill:
    given: dict[str, Any] = {raw: True} if isinstance(raw, str) else dict(raw)
    unless, columns = (tuple(given.pop(name, ())) for name in ("unless", "columns"))
    match given:
        case {"parent": True}:
            return Fill(FillKind.PARENT, unless=unless)
        case {"parent": "optional"}:
            return Fill(FillKind.PARENT, unless=unless, can_lack=True)
        case {"each": True} if enum:
            return Fill(FillKind.EACH, enum, unless)
        case {"each": list(values)}:
            return Fill(FillKind.EACH, tuple(values), unless)
        case {"all": True} if enum:
            return Fill(FillKind.CONSTANT, (list(enum),), unless)
        case {"send": value}:
            return Fill(FillKind.CONSTANT, (value,), unless, columns=columns)
        case {"scope": value, **rest} if set(rest) <= {"keys", "widest"}:
            own = () if value == "" else (value,)
            keys, widest = rest.get("keys", {}), tuple(rest.get("widest", ()))
            return Fill(FillKind.SCOPE, own, unless, keys=keys, widest=widest)
        case {"narrow": str(words)}:
            return Fill(FillKind.NONE, unless=unless, narrow=words)
        case _:
            raise ValueError(f"completeness.toml: {key}: not a way to fill a parameter: {raw!r}")
