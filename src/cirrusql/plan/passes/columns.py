"""Pass: resolves which columns each source needs, in the catalog's spelling.

Also edits the text from the user's spelling to the relation's, and keeps the headings as the user
wrote them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlglot import exp

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.meant_columns import meant_columns
from cirrusql.catalog.row_model.writers import set_together
from cirrusql.errors import UnknownColumn, nearest
from cirrusql.plan.scope.constants import is_chained
from cirrusql.plan.scope.planning_context import Edit, PlanningContext
from cirrusql.plan.scope.resolve import (
    Chain,
    ResolvedColumn,
    is_alias,
    is_bound_by_lambda,
    is_star,
    known_names,
    output_name,
    resolve,
    visible,
)
from cirrusql.plan.scope.scopes import Item, SelectScope, TableReference
from cirrusql.plan.scope.unfilled_columns import mark_deciding, mark_deciding_results
from cirrusql.sql.quoting import quoted


def columns(draft: PlanningContext) -> None:
    """Attribute every column and star. Raises UnknownColumn if no source can have it."""
    for scope in draft.scopes():
        for column in scope.own(exp.Column):
            if not is_star(column) and not is_bound_by_lambda(column):
                _column(draft, scope, column)
        for dot in scope.own(exp.Dot):
            if is_chained(dot) and not is_bound_by_lambda(chain := Chain(dot)):
                _column(draft, scope, chain)
        mark_deciding_results(scope)
        _stars(scope)
        _usings(draft, scope)
    _outside(draft)


def _column(draft: PlanningContext, scope: SelectScope, column: Any) -> None:
    if is_alias(scope, column):
        return
    found = resolve(scope, column)
    if found is None:
        _maybe_unknown(draft, scope, column)
        _mark_all(draft, scope, column)
        return
    _mark(found)
    mark_deciding(scope, column, found)
    _respell(draft, column, found)


def _mark(found: ResolvedColumn) -> None:
    source = found.source
    if source is not None and source.column(found.column) is not None and not found.item.columns:
        source.used.add(found.column)


def _respell(draft: PlanningContext, column: exp.Expr, found: ResolvedColumn) -> None:
    identifier = found.identifier
    written = identifier.name
    if found.path and all("start" in p.meta for p in found.path):
        # The relation that stands for the table has a name of one part.
        first, last = found.path[0].meta, found.path[-1].meta
        draft.edits.append(
            Edit(first["start"], last["end"] + 1, quoted(found.item.node.alias_or_name))
        )
    if written == found.column or found.column.startswith("\0"):
        return
    if "start" not in identifier.meta:
        return
    name = quoted(found.column) if identifier.args.get("quoted") else found.column
    is_whole = isinstance(column, exp.Column)
    is_heading = (
        is_whole and isinstance(column.parent, exp.Select) and column.arg_key == "expressions"
    )
    if is_heading and not found.rest:
        name = f"{name} AS {quoted(written)}"
    _edit(draft, identifier, name)
    # Keep the tree in agreement with the text, for code that prints the tree.
    identifier.meta["written"] = written
    identifier.set("this", found.column)


def _edit(draft: PlanningContext, identifier: exp.Expr, text: str) -> None:
    edit = Edit(identifier.meta["start"], identifier.meta["end"] + 1, text)
    if edit not in draft.edits:
        draft.edits.append(edit)


def _stars(scope: SelectScope) -> None:
    """Every source that a star, COLUMNS or a natural join shows completely."""
    for item in (i for natural in scope.naturals for i in (natural.left, natural.right)):
        _whole(item)
    for node in scope.own(exp.Star, exp.Columns):
        if isinstance(node.parent, exp.Count | exp.Mul):
            continue
        holder = node.parent
        name = holder.table.lower() if isinstance(holder, exp.Column) and holder.table else None
        for item in scope.items:
            if (name is None or item.name == name) and not item.is_on_only:
                _whole(item)
    for dot in scope.own(exp.Dot):
        if dot.is_star:
            for item in scope.items:
                _whole(item)


def _whole(item: Item) -> None:
    if item.source is not None:
        item.source.is_star = True


def _usings(draft: PlanningContext, scope: SelectScope) -> None:
    """The columns of USING in every item that has them, and those that a star excludes
    or replaces."""
    for join in scope.own(exp.Join):
        _names(draft, scope, join.args.get("using") or (), is_deciding=True)
    for star in scope.own(exp.Star):
        for key in ("except_", "rename", "replace"):
            given = star.args.get(key) or ()
            _names(draft, scope, [_starred(node) for node in given if _starred(node) is not None])


def _starred(node: exp.Expr) -> Any:
    """The identifier of the column in EXCLUDE, REPLACE or RENAME."""
    if isinstance(node, exp.Identifier):
        return node
    if isinstance(node, exp.Column):
        return node.this
    if isinstance(node, exp.Alias):
        return node.args["alias"] if not isinstance(node.this, exp.Column) else node.this.this
    return None


def _names(
    draft: PlanningContext,
    scope: SelectScope,
    identifiers: Iterable[Any],
    *,
    is_deciding: bool = False,
) -> None:
    for identifier in identifiers:
        name = identifier.name
        for item in scope.items:
            is_own = item.source is not None and not item.columns
            own = output_name(item, name) if is_own else (known_names(item) or {}).get(name.lower())
            if own is None:
                continue
            if item.source is not None and item.source.column(own) is not None:
                item.source.used.add(own)
                item.source.deciding |= {own} if is_deciding else set()
            if own != name and "start" in identifier.meta:
                _edit(draft, identifier, quoted(own) if identifier.args.get("quoted") else own)


def _mark_all(draft: PlanningContext, scope: SelectScope, column: Any) -> None:
    """For an ambiguous name, keep the column in every source, and let the engine report it."""
    name = column.parts[0].name
    place: SelectScope | None = scope
    while place is not None:
        for item in visible(place, column):
            source = item.source
            if source is None:
                continue
            own = source.column(name)
            if len(column.parts) > 1 and name.lower() == item.name and not item.columns:
                # Its own column, unless a local table inside it has one of the same name.
                own = source.column(column.parts[1].name)
                source.used |= {own.name} if own is not None else set()
            elif own is not None and not item.columns:
                source.used.add(own.name)
                if len(column.parts) == 1:
                    _respell(draft, column, ResolvedColumn(item, own.name, column.parts[0]))
            elif name.lower() == item.name and len(column.parts) == 1:
                # The row itself, as a STRUCT.
                source.is_star = True
            elif (
                name.lower() == item.name
                and (named := source.column(column.parts[1].name)) is not None
            ):
                source.used.add(named.name)
        place = place.parent


def _outside(draft: PlanningContext) -> None:
    """A source that no SELECT reads (DELETE … USING) is needed completely."""
    for source in draft.sources:
        if source.item is None:
            source.is_star = True


def _maybe_unknown(draft: PlanningContext, scope: SelectScope, column: Any) -> None:
    """Raise an error if the name can only be a column that does not exist."""
    parts = list(column.parts)
    first = parts[0].name.lower()
    if len(parts) > 1:
        place: SelectScope | None = scope
        while place is not None:
            for item in visible(place, column):
                if item.name == first and item.source is not None and not item.columns:
                    if item.source.column(parts[1].name) is not None:
                        return
                    raise unknown_column(draft.catalog, parts[1].name, item.source)
                if item.name == first:
                    return
            place = place.parent
    sources = [i.source for i in scope.items if i.source is not None]
    if not sources or len(sources) < len(scope.items) or scope.parent is not None:
        return
    if any(i.columns for i in scope.items) or first in _other_names(scope):
        return
    if any(s.column(first) is not None for s in sources):
        return
    raise _unknown(draft, scope, parts, sources)


def _unknown(
    draft: PlanningContext, scope: SelectScope, parts: list[Any], sources: list[TableReference]
) -> UnknownColumn:
    """The error for a name that is not in the FROM; suggests similar names."""
    name = parts[0].name
    found = unknown_column(draft.catalog, name, *sources)
    if found.is_set_as_a_whole:
        return found
    if len(parts) > 1:
        tables = ", ".join(i.node.alias_or_name for i in scope.items)
        found.hint = f"{name}.{parts[1].name}: the tables of this query are called {tables}"
    elif not nearest(name, found.near, cutoff=0.8):
        is_quoted = parts[0].args.get("quoted")
        if is_quoted or _is_compared(parts[0]):
            text = name.replace("'", "''")
            rest = "double quotes name a column" if is_quoted else "a word alone names a column"
            found.hint = f"text is written in single quotes: '{text}'; {rest}"
    return found


def _is_compared(name: Any) -> bool:
    """Whether a name is what a column is compared with: ``state = running``."""
    column = name.parent
    place = column.parent
    if isinstance(place, exp.In):
        return place.this is not column
    return isinstance(place, exp.EQ | exp.NEQ | exp.Like | exp.ILike) and (
        place.expression is column and isinstance(place.this, exp.Column | exp.Dot)
    )


def _other_names(scope: SelectScope) -> set[str]:
    """What an unqualified name may mean besides a column: an alias of the result, a table, a
    window."""
    found = {i.name for i in scope.items}
    found |= {a.alias.lower() for a in scope.node.find_all(exp.Alias) if a.alias}
    found |= {
        i.name.lower()
        for a in scope.node.find_all(exp.TableAlias)
        for i in a.find_all(exp.Identifier)
    }
    return found | {w.name.lower() for w in scope.node.find_all(exp.Window) if w.name}


def unknown_column(catalog: Catalog, name: str, *sources: TableReference) -> UnknownColumn:
    """The error, with the columns that the name means in an UPDATE, or else with similar ones."""
    where = ", ".join(s.table.id for s in sources)
    for source in sources:
        if meant := set_together(catalog, source.table, name):
            hint = f"UPDATE sets it as a whole; it is read as {', '.join(meant)}"
            error = UnknownColumn(name, where=where, hint=hint)
            error.is_set_as_a_whole = True
            return error
    meant = tuple(m for s in sources for m in meant_columns(s.table, name))
    legal = [c.name for s in sources for c in s.table.columns]
    return UnknownColumn(name, legal, where=where, meant=meant)
