"""Pass: reads tables joined by an equality in each other's places.

``FROM instances i LEFT JOIN subnets s ON s.SubnetId = i.SubnetId WHERE i.region = '*'`` does not
say where subnets are. Each is looked up in the place where its key was found: the equality means
``(s.SubnetId = i.SubnetId AND s.region = i.region)``, and likewise for connections. This is the
statement's meaning, not an optimization: the conditions are added to the text, which is planned
again.

A value that is a full name contains the resource's own place. If the text cannot express the
condition (values that a subquery counted or truncated), the table is read in all regions and
connections.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from cirrusql.catalog.inference import full_names
from cirrusql.catalog.inference.words import snake_case
from cirrusql.errors import InvalidParameter
from cirrusql.plan.locations.location_edits import list_end, where_edits
from cirrusql.plan.locations.location_exports import Exports, PlaceColumn
from cirrusql.plan.locations.location_links import (
    CONNECTION,
    REGION,
    Link,
    LinkSide,
    links,
    reached,
)
from cirrusql.plan.locations.location_names import may_be_full_name, names_itself
from cirrusql.plan.parameter_values.value_sources import is_inside
from cirrusql.plan.scope.planning_context import Edit, PlanningContext
from cirrusql.plan.scope.resolve import known_names
from cirrusql.plan.scope.scopes import Item, SelectScope, TableReference
from cirrusql.plan.scope.spans import condition_span


@dataclass(frozen=True)
class Joined:
    """The consequences of a statement's equalities for places: edits of its text, and tables to
    read everywhere."""

    edits: tuple[Edit, ...]
    everywhere: Mapping[int, frozenset[str]]
    """By source number, the context columns of which all values may be needed."""
    notices: tuple[str, ...] = ()


def joined_places(draft: PlanningContext) -> Joined | None:
    """The place conditions to add beside the equalities; None if there are none."""
    if not any(s.mentions for s in draft.sources):
        return None
    found = [link for link in links(draft) if _may_share_places(link)]
    if not found:
        return None
    writer = _Writer(draft)
    for name in (REGION, CONNECTION):
        said = {s: _is_said(s, name) for s in draft.sources}
        takes_part = {s: name != REGION or not s.table.is_global for s in draft.sources}
        away = reached(found, said, takes_part)
        known = {s: n for s, n in away.items() if takes_part[s]}
        gifts = [gift for link in found if (gift := _gift(link, name, known, said)) is not None]
        for some in _together(gifts):
            for gift in some:
                _refuse_unjoined(draft, gift)
            if some[0].link.kind == "other" or not writer.write(some):
                writer.everywhere(some[0])
    return writer.joined()


def _may_share_places(link: Link) -> bool:
    """Whether both sides have tables of one provider: tables of different providers
    share no place."""
    left, right = ({s.table.provider for s in side.sources} for side in link.sides)
    return bool(left & right)


def _is_said(source: TableReference, name: str) -> bool:
    """Whether the statement restricts a table's regions; or its connections, through any column."""
    return "region" in source.mentions if name == REGION else bool(source.mentions - {"region"})


def _gift(
    link: Link, name: str, away: Mapping[TableReference, int], said: Mapping[TableReference, bool]
) -> Gift | None:
    """What one equality says about a place, unless both sides have their own."""
    ends = [[s for s in side.sources if s in away] for side in link.sides]
    unsaid = tuple(s for some in ends for s in some if not said[s])
    if not all(ends) or not unsaid:
        return None
    left, right = (min(some, key=lambda s: away[s]) for some in ends)
    if left is right:
        return None
    pair = (JoinSide(link.left, left), JoinSide(link.right, right))
    # The side closer to an explicit condition determines the place of the other.
    giver, taker = pair if away[left] <= away[right] else pair[::-1]
    return Gift(link, name, giver, taker, unsaid)


def _together(gifts: list[Gift]) -> list[list[Gift]]:
    """Merge equalities in one condition between the same two tables: the place is added once."""
    groups: dict[object, list[Gift]] = {}
    for gift in gifts:
        key: object = id(gift)
        if gift.link.kind == "equality" and gift.link.beside is not None:
            key = (id(gift.link.beside), id(gift.giver.side.item), id(gift.taker.side.item))
        groups.setdefault(key, []).append(gift)
    return list(groups.values())


def _refuse_unjoined(draft: PlanningContext, gift: Gift) -> None:
    """Raise an error if a write's own table would be written everywhere for rows that are joined to
    nothing."""
    target = draft.target
    if target is None or target not in gift.unsaid or target.item is None:
        return
    if not _is_narrowed(gift.link, target.item):
        giver = gift.giver.source.alias
        raise InvalidParameter(
            f"{target.table.id}: the statement gives the {gift.name} of {giver}, but not of the "
            "table that is written",
            hint=f"add {target.alias}.{gift.name} = '…', or {target.alias}.{gift.name} = "
            f"{giver}.{gift.name} next to the join condition",
        )


def _is_narrowed(link: Link, item: Item) -> bool:
    """Whether only the joined rows of an item matter, including joins within an EXISTS."""
    if item in link.narrowed:
        return True
    whole = [c.node.unnest() for c in item.scope.conjuncts if item in c.narrows]
    return any(node.key == "exists" and is_inside(link.node, node) for node in whole)


@dataclass(frozen=True, eq=False)
class JoinSide:
    """One side of an equality, and the table on that side."""

    side: LinkSide
    source: TableReference


@dataclass(frozen=True, eq=False)
class Gift:
    """An equality through which one table is read in the places of another."""

    link: Link
    name: str
    giver: JoinSide
    taker: JoinSide
    unsaid: tuple[TableReference, ...]


@dataclass
class _Writer:
    draft: PlanningContext
    exports: Exports = field(init=False)
    _beside: dict[int, tuple[Link, list[str]]] = field(default_factory=dict)
    """The condition to add beside each equality, by node."""
    _edits: list[Edit] = field(default_factory=list)
    _everywhere: dict[int, frozenset[str]] = field(default_factory=dict)
    _merged: dict[tuple[int, str], set[Item]] = field(default_factory=dict)
    """The items of a FROM whose places USING has merged."""

    _notices: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.exports = Exports(self.draft)

    def joined(self) -> Joined | None:
        """The complete result."""
        edits: list[Edit] = []
        for link, texts in self._beside.values():
            start, end = condition_span(self.draft, link.node) or (0, 0)
            said = " AND ".join(dict.fromkeys(texts))
            edits += [Edit(start, start, "("), Edit(end, end, f" AND {said})")]
        edits += [*self._edits, *self.exports.edits]
        if not edits and not self._everywhere:
            return None
        return Joined(tuple(dict.fromkeys(edits)), self._everywhere, tuple(self._notices))

    def everywhere(self, gift: Gift) -> None:
        """Read tables in all possible places: the unchanged text finds the rows."""
        for source in gift.unsaid:
            if self.draft.options.is_write:
                giver = gift.giver.source.alias
                raise InvalidParameter(
                    f"{source.alias}: the statement gives only the {gift.name} of {giver}",
                    hint=f"add {source.alias}.{gift.name} = {giver}.{gift.name} or "
                    f"{source.alias}.{gift.name} = '…'",
                )
            number = self.draft.sources.index(source)
            self._everywhere[number] = self._everywhere.get(number, frozenset()) | {gift.name}
            giver = gift.giver.source.alias
            self._notices.append(
                f"{source.alias}: its {gift.name} cannot be derived from {giver}, so it is read "
                f"in every {gift.name}; {source.alias}.{gift.name} = {giver}.{gift.name} limits "
                f"it to the {gift.name} of {giver}"
            )

    def write(self, gifts: list[Gift]) -> bool:
        """Add the condition to the text; false if that is not possible."""
        gift = gifts[0]
        given, taken = self._place(gift.giver, gift.name), self._place(gift.taker, gift.name)
        if given is None or taken is None or taken.is_list:
            return False
        if gift.link.kind == "using":
            return self._using(gift)
        if gift.link.kind == "in":
            return self._within(gift, given, taken)
        said = self._said(gifts, given, taken)
        if condition_span(self.draft, gift.link.node) is None or said is None:
            return False
        self._beside.setdefault(id(gift.link.node), (gift.link, []))[1].append(said)
        return True

    def _place(self, end: JoinSide, name: str) -> PlaceColumn | None:
        return (
            self.exports.place(end.side.item, end.source, name)
            if end.side.item is not None
            else None
        )

    def _said(self, gifts: list[Gift], given: PlaceColumn, taken: PlaceColumn) -> str | None:
        """The condition that two places are equal."""
        is_connection = gifts[0].name == CONNECTION
        if is_connection and given.is_list:
            return f"list_contains({given.sql}, {taken.sql})"
        named = [
            g for g in gifts if may_be_full_name(g.giver.side) and may_be_full_name(g.taker.side)
        ]
        # The row's own full name determines its place, whatever else is equal.
        own = [g for g in named if names_itself(g.taker.side, g.taker.source)]
        values = [self._text(g.giver.side.node) for g in own or named]
        if is_connection:
            place = given.sql
            for value in reversed(values if own and None not in values else []):
                place = f"_connection_of({value}, {place})"
            return f"_same_connection({taken.sql}, {place})"
        if None in values:
            return None
        if given.is_list:
            said = f"list_contains({given.sql}, {taken.sql})"
            return (
                f"({' OR '.join([said, *(f'_says_region({v})' for v in values)])})"
                if values
                else said
            )
        if own or not values:
            place = given.sql
            for value in reversed(values):
                place = f"_region_of({value}, {place})"
            return f"{taken.sql} = {place}"
        wrapped = f"{taken.sql} = {given.sql}"
        return f"({' OR '.join([wrapped, *(f'_says_region({v})' for v in values)])})"

    def _text(self, node: exp.Expr) -> str | None:
        """An expression as written in the text."""
        span = condition_span(self.draft, node)
        return self.draft.text[slice(*span)] if span is not None else None

    def _using(self, gift: Gift) -> bool:
        """``USING (k)`` means ``USING (k, region)``."""
        link = gift.link
        scope, column = link.left.scope, link.left.node.name
        if gift.name == REGION and snake_case(column).endswith(full_names.ENDING):
            return False
        added = "region" if gift.name == REGION else "account_id"
        items = [side.item for side in link.sides]
        if not all(i is not None and added in (known_names(i) or {}) for i in items):
            return False
        joins = (
            j for j in _joins_using(scope, column) if any(i and j.this is i.node for i in items)
        )
        join = next(joins, None)
        if join is None or (at := join.args["using"][-1].meta.get("end")) is None:
            return False
        merged = self._merged.setdefault((id(scope), added), set())
        others = [
            i for i in _before(scope, join) if added in (known_names(i) or {}) and i not in merged
        ]
        if len(others) > (0 if merged else 1):
            # The engine could not tell which table it belongs to.
            return False
        merged |= {i for i in items if i is not None}
        self._edits.append(Edit(at + 1, at + 1, f", {added}"))
        return True

    def _within(self, gift: Gift, given: PlaceColumn, taken: PlaceColumn) -> bool:
        """``k IN (SELECT …)``: the selected values must be of the same place."""
        inner = gift.link.right.scope
        query = inner.node
        if query.args.get("group") or any(True for _ in inner.own(_agg())) or given.is_list:
            return False
        is_cut = any(query.args.get(k) for k in ("limit", "offset", "sample", "qualify"))
        if gift.giver.side is gift.link.left:
            # The selected rows differ by place.
            said = self._said([gift], given, taken)
            edits = where_edits(self.draft, inner, said) if said is not None and not is_cut else []
            self._edits += edits
            return bool(edits)
        if is_cut and query.args.get("distinct"):
            return False
        outside, inside = taken.sql, given.sql
        if gift.name == CONNECTION:
            value = self._text(gift.giver.side.node)
            if (
                value is not None
                and may_be_full_name(gift.giver.side)
                and names_itself(gift.taker.side, gift.taker.source)
            ):
                inside = f"_connection_of({value}, {inside})"
            return self._tuple(gift.link, f"coalesce({outside}, '')", f"coalesce({inside}, '')")
        if may_be_full_name(gift.giver.side) and may_be_full_name(gift.taker.side):
            own, value = self._text(gift.taker.side.node), self._text(gift.giver.side.node)
            if own is None or value is None:
                return False
            if names_itself(gift.taker.side, gift.taker.source):
                inside = f"_region_of({value}, {inside})"
            else:
                outside, inside = (
                    f"_region_of_row({own}, {outside})",
                    f"_region_of_row({value}, {inside})",
                )
        return self._tuple(gift.link, outside, inside)

    def _tuple(self, link: Link, outside: str, inside: str) -> bool:
        this = link.node.this.unnest()
        span = condition_span(self.draft, this)
        end = list_end(self.draft, link.right.scope)
        if span is None or end is None:
            return False
        if isinstance(this, exp.Tuple):
            # Its span is the text between its parentheses.
            self._edits.append(Edit(span[1], span[1], f", {outside}"))
        else:
            self._edits += [Edit(span[0], span[0], "("), Edit(span[1], span[1], f", {outside})")]
        self._edits.append(Edit(end, end, f", {inside}"))
        return True


def _agg() -> Any:
    return exp.AggFunc


def _joins_using(scope: SelectScope, column: str) -> Iterator[Any]:
    for join in scope.own(exp.Join):
        if any(i.name.lower() == column.lower() for i in join.args.get("using") or ()):
            yield join


def _before(scope: SelectScope, join: exp.Expr) -> list[Item]:
    """The items of a FROM to the left of a join."""
    found: list[Item] = []
    for item in scope.items:
        if item.node is join.this:
            break
        found.append(item)
    return found
