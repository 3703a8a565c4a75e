"""The inverse of an UPDATE that copies a row onto itself: another copy, with the values before.

A copy has only what it is sent, so what had no value before is left out again.
"""

from __future__ import annotations

from collections.abc import Mapping

from cirrusql.catalog.inverses.inverse import Inverse, Needs, NoInverse
from cirrusql.catalog.inverses.inverse_sources import ValueOrigin, ValueSource
from cirrusql.catalog.inverses.readback import Reading
from cirrusql.catalog.model import Detail, Method, Table
from cirrusql.catalog.write_rules.copying import copy_of_itself


def copied_back(table: Table, write: Method, sent: Mapping[str, object]) -> Inverse | NoInverse:
    """The copy that restores what a copy onto itself changes."""
    copied = copy_of_itself(write)
    changed = set(copied.sets) if copied is not None else set()
    for detail in table.details:
        found = _fields(detail)
        given = {parameter: column for parameter, column in detail.keys if column in sent}
        if copied is None or not changed & sent.keys() <= found or len(given) < len(detail.keys):
            continue
        kept = {n: ValueSource(ValueOrigin.SENT, (n,)) for n in sent if n not in changed}
        before = {n: ValueSource(ValueOrigin.BEFORE, (n,)) for n in copied.sets if n in found}
        seen = detail.method.operation
        return Inverse(
            write,
            kept | before,
            f"{write.operation.name} is undone by a copy with the values that {seen.name} read "
            "before",
            Needs.VALUES,
            Reading(
                table, detail.method, given, {}, True, f"{seen.id} by {', '.join(given.values())}"
            ),
        )
    return NoInverse("what the copy changes cannot be read before")


def _fields(detail: Detail) -> set[str]:
    """What a detail of one row says of it, under the names of the table's columns."""
    rows = detail.method.rows
    if rows is None or rows.lists or detail.many:
        return set()
    return {n for n in rows.fields if n in detail.picks and detail.picks[n].key is None}
