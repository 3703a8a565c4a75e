"""How an answer's parts are reached, whatever it is written in: XML, JSON or CBOR.

``wanted_rows`` and ``arrow_columns`` are written once against ``Family``; ``xml_format``,
``object_format`` and ``typed_format`` know the forms. A part that is not read yet is *raw*: an
element, its text, or a parsed object. Values are read a column at a time: one raw part per row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import repeat
from typing import Any, Protocol

import pyarrow as pa

from cirrusql.api.model import Member, Shape
from cirrusql.types import SqlType

Raws = Sequence[Any]
"""Raw parts, one per row; None where a row has none."""
Convert = Callable[[Raws], pa.Array]
MapParts = tuple[pa.Array, pa.Array, Raws]
"""Of maps: where the entries of each begin, with the last's end and null for what is none; the
keys, and the raw values, of all of them."""
Read = Callable[[Any], Any]
"""One raw part to the Python value that official clients would give."""


class Nulls(Sequence[Any]):
    """Raw parts of rows of which none has one: nobody has to look at each."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: Any) -> Any:
        return (
            [None] * len(found) if isinstance(found := range(self._count)[index], range) else None
        )

    def __iter__(self) -> Iterator[Any]:
        return repeat(None, self._count)

    def __contains__(self, value: object) -> bool:
        return value is None and self._count > 0

    def count(self, value: object) -> int:
        """All of them where None is counted."""
        return self._count if value is None else 0


class Family(Protocol):
    """The parts of structures, lists and maps; scalars into columns and values."""

    def fields(self, shape: Shape, names: Sequence[str]) -> Callable[[Raws], Sequence[Raws]]:
        """From structures to one column of raw parts per member name."""
        ...

    def items(self, member: Member) -> Callable[[Any], Sequence[Any]]:
        """From a list that is there to its raw items."""
        ...

    def maps(self, member: Member) -> Callable[[Raws], MapParts]:
        """From maps to their parts; the last value of a key given twice."""
        ...

    def has_null(self, raws: Raws) -> bool:
        """Whether any row has none."""
        ...

    def scalars(self, member: Member, type_: SqlType) -> Convert:
        """From raw scalars to a column; ``type_`` is the scalar's own."""
        ...

    def documents(self, member: Member) -> Convert:
        """From raw parts of any kind to a column of JSON text."""
        ...

    def value(self, member: Member) -> Read:
        """From a raw part that is there to its value."""
        ...
