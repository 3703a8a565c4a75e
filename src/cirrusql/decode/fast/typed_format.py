"""Reads JSON responses with a typed decoder; ``typed_decoder`` builds its types.

Responses that do not match the type are left to ``object_format``, which is lenient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any

import msgspec
import pyarrow as pa

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.decode.arrow_columns import itself, offsets
from cirrusql.decode.fast.observed_schema import ObservedSchema, Seen
from cirrusql.decode.formats.format import Convert, MapParts, Nulls, Raws
from cirrusql.decode.formats.object_format import ObjectFormat, json_key
from cirrusql.decode.maps import parts_of, same_keys
from cirrusql.types import SqlType


class TypedFormat(ObjectFormat):
    """Raw parts: msgspec structs for structures; lists, dicts and scalars unchanged.

    Values beside the rows, recursive shapes and members whose type differs from their column's are
    plain objects, and are read as in ``ObjectFormat``.
    """

    def __init__(self, usual: ObservedSchema, seen: Seen | None = None) -> None:
        """``usual`` is what the decoder was compiled for; ``seen`` records what is read."""
        super().__init__(json_key)
        self._usual = usual
        self._seen = seen

    def fields(self, shape: Shape, names: Sequence[str]) -> Callable[[Raws], Sequence[Raws]]:
        # A struct has one field per name, in the order of first use.
        unique = list(dict.fromkeys(names))
        there = [i for i, name in enumerate(unique) if (shape, name) not in self._usual.absent]
        picks = [
            there.index(i) if (i := unique.index(name)) in there else len(there) for name in names
        ]
        gather, seen = Gather(there), self._seen

        def fields(values: Raws) -> Sequence[Raws]:
            found = (*gather(values), Nulls(len(values)))
            if seen is not None:
                seen.members(shape, unique, found)
            return [found[pick] for pick in picks]

        return fields

    def items(self, member: Member) -> Callable[[Any], Sequence[Any]]:
        return itself

    def maps(self, member: Member) -> Callable[[Raws], MapParts]:
        shape, seen = member.shape, self._seen
        if shape in self._usual.keys:
            return Records(self._usual.keys[shape])
        if seen is None:
            return parts_of

        def maps(raws: Raws) -> MapParts:
            parts = parts_of(raws)
            if len(parts[1]):
                seen.keys(shape, same_keys(raws), len(parts[1]))
            return parts

        return maps

    def scalars(self, member: Member, type_: SqlType) -> Convert:
        if member.shape.kind is Kind.BLOB:
            return lambda raws: pa.array(raws, pa.binary())
        return super().scalars(member, type_)

    def documents(self, member: Member) -> Convert:
        if member.shape.kind is not Kind.DOCUMENT:
            return super().documents(member)
        return lambda raws: pa.array([_text(raw) for raw in raws], pa.string())


MANY = 1000
"""Number of structs from which compiling a reader of their fields (about 7 µs per field) pays off.
"""


class Gather:
    """Turns structs of one type into one list per selected field.

    Compiled per type: CPython caches attribute lookups per code location, which takes half the time
    of ``attrgetter``.
    """

    def __init__(self, places: Iterable[int]) -> None:
        self._names = [f"f{place}" for place in places]
        self._gets = [attrgetter(name) for name in self._names]
        self._count = 0

    def __call__(self, values: Raws) -> Sequence[list[Any]]:
        self._count += len(values)
        if self._count <= MANY:
            return [[None if v is None else get(v) for v in values] for get in self._gets]
        try:
            return self._of_all(values)
        except AttributeError:  # null has no fields
            return self._of_some(values)

    @cached_property
    def _of_all(self) -> Callable[[Raws], Sequence[list[Any]]]:
        return self._compiled("v.{}")

    @cached_property
    def _of_some(self) -> Callable[[Raws], Sequence[list[Any]]]:
        return self._compiled("None if v is None else v.{}")

    def _compiled(self, value: str) -> Callable[[Raws], Sequence[list[Any]]]:
        lists = "".join(f"[{value.format(name)} for v in values]," for name in self._names)
        compiled: Callable[[Raws], Sequence[list[Any]]] = eval(f"lambda values: ({lists})")  # noqa: S307
        return compiled


class Records:
    """The parts of maps that all have the same keys and are read as structs."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = keys
        self._gather = Gather(range(len(keys)))
        self._most = 0, pa.array([0], pa.int32()), pa.array([], pa.string())
        """For the most maps read at once: their start offsets and keys."""

    def __call__(self, raws: Raws) -> MapParts:
        there = raws if all(raws) else [raw for raw in raws if raw is not None]
        count, width = len(there), len(self._keys)
        values = [None] * (count * width)
        for place, column in enumerate(self._gather(there)):
            values[place::width] = column
        starts, keys = self._layout(count)
        if count < len(raws):
            starts = offsets([None if raw is None else self._keys for raw in raws])
        return starts, keys, values

    def _layout(self, count: int) -> tuple[pa.Array, pa.Array]:
        most, starts, keys = self._most
        width = len(self._keys)
        if most < count:
            starts = pa.array(range(0, count * width + 1, width), pa.int32())
            keys = pa.array([*self._keys] * count, pa.string())
            self._most = count, starts, keys
        return starts[: count + 1], keys[: count * width]


def _text(raw: msgspec.Raw | None) -> str | None:
    text = None if raw is None else bytes(raw).decode()
    return None if text == "null" else text
