"""Pass: in which regions, accounts and connections each source is read.

``region = '*'`` means every region, as in other tools; the rows have real regions, so the
text that the engine runs says ``LIKE '%'`` instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from cirrusql.plan.draft import Draft, Edit
from cirrusql.plan.resolve import Resolved, bases, resolve
from cirrusql.plan.scopes import Item, Scope

PLACES = frozenset({"region", "connection", "account_id"})
_STAR = re.compile(r"\s*=\s*'\*'")


@dataclass(frozen=True)
class Place:
    """What a condition says of one context column: patterns wanted (None: all), patterns not."""

    target: Resolved
    wanted: tuple[str, ...] | None
    excluded: tuple[str, ...] = ()


def places(draft: Draft) -> None:
    """Fill ``places`` and ``region_driver`` from the conditions on context columns."""
    for scope in draft.scopes():
        for conjunct in scope.conjuncts:
            found = place(draft, scope, conjunct.node)
            if found is None:
                continue
            for item in _meant(scope, found.target):
                if item in conjunct.narrows or item.scope is not scope:
                    _narrow(item, found)
    for source in draft.sources:
        for equality in source.equalities:
            if equality.column == "region" and equality.item is not None:
                source.region_driver = equality.item
                if equality.item.source is not None:
                    # So that keys fed by it can be used in their own place only.
                    equality.item.source.used |= {"region", "connection"}
    _follow(draft)


def _meant(scope: Scope, target: Resolved) -> Iterator[Item]:
    yield target.item
    yield from (i for i in scope.usings.get(target.column.lower(), ()) if i is not target.item)


def _narrow(item: Item, found: Place) -> None:
    for base, column in bases(item, found.target.column):
        source = base.source
        if source is None or column not in PLACES:
            continue
        now = source.places
        if column == "region":
            source.places = replace(
                now,
                regions=_first(now.regions, found),
                excluded_regions=(*now.excluded_regions, *found.excluded),
            )
        elif column == "connection":
            source.places = replace(
                now,
                connections=_first(now.connections, found),
                excluded_connections=(*now.excluded_connections, *found.excluded),
            )
        else:
            source.places = replace(now, accounts=now.accounts or found.wanted)


def _first(now: tuple[str, ...] | None, found: Place) -> tuple[str, ...] | None:
    """The patterns after one more condition: named ones win over all."""
    wanted = found.wanted or ("%",)
    return wanted if now is None or now == ("%",) else now


def _follow(draft: Draft) -> None:
    """A source whose region is that of another's rows is read where the other is."""
    for _ in draft.sources:
        for source in draft.sources:
            driver = source.region_driver.source if source.region_driver is not None else None
            if driver is not None and source.places.regions is None and driver.places.regions is not None:
                source.places = replace(
                    source.places,
                    regions=driver.places.regions,
                    excluded_regions=driver.places.excluded_regions,
                )


def place(draft: Draft, scope: Scope, node: Any) -> Place | None:
    """What a condition says of a context column of one of the scope's items, if that is all it says."""
    from sqlglot import exp

    negated = isinstance(node, exp.Not)
    node = node.this.unnest() if negated else node
    if isinstance(node, exp.Or):
        return None if negated else _either(draft, scope, node)
    if not isinstance(node, exp.EQ | exp.NEQ | exp.In | exp.Like):
        return None
    # NOT LIKE is a Like of its own kind to sqlglot, NOT IN is not.
    negated ^= bool(node.args.get("negate"))
    target = _context_column(scope, node.this.unnest())
    values = _strings(draft, node)
    if target is None or values is None:
        return None
    if isinstance(node, exp.EQ | exp.NEQ) and values == ("*",):
        _say_like(draft, node.this.unnest())
        values = ("%",)
    elif not isinstance(node, exp.Like):
        values = tuple(_literal(v) for v in values)
    if isinstance(node, exp.NEQ) != negated:
        return Place(target, None, values)
    return Place(target, values)


def _either(draft: Draft, scope: Scope, node: Any) -> Place | None:
    """``region = 'a' OR region LIKE 'b%'``"""
    found = [place(draft, scope, part.unnest()) for part in node.flatten()]
    first = found[0]
    wanted: list[str] = []
    for part in found:
        if first is None or part is None or part.wanted is None:
            return None
        if (part.target.item, part.target.column) != (first.target.item, first.target.column):
            return None
        wanted += part.wanted
    return Place(first.target, tuple(dict.fromkeys(wanted))) if first is not None else None


def _context_column(scope: Scope, side: Any) -> Resolved | None:
    from sqlglot import exp

    if not isinstance(side, exp.Column) or isinstance(side.this, exp.Star):
        return None
    found = resolve(scope, side)
    if found is None or found.rest or found.column.lower() not in PLACES or found.item.scope is not scope:
        return None
    return found


def _strings(draft: Draft, node: Any) -> tuple[str, ...] | None:
    from sqlglot import exp

    if isinstance(node, exp.In) and node.args.get("query") is not None:
        return None
    given = node.expressions if isinstance(node, exp.In) else [node.expression.unnest()]
    found = []
    for value in given:
        if isinstance(value, exp.Literal) and value.is_string:
            found.append(value.this)
        elif isinstance(value, exp.Placeholder) and isinstance(draft.parameters.get(value.name), str):
            found.append(draft.parameters[value.name])
        else:
            return None
    return tuple(str(v) for v in found)


def _literal(value: str) -> str:
    """A name as a LIKE pattern that matches itself only."""
    return re.sub(r"([\\%_])", r"\\\1", value)


def _say_like(draft: Draft, column: Any) -> None:
    end = column.this.meta.get("end")
    match = _STAR.match(draft.text, end + 1) if end is not None else None
    if match is not None:
        edit = Edit(match.start(), match.end(), " LIKE '%'")
        if edit not in draft.edits:
            draft.edits.append(edit)
