"""Columns that an update sets with patch operations (JSON Patch): a list of ``{op, path, value}``
per call.

Such a request does not say what it can change; ``patches.toml`` does. ``plan.updates.patch_values``
writes the operations as SQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from cirrusql.api.overlay import Overlay
from cirrusql.data_files import entry

PARAMETER = "patchOperations"
"""The parameter for them."""


class Patched(StrEnum):
    """How a column is replaced."""

    VALUE = "value"
    """By one operation."""
    MEMBERS = "members"
    """By one for each given member of the structure."""
    MAP = "map"
    """By one for each entry, and one for each removed entry."""
    ITEMS = "items"
    """By one for each added text, and one for each removed text."""


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
    """The entries by ``service:Operation``. Raises ValueError naming the invalid key."""
    given = overlay.section("patches.toml", "patches")
    return {key: entry(PatchNote, "patches.toml", key, raw) for key, raw in given.items()}
