"""XML answers (query, ec2, rest-xml) straight to columns.

A tree is parsed once by lxml; each row's element is walked once, children are looked up
by tag among the columns asked for, and everything else is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from lxml import etree

from cirrusql.api.model import Kind, Member, Shape
from cirrusql.errors import BadAnswer
from cirrusql.wire.scalars import scalar_reader

Read = Callable[[Any], Any]

# Entities are never expanded and nothing is fetched: an answer is data.
_PARSER_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "huge_tree": True,
    "remove_comments": True,
    "remove_pis": True,
}


def parse(body: bytes) -> Any:
    """The root element; BadAnswer where the body is not XML."""
    try:
        return etree.fromstring(body, etree.XMLParser(**_PARSER_OPTIONS))
    except (etree.XMLSyntaxError, ValueError) as error:
        start = body[:60].decode("utf-8", "replace")
        raise BadAnswer(f"the answer is not well-formed XML: {error}: {start!r}") from error


@lru_cache(maxsize=65536)
def local(tag: str) -> str:
    """A tag without its namespace. An answer repeats few tags many times."""
    return tag[tag.index("}") + 1 :] if tag[:1] == "{" else tag


def tag_of(member: Member, *, is_ec2: bool = False) -> str:
    """The element name of a structure's member."""
    if is_ec2 and "locationName" not in member.traits:
        return member.name
    flattened = member.traits.get("flattened")
    inner = member.shape.element.traits if member.shape.kind is Kind.LIST else {}
    if flattened and "locationName" in inner:
        return str(inner["locationName"])
    return str(member.traits.get("locationName", member.name))


def is_flattened(member: Member) -> bool:
    """Whether the list or map has no element of its own."""
    return bool(member.traits.get("flattened")) and member.shape.kind in (Kind.LIST, Kind.MAP)


class XmlReaders:
    """Readers of shapes, each compiled once; cycles are closed by looking up late."""

    def __init__(self) -> None:
        self._readers: dict[tuple[Shape, bool], Read] = {}

    def reader(self, member: Member) -> Read:
        """The reader of one element (of the first of a flattened run: see ``group``)."""
        shape = member.shape
        key = (shape, bool(member.traits.get("flattened")))
        if key not in self._readers:
            self._readers[key] = lambda element: self._readers[key](element)
            self._readers[key] = self._make(member)
        return self._readers[key]

    def _make(self, member: Member) -> Read:
        shape = member.shape
        if shape.kind is Kind.STRUCTURE:
            return self._structure(shape)
        if shape.kind is Kind.LIST:
            return self._list(shape)
        if shape.kind is Kind.MAP:
            return self._map(member)
        read = scalar_reader(shape)
        is_text = shape.kind is Kind.STRING

        def scalar(element: Any) -> Any:
            text = element.text
            if text is None:
                return read("") if is_text else None
            return read(text)

        return scalar

    def _structure(self, shape: Shape) -> Read:
        # Two members may share a tag: S3 has its older form of some beside the newer one.
        fields: dict[str, list[tuple[str, Callable[[Sequence[Any]], Any]]]] = {}
        for n, m in shape.members.items():
            fields.setdefault(tag_of(m), []).append((n, self.group(m)))
        attributes = [
            (n, str(m.traits.get("locationName", n)).rpartition(":")[2])
            for n, m in shape.members.items()
            if m.traits.get("xmlAttribute")
        ]

        def structure(element: Any) -> Any:
            runs: dict[str, list[Any]] = {}
            for child in element:
                runs.setdefault(local(child.tag), []).append(child)
            found: dict[str, Any] = {}
            for tag, children in runs.items():
                for name, read in fields.get(tag, ()):
                    found[name] = read(children)
            for name, attribute in attributes:
                for key, value in element.attrib.items():
                    if local(key) == attribute:
                        found[name] = value
            return found

        return structure

    def group(self, member: Member) -> Callable[[Sequence[Any]], Any]:
        """The reader of all elements that share a member's tag."""
        if is_flattened(member):
            if member.shape.kind is Kind.LIST:
                one = self.reader(member.shape.element)
                return lambda children: [one(c) for c in children]
            entry = self._entry(member.shape)
            return lambda children: [pair for c in children if (pair := entry(c)) is not None]
        read = self.reader(member)
        return lambda children: read(children[0])

    def _list(self, shape: Shape) -> Read:
        one = self.reader(shape.element)
        tag = str(shape.element.traits.get("locationName", "member"))
        return lambda element: [one(c) for c in element if local(c.tag) == tag]

    def _map(self, member: Member) -> Read:
        entry = self._entry(member.shape)
        return lambda element: [
            pair for c in element if local(c.tag) == "entry" and (pair := entry(c)) is not None
        ]

    def _entry(self, shape: Shape) -> Callable[[Any], tuple[str, Any] | None]:
        key_tag = str(shape.key.traits.get("locationName", "key"))
        value_tag = str(shape.value.traits.get("locationName", "value"))
        read = self.reader(shape.value)

        def entry(element: Any) -> tuple[str, Any] | None:
            key = value = None
            for child in element:
                tag = local(child.tag)
                if tag == key_tag:
                    key = child.text or ""
                elif tag == value_tag:
                    value = read(child)
            return None if key is None else (key, value)

        return entry


def child_of(element: Any, tag: str) -> Any:
    """The first child of that local name, or None."""
    for child in element:
        if local(child.tag) == tag:
            return child
    return None
