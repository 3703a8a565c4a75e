"""Builds the type of a JSON response from what is selected and what such responses usually contain.

msgspec reads what the type has fields for, skips everything else, and rejects values of other
types.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.decode.arrow_columns import is_own_scalar, struct_names
from cirrusql.decode.fast.observed_schema import ObservedSchema
from cirrusql.decode.formats.object_format import json_key
from cirrusql.decode.wanted_rows import Branch, Wanted
from cirrusql.types import ListType, MapType, SqlType, StructType

# Null and missing mean the same here.
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
    """A typed decoder is not possible: a member is selected in two ways, or rows are a map's
    entries."""


def typed_decoder(wanted: Wanted, usual: ObservedSchema) -> msgspec.json.Decoder[Any]:
    """Return the decoder of a response into what ``TypedFormat`` reads. Raises Unfit."""
    types, below = _Types(wanted.types, usual), Any
    for level in reversed(wanted.levels):
        if level.is_entry:
            raise Unfit(level.path)
        if level.whole and (level.branch.names or len(level.whole) > 1):
            raise Unfit(level.path)
        below = (
            types.of(level.member, wanted.types[level.whole[0]])
            if level.whole
            else types.of_branch(level.branch, below)
        )
    return msgspec.json.Decoder(below)


class _Types:
    """Builds the types of parts of a response."""

    def __init__(self, columns: Sequence[SqlType], usual: ObservedSchema) -> None:
        self._columns = columns
        self._usual = usual

    def of_branch(self, branch: Branch, below: Any) -> Any:
        """``below`` is the type of the next level's items."""
        shape = branch.shape
        fields = {
            name: self._of(shape, name, self._columns[place]) for name, place in branch.columns
        }
        for name in branch.values:
            fields.setdefault(name, Any)
        for name, inner in branch.inner.items():
            fields[name] = self.of_branch(inner, below)
        if branch.items is not None:
            fields[branch.items] = list[below] | None
        names = list(dict.fromkeys(branch.names))
        scalars = {name for name, _ in branch.columns if shape.members[name].shape.kind in _SCALARS}
        if any(branch.names.count(name) > 1 and name not in scalars for name in names):
            raise Unfit(shape.name)
        return self._structure(shape, {name: fields[name] for name in names})

    def of(self, member: Member, type_: SqlType) -> Any:
        """Mirrors ``arrow_columns.column``: what that function takes apart is typed, the rest is
        Any."""
        shape = member.shape
        if type_.name == "JSON":
            return _SCALARS[Kind.DOCUMENT] if shape.kind is Kind.DOCUMENT else Any
        if isinstance(type_, StructType) and shape.kind is Kind.STRUCTURE:
            types = dict(type_.fields)
            names = struct_names(member, type_)
            return self._structure(
                shape, {name: self._of(shape, name, types[name]) for name in names}
            )
        if isinstance(type_, ListType) and shape.kind is Kind.LIST:
            return list[self.of(shape.element, type_.element)] | None  # type: ignore[misc]
        if isinstance(type_, MapType) and shape.kind is Kind.MAP:
            return self._map(shape, self.of(shape.value, type_.value))
        return _SCALARS[shape.kind] if is_own_scalar(member, type_) else Any

    def _of(self, shape: Shape, name: str, type_: SqlType) -> Any:
        """The type of a structure's member; only null if the member was never seen."""
        return None if (shape, name) in self._usual.absent else self.of(shape.members[name], type_)

    def _structure(self, shape: Shape, types: dict[str, Any]) -> Any:
        """A struct with fields f0, f1, …: one per member by position, without members that were
        never seen.

        A response that has such a member after all is rejected: as an unknown field if the struct
        has all other possible members, otherwise through a field of type null.
        """
        absent = {name for name in types if (shape, name) in self._usual.absent}
        is_complete = len(types) == len(shape.members) and not self._usual.has_strangers
        fields = [
            (f"f{place}", None if name in absent else type_, json_key(shape.members[name]))
            for place, (name, type_) in enumerate(types.items())
            if not (is_complete and name in absent)
        ]
        return _struct(fields, forbid_unknown_fields=is_complete and bool(absent), default=None)

    def _map(self, shape: Shape, value: Any) -> Any:
        """A dict, or a struct if all maps seen have exactly the same keys."""
        keys = self._usual.keys.get(shape)
        if keys is None:
            return dict[str, value] | None
        fields = [(f"f{place}", value, key) for place, key in enumerate(keys)]
        return _struct(fields, forbid_unknown_fields=True)


def _struct(
    fields: Sequence[tuple[str, Any, str]], *, forbid_unknown_fields: bool, **default: None
) -> Any:
    """A struct with these names, types and JSON keys; nullable if the structure itself may be
    missing."""
    part = msgspec.defstruct(
        "Part",
        [(name, type_, *default.values()) for name, type_, _ in fields],
        rename={name: key for name, _, key in fields},
        forbid_unknown_fields=forbid_unknown_fields,
        gc=False,
    )
    return part | None
