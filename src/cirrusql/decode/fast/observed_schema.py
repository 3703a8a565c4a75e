"""Observes which parts of the model the responses of an operation actually use.

Items of a key-value table use three of the ten possible value types, and all have the same
attributes. ``Seen`` records this while responses are read by their full model; ``typed_decoder``
and ``typed_format`` then read responses of the observed form faster, and reject others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cirrusql.api.model import Shape
from cirrusql.decode.arrow_columns import is_all_null
from cirrusql.decode.formats.format import Raws

PAYS = 250
"""Fruitless lookups of nulls and keys, per member, after which compiling a narrower reader pays
off."""

MOST_KEYS = 100
"""Maximum number of keys for maps to be read as structures, since keys that are out of order are
searched one by one."""


@dataclass(frozen=True)
class ObservedSchema:
    """What the fast reader may assume; it rejects responses that differ."""

    absent: frozenset[tuple[Shape, str]] = frozenset()
    """Members that no structure has."""
    keys: Mapping[Shape, tuple[str, ...]] = field(default_factory=dict)
    """Maps that always have exactly these keys."""
    has_strangers: bool = False
    """Whether structures may have members that are unknown to the model, or null."""


class Seen:
    """What the responses read so far contained."""

    def __init__(self) -> None:
        self._in_vain = 0
        self._given: set[tuple[Shape, str]] = set()
        self._missing: set[tuple[Shape, str]] = set()
        self._keys: dict[Shape, tuple[str, ...]] = {}

    def pays(self) -> bool:
        """Whether enough lookups were fruitless, since this last returned true, to compile a
        narrower reader."""
        enough = self._in_vain >= PAYS * (len(self._given) + len(self._missing))
        if enough:
            self._in_vain = 0
        return enough

    def usual(self, *, has_strangers: bool) -> ObservedSchema:
        """What all responses so far had in common."""
        keys = {shape: keys for shape, keys in self._keys.items() if 0 < len(keys) <= MOST_KEYS}
        return ObservedSchema(frozenset(self._missing - self._given), keys, has_strangers)

    def members(self, shape: Shape, names: Sequence[str], parts: Sequence[Raws]) -> None:
        """Record the members of some structures, given one column of raw parts per name."""
        for name, raws in zip(names, parts, strict=False):
            member = (shape, name)
            if member in self._given or not raws:
                continue
            if is_all_null(raws):
                self._missing.add(member)
                self._in_vain += len(raws)
            else:
                self._given.add(member)

    def keys(self, shape: Shape, keys: tuple[str, ...] | None, count: int) -> None:
        """Record the keys of some maps: the keys that all of them have, or None if they differ."""
        if keys is None or self._keys.setdefault(shape, keys) != keys:
            self._keys[shape] = ()
        else:
            self._in_vain += count
