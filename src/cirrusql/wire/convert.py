"""Raw cells to Arrow columns: the fast way where every cell is of the form expected.

Text of XML and plain values of JSON are cast by Arrow as a whole; a column with a cell that
Arrow does not take is read again cell by cell, as leniently as botocore reads.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from cirrusql.api.model import Kind, Member
from cirrusql.types import ListType, MapType, SqlType, StructType
from cirrusql.wire.scalars import scalar_reader

Convert = Callable[[Sequence[Any]], pa.Array]

_NESTED = (Kind.STRUCTURE, Kind.LIST, Kind.MAP, Kind.DOCUMENT)
_CAST = ("INTEGER", "BIGINT", "DOUBLE", "BOOLEAN", "TIMESTAMPTZ")


def from_values(type_: SqlType) -> Convert:
    """Values that are read already."""
    if not type_.contains_json:
        return lambda cells: pa.array(cells, type_.arrow)
    return lambda cells: pa.array([with_json(v, type_) for v in cells], type_.arrow)


def from_texts(member: Member, type_: SqlType) -> Convert:
    """Texts of XML elements; an empty one is NULL where the type is not text."""
    read = scalar_reader(member.shape)
    if type_.name == "VARCHAR":
        if member.shape.name == "policyDocumentType":
            return lambda cells: pa.array([None if c is None else read(c) for c in cells], pa.string())
        return lambda cells: pa.array(cells, pa.string())

    def convert(cells: Sequence[Any]) -> pa.Array:
        filled = [c or None for c in cells]
        if type_.name in _CAST:
            try:
                return pa.array(filled, pa.string()).cast(type_.arrow)
            except pa.ArrowInvalid:
                pass
        return pa.array([None if c is None else read(c) for c in filled], type_.arrow)

    return convert


def from_objects(member: Member, type_: SqlType, read: Callable[[Any], Any]) -> Convert:
    """Values of JSON or CBOR as they were parsed. ``read`` makes one the model's."""
    kind = member.shape.kind
    values = from_values(type_)
    if kind in _NESTED or kind in (Kind.TIMESTAMP, Kind.BLOB) or member.shape.name == "policyDocumentType":
        return lambda cells: values([read(c) for c in cells])
    arrow = type_.arrow

    def convert(cells: Sequence[Any]) -> pa.Array:
        try:
            return pa.array(cells, arrow)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            return pa.array([read(c) for c in cells], arrow)

    return convert


def with_json(value: Any, type_: SqlType) -> Any:
    """A read value with every JSON part written out as the text that Arrow carries."""
    if value is None or not type_.contains_json:
        return value
    if isinstance(type_, StructType):
        return {n: with_json(value.get(n), inner) for n, inner in type_.fields}
    if isinstance(type_, ListType):
        return [with_json(v, type_.element) for v in value]
    if isinstance(type_, MapType):
        return [(k, with_json(v, type_.value)) for k, v in value]
    return json.dumps(_plain(value), default=str, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        return {k: _plain(v) for k, v in value}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return value
