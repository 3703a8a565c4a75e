"""Reads large XML responses piece by piece, because a tree takes four times the memory of its text.

The parser is fed pieces of the text. After each piece, the complete items of the list are read into
columns and removed from the tree, except the last one, which identifies the list at the end.
Anything unusual, such as a second list of the same name, is left to the reader of the whole tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from lxml import etree

from cirrusql.api.model import Operation
from cirrusql.decode import http_bindings, response_fixups
from cirrusql.decode.formats.xml_format import (
    NESTED,
    PARSER_OPTIONS,
    has_document_type,
    is_flattened,
    local,
    tag_of,
)
from cirrusql.decode.formats.xml_lists import is_only_entered, members_along
from cirrusql.decode.misfits import MISFITS
from cirrusql.decode.wanted_rows import RowReader, RowsRead, Wanted

_LEAST = 1 << 21
"""Minimum size in bytes of a response that is read piece by piece."""
_PIECE = 1 << 16
"""Bytes fed to the parser at a time."""
_SLICE = 1 << 18
"""Bytes whose items are read at a time: a column of few rows costs as much as one of many."""

_DECLARATION = re.compile(rb"<\?xml\s[^>]*\?>")


class SlicedRows:
    """Reads the responses of an operation piece by piece."""

    def __init__(self, operation: Operation, want: Wanted, rows: RowReader) -> None:
        self._rows = rows
        path = want.levels[0].path or ()
        members = members_along(want.top, path)
        native: Any = operation.native
        self._wrapper = native.output_shape.serialization.get("resultWrapper")
        self._above = [tag_of(member) for member in members[:-1]]
        self._tag = tag_of(members[-1])

    @staticmethod
    def suits(operation: Operation, want: Wanted) -> bool:
        """Whether this works: the rows are a list of structures that nothing else uses."""
        path = want.levels[0].path
        if (
            not path
            or http_bindings.payload_of(operation.output) is not None
            or response_fixups.is_corrected(operation)
        ):
            return False
        members = members_along(want.top, path)
        item = members[-1].shape.element.shape.kind
        return (
            item in NESTED
            and not any(map(is_flattened, members))
            and is_only_entered(want.top, path)
        )

    def read(self, body: bytes) -> RowsRead | None:
        """The same as ``RowReader.read`` for the root; None if the body is too small or unusual."""
        if len(body) < _LEAST or body[:1] != b"<" or has_document_type(body):
            return None
        parser, slices, container = _Parser(body), _Slices(self._rows), None
        try:
            for end, root in parser.pieces():
                lists = self._lists_in(root) if root is not None else []
                if len(lists) > 1:
                    return None
                container = lists[0] if lists else None
                if container is not None and end >= slices.read_to + _SLICE:
                    slices.take(container)
                    slices.read_to = end
            root = parser.close()
        except (etree.XMLSyntaxError, *MISFITS):
            return None  # parsed again for the error message
        if container is None or not slices.count or parser.has_instructions:
            return None
        return self._joined(slices, container, root)

    def _lists_in(self, root: Any) -> list[Any]:
        """Every occurrence of the list: below the root, or below the element that wraps results."""
        found = []
        for way in (self._above, [self._wrapper, *self._above]):
            if None not in way:
                holders = [root]
                for tag in way:
                    holders = [
                        child for holder in holders for child in holder.iterchildren(f"{{*}}{tag}")
                    ]
                found += [
                    child
                    for holder in holders
                    for child in holder.iterchildren(f"{{*}}{self._tag}")
                ]
        return found

    def _joined(self, slices: _Slices, container: Any, root: Any) -> RowsRead | None:
        if self._wrapper is not None and local(root.tag) != self._wrapper:
            root = next(root.iterchildren(f"{{*}}{self._wrapper}"), None)
        found = RowsRead({}, 0, {})
        last = self._rows.top(root, found) if root is not None else ()
        if len(last) == 0 or last[0].getparent() is not container:
            return None
        beside = {place: array.slice(0, 1) for place, array in found.arrays.items()}
        found.arrays = {}
        self._rows.below(last, found)
        count = slices.count_of_rows + found.count
        owners = pa.array([0] * count, pa.int32())
        arrays = {p: pa.concat_arrays([*slices.arrays[p], a]) for p, a in found.arrays.items()}
        arrays |= {place: array.take(owners) for place, array in beside.items()}
        return RowsRead(arrays, count, found.values)


class _Parser:
    """Parses piece by piece and exposes the growing tree without an event per element.

    A processing instruction inserted before the root locates the root. One in the response itself
    is rejected.
    """

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._parser = etree.XMLPullParser(events=("pi",), **PARSER_OPTIONS | {"remove_pis": False})
        self._instructions: list[Any] = []

    @property
    def has_instructions(self) -> bool:
        """Whether the response contains processing instructions."""
        self._instructions += (found for _, found in self._parser.read_events())
        return len(self._instructions) > 1

    def pieces(self) -> Iterator[tuple[int, Any]]:
        """Yield, after each piece, the bytes fed so far and the root (None until it exists)."""
        declaration = _DECLARATION.match(self._body)
        begin = declaration.end() if declaration else 0
        self._parser.feed(self._body[:begin] + b"<?begin?>")
        for start in range(begin, len(self._body), _PIECE):
            self._parser.feed(self._body[start : start + _PIECE])
            if self.has_instructions:
                raise ValueError("processing instructions in a response")
            yield start + _PIECE, self._instructions[0].getnext() if self._instructions else None

    def close(self) -> Any:
        """Finish parsing and return the root."""
        return self._parser.close()


@dataclass
class _Slices:
    """The columns of the items read so far."""

    rows: RowReader
    count: int = 0
    count_of_rows: int = 0
    read_to: int = 0
    arrays: dict[int, list[pa.Array]] = field(default_factory=dict)

    def take(self, container: Any) -> None:
        """Read the complete items and remove them from the tree; the last one may be incomplete."""
        if len(container) < 2:
            return
        found = RowsRead({}, 0, {})
        self.rows.below(container[:-1], found)
        self.count += len(container) - 1
        self.count_of_rows += found.count
        for place, array in found.arrays.items():
            self.arrays.setdefault(place, []).append(array)
        # Nothing may hold a reference to an item now, or lxml would copy the tree.
        del container[:-1]
