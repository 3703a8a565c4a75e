"""The corrections of ``inverses.toml``, read once and checked for form."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.resources import files


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
    text = files("cirrusql.catalog").joinpath("inverses.toml").read_text("utf-8")
    known = {f.name for f in fields(InverseCorrection)}
    found = {}
    for key, raw in tomllib.loads(text)["operations"].items():
        if unknown := set(raw) - known:
            raise ValueError(f"inverses.toml: {key}: unknown entry {min(unknown)!r}")
        found[key] = InverseCorrection(**raw)
    return found


def inverse_correction(operation_id: str) -> InverseCorrection:
    """The correction for ``service:Operation``, empty where there is none."""
    return inverse_corrections().get(operation_id, NOTHING)
