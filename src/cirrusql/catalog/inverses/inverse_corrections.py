"""Reads ``inverses.toml`` once and validates its form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from cirrusql.api.model import Operation
from cirrusql.api.overlay import Overlay
from cirrusql.data_files import entry


@dataclass(frozen=True)
class InverseCorrection:
    """The entry about undoing one operation; empty: the rules apply."""

    none: str | None = None
    operation: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    set: Mapping[str, object] = field(default_factory=dict)
    returns_existing: bool = False
    always_new: bool = False


NOTHING = InverseCorrection()


@cache
def inverse_corrections(overlay: Overlay) -> Mapping[str, InverseCorrection]:
    """The entries by ``service:Operation``. Raises ValueError naming the invalid key."""
    given = overlay.section("inverses.toml", "operations")
    return {key: entry(InverseCorrection, "inverses.toml", key, raw) for key, raw in given.items()}


def inverse_correction(operation: Operation) -> InverseCorrection:
    """The entry for an operation; empty if there is none."""
    return inverse_corrections(operation.overlay).get(operation.id, NOTHING)
