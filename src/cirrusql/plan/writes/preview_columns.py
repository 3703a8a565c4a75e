"""Display columns of the rows that are written: a name of each resource, and its old values.

Read together with the keys, for the preview only; never sent. Makes no calls of its own: what only
a further detail has is read when a preview is shown (``session.old_values``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from sqlglot import exp

from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.model import Column, Role, Table, Verb
from cirrusql.catalog.relations.detail_overrides import listing_note
from cirrusql.catalog.relations.projection import is_listing
from cirrusql.catalog.secrets.secret_columns import is_secret_column
from cirrusql.plan.model import Plan, ValueChange
from cirrusql.plan.scope.constants import is_volatile
from cirrusql.plan.updates.tag_changes import tag_key
from cirrusql.sql.parse import parse_sql
from cirrusql.sql.split import Piece
from cirrusql.sql.statements import Assignment
from cirrusql.types import ListType, StructType

NAME_COLUMN = "name of the thing"
BEFORE = "before "
"""Prefix of columns with old values, followed by the parameter's name. No parameter contains a
space."""

AFTER = "after "
"""Prefix of columns with new values, if the calls have them under other names."""

_TAGS = frozenset({"tags", "tag_list", "tag_set"})
_NAMES = (
    "name",
    "{}_name",
    "user_name",
    "group_name",
    "role_name",
    "display_name",
    "title",
    "label",
)


def about_cells(
    table: Table,
    alias: str,
    assigned: Iterable[str],
    keys: Collection[str],
    changes: Iterable[ValueChange] | None = None,
) -> list[str]:
    """SQL of the display columns. ``keys``: columns that are already shown as the target.

    ``changes``: what SET changes. Of the assigned parameters only those are shown that are named as
    the column that they change: Groups of a request may be a row's SecurityGroups, and its own
    Groups something else.
    """
    set_to = {c.column.lower(): c.after for c in changes or ()}
    shown = [n for n in assigned if changes is None or n.lower() in set_to]
    cells = []
    for name, column in _old(table, shown):
        cells.append(f'"{alias}"."{column}" AS "{BEFORE}{name}"')
        # What is sent need not say it, as NULL is not sent.
        if after := set_to.get(name.lower()):
            cells.append(f'{after} AS "{AFTER}{name}"')
    names = [*_tag_names(table, alias), *(f'"{alias}"."{c}"' for c in _names(table, keys))]
    if names:
        cells.append(f'coalesce({", ".join(names)}) AS "{NAME_COLUMN}"')
    return cells


def changed_cells(table: Table, changes: Iterable[ValueChange]) -> list[str]:
    """SQL of the old and new values of rows that are re-created, by column."""
    found = []
    for change in dict.fromkeys(changes):
        if not is_secret_column(table.by_alias[change.column.lower()]):
            found.append(f'{change.before} AS "{BEFORE}{change.column}"')
            found.append(f'{change.after} AS "{AFTER}{change.column}"')
    return found


def set_changes(table: Table, assignments: Iterable[Assignment], alias: str) -> list[ValueChange]:
    """What SET changes, by column, whichever parameters it goes to.

    The old value of a secret is shown hidden, with a mark if it changes; a member of one is not
    shown, since only the whole is known to be hidden.
    """
    found = []
    for assignment in assignments:
        column = table.by_alias.get(assignment.column.lower())
        if column is None:
            continue
        if is_secret_column(column):
            is_shown = column.role is Role.FIELD and assignment.key is None
            before = f'"{alias}"."{column.name}"' if is_shown else ""
            found.append(ValueChange(column.name, before, "", column.name, is_secret=True))
            continue
        if column.role is not Role.FIELD:
            continue
        name, before = column.name, f'"{alias}"."{column.name}"'
        if assignment.key is not None:
            name, before = f"{name}[{assignment.key}]", f"tags({before})[{tag_key(assignment)}]"
        if '"' not in name:
            found.append(
                ValueChange(name, before, _shown_value(assignment.expression), column.name)
            )
    return found


def _shown_value(expression: str) -> str:
    """SQL of a value that may be evaluated twice; empty if a second evaluation may differ."""
    text = f"SELECT ({expression}\n)"
    tree = parse_sql(Piece(text, 0, text))
    is_once = is_volatile(tree) or any(n is not tree for n in tree.find_all(exp.Query))
    return "" if is_once else f"({expression}\n)"


def free_cells(
    table: Table,
    changes: Iterable[ValueChange],
    reading: Plan,
    about: Iterable[str],
) -> list[str]:
    """SQL of old and new values that need no further call: from a listing, or from a detail that
    is read anyway."""
    free = set(_listed(table))
    methods = set()
    for scan in (s for s in reading.scans if s.table.id == table.id):
        free |= {c.name for c in scan.columns}
        methods |= {calls.method.operation.id for calls in scan.calls}
    for detail in table.details:
        if detail.method.operation.id in methods:
            free |= set(detail.picks)
    have = {cell.rpartition(' AS "')[2].lower() for cell in about}
    found = []
    for change in changes:
        is_shown = f'{BEFORE}{change.column}"'.lower() in have
        if not change.before or change.of not in free or is_shown:
            continue
        found.append(f'{change.before} AS "{BEFORE}{change.column}"')
        if change.after:
            found.append(f'{change.after} AS "{AFTER}{change.column}"')
    return found


def _old(table: Table, assigned: Iterable[str]) -> Iterator[tuple[str, str]]:
    listed = _listed(table)
    for name in assigned:
        column = table.by_alias.get(name.lower())
        if column is not None and column.name in listed and not is_secret_column(column):
            yield name, column.name


def _listed(table: Table) -> dict[str, Column]:
    """The fields that a listing returns without details."""
    found: set[str] = set()
    for method in table.reached_by(Verb.SELECT):
        if method.rows is not None and is_listing(method):
            found |= set(method.rows.fields) - listing_note(method.operation).absent
    return {c.name: c for c in table.columns if c.role is Role.FIELD and c.name in found}


def _tag_names(table: Table, alias: str) -> Iterator[str]:
    for name, column in _listed(table).items():
        element = column.type.element if isinstance(column.type, ListType) else None
        if snake_case(name) in _TAGS and isinstance(element, StructType):
            yield f'tags("{alias}"."{name}")[\'Name\']'


def _names(table: Table, keys: Collection[str]) -> Iterator[str]:
    listed = {snake_case(n): c for n, c in _listed(table).items() if c.type.name == "VARCHAR"}
    for spelling in _NAMES:
        column = listed.get(spelling.format(table.noun))
        if column is not None and column.name not in keys and not is_secret_column(column):
            yield column.name
            return
