"""RETURNING: translates its names to the response's spelling, and checks them before any call."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlglot import exp

from cirrusql.catalog.model import Column, Method, Role, Table
from cirrusql.catalog.rows.column_types import method_columns
from cirrusql.catalog.secrets.secret_columns import is_secret_column
from cirrusql.errors import UnknownColumn
from cirrusql.plan.scope.planning_context import Edit
from cirrusql.plan.scope.source_text import applied
from cirrusql.sql.parse import parse_sql
from cirrusql.sql.split import Piece


def returned_columns(table: Table, method: Method) -> tuple[Column, ...]:
    """The columns that RETURNING may name: the response's fields, then the table's
    other columns."""
    own = method_columns(method)
    names = {c.name.lower() for c in own}
    return (*own, *(c for c in table.columns if c.name.lower() not in names))


def named_words(*texts: str) -> frozenset[str]:
    """The words of a query: secrets that it names may be shown, its stars show none."""
    return frozenset(word.lower() for text in texts for word in re.findall(r"\w+", text))


def returning_sql(
    text: str, table: Table, method: Method, given: Iterable[str], relation: str
) -> str:
    """The query over the relation of responses. ``*`` is the response's fields, what was sent, and
    where.

    Raises UnknownColumn with similar names, and SqlSyntaxError.
    """
    columns = returned_columns(table, method)
    # A comment may end the text.
    query = f"SELECT {text}\n FROM {relation}" if "--" in text else f"SELECT {text} FROM {relation}"
    tree = parse_sql(Piece(query, 0, query))
    edits = list(_edits(tree, columns, f"RETURNING of {method.operation.id}"))
    return applied(query, [*edits, *_stars(tree, query, columns, set(given), method)])


def _stars(
    tree: exp.Expr, query: str, columns: tuple[Column, ...], given: set[str], method: Method
) -> list[Edit]:
    """An unqualified star, expanded: otherwise every parameter of every method would be
    a column."""
    is_bare = [isinstance(e, exp.Star) and not any(e.args.values()) for e in tree.expressions]
    if not any(is_bare):
        return []
    own = {c.name for c in method_columns(method)}
    shown = [c for c in columns if c.name in own or c.name in given or c.role is Role.CONTEXT]
    listed = ", ".join(hidden_or_not(c) for c in shown)
    # The first star of the text is the unqualified one, unless a product or count comes before it.
    if len(tree.expressions) == 1:
        start = query.index("*")
        return [Edit(start, start + 1, listed)]
    return []


def hidden_or_not(column: Column) -> str:
    """A column as a star shows it: secrets are hidden, because a star names no column."""
    name = f'"{column.name}"'
    if not is_secret_column(column):
        return name
    hidden = "'****'" if column.type.name == "VARCHAR" else "NULL"
    return f"CASE WHEN {name} IS NOT NULL THEN {hidden} END AS {name}"


def _edits(tree: exp.Expr, columns: tuple[Column, ...], where: str) -> Iterable[Edit]:
    by_alias = {alias: c for c in reversed(columns) for alias in c.aliases}
    by_alias |= {c.name.lower(): c for c in columns}
    for column in tree.find_all(exp.Column):
        identifier = column.parts[0]
        if column.find_ancestor(exp.Select) is not tree or isinstance(identifier, exp.Star):
            continue
        found = by_alias.get(identifier.name.lower())
        if found is None:
            if not _is_lambda(column, identifier.name):
                raise UnknownColumn(identifier.name, [c.name for c in columns], where=where)
            continue
        if found.name == identifier.name or "start" not in identifier.meta:
            continue
        is_heading = column.parent is tree and len(column.parts) == 1
        heading = f' AS "{identifier.name}"' if is_heading else ""
        start, end = identifier.meta["start"], identifier.meta["end"] + 1
        yield Edit(start, end, f'"{found.name}"{heading}')


def _is_lambda(column: exp.Expr, name: str) -> bool:
    node = column.find_ancestor(exp.Lambda)
    while node is not None:
        if name.lower() in {i.name.lower() for i in node.expressions}:
            return True
        node = node.find_ancestor(exp.Lambda)
    return False
