"""Builds Arrow columns of any SQL type from raw parts; nested types are built member by member.

No Python object is created per row: a list of structures becomes one flat column per member, and
Arrow combines them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from itertools import accumulate, chain
from typing import Any

import pyarrow as pa

from cirrusql.api.model import Kind, Member
from cirrusql.decode.casting import fitted
from cirrusql.decode.formats.format import Convert, Format, Raws
from cirrusql.types import ListType, MapType, SqlType, StructType

_SCALARS = {
    "VARCHAR": (Kind.STRING,),
    "INTEGER": (Kind.INTEGER,),
    "BIGINT": (Kind.LONG, Kind.INTEGER),
    "DOUBLE": (Kind.DOUBLE, Kind.FLOAT, Kind.INTEGER, Kind.LONG),
    "BOOLEAN": (Kind.BOOLEAN,),
    "TIMESTAMPTZ": (Kind.TIMESTAMP,),
    "BLOB": (Kind.BLOB,),
}
# Types whose decoded form Arrow accepts as is. No policy document occurs inside a list.
_AS_THEY_ARE = (Kind.STRING, Kind.BOOLEAN, Kind.INTEGER, Kind.LONG)


def column(family: Format, member: Member, type_: SqlType) -> Convert:
    """Return a function that builds a column of ``type_`` from raw parts of the member.

    The type comes from the table and usually equals the member's own. If two methods of a table
    disagree about a field's type, the values of one of them are cast.
    """
    kind = member.shape.kind
    if type_.name == "JSON":
        return family.documents(member)
    if isinstance(type_, StructType) and kind is Kind.STRUCTURE:
        return _struct(family, member, type_)
    if isinstance(type_, ListType) and kind is Kind.LIST:
        return _list(family, member, type_)
    if isinstance(type_, MapType) and kind is Kind.MAP:
        return _map(family, member, type_)
    if is_own_scalar(member, type_):
        return family.scalars(member, type_)
    return _fitting(family, member, type_)


def is_own_scalar(member: Member, type_: SqlType) -> bool:
    """Whether a scalar of the member converts to the type without loss."""
    return member.shape.kind in _SCALARS.get(type_.name, ())


def struct_names(member: Member, type_: StructType) -> list[str]:
    """The fields of a STRUCT that the structure has."""
    return [name for name, _ in type_.fields if name in member.shape.members]


def _struct(family: Format, member: Member, type_: StructType) -> Convert:
    names = struct_names(member, type_)
    parts = family.fields(member.shape, names)
    types = dict(type_.fields)
    converts = [later(partial(column, family, member.shape.members[n], types[n])) for n in names]
    arrows = [types[n].arrow for n in names]
    places = [names.index(n) if n in names else None for n, _ in type_.fields]
    fields = list(type_.arrow)

    def convert(raws: Raws) -> pa.Array:
        found = [
            pa.nulls(len(raw), arrow) if is_all_null(raw) else convert(raw)
            for convert, arrow, raw in zip(converts, arrows, parts(raws), strict=True)
        ]
        arrays = [
            pa.nulls(len(raws), field.type) if place is None else found[place]
            for field, place in zip(fields, places, strict=True)
        ]
        mask = (
            pa.array([raw is None for raw in raws], pa.bool_()) if family.has_null(raws) else None
        )
        return pa.StructArray.from_arrays(arrays, fields=fields, mask=mask)

    return convert


def later(make: Callable[[], Convert]) -> Convert:
    """Call ``make`` on first use: most members of a wide structure are never used."""
    made: list[Convert] = []

    def convert(raws: Raws) -> pa.Array:
        if not made:
            made.append(make())
        return made[0](raws)

    return convert


def _list(family: Format, member: Member, type_: ListType) -> Convert:
    items = family.items(member)
    inner = column(family, member.shape.element, type_.element)
    arrow = type_.arrow
    element = member.shape.element
    if (
        items is itself
        and element.shape.kind in _AS_THEY_ARE
        and is_own_scalar(element, type_.element)
    ):
        return lambda raws: pa.array(raws, arrow)

    def convert(raws: Raws) -> pa.Array:
        lists = raws if items is itself else [None if raw is None else items(raw) for raw in raws]
        flat = list(chain.from_iterable(filter(None, lists)))
        return pa.ListArray.from_arrays(offsets(lists), inner(flat), type=arrow)

    return convert


def _map(family: Format, member: Member, type_: MapType) -> Convert:
    parts = family.maps(member)
    inner = column(family, member.shape.value, type_.value)
    arrow = type_.arrow

    def convert(raws: Raws) -> pa.Array:
        starts, keys, values = parts(raws)
        return pa.MapArray.from_arrays(starts, keys, inner(values), type=arrow)

    return convert


def offsets(lists: Sequence[Collection[Any] | None]) -> pa.Array:
    """Start offset of each list in their concatenation; null for a null list."""
    if None not in lists:
        return pa.array(list(accumulate(map(len, lists), initial=0)), pa.int32())  # type: ignore[arg-type]
    ends = list(accumulate([0 if found is None else len(found) for found in lists], initial=0))
    starts = [None if found is None else start for found, start in zip(lists, ends, strict=False)]
    return pa.array([*starts, ends[-1]], pa.int32())


def itself(found: Any) -> Any:
    """Return the items of a list that is already in memory."""
    return found


def is_all_null(raws: Raws) -> bool:
    """Whether no row has a value: most members of a union are always empty."""
    return len(raws) > 0 and raws[0] is None and raws.count(None) == len(raws)


def _fitting(family: Format, member: Member, type_: SqlType) -> Convert:
    read = family.value(member)
    return lambda raws: pa.array(
        [None if r is None else fitted(read(r), type_) for r in raws], type_.arrow
    )
