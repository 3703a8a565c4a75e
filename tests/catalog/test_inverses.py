"""What undoes what: a sample that is known to be right, and what must hold of every one."""

from __future__ import annotations

from pathlib import Path

import pytest

from cirrusql.api.model import Member, Shape
from cirrusql.catalog.catalog import schema_name
from cirrusql.catalog.inference.words import singular, words
from cirrusql.catalog.inverses.inverse import Inverse, Needs
from cirrusql.catalog.inverses.inverse_corrections import inverse_corrections
from cirrusql.catalog.inverses.inverse_sources import ValueOrigin, ValueSource, is_same_shape
from cirrusql.catalog.inverses.inverses import inverse_of
from cirrusql.catalog.inverses.unset_pairs import unset_by
from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.catalog.row_model.request_field import ITEM
from cirrusql.catalog.rows.column_types import member_at
from cirrusql.catalog.service import ServiceCatalog
from cirrusql.providers.aws.overlay import OVERLAY
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from tests.support.catalog import CATALOG

SERVICES = sorted(BotocoreSource().ids())
SAMPLE = Path(__file__).with_name("inverses.txt")
BETWEEN = {"to", "from", "for", "in", "on", "with"}


def inverse(table: Table, method: Method) -> object:
    return inverse_of(CATALOG, table, method, dict.fromkeys(method.required, "x"))


def told(found: object) -> str:
    """``DeleteVpc(VpcId = answer.Vpc.VpcId)``, and what must be looked at before."""
    if not isinstance(found, Inverse):
        return "-"
    given = ", ".join(f"{n} = {source_text(s)}" for n, s in sorted(found.parameters.items()))
    looked = found.reading.method.operation.name if found.reading else ""
    if found.listing:
        looked = f"{found.listing.method.operation.name}: {found.listing.field}"
    needs = f" if {found.needs.name.lower()} ({looked})" if found.needs is not Needs.NOTHING else ""
    absent = f" else {found.if_absent.method.operation.name}" if found.if_absent else ""
    return f"{found.method.operation.name}({given}){needs}{absent}"


def source_text(source: ValueSource) -> str:
    if source.origin is ValueOrigin.CONSTANT:
        return repr(source.value)
    text = ".".join((source.origin.value, *source.path))
    return text + (f"[].{source.each}" if source.each else "") + ("[]" if source.is_wrapped else "")


def method_of(service: ServiceCatalog, schema: str, operation: str) -> tuple[Table, Method]:
    resource = next(r for r, names in service.plain.items() if operation in names)
    return service.table(schema, resource, False), service.method(operation)


@pytest.mark.parametrize(
    "line", SAMPLE.read_text().splitlines(), ids=lambda line: line.partition(" ")[0]
)
def test_a_sample_read_by_people(line: str) -> None:
    name, _, expected = line.partition(" → ")
    service_id, _, operation = name.partition(":")
    schema = schema_name(service_id)
    service, _ = CATALOG.service_catalog("aws", schema)
    assert told(inverse(*method_of(service, schema, operation))) == expected


@pytest.mark.parametrize("service", SERVICES)
def test_every_inverse_of_a_service_has_what_it_needs(service: str) -> None:
    schema = schema_name(service)
    found, _ = CATALOG.loaded("aws", schema)
    for resource in found.resources(False):
        table = found.table(schema, resource, False)
        for method in table.methods:
            if method.verb is Verb.SELECT:
                continue
            undo = inverse(table, method)
            if isinstance(undo, Inverse):
                it_is_whole(method, undo)
                if undo.if_absent is not None:
                    it_is_whole(method, undo.if_absent)


def it_is_whole(write: Method, undo: Inverse) -> None:
    where = f"{write.operation.id} undone by {undo.method.operation.id}"
    correction = inverse_corrections(OVERLAY).get(write.operation.id)
    if correction is None or correction.operation is None:
        names = write.operation.service.operation_names
        is_unset = undo.method.operation.name in unset_by(write.operation.name, names)
        assert is_unset or noun(write) == noun(undo.method), where
    assert undo.method.verb is not Verb.SELECT, where
    tags = {undo.tags.added, undo.tags.removed} if undo.tags else set()
    assert set(undo.method.required) <= set(undo.parameters) | tags, where
    assert undo.parameters, where
    assert undo.reason, where
    if undo.method is write:
        assert undo.needs is Needs.VALUES, where
    if undo.needs is not Needs.NOTHING:
        assert (undo.reading is None) != (undo.listing is None), where
    for name, source in undo.parameters.items():
        if source.origin in (ValueOrigin.ROW, ValueOrigin.COLUMNS):
            assert undo.needs is Needs.VALUES, where
            assert undo.reading is not None, where
            continue
        taken = part_of(write, undo, source)
        if taken is None:
            assert correction is not None, where
            continue
        wanted = undo.method.parameters[name]
        if source.is_wrapped or (len(source.path) > 1 and source.origin is ValueOrigin.SENT):
            assert taken.shape.kind is wanted.shape.element.shape.kind, f"{where}: {name}"
        elif source.each is None:
            assert is_same_shape(taken, wanted), f"{where}: {name}"


def part_of(write: Method, undo: Inverse, source: ValueSource) -> Member | None:
    """The member that a source takes its value from; KeyError where there is none."""
    if source.origin is ValueOrigin.SENT:
        member = write.parameters[source.path[0]]
        for name in source.path[1:]:
            member = member.shape.element if name == ITEM else member.shape.members[name]
        return member
    if source.origin is ValueOrigin.BEFORE:
        assert undo.reading is not None
        reader = undo.reading.method
        assert reader.rows is not None
        assert reader.operation.output is not None
        return member_at(reader.operation.output, reader.rows, reader.rows.fields[source.path[0]])
    if source.origin is ValueOrigin.ANSWER:
        assert write.operation.output is not None
        return walked(write.operation.output, source)
    return None


def walked(shape: Shape, source: ValueSource) -> Member:
    for name in source.path:
        member = shape.members[name]
        shape = member.shape
    if source.each:
        member = shape.element.shape.members[source.each]
    return member


def noun(method: Method) -> set[str]:
    return {singular(w) for w in words(method.operation.name)[1:]} - BETWEEN


def test_corrections_name_operations_that_exist() -> None:
    for key, given in inverse_corrections(OVERLAY).items():
        service_id, _, name = key.partition(":")
        service, _ = CATALOG.service_catalog("aws", schema_name(service_id))
        operation = service.service.operation(name)
        assert operation.id == key
        if given.operation is not None:
            undo = service.method(given.operation)
            assert set(undo.required) <= set(given.parameters), key
