"""Reads ``corrections.toml`` once and validates its form.

The catalog's tests check that each key names an existing operation: newer models may drop one
without harm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from cirrusql.api.model import Operation, Service
from cirrusql.api.overlay import Overlay
from cirrusql.catalog.model import Verb
from cirrusql.data_files import entry


@dataclass(frozen=True)
class Correction:
    """The overlay's entry for one operation; None: the rule applies."""

    resource: str | None = None
    verb: Verb | None = None
    lists: tuple[tuple[str, ...], ...] | None = None
    keys: tuple[str, ...] = ()
    api_resource: str | None = None
    api_method: str | None = None
    api_verb: Verb | None = None
    method: str | None = None


NONE = Correction()
_FILE = "corrections.toml"


@cache
def corrections(overlay: Overlay) -> Mapping[str, Correction]:
    """The corrections by ``service:Operation``. Raises ValueError naming the invalid key."""
    return {key: _read(key, raw) for key, raw in overlay.section(_FILE, "operations").items()}


@cache
def always_plural(overlay: Overlay) -> frozenset[str]:
    """The services whose ``_api`` resources are always in the plural."""
    return frozenset(overlay.section(_FILE, "api_names").get("always_plural", ()))


def _read(key: str, raw: Mapping[str, object]) -> Correction:
    verbs = {name: Verb(str(raw[name])) for name in ("verb", "api_verb") if name in raw}
    return entry(Correction, _FILE, key, {**raw, **verbs})


def correction(service: Service, name: str) -> Correction:
    """The correction for an operation; empty if there is none."""
    return corrections(service.overlay).get(f"{service.key}:{name}", NONE)


def told_of(service: Service, name: str) -> Correction:
    """What is known of an operation beyond the rules: the overlay's entry, otherwise the source's
    hint."""
    given = correction(service, name)
    hint = service.hints.get(name)
    if hint is None:
        return given
    return replace(
        given,
        resource=given.resource or hint.resource,
        verb=given.verb or (Verb(hint.verb) if hint.verb else None),
        lists=given.lists if given.lists is not None else hint.lists,
        method=given.method or hint.method,
    )


@dataclass(frozen=True)
class GivenParent:
    """The overlay's entry for a parameter's values: exactly one of these; if none, nothing lists
    them."""

    fields: tuple[str, ...] = ()
    """``resource.Field`` or ``service.resource.Field``; if there are several, their union."""
    only: tuple[str, str] | None = None
    """A column of the field's rows, and the LIKE pattern of the rows that count."""
    sent: Mapping[str, object] = field(default_factory=dict)
    """Parameters sent to the listing of the fields, so that it returns every value."""
    values: tuple[str | tuple[str, ...], ...] = ()
    beside: str = ""
    """The key that it replaces: the rows it finds are in addition to those of the key."""
    levels: int = 0
    """For a tree: the first field lists its roots, the second the children of any node, up to this
    depth."""
    is_each: bool = False
    """Every value of the parameter's enum, one after the other."""
    is_all: bool = False
    """Every value of the parameter's enum at once, as it takes a list."""


@cache
def parents_given(overlay: Overlay) -> Mapping[str, GivenParent]:
    """The entries by ``service:Operation.Parameter``. Raises ValueError naming the invalid key."""
    return {key: _given(key, raw) for key, raw in overlay.section(_FILE, "parents").items()}


def _given(key: str, raw: object) -> GivenParent:
    match raw:
        case "":
            return GivenParent()
        case str():
            return GivenParent(fields=(raw,))
        case list():
            return GivenParent(fields=tuple(map(str, raw)))
        case {"field": str(place), "only": [str(column), str(pattern)]}:
            return GivenParent(fields=(place,), only=(column, pattern))
        case {"field": str(place), "send": dict(sent)}:
            return GivenParent(fields=(place,), sent=sent)
        case {"field": str(place), "beside": str(key_beside)}:
            return GivenParent(fields=(place,), beside=key_beside)
        case {"tree": [str(roots), str(nodes)], "levels": int(levels)}:
            return GivenParent(fields=(roots, nodes), levels=levels)
        case {"each": True}:
            return GivenParent(is_each=True)
        case {"all": True}:
            return GivenParent(is_all=True)
        case {"values": list(values)}:
            return GivenParent(
                values=tuple(tuple(v) if isinstance(v, list) else str(v) for v in values)
            )
        case _:
            raise ValueError(f"{_FILE}: {key}: expected field, fields, each, all or values")


def parent_given(operation: Operation, parameter: str) -> GivenParent | None:
    """What lists a parameter's values according to the overlay or the source; None: the rules
    decide."""
    hint = operation.service.hints.get(operation.name)
    if hint is not None and parameter in hint.parents:
        return GivenParent(fields=(hint.parents[parameter],))
    given = parents_given(operation.overlay)
    key = operation.service.key
    return given.get(f"{operation.id}.{parameter}") or given.get(f"{key}:*.{parameter}")
