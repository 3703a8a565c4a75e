"""Reads rows of simple XML without a tree, with one regular expression over the bytes of the list.

The list's rows are cut out of the response; the rest, with a placeholder for them, is parsed as a
tree as usual. So ``xml_format`` decides where the list is, what is beside it, and whether the
document is well-formed; the pattern from ``row_layout`` matches the rows completely or not at all,
so they are well-formed too. Anything unusual is read through the tree only, with the same result:
entities other than the five of XML, character references, comments, CDATA, attributes, prefixes,
carriage returns, children in an order not seen before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from threading import Lock
from typing import Any

from cirrusql.api.model import Kind
from cirrusql.decode import response_fixups
from cirrusql.decode.arrow_columns import column
from cirrusql.decode.fast.row_layout import PLAIN_TAG, Layout, RowPattern, is_plain
from cirrusql.decode.formats.format import Raws
from cirrusql.decode.formats.xml_format import XmlFormat, is_flattened, local, tag_of
from cirrusql.decode.formats.xml_lists import is_only_entered, members_along
from cirrusql.decode.wanted_rows import Branch, RowReader, RowsRead, Wanted, repeated

# Characters that XML allows, except the carriage return, which a parser turns into a line feed.
_LEGAL = b"\t\n" + bytes(range(0x20, 0x100))
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}
_PLACEHOLDER = "cirrusql-rows"
_LEARNED_FROM = 500
"""Rows of a response that are inspected to learn the layout."""
_PATIENCE = 8
"""Consecutive responses that may fail to match before the fast path is given up."""


@dataclass(frozen=True)
class _Region:
    """The part of a body that contains the rows, and the body without it."""

    text: str
    stub: bytes


class PlainRows:
    """Reads responses whose rows contain only plain text. Learns from each response that it cannot
    read."""

    def __init__(self, want: Wanted, tree: RowReader, operation: Any) -> None:
        list_path = want.levels[0].path
        assert list_path is not None
        self._operation = operation
        self._tree = tree
        self._list = members_along(want.top, list_path)[-1]
        self._is_flat = is_flattened(self._list)
        self._list_tag = tag_of(self._list).encode()
        row = want.levels[1].branch
        self._columns = [
            (path, place, column(XmlFormat(), member, want.types[place]))
            for path, member, place in _leaves(row, ())
        ]
        self._layout = Layout(row)
        self._row_tag = ""
        self._pattern: RowPattern | None = None
        self._patience = _PATIENCE
        # All sessions share a decoder, and read in their own threads.
        self._learning = Lock()

    @staticmethod
    def suits(want: Wanted) -> bool:
        """Whether responses of this form can be read so: a single list with rows of text."""
        if len(want.levels) != 2 or want.levels[1].whole or not is_plain(want.levels[1].branch):
            return False
        if want.levels[1].member.shape.kind is not Kind.STRUCTURE:
            return False  # rows that are bare text have no columns when they are only counted
        return is_only_entered(want.top, want.levels[0].path or ())

    def read(self, body: bytes, root_of: Callable[[bytes], Any]) -> RowsRead:
        """Return the same as ``RowReader.read`` for the root of the body."""
        if self._pattern is not None:
            found = self._plain(body, self._pattern, root_of)
            if found is not None:
                self._patience = min(self._patience + 1, _PATIENCE)
                return found
        found = RowsRead({}, 0, {})
        rows = self._tree.above(root_of(body), found)
        if self._patience > 0 and rows:
            with self._learning:
                self._learn(rows)
        self._tree.last(rows, found)
        return found

    def _learn(self, rows: Raws) -> None:
        """Learn the pattern for rows like these, or give up on patterns."""
        self._patience -= 1
        self._pattern = None
        tags = {local(row.tag) for row in islice(rows, _LEARNED_FROM)}
        tag = self._row_tag or next(iter(tags))
        is_plain_tag = PLAIN_TAG.fullmatch(tag) and tags == {tag}
        if not is_plain_tag or not self._layout.learn(islice(rows, _LEARNED_FROM)):
            self._patience = 0
        if self._patience > 0:
            self._row_tag = tag
            self._pattern = self._layout.pattern(tag)

    def _plain(
        self, body: bytes, pattern: RowPattern, root_of: Callable[[bytes], Any]
    ) -> RowsRead | None:
        region = self._region(body)
        if region is None:
            return None
        read = pattern.rows(region.text)
        if read is None:
            return None
        count, texts = read
        root = root_of(region.stub)
        found = RowsRead({}, 0, {})
        placeholders = self._tree.above(root, found)
        if not _is_ours(placeholders):
            return None
        encoded = response_fixups.encoded_texts(self._operation, root, self._row_tag)
        if found.arrays:
            repeated(found, [0] * count)
        has_entities = "&" in region.text
        for path, place, convert in self._columns:
            raws = texts.get(path) or [None] * count
            if has_entities:
                raws = [_plain_text(text) for text in raws]
            if encoded and path in pattern.leaves and pattern.leaves[path].tag in encoded:
                raws = [text and response_fixups.unquoted(text) for text in raws]
            found.arrays[place] = convert(raws)
        found.count = count
        return found

    def _region(self, body: bytes) -> _Region | None:
        """The part of the body that contains the rows; None if it is ambiguous or not plain."""
        tag = self._row_tag.encode()
        if self._is_flat:
            start = body.find(b"<%b>" % tag)
            end = body.rfind(b"</%b>" % tag) + len(tag) + 3
        else:
            start = body.find(b"<%b>" % self._list_tag)
            start = start + len(self._list_tag) + 2 if start >= 0 else -1
            end = body.rfind(b"</%b>" % self._list_tag)
        rows = body[start:end].strip() if 0 <= start < end else b""
        # Without comments, CDATA and instructions, "<" always starts an element.
        stub = b"%b<%b><%b/></%b>%b" % (body[:start], tag, _PLACEHOLDER.encode(), tag, body[end:])
        if (
            not rows
            or b"<!" in stub
            or stub.find(b"<?", 1) >= 0
            or rows.translate(None, _LEGAL)
            or (b"]" in rows and b"]]>" in rows)
        ):
            return None
        try:
            text = rows.decode()
        except UnicodeDecodeError:
            return None
        if not text.isascii() and ("\ufffe" in text or "\uffff" in text):
            return None
        if "&" in text and text.count("&") != sum(map(text.count, _ENTITIES)):
            return None
        return _Region(text, stub)


def _leaves(branch: Branch, above: tuple[str, ...]) -> list[tuple[tuple[str, ...], Any, int]]:
    """The path, member and column of every text value to read."""
    members = branch.shape.members
    own = [((*above, name), members[name], place) for name, place in branch.columns]
    return own + [
        leaf for name, inner in branch.inner.items() for leaf in _leaves(inner, (*above, name))
    ]


def _is_ours(rows: Raws) -> bool:
    """Whether the list found in the tree is the one that was cut out."""
    return len(rows) == 1 and len(rows[0]) == 1 and local(rows[0][0].tag) == _PLACEHOLDER


def _plain_text(text: str | None) -> str | None:
    if text is not None and "&" in text:
        for entity, character in _ENTITIES.items():
            text = text.replace(entity, character)
    return text
