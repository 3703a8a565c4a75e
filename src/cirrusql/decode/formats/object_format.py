"""Reads JSON and CBOR responses parsed to plain objects.

This is the only reader for CBOR. For JSON it is the lenient one, used when ``typed_format`` finds
that a response does not match the model. It follows the rules of the official clients;
``tests/decode/test_decode_differential.py`` compares the results.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import msgspec
import pyarrow as pa

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.decode.casting import json_text
from cirrusql.decode.formats.format import Convert, MapParts, Raws, Read
from cirrusql.decode.maps import parts_of
from cirrusql.decode.scalars import from_objects, python_value
from cirrusql.errors import BadAnswer
from cirrusql.types import SqlType

Key = Callable[[Member], str]


def parse_json(body: bytes) -> Any:
    """Parse a document; an empty body is an empty object. Raises BadAnswer if it is not JSON.

    Input that msgspec rejects but Python accepts (NaN, lone surrogates, huge numbers) is parsed
    too.
    """
    if not body.strip():
        return {}
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        pass
    try:
        return json.loads(body.decode())
    except (ValueError, RecursionError) as error:
        start = body[:60].decode("utf-8", "replace")
        raise BadAnswer(f"the response is not JSON: {error}: {start!r}") from error


def parse_cbor(body: bytes) -> Any:
    """Parse a document; an empty body is an empty object. Raises BadAnswer if it is not CBOR."""
    import cbor2

    if not body:
        return {}
    try:
        return cbor2.loads(body)
    except Exception as error:  # tag handlers of the CBOR library may raise anything
        raise BadAnswer(f"the response is not CBOR: {error}") from error


def json_key(member: Member) -> str:
    """The key of a structure's member in JSON."""
    return str(member.traits.get("locationName", member.name))


def cbor_key(member: Member) -> str:
    """The key of a structure's member in CBOR: always the model's name."""
    return member.name


class ObjectFormat:
    """Raw parts: parsed values of any kind."""

    def __init__(self, key: Key) -> None:
        self.key = key
        self._known: dict[Shape, Read] = {}

    def fields(self, shape: Shape, names: Sequence[str]) -> Callable[[Raws], Sequence[Raws]]:
        keys = [self.key(shape.members[n]) for n in names]
        gets = [(key, itemgetter(key)) for key in keys]

        def fields(values: Raws) -> Sequence[Raws]:
            is_plain = set(map(type, values)) == {dict}
            objects = values if is_plain else [{} if v is None else _mapping(v) for v in values]
            return [_column(objects, key, get) for key, get in gets]

        return fields

    def items(self, member: Member) -> Callable[[Any], Sequence[Any]]:
        if member.shape.kind is not Kind.MAP:
            return _sequence
        key, value = (self.key(part) for part in member.shape.element.shape.members.values())
        return lambda raw: [{key: k, value: v} for k, v in _entries(raw).items() if v is not None]

    def maps(self, member: Member) -> Callable[[Raws], MapParts]:
        return lambda raws: parts_of([None if raw is None else _entries(raw) for raw in raws])

    def has_null(self, raws: Raws) -> bool:
        # Usually all are present, which is quick to check.
        return not all(raws) and None in raws

    def scalars(self, member: Member, type_: SqlType) -> Convert:
        return from_objects(member.shape, type_)

    def documents(self, member: Member) -> Convert:
        read = self.value(member)
        return lambda raws: pa.array(
            [None if r is None else json_text(read(r)) for r in raws], pa.string()
        )

    def value(self, member: Member) -> Read:
        shape = member.shape
        if shape not in self._known:
            # A shape may contain itself, so its parts are resolved when they are read.
            self._known[shape] = lambda value: self._known[shape](value)
            self._known[shape] = self._make(member)
        return self._known[shape]

    def _make(self, member: Member) -> Read:
        shape = member.shape
        if shape.kind is Kind.STRUCTURE:
            parts = [(self.key(m), n, self.value(m)) for n, m in shape.members.items()]
            return lambda value: {
                n: read(given)
                for key, n, read in parts
                if (given := _mapping(value).get(key)) is not None
            }
        if shape.kind is Kind.LIST:
            one = self.value(shape.element)
            return lambda value: [None if v is None else one(v) for v in _sequence(value)]
        if shape.kind is Kind.MAP:
            one = self.value(shape.value)
            return lambda value: {
                str(k): None if v is None else one(v) for k, v in _mapping(value).items()
            }
        return python_value(shape)


class CborFormat(ObjectFormat):
    """CBOR has a second null, and its keys are the model's names."""

    def __init__(self) -> None:
        super().__init__(cbor_key)

    def fields(self, shape: Shape, names: Sequence[str]) -> Callable[[Raws], Sequence[Raws]]:
        import cbor2

        fields = super().fields(shape, names)
        undefined = cbor2.undefined
        return lambda values: [[None if v is undefined else v for v in c] for c in fields(values)]


def _column(objects: Sequence[Mapping[Any, Any]], key: str, get: itemgetter[str]) -> Raws:
    """The value of each object under the key. Usually all have it: try the fast C lookup first."""
    try:
        return list(map(get, objects))
    except KeyError:
        return [found.get(key) for found in objects]


def _mapping(value: Any) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"expected an object, found {type(value).__name__}")
    return value


def _entries(value: Any) -> dict[str, Any]:
    return {str(key): inner for key, inner in _mapping(value).items()}


def _sequence(value: Any) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"expected a list, found {type(value).__name__}")
    return value
