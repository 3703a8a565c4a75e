"""Which optional parameters narrow a response when absent, and what makes the table complete.

``completeness.toml`` is the data; the overlay and ``catalog.relations.parents`` say what lists the
values of a parameter; the planner binds them. The catalog's tests check that every parameter whose
documentation mentions such a default has an entry.
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
    """How an absent parameter gets its values."""

    PARENT = "parent"
    """Each value that its parent or the overlay's [parents] lists; the rows contain it."""
    EACH = "each"
    """One value after the other; the rows of each call have that value."""
    CONSTANT = "constant"
    """One value that matches everything: all of an enum at once, or a keyword."""
    SCOPE = "scope"
    """What the account owns, since the default would be everyone's; another value widens it."""
    NONE = "none"
    """Nothing lists its values: a notice says what the response is narrowed to."""


@dataclass(frozen=True)
class Fill:
    """What is sent for a parameter that the statement leaves out."""

    kind: FillKind
    values: tuple[object, ...] = ()
    """One call per value. Empty for a parent, and for a scope that is narrow without a value."""
    unless: tuple[str, ...] = ()
    """Other parameters: if one of them is bound, this one is left out."""
    columns: tuple[str, ...] = ()
    """For a constant: it matters only if one of these columns is needed."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """For a scope: the columns that find resources of any owner, and the parameter that
    takes them."""
    widest: tuple[object, ...] = ()
    """For a scope: what is sent if such a key is bound, one call per value; empty for nothing."""
    can_lack: bool = False
    """For a parent: its rows may lack the value, and are then called without it."""
    narrow: str = ""
    """What the response is narrowed to, if nothing can fill the parameter."""

    @property
    def role(self) -> ParameterRole:
        """The parameter's role in DESCRIBE EXTENDED, if it is not a field of the row."""
        if self.kind is FillKind.SCOPE:
            return ParameterRole.SCOPE
        is_option = self.kind in (FillKind.CONSTANT, FillKind.NONE)
        return ParameterRole.OPTION if is_option else ParameterRole.KEY


@cache
def fills_given(overlay: Overlay) -> Mapping[str, Mapping[str, Any]]:
    """The entries of ``completeness.toml`` as written, by ``service:Operation``, then
    by parameter."""
    found: dict[str, dict[str, Any]] = {}
    for key, raw in overlay.section("completeness.toml", "fills").items():
        operation, _, parameter = key.partition(".")
        found.setdefault(operation, {})[parameter] = raw
    return found


@cache
def harmless_given(overlay: Overlay) -> Mapping[str, tuple[str, ...]]:
    """Parameters that only seem to narrow: reasons by ``service:Operation.Parameter``."""
    return {
        reason: tuple(keys)
        for reason, keys in overlay.section("completeness.toml", "harmless").items()
    }


def fills_of(operation: Operation) -> Mapping[str, Fill]:
    """The fills of an operation's optional parameters. Raises ValueError naming the invalid key."""
    # Not cached by operation, which would keep its service's whole model in memory.
    given = fills_given(operation.overlay).get(operation.id, {})
    found = {}
    for name, raw in given.items():
        if name in operation.parameters and name not in operation.required:
            shape = operation.parameters[name].shape
            enum = shape.element.shape.enum if shape.kind is Kind.LIST else shape.enum
            found[name] = _fill(f"{operation.id}.{name}", raw, enum)
    return found


def narrowing(method: Method) -> Mapping[str, Fill]:
    """The optional parameters of a method whose absence narrows its response, with their fills."""
    return fills_of(method.operation)


def excused(operation: Operation, given: Collection[str]) -> frozenset[str]:
    """The parameters that need no value because another one is bound."""
    return frozenset(
        n for n, f in fills_of(operation).items() if any(other in given for other in f.unless)
    )


def fed_by_parents(operation: Operation) -> tuple[str, ...]:
    """The optional parameters that are keys of the complete table."""
    return tuple(name for name, fill in fills_of(operation).items() if fill.kind is FillKind.PARENT)


def may_lack(operation: Operation) -> frozenset[str]:
    """Those of the keys that some rows of the parent lack; the call is then made without them."""
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
