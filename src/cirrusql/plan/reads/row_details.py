"""Which details a listing's rows are requested with, and what a listing tells without any."""

from __future__ import annotations

from collections.abc import Iterable

from cirrusql.catalog.model import Detail, Role, Table
from cirrusql.catalog.row_model.names_within import names_within
from cirrusql.sql.quoting import quoted
from cirrusql.types import ListType


def details_for(table: Table, given: set[str], wanted: set[str]) -> tuple[Detail, ...]:
    """The details that return what a method's rows lack, in the order in which they are requested.

    ``given``: the columns of the method's rows, including its keys. A detail whose key only another
    one returns follows that: a table's full name, by which its tags are listed.
    """
    usable = [d for d in table.details if _keys(d) <= given]
    reached = given | {name for d in usable for name in d.picks}
    later = [d for d in table.details if d not in usable and _keys(d) <= reached]
    missing = wanted - given
    told = {name for d in usable for name in d.picks}
    last = _givers(later, missing - told)
    keys = {column for d in last for column in _keys(d)} - given
    return (*_givers(usable, missing | keys), *last)


def _keys(detail: Detail) -> set[str]:
    return {column for _, column in detail.keys}


def _givers(details: Iterable[Detail], names: Iterable[str]) -> list[Detail]:
    # The choice of a column's detail does not depend on the other columns: first the most rows per
    # call, then the most columns.
    surest = sorted(details, key=lambda d: (-d.most, -len(d.picks)))
    found: list[Detail] = []
    for name in sorted(names):
        giver = next((d for d in surest if name in d.picks), None)
        if giver is not None and giver not in found:
            found.append(giver)
    return found


def asked_by(table: Table, given: set[str]) -> dict[str, str]:
    """Columns whose value follows from the ``given`` ones: SQL of each.

    The details' keys are columns that each row is, or would be, requested with, so that ``Bucket =
    'logs'`` means the same for a bucket as ``Name = 'logs'``; fields of a detail that repeat a key
    are known too.
    """
    found: dict[str, str] = {}
    for detail in table.details:
        for parameter, column in detail.keys:
            own = table.by_alias.get(parameter.lower())
            is_parameter = own is not None and own.role is Role.PARAMETER
            if own is not None and is_parameter and own.name not in given and column in given:
                value = f"[{quoted(column)}]" if parameter == detail.many else quoted(column)
                found.setdefault(own.name, value)
    for own in table.columns:
        if own.told_by in given and own.told_by and own.name not in given:
            value = quoted(own.told_by)
            if isinstance(own.type, ListType):
                value = f"CASE WHEN {value} IS NOT NULL THEN [{value}] END"
            found.setdefault(own.name, value)
    names = {n: w.sql for n, w in names_within(table).items() if n not in given and w.of in given}
    return {**names, **found}
