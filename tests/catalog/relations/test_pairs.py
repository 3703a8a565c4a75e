"""Rows that relate things: which operations create and delete them, over all tables.

``pairs.txt`` has each with where its parameters come from (``=`` the column, if it is called
otherwise). ``python -m tests.catalog.relations.test_pairs`` writes it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from cirrusql.api.model import Kind
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference.verbs import RELATES, SEPARATES, parts
from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.catalog.row_model.request_field import ITEM, RequestField
from cirrusql.catalog.row_model.request_fields import places_of
from cirrusql.catalog.row_model.row_places import directed, directions
from cirrusql.plan.updates.replacing import remakings
from cirrusql.plan.writes.relations import enders, ending
from cirrusql.plan.writes.write_methods import inserters, needed, sources
from cirrusql.providers.aws.overlay import OVERLAY
from cirrusql.providers.aws.source.botocore_source import BotocoreSource

pytestmark = pytest.mark.timeout(900)

GOLDEN = Path(__file__).with_name("pairs.txt")
SOURCE = BotocoreSource()
LISTING = RELATES | SEPARATES | {"register", "deregister", "put"}


def _lines() -> Iterator[str]:
    for described in Catalog([SOURCE]).services("aws"):
        catalog, schema = Catalog([SOURCE]), described.id.replace("-", "_")
        service, _ = catalog.service_catalog("aws", schema)
        for name in sorted(service.plain):
            if any(_may_relate(n) for n in service.plain[name]):
                table = catalog.table("aws", schema, name)
                if table.reached_by(Verb.SELECT):
                    yield from _of(table, frozenset(service.related))


def _may_relate(operation: str) -> bool:
    return parts(operation).verb in LISTING or operation.startswith(("Change", "Modify", "Update"))


def _of(table: Table, related: frozenset[str]) -> Iterator[str]:
    makers = set(inserters(table))
    for method in table.methods:
        places = {c: p for c, p in places_of(table, method).items() if p.is_in_item}
        is_of_rows = bool(places) or method.operation.name in related
        if is_of_rows and method in makers:
            yield (
                f"{table.schema}.{table.name} INSERT "
                f"{method.operation.name}({_sent(method, places)})"
            )
        if is_of_rows and method in enders(table):
            yield (
                f"{table.schema}.{table.name} DELETE "
                f"{method.operation.name}({_told(table, method)})"
            )
        if places and method.verb in (Verb.UPDATE, Verb.REPLACE):
            yield (
                f"{table.schema}.{table.name} UPDATE "
                f"{method.operation.name}({_sent(method, places)})"
            )
    for pair in remakings(table, "t"):
        calls = f"{pair.maker.operation.name} and {pair.end.part.method.operation.name}"
        told = ", ".join(f"{c} by which it ends" if c in pair.identity else c for c in pair.takes)
        yield f"{table.schema}.{table.name} UPDATE {calls}({told})"


def _sent(method: Method, places: Mapping[str, RequestField]) -> str:
    whole = [n for n in method.required if n not in {p.parameter for p in places.values()}]
    return ", ".join(
        [*whole, *(f"{_path(one)} = {c}" for c, p in places.items() for one in (p, *p.also))]
    )


def _path(place: RequestField) -> str:
    return ".".join((place.parameter, *place.path)).replace(".[]", "[]")


def _told(table: Table, method: Method) -> str:
    """The call's parameters for a row that was found, by the first possible way."""
    for ways in ending(table, [method], "t"):
        for part in ways:
            found = sources(table, method, part.assigned)
            if found is not None:
                which = [n if n == c else f"{n} = {c}" for n, (c, _) in found.items()]
                return ", ".join([*which, *(f"{n} of the row" for n in part.assigned)])
    return f"{', '.join(needed(table, method))}: not by a row"


def test_what_makes_and_ends_rows_that_relate_things_is_as_listed() -> None:
    assert list(_lines()) == GOLDEN.read_text("utf-8").splitlines()


def test_every_direction_is_of_an_operation_with_those_columns_and_members() -> None:
    catalog = Catalog([SOURCE])
    for key, given in directions(OVERLAY).items():
        service, _ = catalog.service_catalog("aws", key.partition(":")[0].replace("-", "_"))
        method = service.method(key.partition(":")[2])
        home = next(r for r, names in service.plain.items() if method.operation.name in names)
        table = catalog.table("aws", service.service.id.replace("-", "_"), home)
        named = {*given.when, *given.which, *(c.partition(".")[0] for c in given.takes)}
        # What is called after another table's rows sets them: the legal hold of an object.
        of = [catalog.table("aws", table.schema, r) for r in service.plain]
        whole = (t for t in of if home.startswith(f"{t.noun}_"))
        assert any(named <= {c.name for c in t.columns} for t in (table, *whole)), key
        for place in directed(method).values():
            for one in (place, *place.also):
                assert _is_there(method, one), f"{key}: {_path(one)}"


def _is_there(method: Method, place: RequestField) -> bool:
    shape = method.parameters[place.parameter].shape
    for name in place.path:
        if name == ITEM and shape.kind is Kind.LIST:
            shape = shape.element.shape
        elif name in shape.members:
            shape = shape.members[name].shape
        else:
            return False
    return True


def test_an_attachment_is_a_row_and_a_volume_is_not() -> None:
    catalog = Catalog([SOURCE])
    (attach,) = catalog.table("aws", "iam", "attached_role_policies").reached_by(Verb.INSERT)
    (detach,) = catalog.table("aws", "iam", "attached_role_policies").reached_by(Verb.DELETE)
    assert (attach.operation.name, detach.operation.name) == (
        "AttachRolePolicy",
        "DetachRolePolicy",
    )
    volumes = catalog.table("aws", "ec2", "volumes")
    assert {"attach", "detach"} <= {
        parts(m.operation.name).verb for m in volumes.reached_by(Verb.UPDATE)
    }


def test_a_row_that_does_not_say_both_sides_ends_nothing() -> None:
    table = Catalog([SOURCE]).table("aws", "ec2", "application_status_check_associations")
    (method,) = table.reached_by(Verb.DELETE)
    assert sources(table, method, ()) is None


if __name__ == "__main__":
    GOLDEN.write_text("\n".join([*_lines(), ""]), "utf-8")
