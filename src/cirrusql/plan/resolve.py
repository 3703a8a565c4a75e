"""Whose a column is: the item of a FROM that bears it, and the cloud columns behind it.

Names resolve as the engine resolves them: the innermost query first; ``a.b`` is column b of
an item a, else field b of a column a. Where an item's columns are not known (a local table),
nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cirrusql.plan.draft import Source
from cirrusql.plan.scopes import Body, Item, Scope


@dataclass(frozen=True)
class Resolved:
    """A column of an item."""

    item: Item
    column: str
    """As the relation spells it."""
    identifier: Any
    """The part of the node that names the column."""
    rest: tuple[str, ...] = ()
    """The fields of it that are meant (``State.Name``)."""
    path: tuple[Any, ...] = ()
    """The identifiers of ``provider.service.resource`` or its last two, where they qualify it."""

    @property
    def source(self) -> Source | None:
        """The cloud table, if it is one's own column."""
        return self.item.source


class Chain:
    """``name.part.function()`` as a column node is: sqlglot keeps bare identifiers there."""

    def __init__(self, dot: Any) -> None:
        from sqlglot import exp

        self.node = dot
        self.parts = [dot.this]
        node = dot
        while isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
            self.parts.append(node.expression)
            node = node.parent

    @property
    def name(self) -> str:
        """The last part's."""
        return str(self.parts[-1].name)

    @property
    def parent(self) -> Any:
        """The node it stands in."""
        return self.node.parent

    def find_ancestor(self, *types: type) -> Any:
        """The nearest node around it of those types."""
        return self.node.find_ancestor(*types)


def resolve(scope: Scope | None, column: Any) -> Resolved | None:
    """What a column node means that stands in ``scope``; None where it cannot be told."""
    parts = list(column.parts)
    if is_bound_by_lambda(column) or (scope is not None and is_alias(scope, column)):
        return None
    return _found(scope, parts, column)


def _found(scope: Scope | None, parts: list[Any], column: Any) -> Resolved | None:
    while scope is not None:
        found = _qualified(scope, parts, column) or _unqualified(scope, parts, column)
        if found is not None:
            return found
        if _may_be_here(scope, parts, column):
            return None
        scope = scope.parent
    return None


def is_alias(scope: Scope, column: Any) -> bool:
    """Whether a bare name means a column of its SELECT's result rather than of its FROM.

    In ORDER BY the result's names come first. Elsewhere the FROM's do, but only by the name
    that the relation has: another spelling of a column is not one to the engine.
    """
    from sqlglot import exp

    if len(column.parts) > 1 or not isinstance(scope.node, exp.Select):
        return False
    name = column.name.lower()
    named = [i for i in scope.node.expressions if isinstance(i, exp.Alias) and i.alias.lower() == name]
    if not named or column.find_ancestor(exp.Alias) in named:
        return False
    ancestor = column.find_ancestor(exp.Order, exp.Window, exp.Query)
    if isinstance(ancestor, exp.Order) and ancestor.parent is scope.node:
        return bool(column.parent.key == "ordered")
    if ancestor is None:
        return False
    found = _found(scope, list(column.parts), column)
    return found is None or found.column.lower() != name


def visible(scope: Scope, column: Any) -> list[Item]:
    """The items whose columns may be named where the column stands."""
    items = [i for i in scope.items if not _is_argument(column, i)]
    if not any(i.is_on_only for i in items):
        return items
    in_join = _joined_item(column)
    return [i for i in items if not i.is_on_only or i.node is in_join]


def _joined_item(column: Any) -> Any:
    from sqlglot import exp

    join = column.find_ancestor(exp.Join, exp.Query)
    return join.this if isinstance(join, exp.Join) else None


def _qualified(scope: Scope, parts: list[Any], column: Any) -> Resolved | None:
    """``alias.column`` and ``provider.service.resource.column``."""
    for item in visible(scope, column):
        for start in _qualifiers(item, parts):
            name = output_name(item, parts[start].name)
            if name is None and known_names(item) is None:
                name = parts[start].name
            if name is not None:
                rest = tuple(p.name for p in parts[start + 1 :])
                return Resolved(item, name, parts[start], rest, tuple(parts[:start]) if start > 1 else ())
    return None


def _qualifiers(item: Item, parts: list[Any]) -> Iterator[int]:
    """How many leading parts name the item."""
    if len(parts) > 1 and parts[0].name.lower() == item.name:
        yield 1
    if item.source is not None and not item.node.alias:
        path = [p.name.lower() for p in item.node.parts]
        for length in (2, 3):
            given = [p.name.lower() for p in parts[:length]]
            if len(parts) > length and given == path[-length:]:
                yield length


def _unqualified(scope: Scope, parts: list[Any], column: Any) -> Resolved | None:
    found = []
    for item in visible(scope, column):
        name = output_name(item, parts[0].name)
        if name is not None:
            rest = tuple(p.name for p in parts[1:])
            found.append(Resolved(item, name, parts[0], rest))
    if len(found) == 1:
        return found[0]
    if not found:
        return _only_local(scope, parts, column)
    merged = scope.usings.get(parts[0].name.lower())
    return next((r for r in found if merged and r.item in merged), None)


def _only_local(scope: Scope, parts: list[Any], column: Any) -> Resolved | None:
    """A bare name that no known item has is the one unknown item's, in an outermost query."""
    unknown = [i for i in visible(scope, column) if known_names(i) is None]
    if scope.parent is not None or len(unknown) != 1 or unknown[0].name == parts[0].name.lower():
        return None
    if len(parts) > 1 or any(a.alias.lower() == parts[0].name.lower() for a in scope.node.selects):
        return None
    return Resolved(unknown[0], parts[0].name, parts[0])


def _may_be_here(scope: Scope, parts: list[Any], column: Any) -> bool:
    """Whether the engine may find the name in this scope, though we cannot say where."""
    first = parts[0].name.lower()
    for item in visible(scope, column):
        if first == item.name or any(True for _ in _qualifiers(item, parts)):
            return True
        if known_names(item) is None or output_name(item, first) is not None:
            return True
    return False


def _is_argument(column: Any, item: Item) -> bool:
    """Whether the item is a function's rows that are made of the column, which then is another's."""
    from sqlglot import exp

    if not isinstance(item.node, exp.Table | exp.Lateral | exp.Unnest) or item.body is not None:
        return False
    node = column.parent
    # A join may hang on the table that it follows: what its ON says is no argument of that.
    while node is not None and not isinstance(node, exp.Query | exp.Join):
        if node is item.node:
            return True
        node = node.parent
    return False


def is_bound_by_lambda(column: Any) -> bool:
    """Whether an enclosing lambda or list comprehension gives the name."""
    from sqlglot import exp

    first = column.parts[0].name.lower()
    node = column.parent
    while node is not None and not isinstance(node, exp.Query):
        names: list[Any] = []
        if isinstance(node, exp.Lambda):
            names = node.expressions
        elif isinstance(node, exp.Comprehension):
            names = [node.args.get("expression"), node.args.get("position")]
        if any(n is not None and n.name.lower() == first for n in names):
            return True
        node = node.parent
    return False


def output_name(item: Item, written: str) -> str | None:
    """The item's own spelling of a column, if it is known to have it."""
    folded = written.lower()
    if item.source is not None:
        if item.columns:
            return folded if folded in item.columns else None
        column = item.source.column(folded)
        return column.name if column is not None else None
    names = known_names(item)
    return names.get(folded) if names is not None else None


def known_names(item: Item) -> dict[str, str] | None:
    """The columns of an item by every accepted spelling, lower-case; None where not known."""
    if item.source is not None:
        return {alias: c.name for alias, c in item.source.table.by_alias.items()}
    columns = item.columns or _cte_columns(item) or _function_columns(item)
    body_names = _body_names(item.body) if item.body is not None else None
    if columns:
        if body_names is None:
            # The list may name only the first few of the columns.
            return None if item.body is not None or item.cte is not None else {c: c for c in columns}
        rest = list(dict.fromkeys(body_names.values()))[len(columns) :]
        return {**{c: c for c in columns}, **{r.lower(): r for r in rest}}
    return body_names


_FUNCTIONS = frozenset({"json_each", "json_tree"})
_OF_JSON = ("key", "value", "type", "atom", "id", "parent", "fullkey", "path", "rowid")


def _function_columns(item: Item) -> tuple[str, ...]:
    """Those of the table functions whose columns are always the same."""
    from sqlglot import exp

    called = item.node.this if isinstance(item.node, exp.Table | exp.Lateral) else None
    is_known = isinstance(called, exp.Anonymous) and called.name.lower() in _FUNCTIONS
    return _OF_JSON if is_known else ()


def _cte_columns(item: Item) -> tuple[str, ...]:
    if item.cte is None:
        return ()
    return tuple(c.lower() for c in item.cte.node.alias_column_names)


def _body_names(body: Body) -> dict[str, str] | None:
    """The columns of a query by accepted spelling, in order; None where a star hides them."""
    if not body.arms:
        return None
    scope = body.arms[0]
    found: dict[str, str] = {}
    for index, item in enumerate(scope.node.expressions):
        if is_star(item):
            inner = _star_names(scope, item)
            if inner is None:
                return None
            for alias, name in inner.items():
                found.setdefault(alias, name)
        else:
            name = item.alias_or_name or f"\0{index}"
            found.setdefault(name.lower(), name)
            for alias in _spellings(scope, item):
                found.setdefault(alias, name)
    return found


def _spellings(scope: Scope, item: Any) -> tuple[str, ...]:
    """The snake_case and API spellings of a cloud column that a SELECT passes on by its own name."""
    from sqlglot import exp

    if not isinstance(item, exp.Column):
        return ()
    found = resolve(scope, item)
    if found is None or found.rest or found.source is None or found.item.columns:
        return ()
    column = found.source.column(found.column)
    return tuple(column.aliases) if column is not None else ()


def _star_names(scope: Scope, star: Any) -> dict[str, str] | None:
    """The columns of a plain star."""
    from sqlglot import exp

    bare = star.this if isinstance(star, exp.Column) else star
    if any(bare.args.get(k) for k in ("except_", "replace", "rename")):
        return None
    wanted = star.table.lower() if isinstance(star, exp.Column) and star.table else None
    found: dict[str, str] = {}
    for item in scope.items:
        if item.is_on_only or (wanted is not None and item.name != wanted):
            continue
        names = known_names(item)
        if names is None:
            return None
        for alias, name in names.items():
            found.setdefault(alias, name)
    return found


def is_star(node: Any) -> bool:
    """Whether a select item stands for several columns."""
    from sqlglot import exp

    if isinstance(node, exp.Column):
        return isinstance(node.this, exp.Star)
    return isinstance(node, exp.Star | exp.Columns) or (isinstance(node, exp.Dot) and node.is_star)


def bases(item: Item, column: str) -> Iterator[tuple[Item, str]]:
    """The cloud tables that an equality on an item's column narrows, through derived tables.

    Sound for a condition that every row of the item which matters fulfils and that is not
    true of NULL: it may be put into the query that makes the item, since nothing there counts,
    cuts or compares rows that differ in the column.
    """
    if item.source is not None:
        if not item.columns:
            yield item, column
        return
    if item.body is None or (item.cte is not None and (item.cte.uses > 1 or item.cte.is_recursive)):
        return
    if item.body.is_cut:
        return
    position = _position(item, column)
    for arm in item.body.arms:
        inner = _passed_on(arm, position, column) if not _is_by_name(item.body) else None
        if inner is not None and not inner.rest and not inner.item.is_fixed:
            yield from bases(inner.item, inner.column)


def _is_by_name(body: Body) -> bool:
    from sqlglot import exp

    return any(s.args.get("by_name") for s in body.node.find_all(exp.SetOperation))


def _position(item: Item, column: str) -> int | None:
    """Which column of the item it is, where a list of names or several arms make it a matter of place."""
    names = item.columns or _cte_columns(item)
    if names:
        return names.index(column.lower()) if column.lower() in names else None
    if item.body is None or len(item.body.arms) < 2:
        return None
    items = item.body.arms[0].node.expressions
    if any(is_star(i) for i in items):
        return None
    return next((n for n, i in enumerate(items) if i.alias_or_name.lower() == column.lower()), None)


def _passed_on(arm: Scope, position: int | None, column: str) -> Resolved | None:
    """The column of an arm's own FROM that an output column is, unchanged."""
    from sqlglot import exp

    items = arm.node.expressions
    if position is not None:
        if any(is_star(i) for i in items) or position >= len(items):
            return None
        chosen = items[position]
    else:
        named = [i for i in items if not is_star(i) and _is_named(arm, i, column)]
        if not named:
            return _through_star(arm, items, column)
        chosen = named[0]
    node = chosen.unalias()
    if not isinstance(node, exp.Column) or is_star(node):
        return None
    found = resolve(arm, node)
    if found is None or found.item.scope is not arm or not _keeps_apart(arm, found, chosen):
        return None
    return found


def _is_named(arm: Scope, item: Any, column: str) -> bool:
    return item.alias_or_name.lower() == column.lower() or column.lower() in _spellings(arm, item)


def _through_star(arm: Scope, items: list[Any], column: str) -> Resolved | None:
    stars = [i for i in items if is_star(i)]
    names = _star_names(arm, stars[0]) if len(stars) == 1 else None
    if names is None or column.lower() not in names:
        return None
    from sqlglot import exp

    holder = stars[0].table if isinstance(stars[0], exp.Column) else ""
    node = exp.column(column, table=holder or None)
    found = resolve(arm, node)
    return found if found is not None and found.item.scope is arm and _keeps_apart(arm, found, None) else None


def _keeps_apart(arm: Scope, found: Resolved, item: Any) -> bool:
    """Whether rows that differ in the column never meet in the SELECT: no LIMIT, window or group of both."""
    from sqlglot import exp

    query = arm.node
    if any(query.args.get(k) for k in ("limit", "offset", "sample", "having", "qualify")):
        return False
    distinct = query.args.get("distinct")
    if distinct is not None and distinct.args.get("on") is not None:
        return False
    if any(True for _ in arm.own(exp.Window, exp.Unnest, exp.Explode)):
        return False
    group = query.args.get("group")
    if group is not None:
        return _is_group_key(arm, group, found, item)
    return not any(True for _ in arm.own(exp.AggFunc))


def _is_group_key(arm: Scope, group: Any, found: Resolved, item: Any) -> bool:
    """Whether the rows are grouped by the column itself, among others."""
    from sqlglot import exp

    if any(group.args.get(k) for k in ("grouping_sets", "cube", "rollup", "totals")):
        return False
    if group.args.get("all"):
        return item is not None and isinstance(item.unalias(), exp.Column)
    for key in group.expressions:
        if isinstance(key, exp.Literal) and item is not None and key.this.isdigit():
            if arm.node.expressions[int(key.this) - 1 : int(key.this)] == [item]:
                return True
        elif isinstance(key, exp.Column):
            other = resolve(arm, key)
            if other is not None and (other.item, other.column, other.rest) == (found.item, found.column, ()):
                return True
    return False


def sources_behind(item: Item, column: str) -> Iterator[tuple[Source, str]]:
    """The cloud columns that an item's column is, however it is cut or counted on the way."""
    if item.source is not None:
        if not item.columns:
            yield item.source, column
        return
    if item.body is None or (item.cte is not None and item.cte.is_recursive):
        return
    position = _position(item, column)
    for arm in item.body.arms:
        node = _chosen(arm, position, column)
        found = resolve(arm, node) if node is not None else None
        if found is not None and not found.rest and found.item.scope is arm:
            yield from sources_behind(found.item, found.column)


def _chosen(arm: Scope, position: int | None, column: str) -> Any:
    """The column node of an arm's SELECT that an output column is, unchanged; None for all else."""
    from sqlglot import exp

    items = arm.node.expressions
    stars = [i for i in items if is_star(i)]
    if position is not None and not stars and position < len(items):
        node = items[position].unalias()
    else:
        named = [i for i in items if not is_star(i) and _is_named(arm, i, column)]
        if not named and len(stars) == 1:
            names = _star_names(arm, stars[0])
            is_there = names is not None and column.lower() in names
            holder = stars[0].table if isinstance(stars[0], exp.Column) else ""
            return exp.column(column, table=holder or None) if is_there else None
        node = named[0].unalias() if named else None
    return node if isinstance(node, exp.Column) and not is_star(node) else None
