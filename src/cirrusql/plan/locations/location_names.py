"""Decides which values may be full names, and which of those contain the place
of their row."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from cirrusql.catalog.inference.full_names import ENDING
from cirrusql.catalog.inference.identifiers import ending_of, stem_of
from cirrusql.catalog.inference.words import singular
from cirrusql.catalog.model import Column, Role
from cirrusql.plan.locations.location_links import LinkSide
from cirrusql.plan.scope.lineage import sources_behind
from cirrusql.plan.scope.resolve import ResolvedColumn, resolve
from cirrusql.plan.scope.scopes import TableReference


def may_be_full_name(side: LinkSide) -> bool:
    """Whether a value may be a full name: not a short name, a number, or text that starts
    differently."""
    node = side.node.unnest()
    while isinstance(node, exp.DPipe | exp.Concat):
        node = (node.left if isinstance(node, exp.DPipe) else node.expressions[0]).unnest()
    if isinstance(node, exp.Literal):
        return str(node.this).startswith(ENDING)
    if isinstance(node, exp.Any | exp.All):
        return False
    found = _column(side, node)
    if found is None:
        return True
    name = found.rest[-1] if found.rest else found.column
    types = {c.type.name for c in _columns(found) if not found.rest}
    return ending_of(name) != "name" and not types & {"INTEGER", "BIGINT", "DOUBLE", "BOOLEAN"}


def names_itself(side: LinkSide, source: TableReference) -> bool:
    """Whether the compared column identifies the row, or is the key that it was requested with.

    A full name in such a column contains the row's place. In any other column it identifies a
    referenced resource, which may be elsewhere.
    """
    found = _column(side, side.node.unnest())
    if found is None or found.rest:
        return False
    columns = _columns(found, source)
    return bool(columns) and all(_is_own(source, column) for column in columns)


def _column(side: LinkSide, node: Any) -> ResolvedColumn | None:
    return resolve(side.scope, node) if isinstance(node, exp.Column) else None


def _columns(found: ResolvedColumn, source: TableReference | None = None) -> list[Column]:
    """The cloud columns that a column stands for, of one table or of any."""
    behind = sources_behind(found.item, found.column)
    columns = (s.column(name) for s, name in behind if source is None or s is source)
    return [c for c in columns if c is not None]


def _is_own(source: TableReference, column: Column) -> bool:
    if column.role is not Role.FIELD:
        return True
    if any(column.name in m.keys for m in source.table.methods if m.rows is not None):
        return True
    *first, last = source.table.name.split("_")
    thing, stem = (*first, singular(last)), stem_of(column.name)
    # The source of a replica is a different resource.
    return not stem or thing[-len(stem) :] == stem
