"""How much of what SELECT shows is written under the name it is read by: ``python -m
benchmarks.symmetry``.

Counts over all tables, by the planner's own rules: parameters of INSERT's operations that are
returned in a row, how many of them SELECT reads under the request's own name, and how many INSERT
accepts under the name of their column; columns that some operation sets in an existing resource,
and how many of them UPDATE sets. ``--missing`` prints the others.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator

from cirrusql.catalog.catalog import Catalog, schema_name
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.model import Column, Method, ParameterRole, Role, Table, Verb
from cirrusql.catalog.row_model.made_columns import made_columns
from cirrusql.catalog.row_model.names_within import names_within
from cirrusql.catalog.row_model.request_fields import ValueForm, places_of
from cirrusql.catalog.row_model.request_names import read_as
from cirrusql.catalog.row_model.writers import setters
from cirrusql.catalog.service import ServiceCatalog
from cirrusql.catalog.write_rules.copying import copiers
from cirrusql.catalog.write_rules.preconditions import is_precondition
from cirrusql.errors import Error
from cirrusql.plan.inserts.insert_values import by_places
from cirrusql.plan.updates.splitting import splitting
from cirrusql.plan.writes.writable import writable
from cirrusql.plan.writes.write_methods import parameter_name, sources
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from cirrusql.types import ListType, SqlType, StructType


def inserted(table: Table, method: Method) -> Iterator[tuple[str, str, bool]]:
    """Each column that shows a parameter of an INSERT's operation, and whether INSERT
    accepts it."""
    for column, place in places_of(table, method).items():
        yield column, place.parameter, takes(table, method, column, place.parameter)


def returned(service: ServiceCatalog, table: Table, method: Method) -> Iterator[tuple[str, bool]]:
    """Each parameter that a row shows in some form, and whether SELECT reads it under the request's
    name.

    A wrapper (BackupPlan) counts as read if each of its members that a row shows is read by the
    member's name.
    """
    made = {m.column.name for m in made_columns(service, table).values()}
    shown: dict[str, list[bool]] = {}
    for column, place in places_of(table, method).items():
        for one in (place, *place.also):
            own = {ValueForm.MEMBER: one.path[-1:], ValueForm.ENTRY: (one.key,)}.get(one.form, ())
            shown.setdefault(one.parameter, []).append(
                snake_case("".join(own)) == snake_case(column)
            )
    for name, member in method.parameters.items():
        named = table.by_alias.get(name.lower())
        is_read = name in made or (named is not None and is_readable(table, named))
        if not member.is_idempotency_token and (name in shown or name in made or is_field(named)):
            yield name, is_read or all(shown.get(name, [False]))


def is_field(column: Column | None) -> bool:
    """Whether a row has it."""
    return column is not None and column.role is Role.FIELD


def is_readable(table: Table, column: Column) -> bool:
    """Whether SELECT shows the row's value: an option shows what was sent."""
    if column.name in names_within(table):
        return True
    return is_field(read_as(table, column)) or column.parameter_role in (
        ParameterRole.KEY,
        ParameterRole.FILTER,
    )


def is_within(service: ServiceCatalog, table: Table, method: Method) -> Iterator[str]:
    """Parameters that no rule finds in a row, but whose name occurs within one of its
    structures."""
    found = {n for n, _ in returned(service, table, method)}
    inner = {snake_case(n) for c in table.columns if c.role is Role.FIELD for n in members(c.type)}
    yield from (n for n in method.parameters if n not in found and snake_case(n) in inner)


def members(given: SqlType) -> Iterator[str]:
    """The names within a type, at any depth."""
    if isinstance(given, ListType):
        yield from members(given.element)
    elif isinstance(given, StructType):
        for name, inner in given.fields:
            yield name
            yield from members(inner)


def takes(table: Table, method: Method, column: str, parameter: str) -> bool:
    """Whether INSERT sends a column of that name as that parameter."""
    if parameter_name(method, column) == parameter:
        return True
    return (
        by_places(table, [method], (*(n for n in method.required if n != parameter), column))
        is not None
    )


def updated(catalog: Catalog, table: Table) -> Iterator[tuple[str, bool]]:
    """Each column that some operation sets for a row of the table, and whether UPDATE sets it.

    Without what tells the operation which row it acts on, or in which state the row must be.
    """
    kinds = writable(catalog, table)
    for column, writers in setters(catalog, table).items():
        fit = [
            w
            for w in writers
            if not is_precondition(w.method, w.place.parameter)
            and sources(table, w.method, [w.place.parameter]) is not None
        ]
        if fit and kinds[column] != "identity":
            yield column, sets(catalog, table, column, {w.method.operation.name for w in fit})


def sets(catalog: Catalog, table: Table, column: str, operations: set[str]) -> bool:
    """Whether UPDATE sets a column by one of those operations, or by a copy onto itself."""
    operations = operations | {m.operation.name for m in copiers(table)}
    try:
        found = splitting(catalog, table, {column: "'x'"})
    except Error:
        return False
    return bool(found) and all(
        any(p.method.operation.name in operations for p in ways) for ways in found
    )


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--missing", action="store_true", help="print what is not symmetric")
    parser.add_argument("services", nargs="*", help="all, where none is named")
    given = parser.parse_args()
    counts = Counter[str]()
    for service_id in given.services or sorted(BotocoreSource().services()):
        # A catalog for each: a service that a catalog loads twice has its methods twice, unequal.
        catalog, schema = Catalog([BotocoreSource()]), schema_name(service_id)
        service, _ = catalog.service_catalog("aws", schema)
        for resource in service.plain:
            table = service.table(schema, resource, False)
            count(catalog, table, counts, given.missing)
    read, among = counts["read"], counts["returned"]
    share = {k: counts[f"{k} symmetric"] / max(counts[k], 1) for k in ("inserted", "updated")}
    print(f"{counts['parameters']:6} parameters of INSERT's operations, of tables that are read")
    print(f"{among:6} of them come back in a row, under whatever name")
    print(f"{read:6} of those are read under the request's name: {read / max(among, 1):.1%}")
    print(f"{counts['within']:6} more are called like something within a structure of the row")
    print(
        f"{read / max(among + counts['within'], 1):.1%} is the share if all of those are the same "
        "value"
    )
    print(f"{counts['inserted']:6} columns show what INSERT's operations are given")
    print(
        f"{counts['inserted symmetric']:6} of those are INSERTed as they are read: "
        f"{share['inserted']:.1%}"
    )
    print(f"{counts['updated']:6} columns that some operation sets")
    print(
        f"{counts['updated symmetric']:6} of those are UPDATEd as they are read: "
        f"{share['updated']:.1%}"
    )


def count(catalog: Catalog, table: Table, counts: Counter[str], is_told: bool) -> None:
    """Add one table."""
    if not any(c.role is Role.FIELD for c in table.columns):
        return
    service, _ = catalog.service_catalog(table.provider, table.schema)
    for method in table.reached_by(Verb.INSERT):
        names = [n for n, m in method.parameters.items() if not m.is_idempotency_token]
        counts.update(parameters=len(names), within=len(list(is_within(service, table, method))))
        for parameter, is_read in returned(service, table, method):
            counts.update(returned=1, read=is_read)
            if is_told and not is_read:
                print(f"SELECT {table.id} ({parameter}): {method.operation.name}")
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
