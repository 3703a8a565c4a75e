"""Which cells of a query's result, and whether its rows, depend on values that are not known yet.

A value that the API gives when a row is created (a VPC's id) is unknown at planning. A column of
the result is unknown if its expression uses such a value. The set of rows is unknown if a
condition, a join, a grouping, DISTINCT, ORDER BY with LIMIT, UNNEST or a set operation does. In
doubt a value counts as unknown: the row is then planned again once it is known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

Dependency = tuple[str, str]
"""A relation's address, and its column; the column is ``*`` for the set of rows."""


@dataclass(frozen=True)
class Unknowns:
    """The unknown columns of a relation, and whether its rows are unknown."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """By name in lower case, as it is spelled."""
    is_row_set: bool = False


@dataclass
class Found:
    """What a query's result depends on."""

    cells: dict[str, set[Dependency]] = field(default_factory=dict)
    """By output column, lower-case, what makes it unknown."""
    rows: set[Dependency] = field(default_factory=set)
    """What makes its set of rows unknown."""

    def column(self, name: str) -> set[Dependency]:
        """What makes a column unknown."""
        return self.cells.get(name.lower(), set())

    @property
    def everything(self) -> set[Dependency]:
        """What makes anything of it unknown."""
        return self.rows.union(*self.cells.values()) if self.cells else set(self.rows)


def unknowns_of(tree: Any, relations: Mapping[str, Unknowns]) -> Found:
    """What the result of a query depends on that is unknown.

    ``relations``: by name as in the text, exactly; those without unknown values may be left out.
    """
    return _query(tree, {name.lower(): (name, u) for name, u in relations.items()}, {})


_Relations = Mapping[str, tuple[str, Unknowns]]
_Sources = dict[str, Found]


def _query(node: Any, relations: _Relations, ctes: Mapping[str, Found]) -> Found:
    known = dict(ctes)
    with_ = node.args.get("with_") or node.args.get("with")
    for cte in with_.expressions if with_ is not None else ():
        known[cte.alias.lower()] = _query(cte.this, relations, known)
    if isinstance(node, exp.Subquery):
        found = _query(node.this, relations, known)
        return _limited(node, found, {}, relations, known)
    if isinstance(node, exp.SetOperation):
        return _set_operation(node, relations, known)
    if isinstance(node, exp.Select):
        return _select(node, relations, known)
    # Whatever else it is, it may depend on all that it names.
    found = Found()
    for table in node.find_all(exp.Table):
        found.rows |= _source(table, relations, known).everything
    return found


def _set_operation(node: Any, relations: _Relations, ctes: Mapping[str, Found]) -> Found:
    left = _query(node.left, relations, ctes)
    right = _query(node.right, relations, ctes)
    found = Found(rows=left.rows | right.rows)
    if node.args.get("by_name"):
        for name in (*left.cells, *right.cells):
            found.cells[name] = left.column(name) | right.column(name)
    else:
        by_place = list(right.cells.values())
        for i, name in enumerate(left.cells):
            found.cells[name] = left.cells[name] | (by_place[i] if i < len(by_place) else set())
    if not isinstance(node, exp.Union) or node.args.get("distinct") is not False:
        found.rows |= left.everything | right.everything
    return _limited(node, found, {}, relations, ctes)


def _select(node: Any, relations: _Relations, ctes: Mapping[str, Found]) -> Found:
    sources: _Sources = {}
    found = Found()
    from_ = node.args.get("from_") or node.args.get("from")
    joins = node.args.get("joins") or []
    laterals = node.args.get("laterals") or []
    for item in [*([from_.this] if from_ is not None else []), *(j.this for j in joins)]:
        _add_source(item, sources, found, relations, ctes)
    for lateral in laterals:
        found.rows |= _expression(lateral, sources, relations, ctes)
        sources[lateral.alias.lower() or f"?{len(sources)}"] = Found()
    for join in joins:
        for part in (join.args.get("on"), *(join.args.get("using") or ())):
            if part is not None:
                found.rows |= _expression(part, sources, relations, ctes)
    for projection in node.expressions:
        cells = _expression(projection, sources, relations, ctes)
        if projection.find(exp.Unnest, exp.Explode) is not None:
            found.rows |= cells
        if projection.is_star:
            _add_star(projection, sources, found)
        else:
            found.cells[projection.alias_or_name.lower() or f"?{len(found.cells)}"] = cells
    for part in ("where", "having", "qualify"):
        if (clause := node.args.get(part)) is not None:
            found.rows |= _expression(clause, sources, relations, ctes, aliases=found)
    group = node.args.get("group")
    if group is not None:
        names_columns = all(isinstance(e, exp.Column) for e in group.expressions)
        found.rows |= _expression(group, sources, relations, ctes, aliases=found)
        if not names_columns or not group.expressions:
            found.rows |= set().union(*found.cells.values()) if found.cells else set()
    if node.args.get("distinct") is not None:
        found.rows |= found.everything
    return _limited(node, found, sources, relations, ctes)


def _limited(
    node: Any, found: Found, sources: _Sources, relations: _Relations, ctes: Mapping[str, Found]
) -> Found:
    order, limit = node.args.get("order"), node.args.get("limit") or node.args.get("offset")
    if limit is None:
        return found
    found.rows |= _expression(limit, sources, relations, ctes)
    if order is not None:
        found.rows |= _expression(order, sources, relations, ctes, aliases=found)
        if not all(e.this.name for e in order.expressions):
            found.rows |= found.everything
    return found


def _add_source(
    item: Any, sources: _Sources, found: Found, relations: _Relations, ctes: Mapping[str, Found]
) -> None:
    name = item.alias_or_name.lower() or f"?{len(sources)}"
    if isinstance(item, exp.Table) and not isinstance(item.this, exp.Func):
        source = _source(item, relations, ctes)
    elif isinstance(item, exp.Subquery):
        source = _query(item, relations, ctes)
    else:
        # UNNEST, a table function: its rows are made of its arguments.
        source = Found()
        found.rows |= _expression(item, sources, relations, ctes)
    sources[name] = source
    found.rows |= source.rows
    for join in item.args.get("joins") or ():
        _add_source(join.this, sources, found, relations, ctes)
        for part in (join.args.get("on"), *(join.args.get("using") or ())):
            if part is not None:
                found.rows |= _expression(part, sources, relations, ctes)


def _source(table: Any, relations: _Relations, ctes: Mapping[str, Found]) -> Found:
    name = table.name.lower()
    if not table.db and name in ctes:
        return ctes[name]
    if table.db or name not in relations:
        return Found()
    address, unknown = relations[name]
    cells = {name: {(address, spelled)} for name, spelled in unknown.columns.items()}
    return Found(cells, {(address, "*")} if unknown.is_row_set else set())


def _add_star(projection: Any, sources: _Sources, found: Found) -> None:
    table = getattr(projection, "table", "") or ""
    except_ = {e.name.lower() for e in _star_part(projection, "except_", "except")}
    chosen: Iterable[Found] = (
        [sources[table.lower()]] if table.lower() in sources else sources.values()
    )
    for source in chosen:
        for column, cells in source.cells.items():
            if column not in except_:
                found.cells[column] = found.cells.get(column, set()) | cells


def _star_part(projection: Any, *names: str) -> Collection[Any]:
    star = projection if isinstance(projection, exp.Star) else projection.find(exp.Star)
    for name in names:
        if star is not None and star.args.get(name):
            found: Collection[Any] = star.args[name]
            return found
    return ()


def _expression(
    node: Any,
    sources: _Sources,
    relations: _Relations,
    ctes: Mapping[str, Found],
    aliases: Found | None = None,
) -> set[Dependency]:
    """What a value depends on: its columns, and its subqueries as a whole."""
    found: set[Dependency] = set()
    stack = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, exp.Query):
            inner = _query(part, relations, ctes)
            found |= inner.everything
            # A subquery may use the columns around it.
            for column in part.find_all(exp.Column):
                found |= _column(column, sources, aliases)
            continue
        if isinstance(part, exp.Column):
            found |= _column(part, sources, aliases)
            continue
        if isinstance(part, exp.Identifier) and part.parent is not None and part is node:
            found |= _named(part.name.lower(), sources)
        stack.extend(part.iter_expressions())
    return found


def _column(column: Any, sources: _Sources, aliases: Found | None) -> set[Dependency]:
    parts = [p.name.lower() for p in column.parts]
    # ``v.VpcId`` is a column of v; ``State.Name`` is a member of the column State.
    if len(parts) > 1 and parts[0] in sources:
        cells = sources[parts[0]].cells
        return cells.get(parts[1], set()) if parts[1] != "*" else set().union(*cells.values())
    found = _named(parts[0], sources)
    if aliases is not None and not found:
        found = aliases.cells.get(parts[0], set())
    if parts[0] in sources:
        # The row as a value.
        found = found | set().union(*sources[parts[0]].cells.values(), set())
    return found


def _named(name: str, sources: _Sources) -> set[Dependency]:
    found: set[Dependency] = set()
    for source in sources.values():
        found |= source.cells.get(name, set())
    return found
