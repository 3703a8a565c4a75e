"""What INSERT and UPDATE can do with a column: ``write`` of DESCRIBE EXTENDED.

Asks the planner itself, so that the answer is what happens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Column, Role, Table, Verb
from cirrusql.catalog.row_model.request_fields import is_tags
from cirrusql.catalog.row_model.row_places import when_of
from cirrusql.catalog.write_rules.preconditions import is_precondition
from cirrusql.catalog.write_rules.updates import updaters
from cirrusql.errors import ProgrammingError
from cirrusql.plan.inserts.insert_values import maker_place
from cirrusql.plan.updates.differences import change_of
from cirrusql.plan.updates.replacing import remakings
from cirrusql.plan.updates.splitting import splitting
from cirrusql.plan.updates.switching import switch_of
from cirrusql.plan.updates.tagging import adding
from cirrusql.plan.writes.write_methods import inserters, sources


def writable(
    catalog: Catalog, table: Table, columns: Iterable[Column] | None = None
) -> Mapping[str, str]:
    """By column: ``identity``, ``updatable``, ``create_only``, ``write_only``, ``read_only`` or
    empty. ``columns``: the table's own, unless others are given.

    ``create_only`` columns are set only when the row is created; ``write_only`` columns are never
    shown. An ``updatable`` column may have to be set together with another (a parameter with its
    Value).
    """
    identity, remade = identity_columns(table), _remade(table)
    return {c.name: _of(catalog, table, c, identity, remade) for c in columns or table.columns}


def write_of(catalog: Catalog, table: Table, column: Column) -> str:
    """What INSERT and UPDATE can do with one column, as in ``writable``."""
    return _of(catalog, table, column, identity_columns(table), _remade(table))


def _remade(table: Table) -> frozenset[str]:
    """The columns that an UPDATE changes by making the row anew."""
    return frozenset(
        c for pair in remakings(table, table.name) for c in (*pair.takes, *when_of(pair.maker))
    )


def identity_columns(table: Table) -> frozenset[str]:
    """The columns that identify the row for the operation that removes it, or else for the one that
    changes it."""
    methods = table.reached_by(Verb.DELETE) or updaters(table)
    found = ((m, n, c) for m in methods for n, (c, _) in (sources(table, m, ()) or {}).items())
    return frozenset(column for method, name, column in found if not is_precondition(method, name))


def _of(
    catalog: Catalog, table: Table, column: Column, identity: frozenset[str], remade: frozenset[str]
) -> str:
    if column.role is Role.CONTEXT:
        return ""
    if column.name in identity:
        return "identity"
    is_field = column.role is Role.FIELD
    if column.name in remade or is_updatable(catalog, table, column.name):
        return "updatable" if is_field else "write_only"
    if any(maker_place(table, m, column.name) is not None for m in inserters(table)):
        return "create_only" if is_field else "write_only"
    return "read_only" if is_field else ""


def is_updatable(catalog: Catalog, table: Table, column: str) -> bool:
    """Whether UPDATE can set a column."""
    if is_tags(column) and adding(catalog, table, "MAP {}"):
        return True
    if (
        change_of(catalog, table, column) is not None
        or switch_of(catalog, table, column) is not None
    ):
        return True
    try:
        splitting(catalog, table, {column: "''"})
    except ProgrammingError:
        return False
    return True
