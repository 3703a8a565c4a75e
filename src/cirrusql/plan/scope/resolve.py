"""Resolves columns: the item of a FROM that has it, and the cloud columns behind it.

Names resolve as in the engine: innermost query first; ``a.b`` is column b of an item a, otherwise
field b of a column a. Nothing is guessed about items with unknown columns (local tables).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from cirrusql.plan.scope.scopes import Body, Item, SelectScope, TableReference


@dataclass(frozen=True)
class ResolvedColumn:
    """A column of an item."""

    item: Item
    column: str
    """In the relation's spelling."""
    identifier: Any
    """The part of the node that names the column."""
    rest: tuple[str, ...] = ()
    """The accessed fields inside it (``State.Name``)."""
    path: tuple[Any, ...] = ()
    """The identifiers of ``provider.service.resource`` or its last two parts, if they
    qualify it."""

    @property
    def source(self) -> TableReference | None:
        """The cloud table, if it is the table's own column."""
        return self.item.source


class Chain:
    """``name.part.function()`` as a column node: sqlglot keeps bare identifiers there."""

    def __init__(self, dot: Any) -> None:
        self.node = dot
        self.parts = [dot.this]
        node = dot
        while isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
            self.parts.append(node.expression)
            node = node.parent

    @property
    def name(self) -> str:
        """The name of the last part."""
        return str(self.parts[-1].name)

    @property
    def parent(self) -> Any:
        """The node that contains it."""
        return self.node.parent

    def find_ancestor(self, *types: type) -> Any:
        """The nearest enclosing node of those types."""
        return self.node.find_ancestor(*types)


def resolve(scope: SelectScope | None, column: exp.Expr) -> ResolvedColumn | None:
    """The column that a node in ``scope`` refers to; None if unknown.

    Every pass asks about the same nodes, so results are cached in the scope.
    """
    if scope is None:
        return _resolved(scope, column)
    node = column.node if isinstance(column, Chain) else column
    known = scope.resolved.get(id(node))
    if known is None or known[0] is not node:
        known = scope.resolved[id(node)] = (node, _resolved(scope, column))
    return known[1]


def _resolved(scope: SelectScope | None, column: Any) -> ResolvedColumn | None:
    parts = list(column.parts)
    if is_bound_by_lambda(column) or (scope is not None and is_alias(scope, column)):
        return None
    return _found(scope, parts, column)


def _found(scope: SelectScope | None, parts: list[Any], column: exp.Expr) -> ResolvedColumn | None:
    while scope is not None:
        found = _qualified(scope, parts, column) or _unqualified(scope, parts, column)
        if found is not None:
            return found
        if _may_be_here(scope, parts, column):
            return None
        scope = scope.parent
    return None


def is_alias(scope: SelectScope, column: Any) -> bool:
    """Whether an unqualified name is a column of its SELECT's result rather than of its FROM.

    In ORDER BY, result names take precedence. Elsewhere the FROM's do, but only in the relation's
    own spelling, since the engine does not know other spellings.
    """
    if len(column.parts) > 1 or not isinstance(scope.node, exp.Select):
        return False
    name = column.name.lower()
    named = scope.aliases.get(name)
    if not named or any(a is column.find_ancestor(exp.Alias) for a in named):
        return False
    ancestor = column.find_ancestor(exp.Order, exp.Window, exp.Query)
    if isinstance(ancestor, exp.Order) and ancestor.parent is scope.node:
        return bool(column.parent.key == "ordered")
    if ancestor is None:
        return False
    found = _found(scope, list(column.parts), column)
    return found is None or found.column.lower() != name


def visible(scope: SelectScope, column: exp.Expr) -> list[Item]:
    """The items whose columns are visible to the column node."""
    return [item for item in scope.items if _is_visible(scope, column, item)]


def _is_visible(scope: SelectScope, column: exp.Expr, item: Item) -> bool:
    if _is_argument(column, item):
        return False
    return not item.is_on_only or item.node is _joined_item(scope, column)


def _joined_item(scope: SelectScope, column: exp.Expr) -> Any:
    """The item of the scope's own join whose ON contains the column, also in a nested query."""
    joined, node = None, column.parent
    while node is not None and node is not scope.node:
        if isinstance(node, exp.Join):
            joined = node.this
        elif isinstance(node, exp.Query):
            joined = None
        node = node.parent
    return joined


def _qualified(scope: SelectScope, parts: list[Any], column: exp.Expr) -> ResolvedColumn | None:
    """``alias.column`` and ``provider.service.resource.column``."""
    if len(parts) == 1:
        return None
    for item in _named(scope, parts[0].name.lower()):
        for start in _qualifiers(item, parts):
            if not _is_visible(scope, column, item):
                break
            name = output_name(item, parts[start].name)
            if name is None and known_names(item) is None:
                name = parts[start].name
            if name is not None:
                rest = tuple(p.name for p in parts[start + 1 :])
                return ResolvedColumn(
                    item, name, parts[start], rest, tuple(parts[:start]) if start > 1 else ()
                )
    return None


def _named(scope: SelectScope, first: str) -> list[Item]:
    """The items that a qualifier beginning with this name may refer to."""
    known, by_name = scope.named
    if known != len(scope.items):
        by_name = {}
        for item in scope.items:
            names = {item.name}
            if item.source is not None and not item.node.alias:
                names.update(p.name.lower() for p in item.node.parts[-3:-1])
            for name in names:
                by_name.setdefault(name, []).append(item)
        scope.named = (len(scope.items), by_name)
    return by_name.get(first, [])


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


def _unqualified(scope: SelectScope, parts: list[Any], column: exp.Expr) -> ResolvedColumn | None:
    found = []
    for item in visible(scope, column):
        name = output_name(item, parts[0].name)
        if name is not None:
            rest = tuple(p.name for p in parts[1:])
            found.append(ResolvedColumn(item, name, parts[0], rest))
    if len(found) == 1:
        return found[0]
    if not found:
        return _only_local(scope, parts, column)
    name = parts[0].name.lower()
    merged = [r for r in found if r.item in scope.usings.get(name, ())]
    # The value is that of an item that no outer join fills, if there is one.
    return next((r for r in merged if _equals(scope, name, r.item)), merged[0] if merged else None)


def _equals(scope: SelectScope, name: str, item: Item) -> bool:
    return any(item in group.equal for group in scope.merged.get(name, ()))


def is_own(found: ResolvedColumn, column: Any) -> bool:
    """Whether the value is that of the item's own column: a name that USING merged may be another's
    where an outer join fills the item."""
    name = column.parts[0].name.lower()
    scope = found.item.scope
    is_merged = len(column.parts) == 1 + len(found.rest) and name in scope.merged
    return not is_merged or _equals(scope, name, found.item)


def _only_local(scope: SelectScope, parts: list[Any], column: exp.Expr) -> ResolvedColumn | None:
    """In an outermost query, an unqualified name that no known item has belongs to the only unknown
    item."""
    unknown = [i for i in visible(scope, column) if known_names(i) is None]
    if scope.parent is not None or len(unknown) != 1 or unknown[0].name == parts[0].name.lower():
        return None
    if len(parts) > 1 or any(a.alias.lower() == parts[0].name.lower() for a in scope.node.selects):
        return None
    return ResolvedColumn(unknown[0], parts[0].name, parts[0])


def _may_be_here(scope: SelectScope, parts: list[Any], column: exp.Expr) -> bool:
    """Whether the engine may find the name in this scope, although its item is unknown."""
    first = parts[0].name.lower()
    for item in visible(scope, column):
        if first == item.name or any(True for _ in _qualifiers(item, parts)):
            return True
        if known_names(item) is None or output_name(item, first) is not None:
            return True
    return False


def _is_argument(column: exp.Expr, item: Item) -> bool:
    """Whether the item is a table function with the column as argument, so that the column is
    another item's."""
    if not isinstance(item.node, exp.Table | exp.Lateral | exp.Unnest) or item.body is not None:
        return False
    node = column.parent
    # A join may be attached to the table that it follows: the columns of its ON are not arguments.
    while node is not None and not isinstance(node, exp.Query | exp.Join):
        if node is item.node:
            return True
        node = node.parent
    return False


def is_bound_by_lambda(column: Any) -> bool:
    """Whether an enclosing lambda or list comprehension defines the name."""
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
    """The item's own spelling of a column; None if it is not known to have it."""
    folded = written.lower()
    if item.source is not None:
        if item.columns:
            return folded if folded in item.columns else None
        column = item.source.column(folded)
        return column.name if column is not None else None
    names = known_names(item)
    return names.get(folded) if names is not None else None


def known_names(item: Item) -> dict[str, str] | None:
    """The columns of an item by every accepted spelling, lower-case; None if unknown."""
    if item.source is not None:
        return {alias: c.name for alias, c in item.source.table.by_alias.items()}
    columns = item.columns or cte_columns(item) or _function_columns(item)
    body_names = _body_names(item.body) if item.body is not None else None
    if columns:
        if body_names is None:
            # The list of aliases may be shorter than the columns.
            return (
                None if item.body is not None or item.cte is not None else {c: c for c in columns}
            )
        rest = list(dict.fromkeys(body_names.values()))[len(columns) :]
        return {**{c: c for c in columns}, **{r.lower(): r for r in rest}}
    return body_names


_FUNCTIONS = frozenset({"json_each", "json_tree"})
_OF_JSON = ("key", "value", "type", "atom", "id", "parent", "fullkey", "path", "rowid")


def _function_columns(item: Item) -> tuple[str, ...]:
    """The columns of table functions whose columns are fixed."""
    called = item.node.this if isinstance(item.node, exp.Table | exp.Lateral) else None
    is_known = isinstance(called, exp.Anonymous) and called.name.lower() in _FUNCTIONS
    return _OF_JSON if is_known else ()


def cte_columns(item: Item) -> tuple[str, ...]:
    if item.cte is None:
        return ()
    return tuple(c.lower() for c in item.cte.node.alias_column_names)


def _body_names(body: Body) -> dict[str, str] | None:
    """The columns of a query by accepted spelling, in order; None if a star hides them."""
    if not body.arms:
        return None
    scope = body.arms[0]
    found: dict[str, str] = {}
    for index, item in enumerate(scope.node.expressions):
        if is_star(item):
            inner = star_names(scope, item)
            if inner is None:
                return None
            for alias, name in inner.items():
                found.setdefault(alias, name)
        else:
            name = item.alias_or_name or f"\0{index}"
            found.setdefault(name.lower(), name)
            for alias in spellings(scope, item):
                found.setdefault(alias, name)
    return found


def spellings(scope: SelectScope, item: Any) -> tuple[str, ...]:
    """The snake_case and API spellings of a cloud column that a SELECT passes on under its own
    name."""
    if not isinstance(item, exp.Column):
        return ()
    found = resolve(scope, item)
    if found is None or found.rest or found.source is None or found.item.columns:
        return ()
    column = found.source.column(found.column)
    return tuple(column.aliases) if column is not None else ()


def star_names(scope: SelectScope, star: exp.Expr) -> dict[str, str] | None:
    """The columns of a plain star."""
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


def is_star(node: exp.Expr) -> bool:
    """Whether a select item stands for several columns."""
    if isinstance(node, exp.Column):
        return isinstance(node.this, exp.Star)
    return isinstance(node, exp.Star | exp.Columns) or (isinstance(node, exp.Dot) and node.is_star)
