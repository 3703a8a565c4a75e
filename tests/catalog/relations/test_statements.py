"""Tables whose rows are the statements of policies:
every entry is of an operation that holds a document."""

from __future__ import annotations

import pytest

from cirrusql.api.model import Kind
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Verb
from cirrusql.catalog.relations.statements import statement_tables
from cirrusql.providers.aws.overlay import OVERLAY
from cirrusql.providers.aws.source.botocore_source import BotocoreSource

CATALOG = Catalog([BotocoreSource()])


@pytest.mark.parametrize("key", sorted(statement_tables(OVERLAY)))
def test_an_entry_names_a_document_and_what_its_writes_take(key: str) -> None:
    given, (schema, _, resource) = statement_tables(OVERLAY)[key], key.partition(".")
    table = CATALOG.table("aws", schema, resource)
    (reader,) = table.reached_by(Verb.SELECT)
    operation = reader.operation.service.operation(given.reads.partition(".")[0])
    member, *within = given.reads.split(".")[1:]
    assert operation.output is not None
    assert operation.output.members[member].shape.kind is (Kind.MAP if within else Kind.STRING)
    taken = {n for m in table.methods if m is not reader for n in m.parameters}
    assert {*given.columns, *given.beside} <= taken
    assert set(given.keys) <= operation.parameters.keys()
    assert set(given.beside.values()) <= operation.output.members.keys()
    assert table.has_statements
