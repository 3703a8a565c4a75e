"""Learns, as a regular expression, how a service lays out the rows of its XML.

A service writes the children of a row in a fixed order and sometimes omits some. What was learned
is only a guess: the pattern matches complete plain rows of that layout, and nothing else. Plain
means elements without attributes, prefixes, comments or CDATA.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

from cirrusql.decode.formats.xml_format import NESTED, is_flattened, local, tag_of
from cirrusql.decode.wanted_rows import Branch

_NAME = r"[A-Za-z_][\w.-]*+"
# Between elements: usually whitespace; other text there is ignored.
_GAP = "[^<]*+"
_DEEPEST = 4
"""Levels of unselected elements that are skipped below an element."""
PLAIN_TAG = re.compile(_NAME, re.ASCII)


@dataclass
class _Child:
    is_optional: bool = False
    is_empty_at_times: bool = False
    is_repeated: bool = False
    holds_elements: bool = False
    inner: Layout | None = None
    """The parts of it that are selected."""
    follows: dict[str, None] = field(default_factory=dict)
    """The children that it directly followed."""


@dataclass(frozen=True)
class Leaf:
    """A selected text: the group that holds it. Rows without it have None in that group."""

    tag: str
    group: int
    empty: int | None
    """The group that matches an empty element (``<a/>``)."""


@dataclass(frozen=True)
class RowPattern:
    """Matches a row of a layout and the gap after it. ``leaves`` is keyed by member path."""

    regex: re.Pattern[str]
    leaves: dict[tuple[str, ...], Leaf]

    def rows(self, text: str) -> tuple[int, dict[tuple[str, ...], list[str | None]]] | None:
        """Return the number of rows and their texts by leaf; None if the text is anything but such
        rows."""
        # The groups of all rows, concatenated, with the gap before each row.
        parts = self.regex.split(text)
        step = self.regex.groups + 1
        if any(parts[::step]):
            return None
        found: dict[tuple[str, ...], list[str | None]] = {}
        for path, leaf in self.leaves.items():
            found[path] = parts[1 + leaf.group :: step]
            if leaf.empty is not None:
                empties = parts[1 + leaf.empty :: step]
                found[path] = [
                    e if t is None else t for t, e in zip(found[path], empties, strict=True)
                ]
        return (len(parts) - 1) // step, found


class Layout:
    """The children of an element, in the order seen, with those that are selected."""

    def __init__(self, branch: Branch) -> None:
        members = branch.shape.members
        self._leaves = {tag_of(members[name]): name for name, _ in branch.columns}
        self._branches = {
            tag_of(members[name]): (name, inner) for name, inner in branch.inner.items()
        }
        self._children: dict[str, _Child] = {}
        self._has_seen = False

    def learn(self, elements: Iterable[Any]) -> bool:
        """Add more children; false if they are not plain or have no common order."""
        return all(self._learn(element) for element in elements) and self._is_ordered()

    def _learn(self, element: Any) -> bool:
        if element.prefix or element.attrib:
            return False
        before = ""
        there = set()
        for child in element:
            tag = local(child.tag)
            known = self._children.setdefault(tag, _Child(is_optional=self._has_seen))
            if tag == before:
                known.is_repeated = True
            elif tag in there:
                return False
            elif before:
                known.follows[before] = None
            before = tag
            there.add(tag)
            if not self._learn_child(known, tag, child):
                return False
        if len(there) < len(self._children):
            for tag, known in self._children.items():
                known.is_optional |= tag not in there
        self._has_seen = True
        return True

    def _is_ordered(self) -> bool:
        """Whether one order fits all rows seen; the children are then sorted by it."""
        try:
            order = TopologicalSorter(
                {t: c.follows for t, c in self._children.items()}
            ).static_order()
            self._children = {tag: self._children[tag] for tag in order}
        except CycleError:
            return False
        return True

    def _learn_child(self, known: _Child, tag: str, child: Any) -> bool:
        if child.prefix or child.attrib or not PLAIN_TAG.fullmatch(tag):
            return False
        is_nested = len(child) > 0
        known.holds_elements |= is_nested
        known.is_empty_at_times |= not is_nested and not child.text
        if known.is_repeated and (tag in self._leaves or tag in self._branches):
            return False
        if tag in self._branches and is_nested:
            known.inner = known.inner or Layout(self._branches[tag][1])
            return known.inner.learn((child,))
        return tag not in self._leaves or not is_nested

    def pattern(self, tag: str) -> RowPattern:
        """Return the pattern that matches one such element."""
        writer = _Writer()
        inside = writer.children(self, ())
        name = re.escape(tag)
        return RowPattern(
            re.compile(f"<{name}>{inside}{_GAP}</{name}>{_GAP}", re.ASCII), writer.leaves
        )


@dataclass
class _Writer:
    """Writes alternatives that all start differently, so a row that does not match fails without
    backtracking."""

    groups: int = 0
    leaves: dict[tuple[str, ...], Leaf] = field(default_factory=dict)

    def children(self, layout: Layout, above: tuple[str, ...]) -> str:
        return "".join(
            self._child(layout, tag, child, above) for tag, child in layout._children.items()
        )

    def _child(self, layout: Layout, tag: str, child: _Child, above: tuple[str, ...]) -> str:
        may_be_empty = child.is_empty_at_times or child.holds_elements
        empty = "/>"
        if tag in layout._leaves:
            group = self._new_group()
            inside = f"({_GAP})"
            empty_group = self._new_group() if may_be_empty else None
            empty = "()/>"
            self.leaves[*above, layout._leaves[tag]] = Leaf(tag, group, empty_group)
        elif child.inner is not None:
            inside = self.children(child.inner, (*above, layout._branches[tag][0])) + _GAP
        else:
            inside = self._anything(_DEEPEST) if child.holds_elements else _GAP
        name = re.escape(tag)
        whole = (
            f"<{name}(?:>{inside}</{name}>|{empty})"
            if may_be_empty
            else f"<{name}>{inside}</{name}>"
        )
        if child.is_repeated:
            return f"(?:{_GAP}{whole})*"
        return _GAP + (f"(?:{whole})?" if child.is_optional else whole)

    def _new_group(self) -> int:
        self.groups += 1
        return self.groups - 1

    def _anything(self, depth: int) -> str:
        """Text and elements that are not selected, each with a matching end tag."""
        if depth == 0:
            return _GAP
        name = self._new_group() + 1
        inside = self._anything(depth - 1)
        return f"{_GAP}(?:<({_NAME})(?:/>|>{inside}</\\{name}>){_GAP})*"


def is_plain(branch: Branch) -> bool:
    """Whether only text of elements is selected, each under its own name."""
    members = branch.shape.members
    wanted = [name for name, _ in branch.columns]
    tags = [tag_of(m) for m in members.values()]
    names: Sequence[str] = (*wanted, *branch.inner)
    return (
        not branch.values
        and branch.items is None
        and not set(wanted) & branch.inner.keys()
        and all(_is_own(members[n], tags) for n in names)
        and not any(members[n].shape.kind in NESTED for n in wanted)
        and all(is_plain(inner) for inner in branch.inner.values())
    )


def _is_own(member: Any, tags: Sequence[str]) -> bool:
    tag = tag_of(member)
    is_text = not member.traits.get("xmlAttribute") and not is_flattened(member)
    return is_text and tags.count(tag) == 1 and PLAIN_TAG.fullmatch(tag) is not None
