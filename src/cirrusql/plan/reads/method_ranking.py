"""Ranks bound methods for a source: first by the columns that they return, then by their calls."""

from __future__ import annotations

from cirrusql.catalog.model import Detail, Role
from cirrusql.plan.reads.bound_method import BoundMethod
from cirrusql.plan.reads.readers import readers
from cirrusql.plan.scope.scopes import TableReference


def best_of(
    source: TableReference, complete: list[BoundMethod], wanted: set[str]
) -> BoundMethod | None:
    """The method that returns most of the wanted columns with the fewest calls; None if there are
    none."""
    has_listing = any(m.rows is not None and m.rows.lists for m in readers(source))
    # A Get without its key describes the caller, not a row of the table.
    options = [o for o in complete if o.is_listing or not has_listing or says_which(source, o)]
    options = [o for o in options if not _is_one_of_a_listing(source, o, options, wanted)]
    return min(options, key=lambda o: rank(source, o, wanted), default=None)


def _is_one_of_a_listing(
    source: TableReference, one: BoundMethod, options: list[BoundMethod], wanted: set[str]
) -> bool:
    """Whether an operation on one resource takes no more than a listing does: it returns one of the
    listing's rows.

    A field among its parameters identifies the row, unless it is one of several optional ones: a
    country has many rows beside that of the country itself.
    """
    told = one.sent(source)
    if one.is_listing:
        return False
    if any(is_field(source, name) for name in told):
        fields = {c.name for n in one.method.parameters if (c := source.column(n)) is not None}
        is_part = not one.method.keys and any(is_field(source, n) for n in fields - told)
        return is_part and any(
            o.is_listing and wanted & one.gives(source) <= o.gives(source) for o in options
        )
    return any(
        o.is_listing and told <= o.sent(source) and wanted & one.gives(source) <= o.gives(source)
        for o in options
    )


def is_field(source: TableReference, name: str) -> bool:
    """Whether a parameter has the name of a field of the rows."""
    column = source.column(name)
    return column is not None and column.role is Role.FIELD


def says_which(source: TableReference, option: BoundMethod) -> bool:
    """Whether an operation on one resource is told which one, although the parameter is
    optional."""
    if _as_detail(source, option) is None:
        return bool(option.bindings)
    return not unsaid_keys(source, option)


def unsaid_keys(source: TableReference, option: BoundMethod) -> tuple[str, ...]:
    """The parameters, optional ones too, that say which resource and are not bound."""
    detail = _as_detail(source, option)
    keys = [] if detail is None else [parameter for parameter, _ in detail.keys]
    return tuple(key for key in keys if key not in option.names)


def _as_detail(source: TableReference, option: BoundMethod) -> Detail | None:
    known = (d for d in source.table.details if d.method.operation is option.method.operation)
    return option.detail or next(known, None)


def asks_for_nothing(source: TableReference, option: BoundMethod) -> bool:
    """Whether an operation without keys describes the caller, rather than an unnamed resource."""
    return all(d.method.operation is not option.method.operation for d in source.table.details)


def rank(source: TableReference, option: BoundMethod, wanted: set[str]) -> tuple[float, ...]:
    """A sort key: smaller is better."""
    deciding, given = columns_given(source, option, wanted)
    return -deciding, -given, option.cost, -len(option.gives(source)), -len(option.method.name)


def columns_given(source: TableReference, option: BoundMethod, wanted: set[str]) -> tuple[int, int]:
    """How many of the wanted columns an option returns: of those that select rows, and of all."""
    found = wanted & option.gives(source)
    return len(found & source.deciding), len(found)
