"""Reads XML responses: elements and their text.

lxml builds one tree. Each structure's element is walked once, its children are told apart by tag,
and large numbers of unselected children are skipped in C. Naming and wrapping follow the rules of
the official clients.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import pyarrow as pa
from lxml import etree

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.decode.casting import json_text
from cirrusql.decode.formats.format import Convert, MapParts, Raws, Read
from cirrusql.decode.maps import parts_of
from cirrusql.decode.scalars import from_texts, python_value
from cirrusql.errors import BadAnswer
from cirrusql.types import SqlType

NESTED = (Kind.STRUCTURE, Kind.LIST, Kind.MAP)

# Nothing is fetched or expanded: a response is data. Depth is limited to 2,048 elements.
PARSER_OPTIONS: dict[str, Any] = {
    "encoding": "utf-8",
    "resolve_entities": False,
    "no_network": True,
    "huge_tree": True,
    "remove_comments": True,
    "remove_pis": True,
}
_of_thread = threading.local()
# Possessive, so that a hostile prologue causes no backtracking.
_DOCUMENT_TYPE = re.compile(rb"(?:\xef\xbb\xbf)?(?>\s+|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE", re.DOTALL)

# With this many children per selected member, the structure is searched by tag.
_SPARSE = 4


def parse(body: bytes) -> Any:
    """Parse to the root element. Raises BadAnswer for invalid XML and for a document type.

    No service sends a document type; it could declare entities.
    """
    if has_document_type(body):
        raise BadAnswer("the response is XML with a document type, which no service sends")
    try:
        return etree.fromstring(body, _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        start = body[:60].decode("utf-8", "replace")
        raise BadAnswer(f"the response is not well-formed XML: {error}: {start!r}") from error


def _parser() -> etree.XMLParser:
    """One parser per thread: a shared one would be locked."""
    found: etree.XMLParser | None = getattr(_of_thread, "parser", None)
    if found is None:
        found = _of_thread.parser = etree.XMLParser(**PARSER_OPTIONS)
    return found


def has_document_type(body: bytes) -> bool:
    """Whether the body has a document type declaration, the only place where entities can be
    declared."""
    return bool(_DOCUMENT_TYPE.match(body))


@lru_cache(maxsize=65536)
def local(tag: str) -> str:
    """A tag without its namespace. Cached, because responses repeat few tags many times."""
    return tag[tag.index("}") + 1 :] if tag[:1] == "{" else tag


def tag_of(member: Member) -> str:
    """The element name of a structure's member."""
    if is_flattened(member) and member.shape.kind is Kind.LIST:
        inner = member.shape.element.traits.get("locationName")
        if inner is not None:
            return str(inner)
    return str(member.traits.get("locationName", member.name))


def is_flattened(member: Member) -> bool:
    """Whether the list or map is flattened: it has no element of its own."""
    return bool(member.traits.get("flattened")) and member.shape.kind in (Kind.LIST, Kind.MAP)


def child_of(element: Any, tag: str) -> Any:
    """The first child with this local name, or None."""
    return next(element.iterchildren(f"{{*}}{tag}"), None)


def wrapped(root: Any, tag: str) -> Any:
    """An element with the given tag whose only child is the root."""
    root.tag = tag
    parent = root.makeelement("answer")
    parent.append(root)
    return parent


class XmlFormat:
    """Raw parts: an element for nested values, a list of elements if flattened, else its text."""

    def fields(self, shape: Shape, names: Sequence[str]) -> Callable[[Raws], Sequence[Raws]]:
        return _Fields(shape, names)

    def items(self, member: Member) -> Callable[[Any], Sequence[Any]]:
        if member.shape.element.shape.kind in NESTED:
            return list
        return lambda elements: [e.text or "" for e in elements]

    def entries(self, member: Member) -> Callable[[Any], dict[str, Any]]:
        """From a map that is not null to its raw values by key."""
        key_tag = str(member.shape.key.traits.get("locationName", "key"))
        value_tag = str(member.shape.value.traits.get("locationName", "value"))
        is_text = member.shape.value.shape.kind not in NESTED

        def entries(elements: Any) -> dict[str, Any]:
            found = {}
            for element in elements:
                key = value = None
                for child in element:
                    tag = local(child.tag)
                    if tag == key_tag:
                        key = child.text or ""
                    elif tag == value_tag:
                        value = (child.text or "") if is_text else child
                if key is not None:
                    found[key] = value
            return found

        return entries

    def maps(self, member: Member) -> Callable[[Raws], MapParts]:
        entries = self.entries(member)
        return lambda raws: parts_of([None if raw is None else entries(raw) for raw in raws])

    def has_null(self, raws: Raws) -> bool:
        return None in raws

    def scalars(self, member: Member, type_: SqlType) -> Convert:
        return from_texts(member.shape, type_)

    def documents(self, member: Member) -> Convert:
        read = self.value(member)
        return lambda raws: pa.array(
            [None if r is None else json_text(read(r)) for r in raws], pa.string()
        )

    def value(self, member: Member) -> Read:
        return _Values(self).read(member)


class _Fields:
    """Columns of raw parts from elements; each element is visited once."""

    def __init__(self, shape: Shape, names: Sequence[str]) -> None:
        self._width = len(names)
        members = [shape.members[n] for n in names]
        self._attributes = [
            (i, str(m.traits.get("locationName", m.name)).rpartition(":")[2])
            for i, m in enumerate(members)
            if m.traits.get("xmlAttribute")
        ]
        by_tag: dict[str, list[int]] = {}
        for i, member in enumerate(members):
            if not member.traits.get("xmlAttribute"):
                by_tag.setdefault(tag_of(member), []).append(i)
        # Places below ``_nested`` hold text, those from ``_runs`` on hold runs of elements with one
        # tag.
        single = {tag: where[0] for tag, where in by_tag.items() if len(where) == 1}
        kinds = {tag: self._kind(members[i]) for tag, i in single.items()}
        ordered = sorted(by_tag, key=lambda tag: kinds.get(tag, 2))
        self._nested = sum(kinds.get(tag, 2) == 0 for tag in ordered)
        self._runs = sum(kinds.get(tag, 2) <= 1 for tag in ordered)
        self._places = {tag: i for i, tag in enumerate(ordered)}
        self._by_full_tag: dict[str, int | None] = {}
        self._filter = [f"{{*}}{tag}" for tag in ordered]
        # One tag may be the name of several members, flattened or not.
        self._uses = [
            (i, place, members[i]) for place, tag in enumerate(ordered) for i in by_tag[tag]
        ]

    @staticmethod
    def _kind(member: Member) -> int:
        return 2 if is_flattened(member) else 1 if member.shape.kind in NESTED else 0

    def __call__(self, elements: Raws) -> Sequence[Raws]:
        rows = self._gathered(elements)
        by_place = [list(column) for column in zip(*rows, strict=True)] or [
            [] for _ in self._places
        ]
        columns: list[Raws] = [()] * self._width
        for i, place, member in self._uses:
            column: Raws = by_place[place]
            columns[i] = column if place < self._runs else [_of_run(run, member) for run in column]
        for i, name in self._attributes:
            columns[i] = [None if e is None else _attribute(e, name) for e in elements]
        return columns

    def _gathered(self, elements: Raws) -> list[list[Any]]:
        """The parts of each element, in the order of ``_places``."""
        nested, runs, known = self._nested, self._runs, self._by_full_tag
        width = len(self._places)
        first = next((e for e in elements if e is not None), ())
        is_sparse = len(first) > _SPARSE * width
        rows = []
        for element in elements:
            row: list[Any] = [None] * width
            rows.append(row)
            if element is None:
                continue
            for child in element.iterchildren(*self._filter) if is_sparse else element:
                tag = child.tag
                place = known[tag] if tag in known else self._place(tag)
                if place is None:
                    continue
                if place < nested:
                    row[place] = child.text or ""
                elif place < runs:
                    row[place] = child
                elif row[place] is None:
                    row[place] = [child]
                else:
                    row[place].append(child)
        return rows

    def _place(self, tag: str) -> int | None:
        place = self._places.get(local(tag))
        if (
            len(self._by_full_tag) < 10_000
        ):  # a service has fewer tags, but a hostile response may have more
            self._by_full_tag[tag] = place
        return place


def _of_run(run: Sequence[Any] | None, member: Member) -> Any:
    """Convert a run of elements with one tag to the member's raw part."""
    if run is None or is_flattened(member):
        return run
    return run[0] if member.shape.kind in NESTED else run[0].text or ""


def _attribute(element: Any, name: str) -> str | None:
    return next(
        (str(v) for k, v in element.attrib.items() if local(k).rpartition(":")[2] == name), None
    )


class _Values:
    """Converts raw parts to the Python values of the official clients; compiled once per member."""

    def __init__(self, family: XmlFormat) -> None:
        self._family = family
        self._known: dict[tuple[Shape, bool], Read] = {}

    def read(self, member: Member) -> Read:
        key = (member.shape, is_flattened(member))
        if key not in self._known:
            # A shape may contain itself, so its parts are resolved when they are read.
            self._known[key] = lambda raw: self._known[key](raw)
            self._known[key] = self._make(member)
        return self._known[key]

    def _make(self, member: Member) -> Read:
        shape = member.shape
        if shape.kind is Kind.STRUCTURE:
            names = list(shape.members)
            parts = self._family.fields(shape, names)
            reads = [self.read(m) for m in shape.members.values()]
            return lambda raw: {
                n: read(part[0])
                for n, read, part in zip(names, reads, parts([raw]), strict=True)
                if part[0] is not None
            }
        if shape.kind is Kind.LIST:
            items, one = self._family.items(member), self.read(shape.element)
            return lambda raw: [one(item) for item in items(raw)]
        if shape.kind is Kind.MAP:
            entries, value = self._family.entries(member), self.read(shape.value)
            return lambda raw: {k: None if v is None else value(v) for k, v in entries(raw).items()}
        return python_value(shape)
