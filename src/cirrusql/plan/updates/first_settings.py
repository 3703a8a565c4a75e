"""Settings that are something of their own: created at first, and updated from then on.

An update of what is not there is refused: INSERT creates it, and UPDATE does what the row needs.
``catalog.row_model.own_settings`` knows them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Table
from cirrusql.catalog.row_model.own_settings import maker_of, shown
from cirrusql.plan.writes.write_methods import inserters, sources
from cirrusql.plan.writes.write_parts import Part
from cirrusql.sql.quoting import quoted


def creating_first(
    catalog: Catalog, table: Table, ways: Iterable[list[Part]], alias: str | None
) -> list[list[Part]]:
    """The same calls, with those that create what is not there yet.

    ``alias``: the existing row; None if it is just being created, and has no settings yet.
    """
    found: list[list[Part]] = []
    for way in ways:
        made = [m for part in way if (m := _creating(catalog, table, part)) is not None]
        if not made:
            found.append(way)
        elif alias is None:
            found.append(made)
        else:
            columns = shown(table, way[0].method, way[0].sets)
            there = " OR ".join(f"{quoted(alias)}.{quoted(c)} IS NOT NULL" for c in columns)
            found.append([replace(p, only_if=_both(p.only_if, there)) for p in way])
            found.append([replace(p, only_if=_both(p.only_if, f"NOT ({there})")) for p in made])
    return found


def _both(one: str, other: str) -> str:
    return f"({one}) AND ({other})" if one else other


def _creating(catalog: Catalog, table: Table, part: Part) -> Part | None:
    """The call that creates what this one changes; None if it takes other values, or nothing
    does."""
    service, _ = catalog.service_catalog(table.provider, table.schema)
    maker = maker_of(service, table, part.method)
    if maker is None or maker in inserters(table) or not shown(table, part.method, part.sets):
        return None
    if not set(part.assigned) <= set(maker.parameters):
        return None
    if sources(table, maker, part.assigned) is None:
        return None
    return replace(part, method=maker, kept=(), lost=())
