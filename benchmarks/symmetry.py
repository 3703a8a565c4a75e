"""How much of what SELECT shows is written under the name it is read by: ``python -m benchmarks.symmetry``.

Counts over all tables, by the planner's own rules: parameters of INSERT's operations that come back in a
row, and how many of them INSERT takes under the name of their column; columns that some operation sets in
a thing that is there, and how many of them UPDATE sets. ``--missing`` prints those that are left.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator

from cirrusql.catalog.catalog import Catalog, schema_name
from cirrusql.catalog.model import Method, Role, Table, Verb
from cirrusql.catalog.row_model.request_fields import places_of
from cirrusql.catalog.row_model.writers import setters
from cirrusql.errors import Error
from cirrusql.plan.inserts.insert_values import by_places
from cirrusql.plan.updates.splitting import splitting
from cirrusql.plan.writes.write_methods import parameter_name, sources
from cirrusql.providers.aws.source.botocore_source import BotocoreSource


def inserted(table: Table, method: Method) -> Iterator[tuple[str, str, bool]]:
    """Each column that shows a parameter of an INSERT's operation, and whether INSERT takes it so."""
    for column, place in places_of(table, method).items():
        yield column, place.parameter, takes(table, method, column, place.parameter)


def takes(table: Table, method: Method, column: str, parameter: str) -> bool:
    """Whether INSERT sends a column of that name as that parameter."""
    if parameter_name(method, column) == parameter:
        return True
    return by_places(table, [method], (*(n for n in method.required if n != parameter), column)) is not None


def updated(catalog: Catalog, table: Table) -> Iterator[tuple[str, bool]]:
    """Each column that some operation sets for a row of the table, and whether UPDATE sets it."""
    for column, writers in setters(catalog, table).items():
        fit = [w for w in writers if sources(table, w.method, [w.place.parameter]) is not None]
        if fit:
            yield column, sets(catalog, table, column, {w.method.operation.name for w in fit})


def sets(catalog: Catalog, table: Table, column: str, operations: set[str]) -> bool:
    """Whether UPDATE sets a column by one of those operations."""
    try:
        found = splitting(catalog, table, {column: "'x'"})
    except Error:
        return False
    return bool(found) and all(any(p.method.operation.name in operations for p in ways) for ways in found)


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--missing", action="store_true", help="print what is not symmetric")
    parser.add_argument("services", nargs="*", help="all, where none is named")
    given = parser.parse_args()
    catalog = Catalog([BotocoreSource()])
    counts = Counter[str]()
    for service_id in given.services or sorted(BotocoreSource().services()):
        schema = schema_name(service_id)
        service, _ = catalog.loaded("aws", schema)
        for resource in service.plain:
            table = service.table(schema, resource, False)
            count(catalog, table, counts, given.missing)
    share = {k: counts[f"{k} symmetric"] / max(counts[k], 1) for k in ("inserted", "updated")}
    print(f"{counts['parameters']:6} parameters of INSERT's operations, of tables that are read")
    print(f"{counts['same']:6} of them are read back under the same name")
    print(f"{counts['inserted']:6} of them come back in a row in some form")
    print(f"{counts['inserted symmetric']:6} of those are INSERTed as they are read: {share['inserted']:.1%}")
    print(f"{counts['updated']:6} columns that some operation sets")
    print(f"{counts['updated symmetric']:6} of those are UPDATEd as they are read: {share['updated']:.1%}")


def count(catalog: Catalog, table: Table, counts: Counter[str], is_told: bool) -> None:
    """Add one table."""
    fields = {a for c in table.columns if c.role is Role.FIELD for a in c.aliases}
    if not fields:
        return
    for method in table.reached_by(Verb.INSERT):
        names = [n for n, m in method.parameters.items() if not m.is_idempotency_token]
        counts.update(parameters=len(names), same=sum(n.lower() in fields for n in names))
        for column, parameter, is_symmetric in inserted(table, method):
            counts.update({"inserted": 1, "inserted symmetric": is_symmetric})
            if is_told and not is_symmetric:
                print(f"INSERT {table.id} ({column}): {method.operation.name}({parameter})")
    for column, is_symmetric in updated(catalog, table):
        counts.update({"updated": 1, "updated symmetric": is_symmetric})
        if is_told and not is_symmetric:
            writers = ", ".join(w.method.operation.name for w in setters(catalog, table)[column])
            print(f"UPDATE {table.id} SET {column}: {writers}")


if __name__ == "__main__":
    main()
