"""JSON and CBOR answers, parsed to plain objects, to the values of columns.

Readers follow the shape: wire names become the model's, timestamps and blobs their types,
numbers what the model says. Objects come from msgspec (JSON) or cbor2 (CBOR).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import Any

import msgspec

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.errors import BadAnswer
from cirrusql.wire.scalars import scalar_reader

Read = Callable[[Any], Any]


def parse_json(body: bytes) -> Any:
    """The document; an empty body is an empty object. BadAnswer where it is not JSON."""
    if not body.strip():
        return {}
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        start = body[:60].decode("utf-8", "replace")
        raise BadAnswer(f"the answer is not JSON: {error}: {start!r}") from error


def parse_cbor(body: bytes) -> Any:
    """The document; an empty body is an empty object. BadAnswer where it is not CBOR."""
    import cbor2

    if not body:
        return {}
    try:
        with BytesIO(body) as stream:
            return cbor2.load(stream)
    except Exception as error:  # cbor2 lets OverflowError, TypeError and others through
        raise BadAnswer(f"the answer is not CBOR: {error}") from error


def key_of(member: Member) -> str:
    """The key of a structure's member on the wire."""
    return str(member.traits.get("locationName", member.name))


class ObjectReaders:
    """Readers of shapes, each compiled once; cycles are closed by looking up late.

    ``uses_wire_names``: JSON writes members by locationName, CBOR by the model's own name.
    """

    def __init__(self, *, uses_wire_names: bool) -> None:
        self._uses_wire_names = uses_wire_names
        self._readers: dict[Shape, Read] = {}

    def key(self, member: Member) -> str:
        """The key of a member in this protocol."""
        return key_of(member) if self._uses_wire_names else member.name

    def reader(self, shape: Shape) -> Read:
        """Reads one value; null stays null."""
        if shape not in self._readers:
            self._readers[shape] = lambda value: self._readers[shape](value)
            self._readers[shape] = self._make(shape)
        return self._readers[shape]

    def _make(self, shape: Shape) -> Read:
        if shape.kind is Kind.DOCUMENT:
            return lambda value: value
        if shape.kind is Kind.STRUCTURE:
            return self._structure(shape)
        if shape.kind is Kind.LIST:
            one = self.reader(shape.element.shape)
            return lambda value: None if value is None else [one(v) for v in _sequence(value)]
        if shape.kind is Kind.MAP:
            read = self.reader(shape.value.shape)
            return lambda value: (
                None if value is None else [(str(k), read(v)) for k, v in _mapping(value).items()]
            )
        scalar = scalar_reader(shape)
        return lambda value: None if value is None else scalar(value)

    def _structure(self, shape: Shape) -> Read:
        fields = [(self.key(m), n, self.reader(m.shape)) for n, m in shape.members.items()]

        def structure(value: Any) -> Any:
            if value is None:
                return None
            given = _mapping(value)
            return {n: read(given[key]) for key, n, read in fields if key in given}

        return structure

    def value_at(self, parent: Any, shape: Shape, path: Sequence[str]) -> Any:
        """The read value at ``path`` below ``parent``; the parent itself for an empty path."""
        value = parent
        for name in path:
            if value is None:
                return None
            member = shape.members[name]
            value = _mapping(value).get(self.key(member))
            shape = member.shape
        return self.reader(shape)(value)


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"expected an object, found {type(value).__name__}")
    return value


def _sequence(value: Any) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"expected a list, found {type(value).__name__}")
    return value
