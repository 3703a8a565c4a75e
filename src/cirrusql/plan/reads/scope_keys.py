"""Finds conditions on keys that widen a table's scope, because they find resources of any owner.

``catalog.behaviour.completeness`` knows these columns; ``plan.reads.method_selection`` binds their
values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cirrusql.catalog.behaviour.completeness import FillKind, narrowing
from cirrusql.catalog.model import Method, Verb
from cirrusql.plan.passes.predicates import narrowest
from cirrusql.plan.scope.scopes import Equality, TableReference


def scope_keys(source: TableReference) -> set[str]:
    """The columns of a source that find resources of any owner."""
    if source.table.is_api_spelling:
        return set()
    fills = (
        f for method in source.table.reached_by(Verb.SELECT) for f in narrowing(method).values()
    )
    columns = (source.column(name) for fill in fills for name in fill.keys)
    return {column.name for column in columns if column is not None}


def keys_of_scopes(
    source: TableReference, method: Method, is_known: Callable[[Equality], bool]
) -> Iterator[tuple[str, str, str, Equality]]:
    """The scopes widened because a key is bound: parameter, column, the parameter that takes it,
    its values."""
    if source.table.is_api_spelling:
        return
    for name, fill in narrowing(method).items():
        for column_name, parameter in fill.keys.items() if fill.kind is FillKind.SCOPE else ():
            column = source.column(column_name)
            found = narrowest(source.equalities, column.name) if column is not None else []
            equality = next(filter(is_known, found), None)
            if equality is not None:
                yield name, column_name, parameter, equality
