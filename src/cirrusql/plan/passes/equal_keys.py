"""Pass: what the statement says of a column says the same of another with the same value.

``WHERE Id = '…'`` over policies is one GetPolicy, though it is asked by PolicyId. It only
adds equalities that hold already: in every row of a table

- what a detail is asked by (``PolicyId``) is the row's own column (``Id``), and
- a field of a detail that says the listing's again (``Column.told_by``) has its value,

so that where one of the two can only have certain values in the rows that matter, so can the other.
What is then asked by key answers for all such rows: the column names one thing, and the answer
bears it, so that the engine compares it as it compares the listing's (where the answer says it
otherwise, as ``details.toml``'s ``apart`` knows, the listing is read). Where a listing is less than
all there is (secrets to be deleted, others' images), a key finds more than the table holds: only
those that ``completeness.toml`` lets find a thing whoever owns it do so. A constant that the
parameter cannot take is left to the listing: the API would refuse it, where the table has no such
row.
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
    """Add to the equalities of every source what they say of other columns."""
    for source in draft.sources:
        for one, other, member in list(_same(source.table)):
            if not any(e.column == other for e in source.equalities):
                source.equalities += [
                    replace(e, column=other, node=None)
                    for e in source.equalities
                    if e.column == one and _can_be_sent(source, other, member, e)
                ]


def _same(table: Table) -> Iterator[tuple[str, str, Member | None]]:
    """Pairs of columns with the same value in every row; of a parameter its member too."""
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
    """Whether a detail asked by a column's value answers for the rows that have it,
    and bears it."""
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
