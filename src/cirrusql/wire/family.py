"""How an answer's parts are reached, whatever it is written in: XML, JSON or CBOR.

``rows`` and ``columns`` are written once against ``Family``; ``xml_family``,
``object_family`` and ``typed_family`` know the forms. A part that is not read yet is *raw*: an
element, its text, or a parsed object. Values are read a column at a time: one raw part per row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import pyarrow as pa

from cirrusql.api.model import Member, Shape
from cirrusql.types import SqlType

Raws = Sequence[Any]
"""Raw parts, one per row; None where a row has none."""
Convert = Callable[[Raws], pa.Array]
Read = Callable[[Any], Any]
"""One raw part to the Python value that botocore would give."""


class Family(Protocol):
    """The parts of structures, lists and maps; scalars into columns and values."""

    def fields(self, shape: Shape, names: Sequence[str]) -> Callable[[Raws], Sequence[Raws]]:
        """From structures to one column of raw parts per member name."""
        ...

    def items(self, member: Member) -> Callable[[Any], Sequence[Any]]:
        """From a list that is there to its raw items."""
        ...

    def entries(self, member: Member) -> Callable[[Any], dict[str, Any]]:
        """From a map that is there to its raw values by key; the last of a key given twice."""
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
