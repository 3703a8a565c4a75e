"""A page of a listing as an answer: the items, what stands around them,
and the token of the next."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cirrusql.api.model import Kind, Member, Operation
from tests.support.model_world.naming import PAGE_TOKENS, flat, named
from tests.support.model_world.operations import Reading
from tests.support.model_world.thing import Place, Thing, draw
from tests.support.model_world.things import Things

PAGE = 2
"""Things on a page, where the call asks for no other size."""
SIMPLE = re.compile(r"\w+(\.\w+)*")
"""Paths of tokens that the world can fill."""

Values = Mapping[str, Any]


class Pages:
    """Writes the pages of one service's listings."""

    seed: int
    things: Things

    def _page(
        self,
        reading: Reading,
        parameters: Values,
        place: Place,
        found: Sequence[Thing],
        size: int | None,
    ) -> Values:
        operation = reading.operation
        paging = operation.paging
        start = 0
        tokens = [t for t in (paging.output_tokens if paging else ()) if SIMPLE.fullmatch(t)]
        can_page = paging is not None and len(tokens) == len(paging.output_tokens) and bool(tokens)
        members = [_member_at(operation, token.split(".")) for token in tokens]
        # DynamoDB continues after a key, which is not a string.
        can_page = can_page and not any(m is not None and m.shape.kind is Kind.MAP for m in members)
        if can_page and paging is not None:
            given = parameters.get(paging.input_tokens[0])
            start = int(str(given).rpartition("-")[2]) if given is not None else 0
        most = min(size, 1000) if size is not None else PAGE
        is_empty = (
            start == 0 and can_page and draw(self.seed, operation.id, place, "empty") % 5 == 0
        )
        if is_empty and paging is not None and parameters.get(paging.input_tokens[0]) is None:
            page, end = [], 0
        else:
            end = start + most if can_page else len(found)
            page = list(found[start:end])
        is_first = start == 0 and (
            not is_empty or parameters.get(paging.input_tokens[0] if paging else "") is None
        )
        values = dict(self._around(reading, parameters, place, is_first=is_first))
        put(values, reading.rows.lists[0], self._items(reading, page))
        values |= self._again(reading, page)
        if can_page and paging is not None:
            is_more = end < len(found)
            for token in tokens:
                path = token.split(".")
                put(values, path, _token(_member_at(operation, path), end) if is_more else None)
            if paging.more_results and SIMPLE.fullmatch(paging.more_results):
                put(values, paging.more_results.split("."), is_more)
        return values

    def _around(
        self, reading: Reading, parameters: Values, place: Place, *, is_first: bool
    ) -> Values:
        """What stands beside the list: what was asked by, and other lists of the answer."""
        output = reading.operation.output
        assert output is not None
        paging = reading.operation.paging
        of_page = set(paging.output_tokens if paging else ()) | {
            paging.more_results if paging else None
        }
        anchor = Thing(f"answer{reading.noun}", place, 0)
        sent = {flat(n): v for n, v in parameters.items()}
        found: dict[str, Any] = {}
        for name, member in output.members.items():
            if (
                name == reading.rows.lists[0][0]
                or name in of_page
                or flat(name) in PAGE_TOKENS
                or "marker" in flat(name)
            ):
                continue
            if flat(name) in sent and member.shape.kind is Kind.STRING:
                found[name] = sent[flat(name)]
            elif flat(name) == "istruncated":
                found[name] = False
            elif re.search(
                r"fail|error|unprocess|warning|notfound|invalid(?!ation)", name, re.IGNORECASE
            ):
                continue
            elif is_first or member.shape.kind is not Kind.LIST:
                found[name] = self.things.made(anchor, (flat(name),), member.shape)
        return found

    def _again(self, reading: Reading, page: Sequence[Thing]) -> Values:
        """A list that tells more of the same things beside that of their names: StreamSummaries."""
        output = reading.operation.output
        if output is None or reading.item is None or reading.item.kind is not Kind.STRING:
            return {}
        return {
            name: [self.things.item(t, member.shape.element.shape) for t in page]
            for name, member in output.members.items()
            if member.shape.kind is Kind.LIST
            and member.shape.element.shape.kind is Kind.STRUCTURE
            and named(name)[0].removesuffix("summary") == reading.noun
        }

    def _items(self, reading: Reading, page: Sequence[Thing]) -> Any:
        lists, item = reading.rows.lists, reading.item
        assert item is not None
        made = [self.things.item(t, item, reading.absent, lists[-1][-1]) for t in page]
        if reading.rows.is_map and self._outer(reading).kind is Kind.LIST:
            return {f"kind{start}": made[start : start + 2] for start in range(0, len(made), 2)}
        if reading.rows.is_map:
            return {
                self.things.identity(t.owner or t, "name"): i
                for t, i in zip(page, made, strict=True)
            }
        if len(lists) == 1:
            return made
        outer = self._outer(reading)
        wrapped = []
        for start in range(0, len(made), 2):
            around = self.things.item(page[start], outer)
            put(around, lists[1], made[start : start + 2])
            wrapped.append(around)
        return wrapped

    def _outer(self, reading: Reading) -> Any:
        shape = reading.operation.output
        assert shape is not None
        for step in reading.rows.lists[0]:
            shape = shape.members[step].shape
        return shape.value.shape if reading.rows.is_map else shape.element.shape


def _token(member: Member | None, end: int) -> Any:
    if member is not None and member.shape.kind in (Kind.INTEGER, Kind.LONG):
        return end
    if member is not None and member.shape.enum:
        return member.shape.enum[0]
    return f"page-{end}"


def put(values: dict[str, Any], path: Sequence[str], found: Any) -> None:
    for step in path[:-1]:
        values = values.setdefault(step, {})
    if found is None:
        values.pop(path[-1], None)
    else:
        values[path[-1]] = found


def _member_at(operation: Operation, path: Sequence[str]) -> Member | None:
    shape, member = operation.output, None
    for step in path:
        member = shape.members.get(step) if shape is not None else None
        shape = member.shape if member is not None else None
    return member
