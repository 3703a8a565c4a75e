"""The order of a table's columns for a person: identity first, then state, then the rest.

For terminals only. Programs rely on the table's own order, ``Table.columns``.
"""

from __future__ import annotations

from collections.abc import Sequence

from cirrusql.catalog.inference.full_names import ENDING as FULL
from cirrusql.catalog.inference.identifiers import nouns_of
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.model import Column, ParameterRole, Role, Table, Verb

_NAME, _ID, _KEY, _STATE, _OTHER, _FULL_NAME, _NESTED, _PARAMETER, _CONTEXT = range(9)
_NESTING = ("STRUCT", "MAP", "JSON")


def display_order(table: Table, names: Sequence[str]) -> tuple[int, ...]:
    """The positions of ``names`` in the order in which they are shown; ties stay as they are."""
    nouns = nouns_of(tuple(table.noun.split("_")))
    keys = {
        key.lower()
        for method in table.reached_by(Verb.SELECT)
        if method.rows and method.rows.lists
        for key in method.required
    }
    ranks = [_rank(table.by_alias.get(name.lower()), nouns, keys) for name in names]
    if _NAME not in ranks and _ID not in ranks:
        # Only its full name identifies the resource.
        ranks = [_ID if rank == _FULL_NAME else rank for rank in ranks]
    return tuple(sorted(range(len(names)), key=ranks.__getitem__))


def _rank(column: Column | None, nouns: Sequence[str], keys: set[str]) -> int:
    if column is None:
        return _PARAMETER
    if column.role is Role.CONTEXT:
        return _CONTEXT
    name = snake_case(column.name)
    if column.role is Role.PARAMETER:
        return _KEY if column.parameter_role is ParameterRole.KEY else _PARAMETER
    of_thing = {"", *(f"{noun}_" for noun in nouns)}
    start, _, ending = name.rpartition("_")
    if name in nouns or (f"{start}_" if start else "") in of_thing:
        if name in nouns or ending == "name":
            return _NAME
        if ending in ("id", "identifier"):
            return _ID
        if ending == FULL:
            return _FULL_NAME
        if ending in ("state", "status", "type"):
            return _STATE
    if column.name.lower() in keys:
        return _KEY
    sql = column.type.sql
    return _NESTED if sql.startswith(_NESTING) or sql.endswith("]") else _OTHER
