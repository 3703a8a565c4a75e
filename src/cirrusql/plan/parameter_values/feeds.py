"""Feeds: SQL over scans that returns the values of parameters.

A feed may return more values than the statement needs, but never fewer: it reads one item of a
FROM, narrowed by conditions that every relevant row meets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from cirrusql.plan.model import Binding, Constant, Feed
from cirrusql.plan.parameter_values.value_sources import partners, read_by, sources_of
from cirrusql.plan.scope.expression_text import column_span
from cirrusql.plan.scope.planning_context import Edit, PlanningContext
from cirrusql.plan.scope.resolve import resolve
from cirrusql.plan.scope.scopes import Equality, Item, TableReference
from cirrusql.plan.scope.source_text import applied, item_text, query_text, with_clause
from cirrusql.sql.quoting import literal, quoted


def constant_binding(equalities: list[Equality]) -> Binding:
    """A binding of values written in the statement; the engine evaluates expressions."""
    if equalities[0].is_list:
        return _list_feed(equalities[0])
    names = tuple(e.column for e in equalities)
    rows = list(zip(*(e.constants for e in equalities), strict=True))
    if all(isinstance(v, exp.Literal | exp.Boolean) for row in rows for v in row):
        return Constant(
            names, tuple(dict.fromkeys(tuple(_literal(v) for v in row) for row in rows))
        )
    cells = [f"v{i}" for i in range(len(names))]
    parts = " UNION ALL ".join(
        "SELECT "
        + ", ".join(f"{v.sql(dialect='duckdb')} AS {c}" for v, c in zip(row, cells, strict=True))
        for row in rows
    )
    filled = " AND ".join(f"{c} IS NOT NULL" for c in cells)
    sql = f"SELECT DISTINCT {', '.join(cells)} FROM ({parts}) WHERE {filled}"
    return Feed(
        names, sql, reason=", ".join(v.sql(dialect="duckdb") for row in rows[:3] for v in row)
    )


def as_feed(constant: Constant) -> Feed:
    """The same values as a feed."""
    names = constant.parameters
    rows = ", ".join("(" + ", ".join(_written(v) for v in row) + ")" for row in constant.rows)
    cells = ", ".join(f"c{i}" for i in range(len(names)))
    return Feed(names, f"SELECT DISTINCT {cells} FROM (VALUES {rows}) AS q({cells})")


def _written(value: object) -> str:
    return literal(value) if isinstance(value, str) else str(value)


def _list_feed(equality: Equality) -> Feed:
    """The elements of a list that is the same for every row: ``= ANY($names)``."""
    text = equality.constants[0].sql(dialect="duckdb")
    sql = f"SELECT DISTINCT v FROM (SELECT unnest({text}) AS v) WHERE v IS NOT NULL"
    return Feed((equality.column,), sql, reason=text)


def _literal(value: Any) -> object:
    if isinstance(value, exp.Boolean):
        return bool(value.this)
    if value.is_string:
        return str(value.this)
    return int(value.this) if value.is_int else float(value.this)


def query_feed(
    draft: PlanningContext, equalities: list[Equality], placed_by: Mapping[str, int] | None = None
) -> Feed:
    """The values of a subquery, with its cloud tables replaced by their scans.

    ``placed_by``: its columns with the connection and region in which each value is used.
    """
    query = equalities[0].query
    inner = query_text(draft, query)
    width = max(len(query.selects), max(e.position + 1 for e in equalities))
    listed = ", ".join(f"c{i}" for i in range(width))
    cells = [f"c{e.position}" for e in equalities]
    filled = " AND ".join(f"{c} IS NOT NULL" for c in cells)
    if placed_by:
        connection = f"c{placed_by['connection']}" if "connection" in placed_by else "'*'"
        region = f"c{placed_by['region']}" if "region" in placed_by else "NULL"
        cells += [f"{connection} AS connection", "NULL AS account_id", f"{region} AS region"]
    sql = f"SELECT DISTINCT {', '.join(cells)} FROM ({inner}) AS q({listed}) WHERE {filled}"
    needs = scans_of(read_by(draft, query)[0])
    names = tuple(e.column for e in equalities)
    return Feed(names, sql, needs, reason="subquery", carries_context=bool(placed_by))


def key_feed(
    draft: PlanningContext,
    item: Item,
    equalities: list[Equality],
    *,
    places: tuple[str, str] | None = None,
) -> Feed:
    """The values that one item's rows give to one or more parameters together.

    ``places``: SQL of the connection and region in which each value is used.
    """
    values = [over(e.expression, item) for e in equalities]
    cells = ", ".join(f"{v} AS v{i}" for i, v in enumerate(values))
    where = [f"{v} IS NOT NULL" for v in values]
    where += [over(f, item) for f in draft.filters.get(item, ())]
    texts, ctes = [], []
    for part in (*(partners(item) or ()), item):
        text, needed = item_text(draft, part)
        texts.append(text)
        ctes += needed
    if places is not None:
        cells += f", {places[0]} AS connection, NULL AS account_id, {places[1]} AS region"
    prefix = with_clause(draft, ctes)
    sql = f"{prefix}SELECT DISTINCT {cells} FROM {', '.join(texts)} WHERE {' AND '.join(where)}"
    reason = ", ".join(e.expression.sql(dialect="duckdb") for e in equalities)
    names = tuple(e.column for e in equalities)
    return Feed(names, sql, scans_of(sources_of(draft, item)), reason, places is not None)


def scans_of(sources: list[TableReference]) -> tuple[str, ...]:
    """The scans that make up the relations of some sources."""
    found = [i for s in sources if s.scan is not None for i in (s.scan.id, *s.also)]
    return tuple(dict.fromkeys(found))


def column_of(expression: exp.Expr, item: Item) -> str | None:
    """The column of an item, if the expression is just that column."""
    if not isinstance(expression, exp.Column):
        return None
    found = resolve(_scope_of(expression, item.scope), expression)
    return found.column if found is not None and found.item is item and not found.rest else None


def over(expression: exp.Expr, item: Item) -> str:
    """An expression over a single item: every column is qualified with the item's name."""
    if "spelled" in expression.meta:
        return _over_text(expression, item)
    copy = expression.copy()
    pairs = zip(expression.find_all(exp.Column), copy.find_all(exp.Column), strict=True)
    for original, node in list(pairs):
        scope = item.scope
        found = resolve(_scope_of(original, scope), original)
        if found is None:
            continue
        new: Any = exp.column(
            exp.to_identifier(found.column, quoted=True),
            table=exp.to_identifier(item.node.alias_or_name, quoted=True),
        )
        for part in found.rest:
            new = exp.Dot(this=new, expression=exp.to_identifier(part, quoted=True))
        if node is copy:
            return str(new.sql(dialect="duckdb"))
        node.replace(new)
    return f"({copy.sql(dialect='duckdb')})"


def _over_text(expression: exp.Expr, item: Item) -> str:
    """The same for text taken from the user's statement."""
    start, text = expression.meta["spelled"]
    edits = []
    for column in expression.find_all(exp.Column):
        found = resolve(_scope_of(column, item.scope), column)
        span = column_span(column)
        if found is not None and span is not None:
            names = (item.node.alias_or_name, found.column, *found.rest)
            edits.append(Edit(span[0] - start, span[1] - start, ".".join(quoted(n) for n in names)))
    return f"({applied(text, edits)})"


def _scope_of(node: exp.Expr, item_scope: Any) -> Any:
    """The scope that contains a node: the item's own, or a nested one."""
    query = node.find_ancestor(exp.Select)
    return next((s for s in item_scope.scopes() if s.node is query), item_scope)
