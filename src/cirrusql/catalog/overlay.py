"""The corrections of ``overlay.toml``, read once and checked for form.

Whether each key names an operation that exists is for the catalog's tests to say: the
models of a newer botocore may drop one without harm.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files

from cirrusql.catalog.model import Verb


@dataclass(frozen=True)
class Correction:
    """What the overlay says of one operation; None: the rule holds."""

    resource: str | None = None
    verb: Verb | None = None
    lists: tuple[tuple[str, ...], ...] | None = None
    keys: tuple[str, ...] = ()
    api_resource: str | None = None
    api_method: str | None = None
    api_verb: Verb | None = None


NONE = Correction()


@cache
def corrections() -> Mapping[str, Correction]:
    """By ``service:Operation``. Raises ValueError naming the key that is wrong."""
    text = files("cirrusql.catalog").joinpath("overlay.toml").read_text("utf-8")
    return {key: _read(key, raw) for key, raw in tomllib.loads(text)["operations"].items()}


def _read(key: str, raw: Mapping[str, object]) -> Correction:
    known = {f.name for f in fields(Correction)}
    if unknown := set(raw) - known:
        raise ValueError(f"overlay.toml: {key}: unknown entry {min(unknown)!r}")
    given = dict(raw)
    for name in ("verb", "api_verb"):
        if name in given:
            given[name] = Verb(str(given[name]))
    if isinstance(found := given.get("lists"), list):
        given["lists"] = tuple(tuple(path) for path in found)
    if isinstance(found := given.get("keys"), list):
        given["keys"] = tuple(found)
    return Correction(**given)  # type: ignore[arg-type]


def correction(operation_id: str) -> Correction:
    """The correction for ``service:Operation``, empty where there is none."""
    return corrections().get(operation_id, NONE)
