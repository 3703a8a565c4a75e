"""The interface to the parts of a response, for any format: XML, JSON or CBOR.

``wanted_rows`` and ``arrow_columns`` are written once against ``Format``; ``xml_format``,
``object_format`` and ``typed_format`` implement it. A part that is not converted yet is called
*raw*: an element, its text, or a parsed object. Values are read one column at a time, with one raw
part per row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import repeat
from typing import Any, Protocol

import pyarrow as pa

from cirrusql.api.model import Member, Shape
from cirrusql.types import SqlType

Raws = Sequence[Any]
"""Raw parts, one per row; None if a row has none."""
Convert = Callable[[Raws], pa.Array]
MapParts = tuple[pa.Array, pa.Array, Raws]
"""The start offset of each map plus the end of the last (null for a null map); all keys; all raw
values."""
Read = Callable[[Any], Any]
"""Converts one raw part to the Python value that official clients return."""


class Nulls(Sequence[Any]):
    """Raw parts of rows that all have none, so that nobody has to check each."""

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
        """All of them if ``value`` is None."""
        return self._count if value is None else 0


class Format(Protocol):
    """Access to members of structures, items of lists and entries of maps; scalars to columns and
    values."""

    def fields(self, shape: Shape, names: Sequence[str]) -> Callable[[Raws], Sequence[Raws]]:
        """From structures to one column of raw parts per member name."""
        ...

    def items(self, member: Member) -> Callable[[Any], Sequence[Any]]:
        """From a list that is not null to its raw items."""
        ...

    def maps(self, member: Member) -> Callable[[Raws], MapParts]:
        """From maps to their parts; the last value wins if a key occurs twice."""
        ...

    def has_null(self, raws: Raws) -> bool:
        """Whether any row has no value."""
        ...

    def scalars(self, member: Member, type_: SqlType) -> Convert:
        """From raw scalars to a column; ``type_`` is the scalar's own type."""
        ...

    def documents(self, member: Member) -> Convert:
        """From raw parts of any kind to a column of JSON text."""
        ...

    def value(self, member: Member) -> Read:
        """From a raw part that is not None to its value."""
        ...
