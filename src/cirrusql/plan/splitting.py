"""What SET sets, divided among the operations that take it.

One operation for all of it where there is one. Else as few as there need to be: the one that
takes most columns first. EC2's Modify…Attribute takes one attribute a call, whatever its
model says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Method, Table
from cirrusql.errors import UnknownColumn
from cirrusql.plan.tagging import is_tags
from cirrusql.plan.write_methods import (
    kin,
    no_method,
    parameter_name,
    sources,
    unknown_parameter,
    updaters,
)
from cirrusql.plan.write_rows import Part

_ONE_ATTRIBUTE = re.compile(r"^Modify\w+Attribute$")
"""EC2 API Reference, "ModifyInstanceAttribute": "You can specify only one attribute at a time"."""

_GENERIC = frozenset({"Attribute", "AttributeName", "OperationType", "ValuesToAdd", "ValuesToRemove"})
"""Parameters of the form in which the attribute is named by a value: that is one already."""


def splitting(catalog: Catalog, table: Table, given: Mapping[str, str]) -> list[list[Part]]:
    """For each operation needed the ways to do it. ``given``: expressions by column.

    Raises UnknownColumn for what no operation takes, ProgrammingError where nothing updates.
    """
    methods = updaters(table)
    whole = [m for m in methods if _takes_all(m, given)] or list(kin(catalog, table, given))
    if whole:
        return list(_parts(whole, given))
    candidates = list(methods)
    for column in given:
        candidates += [m for m in kin(catalog, table, [column]) if m not in candidates]
    if not candidates:
        raise no_method(table, "UPDATE")
    left = dict(given)
    found: list[list[Part]] = []
    while left:
        taken = _most(table, candidates, left)
        if taken is None:
            raise _not_taken(table, methods or tuple(candidates), left)
        some = {c: left.pop(c) for c in taken}
        ways = [m for m in candidates if _takes_all(m, some) and _is_complete(table, m, some)]
        found += _parts(ways, some)
    return found


def _takes_all(method: Method, given: Mapping[str, str]) -> bool:
    return all(parameter_name(method, c) is not None for c in given)


def _parts(methods: Sequence[Method], given: Mapping[str, str]) -> list[list[Part]]:
    """The same columns by each of the methods; one by one where they take one at a time."""
    if len(given) > 1 and all(_takes_one(m, given) for m in methods):
        return [[_part(m, {c: e}) for m in methods] for c, e in given.items()]
    several = [m for m in methods if len(given) == 1 or not _takes_one(m, given)]
    return [[_part(m, given) for m in several]]


def _part(method: Method, given: Mapping[str, str]) -> Part:
    return Part(method, {parameter_name(method, c) or c: e for c, e in given.items()})


def _takes_one(method: Method, given: Mapping[str, str]) -> bool:
    operation = method.operation
    is_named = any(parameter_name(method, c) in _GENERIC for c in given)
    return operation.service.id == "ec2" and _ONE_ATTRIBUTE.match(operation.name) is not None and not is_named


def _is_complete(table: Table, method: Method, given: Mapping[str, str]) -> bool:
    """Whether the rows give what the method requires besides."""
    names = {parameter_name(method, c) or c for c in given}
    return sources(table, method, names) is not None


def _most(table: Table, methods: Sequence[Method], left: Mapping[str, str]) -> list[str] | None:
    """The columns of the method that takes most of them."""
    best: list[str] = []
    for method in methods:
        taken = [c for c in left if parameter_name(method, c) is not None]
        if len(taken) > len(best) and _is_complete(table, method, dict.fromkeys(taken, "")):
            best = taken
    return best or None


def _not_taken(table: Table, methods: Sequence[Method], left: Mapping[str, str]) -> UnknownColumn:
    best = max(methods, key=lambda m: sum(parameter_name(m, c) is not None for c in left))
    wrong = next((c for c in left if parameter_name(best, c) is None), next(iter(left)))
    error = unknown_parameter(wrong, best, f"UPDATE {table.id}")
    error.hint = f"SET {wrong}['key'] = 'value'" if is_tags(wrong) else error.hint
    return error
