"""What answers of one form usually are: less than their model allows.

Of ten kinds of value a table's items have three, and all of them the same attributes. ``Seen``
takes note of it while answers are read by their model; ``typed_decoder`` and ``typed_format`` then
read answers that are as usual at less cost, and refuse others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cirrusql.api.model import Shape
from cirrusql.decode.arrow_columns import is_all_null
from cirrusql.decode.formats.format import Raws

PAYS = 250
"""Nulls and keys looked at in vain, for each member looked at:
to compile what spares them takes as long."""

MOST_KEYS = 100
"""Of maps read as structures: in those, keys out of order are looked for one by one."""


@dataclass(frozen=True)
class Usual:
    """What may be relied on, since an answer that is otherwise is refused."""

    absent: frozenset[tuple[Shape, str]] = frozenset()
    """Members that no structure has."""
    keys: Mapping[Shape, tuple[str, ...]] = field(default_factory=dict)
    """Maps that all have just these keys."""
    has_strangers: bool = False
    """Whether structures may have members that the model does not know,
    or that are given as null."""


class Seen:
    """What the answers read so far had."""

    def __init__(self) -> None:
        self._in_vain = 0
        self._given: set[tuple[Shape, str]] = set()
        self._missing: set[tuple[Shape, str]] = set()
        self._keys: dict[Shape, tuple[str, ...]] = {}

    def pays(self) -> bool:
        """Whether so much was looked at in vain, since this was last so,
        that it should be spared."""
        enough = self._in_vain >= PAYS * (len(self._given) + len(self._missing))
        if enough:
            self._in_vain = 0
        return enough

    def usual(self, *, has_strangers: bool) -> Usual:
        """What was so in all of them."""
        keys = {shape: keys for shape, keys in self._keys.items() if 0 < len(keys) <= MOST_KEYS}
        return Usual(frozenset(self._missing - self._given), keys, has_strangers)

    def members(self, shape: Shape, names: Sequence[str], parts: Sequence[Raws]) -> None:
        """Take note of some structures' members, one column of raw parts for each name."""
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
        """Take note of some maps' keys: those that each has, or None where they differ."""
        if keys is None or self._keys.setdefault(shape, keys) != keys:
            self._keys[shape] = ()
        else:
            self._in_vain += count
