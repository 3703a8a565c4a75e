"""Pass: applies a condition on one column to other columns with the same value.

``WHERE Id = '…'`` on policies becomes one GetPolicy call, although that takes PolicyArn. Adds only
equalities that already hold. In every row of a table

- the key of a detail call (``PolicyId``) is a column of the row (``Id``), and
- a detail's field that repeats a field of the listing (``Column.told_by``) has the same value,

so if one of the two can only have certain values in relevant rows, the same is true of the other.
Reading by key then returns all such rows: the column identifies the resource, and the response
contains it, so that the engine compares it like the listing's (where the response spells it
differently, see ``apart`` in ``details.toml``, the listing is read). If a listing omits existing
resources (secrets scheduled for deletion, other accounts' images), a key could find more than the
table holds: this is used only where ``completeness.toml`` lets a key find resources of any owner. A
constant that the parameter cannot take is left to the listing: the API would reject it, whereas the
table has no such row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlglot import exp

from cirrusql.api.model import Member
from cirrusql.catalog.behaviour.completeness import FillKind, narrowing
from cirrusql.catalog.inference.fitness import can_be, is_scalar
from cirrusql.catalog.model import Detail, Role, Table, Verb
from cirrusql.catalog.relations.detail_overrides import detail_note
from cirrusql.catalog.relations.projection import row_source
from cirrusql.plan.scope.constants import suits
from cirrusql.plan.scope.planning_context import PlanningContext
from cirrusql.plan.scope.scopes import Equality, TableReference


def equal_keys(draft: PlanningContext) -> None:
    """Add to each source's equalities what they imply for other columns."""
    for source in draft.sources:
        for one, other, member in list(_same(source.table)):
            if not any(e.column == other for e in source.equalities):
                source.equalities += [
                    replace(e, column=other, node=None)
                    for e in source.equalities
                    if e.column == one and _can_be_sent(source, other, member, e)
                ]


def _same(table: Table) -> Iterator[tuple[str, str, Member | None]]:
    """Pairs of columns with the same value in every row; includes the member of a parameter."""
    for column in table.columns:
        if column.role is Role.FIELD and column.told_by:
            yield column.told_by, column.name, None
            yield column.name, column.told_by, None
    for detail in table.details:
        for parameter, column_name in detail.keys:
            own = table.by_alias.get(parameter.lower())
            if (
                own is not None
                and own.role is Role.PARAMETER
                and _is_found_by(table, detail, column_name)
            ):
                yield column_name, own.name, detail.method.parameters[parameter]


def _is_found_by(table: Table, detail: Detail, column: str) -> bool:
    """Whether a detail requested by a column's value returns all rows with that value, and contains
    it."""
    method = next((m for m in table.methods if m.operation is detail.method.operation), None)
    if method is None or method.verb is not Verb.SELECT or method.rows is None or detail.many:
        return False
    listing = row_source(m for m in table.reached_by(Verb.SELECT) if m.rows is not None)
    fills = narrowing(listing).values() if listing is not None else ()
    if column in detail_note(detail.method.operation, table.name).apart:
        return False
    is_whole = all(column in fill.keys for fill in fills if fill.kind is FillKind.SCOPE)
    parameter = next(p for p, c in detail.keys if c == column)
    return is_whole and column in method.rows.fields and is_scalar(method, parameter)


def _can_be_sent(
    source: TableReference, name: str, member: Member | None, equality: Equality
) -> bool:
    own = source.column(name)
    if own is None or not all(suits(v, own.type) for v in equality.constants):
        return False
    texts: list[Any] = [v for v in equality.constants if isinstance(v, exp.Literal) and v.is_string]
    return member is None or all(can_be(member, str(v.this)) for v in texts)
