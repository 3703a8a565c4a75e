"""Adds the region to requests that must also name it in a parameter.

``wire.toml`` of the provider's overlay lists the operations: a bucket is created in its
LocationConstraint, and the call is rejected if that is not the region it goes to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from cirrusql.api.model import Operation
from cirrusql.api.overlay import Overlay
from cirrusql.data_files import entry

FILE = "wire.toml"
SECTION = "sent_region"


@dataclass(frozen=True)
class SentRegion:
    """Where a request has the region."""

    parameter: str
    member: str
    nameless: tuple[str, ...] = ()
    """Regions that have no name there: nothing is sent."""
    instead: tuple[str, ...] = ()
    """Members that name another place."""


@cache
def sent_regions(overlay: Overlay) -> Mapping[str, SentRegion]:
    """By ``service:Operation``. Raises ValueError naming the key that is wrong."""
    found = overlay.section(FILE, SECTION)
    return {key: entry(SentRegion, FILE, key, raw) for key, raw in found.items()}


def with_region(
    operation: Operation, parameters: Mapping[str, object], region: str
) -> Mapping[str, object]:
    """The parameters, with the region if the operation requires it and none is set."""
    said = sent_regions(operation.overlay).get(operation.id)
    given = parameters.get(said.parameter, {}) if said is not None else None
    if said is None or not region or region in said.nameless or not isinstance(given, Mapping):
        return parameters
    if any(given.get(name) is not None for name in (said.member, *said.instead)):
        return parameters
    return {**parameters, said.parameter: {**given, said.member: region}}
