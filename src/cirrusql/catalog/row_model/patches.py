"""Columns that an update sets by patch operations (JSON Patch): ``{op, path, value}``, a list of
them a call.

Such a request says nothing of what it can change; ``patches.toml`` does. What the operations look
like in SQL is ``plan.updates.patch_values``' to write.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from cirrusql.api.overlay import Overlay
from cirrusql.data_files import entry

PARAMETER = "patchOperations"
"""The parameter that takes them."""


class Patched(StrEnum):
    """How a column is replaced."""

    VALUE = "value"
    """By one operation."""
    MEMBERS = "members"
    """By one for each member of the structure that is given."""
    MAP = "map"
    """By one for each entry, and one for each that is no more."""
    ITEMS = "items"
    """By one for each text that is new, and one for each that is no more."""


@dataclass(frozen=True)
class PatchNote:
    """What one operation can replace."""

    values: tuple[str, ...] = ()
    paths: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    maps: tuple[str, ...] = ()
    items: tuple[str, ...] = ()

    def columns(self) -> Iterator[tuple[str, Patched, tuple[str, ...]]]:
        """Each column, how it is replaced, and the members of a structure."""
        yield from ((c, Patched.VALUE, ()) for c in self.values)
        yield from ((c, Patched.MEMBERS, tuple(names)) for c, names in self.members.items())
        yield from ((c, Patched.MAP, ()) for c in self.maps)
        yield from ((c, Patched.ITEMS, ()) for c in self.items)


@cache
def patch_notes(overlay: Overlay) -> Mapping[str, PatchNote]:
    """By ``service:Operation``. Raises ValueError naming the key that is wrong."""
    given = overlay.section("patches.toml", "patches")
    return {key: entry(PatchNote, "patches.toml", key, raw) for key, raw in given.items()}
