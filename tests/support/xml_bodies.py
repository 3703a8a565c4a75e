"""XML bodies of answers: query, ec2 and rest-xml write structures in the same way.

Rules: https://smithy.io/2.0/spec/protocol-traits.html#xml-bindings, and of botocore's models
that a flattened list goes by the name of its items.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from random import Random
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from cirrusql.api.model import Kind, Member, Shape

_XSI = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_NAMESPACE = "https://example.amazonaws.com/doc/2016-11-15/"


class XmlWriter:
    """Writes one document. Without ``rng``: the plainest form."""

    def __init__(self, rng: Random | None) -> None:
        self._rng = rng
        # Default namespace, none, or a prefix on every element.
        self._namespace = rng.choice(("default", "none", "prefix")) if rng else "default"
        self._prefix = "ns1:" if self._namespace == "prefix" else ""

    def document(self, root: str, content: str, attributes: str = "") -> bytes:
        """The whole body."""
        declared = {
            "default": f' xmlns="{_NAMESPACE}"',
            "none": "",
            "prefix": f' xmlns:ns1="{_NAMESPACE}"',
        }
        head = '<?xml version="1.0" encoding="UTF-8"?>\n' if self._chance(0.7) else ""
        opening = f"{self._prefix}{root}{declared[self._namespace]}{_XSI}{attributes}"
        return f"{head}<{opening}>{content}</{self._prefix}{root}>".encode()

    def element(self, tag: str, content: str, attributes: str = "") -> str:
        """One element with content that is XML already."""
        name = self._prefix + tag
        if not content and self._chance(0.5):
            return f"<{name}{attributes}/>"
        return f"<{name}{attributes}>{content}</{name}>"

    def structure(self, shape: Shape, values: Mapping[str, Any]) -> tuple[str, str]:
        """The attributes and the content of a structure."""
        attributes = ""
        runs: list[list[str]] = []
        tags: set[str] = set()
        for name, value in values.items():
            member = shape.members[name]
            if member.traits.get("xmlAttribute"):
                attributes += f" {member.traits['locationName']}={quoteattr(str(value))}"
                continue
            tag = _tag(member)
            if tag in tags or is_hollow(member.shape, value):
                continue
            tags.add(tag)
            runs.append(self._member(member, tag, value))
        if not shape.is_union and self._chance(0.1):
            runs.append([self.element("NewSinceThen", self.element("Inner", "1"))])
        return attributes, self._spaced(self._mixed(runs))

    def _member(self, member: Member, tag: str, value: Any) -> list[str]:
        shape = member.shape
        is_flat = bool(member.traits.get("flattened"))
        if shape.kind is Kind.LIST:
            items = [i for i in value if not is_hollow(shape.element.shape, i)]
            if is_flat:
                return [self._value(shape.element, tag, i) for i in items]
            inner = str(shape.element.traits.get("locationName", "member"))
            return [
                self.element(
                    tag, self._spaced([self._value(shape.element, inner, i) for i in items])
                )
            ]
        if shape.kind is Kind.MAP:
            entries = [
                self._entry(shape, k, v)
                for k, v in value.items()
                if not is_hollow(shape.value.shape, v)
            ]
            if is_flat:
                return [self.element(tag, e) for e in entries]
            return [self.element(tag, self._spaced([self.element("entry", e) for e in entries]))]
        return [self._value(member, tag, value)]

    def _entry(self, shape: Shape, key: str, value: Any) -> str:
        parts = [
            self.element(str(shape.key.traits.get("locationName", "key")), escape(key)),
            self._value(shape.value, str(shape.value.traits.get("locationName", "value")), value),
        ]
        return "".join(parts)

    def _value(self, member: Member, tag: str, value: Any) -> str:
        shape = member.shape
        if shape.kind is Kind.STRUCTURE:
            attributes, inner = self.structure(shape, value)
            return self.element(tag, inner, attributes)
        if shape.kind in (Kind.LIST, Kind.MAP):
            return "".join(self._member(member, tag, value))
        return self.element(tag, self._scalar(value))

    def _scalar(self, value: Any) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, datetime):
            return time_text(value, self._rng)
        if isinstance(value, bytes):
            return b64encode(value).decode()
        if isinstance(value, float):
            return "NaN" if self._chance(0.02) else repr(value)
        text = str(value)
        if isinstance(value, str) and self._chance(0.05):
            return f"<![CDATA[{text}]]>"
        return escape(text)

    def _chance(self, share: float) -> bool:
        return self._rng is not None and self._rng.random() < share

    def _spaced(self, parts: list[str]) -> str:
        """The parts side by side, or a line each, or with a comment among them."""
        if self._chance(0.03):
            parts = [*parts, "<!-- <Not>read</Not> -->"]
        return "\n  ".join(["", *parts, ""]) if parts and self._chance(0.2) else "".join(parts)

    def _mixed(self, runs: list[list[str]]) -> list[str]:
        """All parts in an order that keeps only that within each run."""
        if self._rng is None:
            return [part for run in runs for part in run]
        order = [i for i, run in enumerate(runs) for _ in run]
        self._rng.shuffle(order)
        left = [iter(run) for run in runs]
        return [next(left[i]) for i in order]


def _tag(member: Member) -> str:
    if member.traits.get("flattened") and member.shape.kind is Kind.LIST:
        inner = member.shape.element.traits.get("locationName")
        if inner is not None:
            return str(inner)
    return str(member.traits.get("locationName", member.name))


def is_hollow(shape: Shape, value: Any) -> bool:
    """A union of which no member is set: no service sends that."""
    return shape.is_union and not value


def time_text(value: datetime, rng: Random | None) -> str:
    """A time in any form that botocore's ``parse_timestamp`` takes."""
    plain = value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if rng is None:
        return plain
    elsewhere = value.astimezone(timezone(timedelta(hours=-7)))
    return rng.choice(
        (
            plain,
            f"{plain[:-1]}.{rng.randrange(1000):03}Z",
            f"{plain[:-1]}.{rng.randrange(10**6):06}Z",
            f"{plain[:-1]}.{rng.randrange(10**9):09}Z",
            f"{plain[:-1]}+00:00",
            elsewhere.isoformat(),
            format_datetime(value, usegmt=True),
            str(int(value.timestamp())),
            f"{int(value.timestamp())}.{rng.randrange(1000):03}",
        )
    )
