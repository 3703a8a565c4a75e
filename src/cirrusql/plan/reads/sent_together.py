"""Checks that one method accepts all options that a statement binds: otherwise one would be
dropped."""

from __future__ import annotations

from collections.abc import Sequence

from cirrusql.catalog.model import Method
from cirrusql.errors import InvalidParameter
from cirrusql.plan.scope.scopes import TableReference


def sends_all(source: TableReference, method: Method, has_details: bool) -> bool:
    """Whether each option is sent with the method's calls, or with those of its rows' details."""
    methods = [method, *(d.method for d in source.table.details if has_details)]
    taken = {c.name for m in methods for n in m.parameters if (c := source.column(n)) is not None}
    return source.must_send <= taken


def never_together(source: TableReference, readers: Sequence[Method]) -> InvalidParameter:
    """The error saying which method accepts which option."""
    takers = {
        name: ", ".join(source.table.spelled(m) for m in readers if name in m.parameters)
        for name in sorted(source.must_send)
    }
    said = "; ".join(f"{name} is a parameter of {methods}" for name, methods in takers.items())
    return InvalidParameter(
        f"{source.table.id}: no call accepts {', '.join(takers)} together ({said})",
        hint="read them in separate statements",
    )
