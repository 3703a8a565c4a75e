"""Pass: decides the regions, accounts and connections in which each source is read.

Conditions on context columns alone, or on them and other items, are kept for the engine to evaluate
over the possible places (``location_conditions``); those that name places, or patterns of them, are
also interpreted here, so that named places need no discovery.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from cirrusql.plan.model import CallScope as Reach
from cirrusql.plan.parameter_values.value_sources import is_inside
from cirrusql.plan.passes.location_mentions import PLACES, is_place
from cirrusql.plan.scope.lineage import bases
from cirrusql.plan.scope.planning_context import PlanningContext
from cirrusql.plan.scope.resolve import ResolvedColumn, resolve
from cirrusql.plan.scope.scopes import Conjunct, Item, PlaceConjunct, SelectScope

__all__ = ["PLACES", "PlacePatterns", "in_any_region", "literal", "place", "places"]


@dataclass(frozen=True)
class PlacePatterns:
    """A condition on one context column: included patterns (None: all), excluded patterns."""

    target: ResolvedColumn
    wanted: tuple[str, ...] | None
    excluded: tuple[str, ...] = ()


def places(draft: PlanningContext) -> None:
    """Fill ``places`` and ``place_conjuncts`` from the conditions on context columns."""
    if not any(source.mentions for source in draft.sources):
        return
    for scope in draft.scopes():
        for conjunct in scope.conjuncts:
            found = place(draft, scope, conjunct.node)
            if found is not None:
                for item in _meant(scope, found.target):
                    if item in conjunct.narrows or item.scope is not scope:
                        _narrow(item, found)
            _keep(scope, conjunct, is_named=found is not None)


def _meant(scope: SelectScope, target: ResolvedColumn) -> Iterator[Item]:
    yield target.item
    yield from (i for i in scope.usings.get(target.column.lower(), ()) if i is not target.item)


def _narrow(item: Item, found: PlacePatterns) -> None:
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


def _first(now: tuple[str, ...] | None, found: PlacePatterns) -> tuple[str, ...] | None:
    """The patterns after one more condition: explicit names take precedence."""
    wanted = found.wanted or ("%",)
    return wanted if now is None or now == ("%",) else now


def _keep(scope: SelectScope, conjunct: Conjunct, *, is_named: bool) -> None:
    """Keep a condition for every source whose rows it filters only by where they are."""
    by_item: dict[Item, set[str]] = {}
    is_whole = True
    for inner, column in _columns_in(scope, conjunct.node):
        found = resolve(inner, column)
        if found is None and inner is not scope:
            # A subquery's own places, or those of the enclosing query: the engine finds out at run
            # time.
            around = resolve(scope, column)
            found = around if around is not None and around.column in PLACES else None
            if found is None:
                continue
        if found is None:
            return
        if not is_inside(found.item.scope.node, conjunct.node):
            by_item.setdefault(found.item, set()).add(found.column)
            is_whole &= not found.rest
    for item, names in by_item.items():
        if item.scope is not scope or item not in conjunct.narrows or item.is_fixed or not is_whole:
            continue
        others = tuple(other for other in by_item if other is not item)
        for base, columns in _common(item, names):
            if base.source is not None and all(is_place(base.source, c) for _, c in columns):
                kept = PlaceConjunct(scope, conjunct.node, item, columns, others, is_named)
                base.source.place_conjuncts.append(kept)


def _common(item: Item, names: set[str]) -> Iterator[tuple[Item, tuple[tuple[str, str], ...]]]:
    """The base sources that all those columns of an item come from, with the columns'
    names there."""
    found: dict[Item, list[tuple[str, str]]] = {}
    for name in sorted(names):
        for base, column in bases(item, name):
            found.setdefault(base, []).append((name, column))
    for base, columns in found.items():
        if len(columns) == len(names):
            yield base, tuple(columns)


def _columns_in(scope: SelectScope, node: exp.Expr) -> Iterator[tuple[SelectScope, Any]]:
    """Every column below a condition, with the SELECT that contains it."""
    inner = {id(s.node): s for s in scope.scopes()}
    for column in node.find_all(exp.Column):
        query = column.find_ancestor(exp.Select)
        yield inner.get(id(query), scope), column


def place(draft: PlanningContext, scope: SelectScope, node: exp.Expr) -> PlacePatterns | None:
    """A condition on a context column of one of the scope's items; None if it is more than that."""
    negated = isinstance(node, exp.Not)
    node = node.this.unnest() if negated else node
    if isinstance(node, exp.Or):
        return None if negated else _either(draft, scope, node)
    if not isinstance(node, exp.EQ | exp.NEQ | exp.In | exp.Like):
        return None
    # sqlglot has a flag for NOT LIKE, but not for NOT IN.
    negated ^= bool(node.args.get("negate"))
    target = _context_column(scope, node.this.unnest())
    values = _strings(draft, node)
    if target is None or values is None:
        return None
    if not isinstance(node, exp.Like):
        values = tuple(literal(v) for v in values)
    if isinstance(node, exp.NEQ) != negated:
        return PlacePatterns(target, None, values)
    return PlacePatterns(target, values)


def _either(draft: PlanningContext, scope: SelectScope, node: exp.Expr) -> PlacePatterns | None:
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
    return PlacePatterns(first.target, tuple(dict.fromkeys(wanted))) if first is not None else None


def _context_column(scope: SelectScope, side: exp.Expr) -> ResolvedColumn | None:
    if not isinstance(side, exp.Column) or isinstance(side.this, exp.Star):
        return None
    found = resolve(scope, side)
    if (
        found is None
        or found.rest
        or found.column.lower() not in PLACES
        or found.item.scope is not scope
    ):
        return None
    return found


def _strings(draft: PlanningContext, node: exp.Expr) -> tuple[str, ...] | None:
    if isinstance(node, exp.In) and (
        node.args.get("query") is not None or node.args.get("field") is not None
    ):
        return None
    given = node.expressions if isinstance(node, exp.In) else [node.expression.unnest()]
    found = []
    for value in given:
        if isinstance(value, exp.Literal) and value.is_string:
            found.append(value.this)
        elif isinstance(value, exp.Placeholder) and isinstance(
            draft.parameters.get(value.name), str
        ):
            found.append(draft.parameters[value.name])
        else:
            return None
    return tuple(str(v) for v in found)


def in_any_region(scope: Reach) -> Reach:
    """The places of a listing that covers all regions in one call: the engine filters its rows."""
    conditions = tuple(c for c in scope.conditions if "region" not in c.names)
    return replace(
        scope, regions=None, excluded_regions=(), region_feed=None, conditions=conditions
    )


def literal(value: str) -> str:
    """A name as a LIKE pattern that matches only itself."""
    return re.sub(r"([\\%_])", r"\\\1", value)
