"""Data files beside the modules that they belong to: TOML, read once, each entry validated.

The module defines what the entries mean. An invalid one is a ValueError naming file and key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

T = TypeVar("T")


@cache
def data_file(package: str, name: str) -> Mapping[str, Any]:
    """The contents of a file in a package."""
    # Compiled: Python's own tomllib takes twice as long, which is felt at each start.
    import tomli

    found: Mapping[str, Any] = tomli.loads(files(package).joinpath(name).read_text("utf-8"))
    return found


def entry(kind: type[T], file: str, key: str, raw: Mapping[str, object]) -> T:
    """An entry as a dataclass: lists become tuples, or sets if the field is one."""
    known = {f.name: str(f.type) for f in fields(kind)}  # type: ignore[arg-type]
    if unknown := set(raw) - set(known):
        raise ValueError(f"{file}: {key}: unknown entry {min(unknown)!r}")
    return kind(**{name: _value(value, known[name]) for name, value in raw.items()})


def _value(value: object, annotation: str) -> object:
    if not isinstance(value, list):
        return value
    if annotation.startswith("frozenset"):
        return frozenset(value)
    return tuple(tuple(v) if isinstance(v, list) else v for v in value)
