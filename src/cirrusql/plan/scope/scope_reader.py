"""Reads the structure of a statement: its SELECTs, the items of each FROM, and the conditions of
its joins and its WHERE.

What it fills in is defined in ``scopes``; what USING means, in ``using_joins``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlglot import exp

from cirrusql.plan.scope.scopes import (
    Body,
    Conjunct,
    Cte,
    Item,
    Natural,
    Registry,
    SelectScope,
    conjuncts,
    is_query,
)
from cirrusql.plan.scope.using_joins import use


def bodies(draft: Registry, tree: exp.Expr) -> list[Body]:
    """The outermost queries of a statement."""
    reader = _Reader(draft)
    found = []
    ctes: dict[str, Cte] = {}
    if not isinstance(tree, exp.Query) and tree.args.get("with_") is not None:
        ctes = reader.definitions(tree, None, {})
        found += [c.body for c in ctes.values() if c.body is not None]
    for query in _queries(tree):
        found.append(reader.body(query, None, ctes))
    return found


def _queries(tree: exp.Expr) -> Iterator[Any]:
    """The outermost queries below a node, including the node itself; without those of its WITH."""
    if isinstance(tree, exp.Query):
        yield tree
        return
    for child in tree.iter_expressions():
        if not isinstance(child, exp.With):
            yield from _queries(child)


class _Reader:
    """Reads the structure of one statement."""

    def __init__(self, draft: Registry) -> None:
        self._draft = draft
        self._filled: set[Item] = set()
        """The items that an outer join fills with NULLs."""

    def body(self, query: exp.Expr, parent: SelectScope | None, ctes: dict[str, Cte]) -> Body:
        """A query and everything in it."""
        is_cut = False
        while isinstance(query, exp.Subquery):
            is_cut |= _is_cut(query)
            ctes = self.definitions(query, parent, ctes)
            query = query.this
        ctes = self.definitions(query, parent, ctes)
        own = [c.body for c in ctes.values() if c.node.parent is query.args.get("with_") and c.body]
        found = Body(query, is_cut=is_cut)
        if isinstance(query, exp.Select):
            scope = self.select(query, parent, ctes)
            scope.inner += own
            found.arms = (scope,)
        elif isinstance(query, exp.SetOperation):
            sides = [self.body(side, parent, ctes) for side in (query.left, query.right)]
            found.arms = tuple(arm for side in sides for arm in side.arms)
            found.is_cut |= _is_cut(query) or any(s.is_cut or not s.arms for s in sides)
            if found.arms:
                found.arms[0].inner += own
        else:
            found.is_cut = True
        return found

    def definitions(
        self, query: exp.Expr, parent: SelectScope | None, ctes: dict[str, Cte]
    ) -> dict[str, Cte]:
        """The CTEs that a query sees: its own and those from outside."""
        with_ = query.args.get("with_")
        if with_ is None:
            return ctes
        found = dict(ctes)
        for node in with_.expressions:
            cte = Cte(node.alias.lower(), node, bool(with_.args.get("recursive")))
            self._draft.ctes[id(node)] = cte
            visible = {**found, cte.name: cte} if cte.is_recursive else found
            body = self.body(node.this, parent, dict(visible))
            cte.is_recursive = cte.uses > 0
            cte.body = body
            found[cte.name] = cte
        return found

    def select(
        self, node: exp.Expr, parent: SelectScope | None, ctes: dict[str, Cte]
    ) -> SelectScope:
        """One SELECT."""
        scope = SelectScope(node, parent, ctes)
        start = node.args.get("from_")
        left: list[Item] = []
        if start is not None:
            left = self._table(start.this, scope)
        left = self._joins(node.args.get("joins") or (), left, scope)
        for lateral in node.args.get("laterals") or ():
            left += self._table(lateral, scope)
        where = node.args.get("where")
        if where is not None:
            free = frozenset(i for i in left if not i.is_fixed)
            scope.conjuncts += [
                Conjunct(part, free, is_where=True) for part in conjuncts(where.this)
            ]
        in_from = {id(i.node) for i in scope.items}
        for query in scope.own(exp.Query, exp.Values):
            if is_query(query) and id(query) not in in_from and not _is_inside(query, in_from):
                scope.inner.append(self.body(query, scope, ctes))
        return scope

    def _table(self, node: exp.Expr, scope: SelectScope) -> list[Item]:
        """The items of one table expression, including parenthesized joins."""
        if isinstance(node, exp.Subquery) and not is_query(node) and not node.alias:
            items = self._table(node.this, scope)
        else:
            items = [self._item(node, scope)]
        if node.args.get("pivots") or node.args.get("sample"):
            for item in items:
                item.is_fixed = True
        return self._joins(node.args.get("joins") or (), items, scope)

    def _item(self, node: exp.Expr, scope: SelectScope) -> Item:
        alias = node.args.get("alias")
        columns = (
            tuple(c.name.lower() for c in alias.columns)
            if isinstance(alias, exp.TableAlias)
            else ()
        )
        item = Item(node.alias_or_name.lower(), node, scope, columns=columns)
        scope.items.append(item)
        self._draft.items[id(node)] = item
        inner = node.this if isinstance(node, exp.Lateral) else node
        if isinstance(inner, exp.Subquery) and is_query(inner):
            item.body = self.body(inner, scope, scope.ctes)
            scope.inner.append(item.body)
        elif isinstance(inner, exp.Subquery):
            # Joined tables with an alias of their own.
            inside = SelectScope(inner, scope, scope.ctes)
            self._table(inner.this, inside)
            self._joins(inner.args.get("joins") or (), list(inside.items), inside)
            for part in inside.items:
                part.is_fixed = True
            scope.inner.append(Body(inner, (inside,), is_cut=True))
        elif isinstance(inner, exp.Table):
            item.source = self._draft.source_of(inner)
            if item.source is not None:
                item.source.item = item
            elif len(inner.parts) == 1 and (cte := scope.ctes.get(inner.name.lower())) is not None:
                cte.uses += 1
                item.cte, item.body = cte, cte.body
        return item

    def _joins(self, joins: Iterable[Any], left: list[Item], scope: SelectScope) -> list[Item]:
        """The items after some joins; their conditions are added to the scope."""
        filled = self._filled
        for join in joins:
            right = self._table(join.this, scope)
            narrows = self._narrowed(join, left, right, scope)
            if str(join.text("method")).upper() == "NATURAL":
                # An item that an outer join fills is narrowed, and narrows nothing.
                scope.naturals += [
                    Natural(a, b, narrows - {b} if a in filled else narrows)
                    for a in left
                    for b in right
                ]
            condition = join.args.get("on")
            if condition is not None:
                scope.conjuncts += [Conjunct(part, narrows) for part in conjuncts(condition)]
            use(scope, join, left, right, narrows)
            if str(join.text("side")).upper() in ("RIGHT", "FULL"):
                filled.update(left)
            left = left + right
            if str(join.text("side")).upper() in ("LEFT", "FULL"):
                filled.update(right)
        return left

    def _narrowed(
        self, join: exp.Expr, left: list[Item], right: list[Item], scope: SelectScope
    ) -> frozenset[Item]:
        """The items of which the join drops every row that fails its condition."""
        method, side, kind = (str(join.text(k)).upper() for k in ("method", "side", "kind"))
        if method == "POSITIONAL" or kind == "POSITIONAL":
            for item in (*left, *right):
                item.is_fixed = True
            return frozenset()
        if kind in ("SEMI", "ANTI"):
            for item in right:
                item.is_on_only = True
        both = frozenset((*left, *right))
        narrows = {
            "FULL": frozenset[Item](),
            "RIGHT": frozenset(left),
            "LEFT": frozenset(right),
        }.get(side, both)
        if kind == "ANTI":
            narrows = frozenset(right)
        if method == "ASOF":
            # The nearest row is chosen first: later conditions must not choose another.
            for item in right:
                item.is_fixed = True
            return narrows
        return frozenset(i for i in narrows if not i.is_fixed)


def _is_cut(query: exp.Expr) -> bool:
    return bool(query.args.get("limit") or query.args.get("offset") or query.args.get("sample"))


def _is_inside(node: exp.Expr, items: set[int]) -> bool:
    """Whether a node is inside one of the items of a FROM, whose queries are read with it."""
    parent = node.parent
    while parent is not None and not isinstance(parent, exp.Select | exp.SetOperation):
        if id(parent) in items and isinstance(parent, exp.Subquery | exp.Lateral):
            return True
        parent = parent.parent
    return False
