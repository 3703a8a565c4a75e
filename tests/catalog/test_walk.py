"""Every operation of every service: reachable by one name, readable, typed."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from cirrusql.api.botocore_source import BotocoreSource
from cirrusql.catalog.catalog import Catalog, schema_name
from cirrusql.catalog.columns import member_at
from cirrusql.catalog.model import Table, Verb
from cirrusql.catalog.overlay import corrections

CATALOG = Catalog([BotocoreSource()])
SERVICES = sorted(BotocoreSource().services())
IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*")


def tables_of(service: str, *, is_api: bool) -> list[Table]:
    found, _ = CATALOG.loaded("aws", schema_name(service))
    schema = schema_name(service) + ("_api" if is_api else "")
    return [found.table(schema, name, is_api) for name in found.resources(is_api)]


@pytest.mark.parametrize("service", SERVICES)
def test_each_operation_is_reached_by_one_resource_and_method(service: str) -> None:
    operations = CATALOG.loaded("aws", schema_name(service))[0].service.operation_names
    for is_api in (False, True):
        tables = tables_of(service, is_api=is_api)
        reached = Counter(m.operation.name for t in tables for m in t.methods)
        assert reached == Counter(operations)
        names = Counter((m.api_name if is_api else m.name) for t in tables for m in t.methods)
        assert not [n for n, count in names.items() if count > 1]


@pytest.mark.parametrize("service", SERVICES)
def test_names_need_no_quotes(service: str) -> None:
    for is_api in (False, True):
        for table in tables_of(service, is_api=is_api):
            assert IDENTIFIER.fullmatch(table.name), table.id
            for method in table.methods:
                assert IDENTIFIER.fullmatch(method.name), method.name
                assert IDENTIFIER.fullmatch(method.api_name.lower()), method.api_name


@pytest.mark.parametrize("service", SERVICES)
def test_tables_have_rows_columns_and_types(service: str) -> None:
    for is_api in (False, True):
        for table in tables_of(service, is_api=is_api):
            folded = Counter(c.name.lower() for c in table.columns)
            assert not [n for n, count in folded.items() if count > 1], table.id
            for column in table.columns:
                assert column.type.sql, f"{table.id}.{column.name}"
            for method in table.methods:
                reads = Verb.SELECT in (method.api_verb if is_api else method.verb,)
                assert not reads or method.rows is not None, f"{table.id}.{method.name} has no row path"
                output = method.operation.output
                if method.rows is not None and output is not None:
                    for name, path in method.rows.fields.items():
                        assert member_at(output, method.rows, path), f"{table.id}.{method.name}: {name}"


@pytest.mark.parametrize("key", sorted(corrections()))
def test_overlay_names_what_there_is(key: str) -> None:
    service, _, operation = key.partition(":")
    found, _ = CATALOG.loaded("aws", schema_name(service))
    assert operation in found.service.operation_names, f"overlay.toml: there is no {key}"
    given = corrections()[key]
    method = found.method(operation)
    for name in given.keys:
        assert name in method.operation.parameters, f"overlay.toml: {key} has no parameter {name}"
