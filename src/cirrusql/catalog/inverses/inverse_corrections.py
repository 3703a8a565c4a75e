"""The corrections of ``inverses.toml``, read once and checked for form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from cirrusql.data_files import data_file, entry


@dataclass(frozen=True)
class InverseCorrection:
    """What is said of how one operation is undone; empty: the rules hold."""

    none: str | None = None
    operation: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    set: Mapping[str, object] = field(default_factory=dict)
    returns_existing: bool = False
    always_new: bool = False


NOTHING = InverseCorrection()


@cache
def inverse_corrections() -> Mapping[str, InverseCorrection]:
    """By ``service:Operation``. Raises ValueError naming the key that is wrong."""
    given = data_file("cirrusql.catalog.inverses", "inverses.toml")["operations"]
    return {key: entry(InverseCorrection, "inverses.toml", key, raw) for key, raw in given.items()}


def inverse_correction(operation_id: str) -> InverseCorrection:
    """The correction for ``service:Operation``, empty where there is none."""
    return inverse_corrections().get(operation_id, NOTHING)
