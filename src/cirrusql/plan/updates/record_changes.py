"""UPDATE of a record's key: deletes the old record and creates the new one in one call.

For tables whose rows are changed by a batch of changes (record sets of a DNS zone), which a service
applies completely or not at all. What an UPDATE does not set is taken from the row as it was read.
"""

from __future__ import annotations

from collections.abc import Mapping

from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.catalog.row_model.request_fields import column_of, places_of
from cirrusql.catalog.row_model.row_places import constants, record_verbs
from cirrusql.plan.updates.row_values import parameters_of
from cirrusql.plan.writes.write_parts import Part
from cirrusql.sql.quoting import literal

_BOTH = frozenset({Verb.INSERT, Verb.DELETE})


def remade_records(table: Table, given: Mapping[str, str], alias: str) -> list[list[Part]]:
    """One call for each row that changes; empty if no batch of changes takes all the columns."""
    columns = {c.name: e for n, e in given.items() if (c := column_of(table, n)) is not None}
    if table.is_api_spelling or len(columns) < len(given):
        return []
    for method in table.methods:
        if (
            record_verbs(table, method) >= _BOTH
            and columns.keys() <= places_of(table, method).keys()
        ):
            return [[_remade(table, method, columns, alias)]]
    return []


def _remade(table: Table, method: Method, set_to: Mapping[str, str], alias: str) -> Part:
    said = constants(table, method, Verb.INSERT)
    assert said is not None
    parameter, (listed, *_), _ = said
    places = places_of(table, method)
    old = {c: f'"{alias}"."{c}"' for c in places}

    def change(cells: Mapping[str, str], does: Verb) -> str:
        placed = {c: (p, cells[c]) for c, p in places.items()}
        value = parameters_of(table, method, placed, alias, does)[parameter]
        return f"({value})[{literal(listed)}][1]"

    ended, made = change(old, Verb.DELETE), change({**old, **set_to}, Verb.INSERT)
    differs = " OR ".join(f"({set_to[c]}) IS DISTINCT FROM {old[c]}" for c in set_to)
    assigned = {parameter: f"{{{literal(listed)}: [{ended}, {made}]}}"}
    return Part(method, assigned, only_if=f"({differs})")
