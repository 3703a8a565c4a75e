"""Finds the tables that are joined by equality, and which of them are therefore read in each
other's places.

If the statement does not restrict a table's region (or account), but joins it by an equality to a
table that it does restrict, each row is looked up in the place where its key was found. This module
finds such equalities; ``joined_locations`` applies them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from cirrusql.plan.parameter_values.value_sources import is_inside
from cirrusql.plan.passes.location_mentions import behind, is_place
from cirrusql.plan.scope.planning_context import PlanningContext
from cirrusql.plan.scope.resolve import is_star, resolve
from cirrusql.plan.scope.scopes import Item, SelectScope, TableReference

REGION = "region"
CONNECTION = "connection"


@dataclass(frozen=True, eq=False)
class LinkSide:
    """One side of an equality: an expression in a SELECT, and the cloud tables that it uses."""

    scope: SelectScope
    node: Any
    item: Item | None
    """The only item of a FROM whose columns it uses; None if there are several."""
    sources: tuple[TableReference, ...]


@dataclass(frozen=True, eq=False)
class Link:
    """Two sides that are equal in every joined row."""

    node: Any
    left: LinkSide
    right: LinkSide
    kind: str
    """``equality``, ``using``, ``in`` (the right side is the select list of a subquery) or
    ``other``."""
    narrowed: frozenset[Item]
    """The items of which only the joined rows matter."""
    beside: object = None
    """The ON or WHERE clause of which it is a complete condition; None if it is part of one."""

    @property
    def sides(self) -> tuple[LinkSide, LinkSide]:
        """Both sides."""
        return self.left, self.right


def links(draft: PlanningContext) -> list[Link]:
    """Every equality that joins two cloud tables, in conditions and in subqueries."""
    found: list[Link] = []
    for scope in draft.scopes():
        for conjunct in scope.conjuncts:
            for node in _parts(conjunct.node):
                is_whole = node is conjunct.node.unnest()
                for link in _link(
                    draft, scope, node, conjunct.narrows if is_whole else frozenset()
                ):
                    beside = node.find_ancestor(exp.Join, exp.Where) if is_whole else None
                    found.append(replace(link, beside=beside))
    return found


def _parts(node: exp.Expr) -> Iterator[Any]:
    """The operands of nested ANDs and ORs."""
    node = node.unnest()
    if isinstance(node, exp.And | exp.Or):
        yield from _parts(node.left)
        yield from _parts(node.right)
    elif isinstance(node, exp.Not) and isinstance(node.this.unnest(), exp.In):
        yield node.this.unnest()
    else:
        yield node


def _link(
    draft: PlanningContext, scope: SelectScope, node: exp.Expr, narrowed: frozenset[Item]
) -> Iterator[Link]:
    if isinstance(node, exp.EQ | exp.NullSafeEQ):
        yield from _equality(draft, scope, node, narrowed)
    elif isinstance(node, exp.In) and node.args.get("query") is not None:
        yield from _membership(draft, scope, node, narrowed)


def _equality(
    draft: PlanningContext, scope: SelectScope, node: Any, narrowed: frozenset[Item]
) -> Iterator[Link]:
    pairs = [(node.left.unnest(), node.right.unnest())]
    if all(isinstance(side, exp.Tuple) for side in pairs[0]):
        pairs = list(zip(pairs[0][0].expressions, pairs[0][1].expressions, strict=False))
    for one, other in pairs:
        for left, right in ((one, other), (other, one)):
            query = right.this if isinstance(right, exp.Any | exp.All) else right
            if isinstance(query, exp.Subquery | exp.Query):
                inner = _scope_of(draft, query)
                selected = inner.node.expressions if inner is not None else []
                of = side_of(scope, left)
                if inner is not None and len(selected) == 1:
                    yield from _joined(
                        node, of, side_of(inner, selected[0].unalias()), "other", narrowed
                    )
                break
        else:
            is_using = not any("start" in part.meta for part in node.walk())
            kind = "using" if is_using else "equality"
            yield from _joined(node, side_of(scope, one), side_of(scope, other), kind, narrowed)


def _membership(
    draft: PlanningContext, scope: SelectScope, node: exp.Expr, narrowed: frozenset[Item]
) -> Iterator[Link]:
    inner = _scope_of(draft, node.args["query"])
    if inner is None:
        return
    this = node.this.unnest()
    columns = this.expressions if isinstance(this, exp.Tuple) else [this]
    selected = inner.node.expressions
    if len(columns) != len(selected) or any(is_star(s) for s in selected):
        return
    if any(_is_place(scope, column) for column in columns):
        # It names the place itself.
        return
    for one, other in zip(columns, selected, strict=True):
        found = list(
            _joined(node, side_of(scope, one), side_of(inner, other.unalias()), "in", narrowed)
        )
        if found:
            # The place is added once, whatever else the tuples have in common.
            yield from found
            return


def _joined(
    node: exp.Expr, left: LinkSide, right: LinkSide, kind: str, narrowed: frozenset[Item]
) -> Iterator[Link]:
    sources = {*left.sources, *right.sources}
    if (
        left.sources
        and right.sources
        and len(sources) > 1
        and not any(map(_speaks_of_place, (left, right)))
    ):
        is_clear = left.item is not None and right.item is not None
        yield Link(node, left, right, kind if is_clear or kind == "in" else "other", narrowed)


def _speaks_of_place(side: LinkSide) -> bool:
    return _is_place(side.scope, side.node)


def _is_place(scope: SelectScope, node: exp.Expr) -> bool:
    """Whether an expression is a plain context column, whose equality says where rows are."""
    node = node.unnest()
    found = resolve(scope, node) if isinstance(node, exp.Column) and not is_star(node) else None
    if found is None:
        return False
    origins = behind(found.item, found.column)
    return any(base.source is not None and is_place(base.source, name) for base, name in origins)


def _scope_of(draft: PlanningContext, query: exp.Expr) -> SelectScope | None:
    while query.key == "subquery":
        query = query.this
    return next((s for s in draft.scopes() if s.node is query), None)


def side_of(scope: SelectScope, node: exp.Expr) -> LinkSide:
    """An expression with the tables that it uses."""
    items: list[Item] = []
    sources: list[TableReference] = []
    for column in node.find_all(exp.Column):
        found = None if is_star(column) else resolve(scope, column)
        if found is None or is_inside(found.item.scope.node, node):
            continue
        items += [] if found.item in items else [found.item]
        bases = (b.source for b, _ in behind(found.item, found.column) if b.source is not None)
        sources += [s for s in dict.fromkeys(bases) if s not in sources]
    return LinkSide(scope, node, items[0] if len(items) == 1 else None, tuple(sources))


def reached(
    found: Iterable[Link],
    said: Mapping[TableReference, bool],
    takes_part: Mapping[TableReference, bool],
) -> dict[TableReference, int]:
    """For each table, the number of equalities to a table whose place is restricted."""
    distance = {source: 0 for source, is_said in said.items() if is_said and takes_part[source]}
    pairs = [
        (a, b)
        for link in found
        for a in link.left.sources
        for b in link.right.sources
        if a is not b and takes_part[a] and takes_part[b]
    ]
    step = 0
    while True:
        step += 1
        new = {
            y for a, b in pairs for x, y in ((a, b), (b, a)) if x in distance and y not in distance
        }
        if not new:
            return distance
        distance |= dict.fromkeys(new, step)
