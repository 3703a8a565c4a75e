"""XML answers to rows: each element is visited once, and only what was asked for is kept.

Texts of scalar columns are gathered as they are and converted a column at a time, which Arrow
does in C; nested values go through ``xml_columns``' readers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.wire.xml_columns import XmlReaders, is_flattened, tag_of

_NESTED = (Kind.STRUCTURE, Kind.LIST, Kind.MAP, Kind.DOCUMENT)


@dataclass(frozen=True)
class Cell:
    """A column filled from the children of one element."""

    index: int
    member: Member


Fill = Callable[[Any, list[Any]], None]


class XmlRows:
    """Rows of answers with one shape of row path; compiled once per namespace.

    ``levels`` are the shapes of the answer and of each list's items; ``cells`` per level, the
    path of structures to go down and the column's member at its end.
    """

    def __init__(
        self,
        levels: Sequence[Shape],
        lists: Sequence[tuple[str, ...]],
        cells: Sequence[Sequence[tuple[tuple[str, ...], Cell]]],
        width: int,
    ) -> None:
        self._levels = levels
        self._lists = lists
        self._cells = cells
        self._width = width
        self._readers = XmlReaders()
        self._compiled: dict[str, _Compiled] = {}

    def read(self, root: Any) -> Iterator[list[Any]]:
        """One list of raw cells per row: text for scalars, values for the rest."""
        tag = root.tag
        namespace = tag[: tag.index("}") + 1] if tag[:1] == "{" else ""
        if namespace not in self._compiled:
            self._compiled[namespace] = _Compiled(self, namespace)
        yield from self._compiled[namespace].rows(root, 0, [None] * self._width)


class _Compiled:
    """The same with every tag spelled out for one namespace."""

    def __init__(self, rows: XmlRows, namespace: str) -> None:
        self._namespace = namespace
        self._readers = rows._readers
        self._depth = len(rows._lists)
        self._fills = [self._fill_of(s, c) for s, c in zip(rows._levels, rows._cells, strict=True)]
        self._steps = [
            self._steps_of(shape, path) for shape, path in zip(rows._levels, rows._lists, strict=False)
        ]

    def _tags(self, name: str) -> tuple[str, ...]:
        """A tag with and without the namespace: some services leave it off below the root."""
        return (f"{self._namespace}{name}", name) if self._namespace else (name,)

    def rows(self, item: Any, level: int, above: list[Any]) -> Iterator[list[Any]]:
        """The rows below one element, with what the levels above it gave."""
        cells = above.copy()
        for fill in self._fills[level]:
            fill(item, cells)
        if level == self._depth:
            yield cells
            return
        last = level + 1 == self._depth
        for inner in self._items(item, self._steps[level]):
            if last:
                row = cells.copy()
                for fill in self._fills[level + 1]:
                    fill(inner, row)
                yield row
            else:
                yield from self.rows(inner, level + 1, cells)

    def _items(self, element: Any, steps: Sequence[tuple[str, ...]]) -> Iterator[Any]:
        for tags in steps[:-1]:
            element = next(element.iterchildren(*tags), None)
            if element is None:
                return iter(())
        found: Iterator[Any] = element.iterchildren(*steps[-1])
        return found

    def _steps_of(self, shape: Shape, path: Sequence[str]) -> list[tuple[str, ...]]:
        """The tags from an element down to the items of a list."""
        steps = []
        for name in path:
            member = shape.members[name]
            steps.append(self._tags(tag_of(member)))
            shape = member.shape
        if not is_flattened(member):
            steps.append(self._tags(str(shape.element.traits.get("locationName", "member"))))
        return steps

    def _fill_of(self, shape: Shape, cells: Sequence[tuple[tuple[str, ...], Cell]]) -> list[Fill]:
        by_prefix: dict[tuple[str, ...], list[tuple[str, Cell]]] = {}
        fills: list[Fill] = []
        for path, cell in cells:
            if not path:
                fills.append(self._whole(cell))
            else:
                by_prefix.setdefault(path[:-1], []).append((path[-1], cell))
        for prefix, named in by_prefix.items():
            holder = shape
            steps = []
            for name in prefix:
                steps.append(self._tags(tag_of(holder.members[name])))
                holder = holder.members[name].shape
            fills.append(self._children(steps, holder, named))
        return fills

    def _whole(self, cell: Cell) -> Fill:
        """The element itself is the value: a list of scalars."""
        if cell.member.shape.kind in _NESTED:
            read = self._readers.reader(cell.member)
        else:
            read = _text

        def fill(element: Any, row: list[Any]) -> None:
            row[cell.index] = read(element)

        return fill

    def _children(self, steps: list[tuple[str, ...]], holder: Shape, named: list[tuple[str, Cell]]) -> Fill:
        """One walk over the children of the element at the end of ``steps``."""
        scalars: dict[str, int] = {}
        readers: dict[str, tuple[int, Any]] = {}
        groups: list[tuple[tuple[str, ...], int, Any]] = []
        attributes: list[tuple[str, int]] = []
        for name, cell in named:
            member = holder.members[name]
            tags = self._tags(tag_of(member))
            if member.traits.get("xmlAttribute"):
                attributes.append((name, cell.index))
            elif is_flattened(member) or any(t in scalars or t in readers for t in tags):
                groups.append((tags, cell.index, self._readers.group(member)))
            elif member.shape.kind in _NESTED:
                readers |= dict.fromkeys(tags, (cell.index, self._readers.reader(member)))
            else:
                scalars |= dict.fromkeys(tags, cell.index)

        scalar, nested = scalars.get, readers.get
        structure: Any = self._readers.reader(Member("", holder)) if attributes else _text

        def fill(element: Any, row: list[Any]) -> None:
            for tags in steps:
                element = next(element.iterchildren(*tags), None)
                if element is None:
                    return
            for child in element:
                tag = child.tag
                index = scalar(tag)
                if index is not None:
                    row[index] = child.text or ""
                elif readers and (found := nested(tag)) is not None:
                    row[found[0]] = found[1](child)
            for tags, index, read in groups:
                run = list(element.iterchildren(*tags))
                if run:
                    row[index] = read(run)
            for name, index in attributes:
                row[index] = structure(element).get(name)

        return fill


def _text(element: Any) -> str:
    return element.text or ""
