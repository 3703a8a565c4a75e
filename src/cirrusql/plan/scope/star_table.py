"""Whose columns a query shows that names none: ``SELECT *`` of one cloud table."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Table
from cirrusql.errors import UnknownName


def star_table(tree: Any, catalog: Catalog) -> Table | None:
    """The cloud table that provides all columns of the result; None if the user
    selected columns."""
    if not isinstance(tree, exp.Select) or tree.args.get("joins") or tree.args.get("laterals"):
        return None
    expressions = tree.expressions
    if len(expressions) != 1 or not isinstance(expressions[0], exp.Star):
        return None
    if any(expressions[0].args.values()):
        return None
    source = tree.args.get("from_") or tree.args.get("from")
    table = source.this if source is not None else None
    if not isinstance(table, exp.Table) or table.args.get("joins"):
        return None
    path = [part.name for part in table.parts]
    if len(path) != 3:
        return None
    try:
        return catalog.table(path[0], path[1], path[2])
    except UnknownName:
        return None
