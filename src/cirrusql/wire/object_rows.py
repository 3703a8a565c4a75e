"""JSON and CBOR answers to rows: values as they are on the wire, a column at a time.

What Arrow takes as it is stays as it is; the rest goes through ``object_columns``' readers when
the columns are made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cirrusql.api.model import Shape
from cirrusql.wire.object_columns import ObjectReaders
from cirrusql.wire.xml_rows import Cell

Steps = tuple[str, ...]


class ObjectRows:
    """As ``XmlRows``, for objects: the keys of each step are looked up once."""

    def __init__(
        self,
        readers: ObjectReaders,
        levels: Sequence[Shape],
        lists: Sequence[tuple[str, ...]],
        cells: Sequence[Sequence[tuple[tuple[str, ...], Cell]]],
        width: int,
    ) -> None:
        self._readers = readers
        self._lists = [self._keys(s, p) for s, p in zip(levels, lists, strict=False)]
        self._cells = [
            [(self._keys(shape, path), cell.index) for path, cell in own]
            for shape, own in zip(levels, cells, strict=True)
        ]
        self._width = width
        self._is_flat = len(lists) == 1 and not any(self._cells[:-1])

    def _keys(self, shape: Shape, path: Sequence[str]) -> Steps:
        keys = []
        for name in path:
            member = shape.members[name]
            keys.append(self._readers.key(member))
            shape = member.shape
        return tuple(keys)

    def read(self, root: Any) -> list[list[Any]]:
        """One list of raw values per column."""
        if self._is_flat:
            items = list(items_at(root, self._lists[0]))
            columns: list[list[Any]] = [[None] * len(items) for _ in range(self._width)]
            for keys, index in self._cells[-1]:
                columns[index] = [_at(item, keys) for item in items]
            return columns
        rows = list(self._rows(root, 0, [None] * self._width))
        return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(self._width)]

    def count(self, root: Any) -> int:
        """How many rows there are, for a reader that wants no column."""
        return sum(1 for _ in self._rows(root, 0, []))

    def _rows(self, item: Any, level: int, above: list[Any]) -> Iterator[list[Any]]:
        row = above.copy()
        if above:
            for keys, index in self._cells[level]:
                row[index] = _at(item, keys)
        if level == len(self._lists):
            yield row
            return
        for inner in items_at(item, self._lists[level]):
            yield from self._rows(inner, level + 1, row)


def items_at(parent: Any, keys: Steps) -> Iterator[Any]:
    """The items of the list below an object; nulls in it are none."""
    found = _at(parent, keys)
    if found is None:
        return iter(())
    if not isinstance(found, list | tuple):
        raise ValueError(f"expected a list at {'.'.join(keys)}, found {type(found).__name__}")
    return (item for item in found if item is not None)


def _at(item: Any, keys: Steps) -> Any:
    for key in keys:
        if item is None:
            return None
        if not isinstance(item, Mapping):
            raise ValueError(f"expected an object around {key}, found {type(item).__name__}")
        item = item.get(key)
    return item
