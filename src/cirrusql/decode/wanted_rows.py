"""Selects the parts of a response to read at each level, and walks the levels to collect rows.

A level is the response itself, the items of a list, or the entries of a map; values beside a list
are repeated for each of its items.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Any

import pyarrow as pa

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.catalog.model import FieldPath
from cirrusql.decode.arrow_columns import column, is_all_null, later
from cirrusql.decode.formats.format import Convert, Format, Raws
from cirrusql.types import SqlType

Path = tuple[str, ...]


@dataclass
class Branch:
    """A structure of which some parts are selected."""

    shape: Shape
    columns: list[tuple[str, int]] = field(default_factory=list)
    """Members that are columns, with the column's position."""
    values: list[str] = field(default_factory=list)
    """Members whose values are returned beside the rows (top level only)."""
    inner: dict[str, Branch] = field(default_factory=dict)
    items: str | None = None
    """The member that is the list to enter."""
    is_single: bool = False
    """Without this member there is no row."""

    def at(self, path: Path) -> Branch:
        """The branch of a nested structure, created if needed."""
        branch = self
        for name in path:
            shape = branch.shape.members[name].shape
            branch = branch.inner.setdefault(name, Branch(shape))
        return branch

    @property
    def names(self) -> list[str]:
        """The selected members, one entry per use: columns, values, structures, the list."""
        uses = [*(n for n, _ in self.columns), *self.values, *self.inner]
        return [*uses, self.items] if self.items is not None else uses


@dataclass
class Level:
    """What is selected from each item of a list, or from the response."""

    branch: Branch
    member: Member
    """The item's own member in the model."""
    whole: list[int] = field(default_factory=list)
    """Columns that are the item itself."""
    path: Path | None = None
    """The path to the next list, if any."""
    is_entry: bool = False
    """Whether the items are the entries of a map."""


@dataclass(frozen=True)
class Wanted:
    """Everything that is read from a response."""

    levels: Sequence[Level]
    types: Sequence[SqlType]
    """The types of the columns."""

    @property
    def top(self) -> Branch:
        """The branch of the response itself."""
        return self.levels[0].branch


def wanted(
    output: Shape,
    lists: Sequence[Path],
    single: Path,
    columns: Mapping[int, FieldPath],
    types: Sequence[SqlType],
    values: Sequence[str],
) -> Wanted:
    """Build the selection of a response, by level. ``columns`` are those that are in the body."""
    levels = [Level(Branch(output), Member("", output))]
    for path in lists:
        holder = levels[-1].branch.at(path[:-1])
        holder.items = path[-1]
        levels[-1].path = path
        entered = holder.shape.members[path[-1]].shape
        levels.append(
            Level(Branch(entered.element.shape), entered.element, is_entry=entered.kind is Kind.MAP)
        )
    for place, where in columns.items():
        level = levels[where.level]
        if where.path:
            level.branch.at(where.path[:-1]).columns.append((where.path[-1], place))
        else:
            level.whole.append(place)
    if not lists and single:
        levels[0].branch.at(single).is_single = True
    levels[0].branch.values.extend(values)
    return Wanted(levels, types)


@dataclass
class RowsRead:
    """The result of reading a response."""

    arrays: dict[int, pa.Array]
    count: int
    values: dict[str, Any]
    """Values of the response's top-level members; missing ones are left out."""


class RowReader:
    """Reads responses of one form. Compiled once."""

    def __init__(self, family: Format, wanted: Wanted) -> None:
        self._levels = [_LevelReader(family, level, wanted.types) for level in wanted.levels]

    def read(self, root: Any) -> RowsRead:
        """Return the columns, the number of rows, and the values beside them."""
        found = RowsRead({}, 0, {})
        self.last(self.above(root, found), found)
        return found

    def above(self, root: Any, found: RowsRead) -> Raws:
        """Read all levels but the last, and return the raw items of the last."""
        raws: Raws = [root]
        for level in self._levels[:-1]:
            raws = level.read(raws, found)
        return raws

    def top(self, root: Any, found: RowsRead) -> Raws:
        """Read the top level, and return the raw items of the first list."""
        return self._levels[0].read((root,), found)

    def below(self, raws: Raws, found: RowsRead) -> None:
        """Read the levels from the first list on, for some of its items."""
        for level in self._levels[1:-1]:
            raws = level.read(raws, found)
        self.last(raws, found)

    def last(self, raws: Raws, found: RowsRead) -> None:
        """Read the last level, whose items are the rows."""
        found.count = len(self._levels[-1].read(raws, found))


class _LevelReader:
    """Reads one level; returns the raw items of the next level, or the rows if it is the last."""

    def __init__(self, family: Format, level: Level, types: Sequence[SqlType]) -> None:
        self._read = _branch_reader(family, level.branch, types)
        self._whole = [(place, column(family, level.member, types[place])) for place in level.whole]
        self._is_last = level.path is None

    def read(self, raws: Raws, found: RowsRead) -> Raws:
        for place, convert in self._whole:
            found.arrays[place] = convert(raws)
        lists: list[Any] = []
        is_there = self._read(raws, found, lists)
        if self._is_last:
            return raws if is_there else _none(found)
        given = [
            [i for i in items if i is not None] if None in items else items for items in lists[0]
        ]
        if found.arrays:
            repeated(found, [i for i, items in enumerate(given) for _ in items])
        return given[0] if len(given) == 1 else list(chain.from_iterable(given))


def repeated(found: RowsRead, owners: Sequence[int]) -> None:
    """Repeat what was read so far once per item of the next level; ``owners`` maps
    items to rows."""
    picks = pa.array(owners, pa.int32())
    found.arrays = {place: array.take(picks) for place, array in found.arrays.items()}


def _none(found: RowsRead) -> Raws:
    """The structure that makes up a row is missing: no row."""
    found.arrays = {place: array.slice(0, 0) for place, array in found.arrays.items()}
    return ()


_BranchRead = Callable[[Raws, RowsRead, list[Any]], bool]


def _branch_reader(family: Format, branch: Branch, types: Sequence[SqlType]) -> _BranchRead:
    """Read the columns of a branch, and append the lists to enter to the third argument.

    Returns whether the required structure is present.
    """
    members = branch.shape.members
    names = branch.names
    if not names:
        return lambda raws, found, lists: not (branch.is_single and None in raws)
    parts = family.fields(branch.shape, names)
    converts: list[tuple[int, Convert]] = [
        (place, later(partial(column, family, members[name], types[place])))
        for name, place in branch.columns
    ]
    arrows = {place: types[place].arrow for _, place in branch.columns}
    reads = [(name, family.value(members[name])) for name in branch.values]
    inner = [_branch_reader(family, b, types) for b in branch.inner.values()]
    items = family.items(members[branch.items]) if branch.items is not None else None
    values_at = len(converts)
    inner_at = values_at + len(reads)

    def read(raws: Raws, found: RowsRead, lists: list[Any]) -> bool:
        is_there = not (branch.is_single and None in raws)
        columns = parts(raws)
        for (place, convert), raw in zip(converts, columns, strict=False):
            found.arrays[place] = (
                pa.nulls(len(raw), arrows[place]) if is_all_null(raw) else convert(raw)
            )
        for (name, read_value), raw in zip(reads, columns[values_at:], strict=False):
            if raw[0] is not None:
                found.values[name] = read_value(raw[0])
        for read_inner, raw in zip(inner, columns[inner_at:], strict=False):
            is_there &= read_inner(raw, found, lists)
        if items is not None:
            lists.append([() if raw is None else items(raw) for raw in columns[-1]])
        return is_there

    return read
