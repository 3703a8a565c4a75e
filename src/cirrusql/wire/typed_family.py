"""JSON answers by a typed decoder: msgspec reads what is wanted and skips the rest.

The type of a whole answer is made from what is wanted of it. An answer that is not of that type
is for ``object_family``, which reads leniently.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain
from typing import Any

import msgspec
import pyarrow as pa

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.types import ListType, MapType, SqlType, StructType
from cirrusql.wire.columns import is_own_scalar, itself, struct_names
from cirrusql.wire.family import Convert, Raws
from cirrusql.wire.object_family import ObjectFamily, json_key
from cirrusql.wire.rows import Branch, Wanted

# Null and missing are the same to us.
_SCALARS: dict[Kind, Any] = {
    Kind.STRING: str | None,
    Kind.INTEGER: int | None,
    Kind.LONG: int | None,
    Kind.FLOAT: float | None,
    Kind.DOUBLE: float | None,
    Kind.BOOLEAN: bool | None,
    Kind.TIMESTAMP: float | int | str | None,
    Kind.BLOB: bytes | None,
    Kind.DOCUMENT: msgspec.Raw,
}


class Unfit(Exception):
    """One member is wanted in two ways, which a typed object cannot hold."""


class TypedFamily(ObjectFamily):
    """Raw parts: msgspec structs for structures; lists, dicts and scalars as they are.

    Values wanted beside the rows, recursive shapes and what does not fit its column's type are
    plain objects, and read as in ``ObjectFamily``.
    """

    def __init__(self) -> None:
        super().__init__(json_key)

    def fields(self, shape: Shape, names: Sequence[str]) -> Callable[[Raws], Sequence[Raws]]:
        # A struct has one field for each name, in the order of their first use.
        unique = list(dict.fromkeys(names))
        places = [unique.index(name) for name in names]
        missing = _missing(len(unique))

        def fields(values: Raws) -> Sequence[Raws]:
            if None in values:
                values = [missing if v is None else v for v in values]
            # Each tuple lives but for a moment, and the slices are C's.
            flat = list(chain.from_iterable(map(msgspec.structs.astuple, values)))
            return [flat[place :: len(unique)] for place in places]

        return fields

    def items(self, member: Member) -> Callable[[Any], Sequence[Any]]:
        return itself

    def entries(self, member: Member) -> Callable[[Any], dict[str, Any]]:
        return itself

    def scalars(self, member: Member, type_: SqlType) -> Convert:
        if member.shape.kind is Kind.BLOB:
            return lambda raws: pa.array(raws, pa.binary())
        return super().scalars(member, type_)

    def documents(self, member: Member) -> Convert:
        if member.shape.kind is not Kind.DOCUMENT:
            return super().documents(member)
        return lambda raws: pa.array([_text(raw) for raw in raws], pa.string())


def typed_decoder(wanted: Wanted) -> msgspec.json.Decoder[Any]:
    """The decoder of an answer into what ``TypedFamily`` reads. Raises Unfit."""
    below: Any = Any
    for level in reversed(wanted.levels):
        if level.whole and (level.branch.names or len(level.whole) > 1):
            raise Unfit(level.path)
        below = (
            _type_of(level.member, wanted.types[level.whole[0]])
            if level.whole
            else _type_of_branch(level.branch, wanted.types, below)
        )
    return msgspec.json.Decoder(below)


def _type_of_branch(branch: Branch, types: Sequence[SqlType], below: Any) -> Any:
    """``below`` is the type of the next level's items."""
    members = branch.shape.members
    fields = {name: _type_of(members[name], types[place]) for name, place in branch.columns}
    for name in branch.values:
        fields.setdefault(name, Any)
    for name, inner in branch.inner.items():
        fields[name] = _type_of_branch(inner, types, below)
    if branch.items is not None:
        fields[branch.items] = list[below] | None
    names = list(dict.fromkeys(branch.names))
    scalars = {name for name, _ in branch.columns if members[name].shape.kind in _SCALARS}
    if any(branch.names.count(name) > 1 and name not in scalars for name in names):
        raise Unfit(branch.shape.name)
    # Places are those of ``names``: a member wanted twice has one, at its first use.
    return _struct([(branch.names.index(n), json_key(members[n]), fields[n]) for n in names]) | None


def _type_of(member: Member, type_: SqlType) -> Any:
    """Mirrors ``columns.column``: what that takes apart is typed, the rest is Any."""
    shape = member.shape
    if type_.name == "JSON":
        return _SCALARS[Kind.DOCUMENT] if shape.kind is Kind.DOCUMENT else Any
    if isinstance(type_, StructType) and shape.kind is Kind.STRUCTURE:
        types = dict(type_.fields)
        names = struct_names(member, type_)
        parts = [
            (i, json_key(shape.members[n]), _type_of(shape.members[n], types[n])) for i, n in enumerate(names)
        ]
        return _struct(parts) | None
    if isinstance(type_, ListType) and shape.kind is Kind.LIST:
        return list[_type_of(shape.element, type_.element)] | None  # type: ignore[misc]
    if isinstance(type_, MapType) and shape.kind is Kind.MAP:
        return dict[str, _type_of(shape.value, type_.value)] | None  # type: ignore[misc]
    return _SCALARS[shape.kind] if is_own_scalar(member, type_) else Any


def _struct(fields: Sequence[tuple[int, str, Any]]) -> Any:
    """A type with fields f0, f1, …, each under its own key on the wire."""
    return msgspec.defstruct(
        "Part",
        [(f"f{i}", type_, None) for i, _, type_ in fields],
        rename={f"f{i}": key for i, key, _ in fields},
        gc=False,
    )


@cache
def _missing(width: int) -> Any:
    """What has no members, for a structure that is null."""
    return _struct([(i, str(i), Any) for i in range(width)])()


def _text(raw: msgspec.Raw | None) -> str | None:
    text = None if raw is None else bytes(raw).decode()
    return None if text == "null" else text
