"""Every operation of every service: reachable by one name, readable, typed."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from sqlglot.dialects import DuckDB

from cirrusql.catalog.catalog import schema_name
from cirrusql.catalog.inference import api_names
from cirrusql.catalog.inference import corrections as corrections_module
from cirrusql.catalog.inference.corrections import corrections
from cirrusql.catalog.model import Method, Role, Table, Verb
from cirrusql.catalog.row_model.made_columns import named_columns
from cirrusql.catalog.row_model.structures import structures
from cirrusql.catalog.rows.column_types import member_at, method_columns
from cirrusql.catalog.service import ServiceCatalog
from cirrusql.providers.aws.overlay import OVERLAY
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from cirrusql.sql.parse import parse
from cirrusql.types import StructType
from tests.support.catalog import CATALOG

SERVICES = sorted(BotocoreSource().ids())
IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*")


@pytest.mark.parametrize("service", SERVICES)
def test_service_is_whole_under_both_spellings(service: str) -> None:
    # One test for all that is checked of a service: opening its model is what takes the time.
    found, _ = CATALOG.loaded("aws", schema_name(service))
    for is_api in (False, True):
        schema = schema_name(service) + ("_api" if is_api else "")
        tables = [found.table(schema, name, is_api) for name in found.resources(is_api)]
        each_operation_is_reached_once(found, tables)
        no_two_methods_share_a_name(tables, is_api=is_api)
        for table in tables:
            names_need_no_quotes(table)
            columns_are_one_of_each_and_typed(table)
            structures_are_made_of_fields(found, table)
            for method in table.methods:
                required_are_parameters(table, method)
                what_reads_has_rows(table, method, is_api=is_api)
                fields_are_members_of_the_answer(table, method)


def each_operation_is_reached_once(found: ServiceCatalog, tables: list[Table]) -> None:
    reached = Counter(m.operation.name for t in tables for m in t.methods if not m.is_further)
    assert reached == Counter(found.service.operation_names)


def no_two_methods_share_a_name(tables: list[Table], *, is_api: bool) -> None:
    names = Counter((m.api_name if is_api else m.name).lower() for t in tables for m in t.methods)
    assert not [n for n, count in names.items() if count > 1]


def names_need_no_quotes(table: Table) -> None:
    assert IDENTIFIER.fullmatch(table.name), table.id
    if any(part.upper() in DuckDB.Tokenizer.KEYWORDS for part in table.id.split(".")):
        for statement in (f"SELECT * FROM {table.id} WHERE a = 1", f"DESCRIBE {table.id}"):
            assert parse(statement), table.id
    for method in table.methods:
        assert IDENTIFIER.fullmatch(method.name), method.name
        assert IDENTIFIER.fullmatch(method.api_name.lower()), method.api_name


def columns_are_one_of_each_and_typed(table: Table) -> None:
    folded = Counter(c.name.lower() for c in table.columns)
    assert not [n for n, count in folded.items() if count > 1], table.id
    assert [c.name for c in table.columns[-3:]] == ["region", "account_id", "connection"]
    for column in table.columns:
        assert column.type.sql, f"{table.id}.{column.name}"
    roles = [c.role for c in table.columns]
    assert roles == sorted(roles, key=[Role.FIELD, Role.PARAMETER, Role.CONTEXT].index), table.id


def structures_are_made_of_fields(service: ServiceCatalog, table: Table) -> None:
    fields = {c.name for c in table.columns if c.role is Role.FIELD}
    found = {s.column.name: s for s in structures(service, table)}
    assert not found.keys() & fields, table.id
    named = Counter(c.name.lower() for c in named_columns(service, table))
    assert not [n for n, count in named.items() if count > 1], table.id
    for name, structure in found.items():
        where = f"{table.id}.{name}"
        parts = [*structure.members.values()]
        assert set(parts) <= fields, where
        assert len(set(parts)) == len(parts), where
        assert not any(name in m.parameters for m in table.methods if m.is_read), where
        assert isinstance(structure.column.type, StructType), where
        tops = {path[0] for path in structure.members}
        assert tops == {n for n, _ in structure.column.type.fields}, where


def required_are_parameters(table: Table, method: Method) -> None:
    assert set(method.required) <= set(method.keys) <= set(method.parameters), (
        f"{table.id}.{method.name}"
    )


def what_reads_has_rows(table: Table, method: Method, *, is_api: bool) -> None:
    reads = (method.api_verb if is_api else method.verb) is Verb.SELECT
    assert not reads or method.rows is not None, f"{table.id}.{method.name} has no row path"
    if reads and method.rows is not None:
        assert method.rows.fields, f"{table.id}.{method.name} has rows without fields"


def fields_are_members_of_the_answer(table: Table, method: Method) -> None:
    if method.rows is None or method.operation.output is None:
        return
    for name, path in method.rows.fields.items():
        assert member_at(method.operation.output, method.rows, path), (
            f"{table.id}.{method.name}: {name}"
        )
        assert path.level <= len(method.rows.lists)
    folded = Counter(c.name.lower() for c in method_columns(method))
    assert not [n for n, count in folded.items() if count > 1], f"{table.id}.{method.name}"


@pytest.mark.parametrize("key", sorted(corrections(OVERLAY)))
def test_overlay_names_what_there_is(key: str) -> None:
    service, _, operation = key.partition(":")
    found, _ = CATALOG.loaded("aws", schema_name(service))
    assert operation in found.service.operation_names, f"corrections.toml: there is no {key}"
    given = corrections(OVERLAY)[key]
    method = found.method(operation)
    for name in (n for key in given.keys for n in key.split("|")):
        assert name in method.operation.parameters, (
            f"corrections.toml: {key} has no parameter {name}"
        )
    if given.resource is not None:
        assert given.resource in found.plain, (
            f"corrections.toml: {key}: no resource {given.resource}"
        )
    if given.lists is not None:
        assert method.rows is not None, f"corrections.toml: {key} answers nothing"
        assert method_columns(method), f"corrections.toml: {key}: lists lead nowhere"


@pytest.mark.parametrize("key", sorted(corrections(OVERLAY)))
def test_overlay_says_nothing_that_the_rules_say_without_it(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, _, operation = key.partition(":")
    given = corrections(OVERLAY)[key]
    found, _ = CATALOG.loaded("aws", schema_name(service))
    told = (found.method(operation), _home(found, operation))
    without = {k: c for k, c in corrections(OVERLAY).items() if k != key}
    for module in (corrections_module, api_names):
        monkeypatch.setattr(
            module, "correction", lambda s, n: without.get(f"{s.key}:{n}", type(given)())
        )
    bare = ServiceCatalog(found.service)
    by_rule = (bare.method(operation), _home(bare, operation))
    assert _said(told) != _said(by_rule), f"corrections.toml: {key} changes nothing"


def _home(found: ServiceCatalog, operation: str) -> str:
    return next(r for r, names in found.plain.items() if operation in names)


def _said(told: tuple[Method, str]) -> tuple[object, ...]:
    method, home = told
    lists = method.rows.lists if method.rows else None
    return home, method.verb, method.api_verb, method.api_name, method.keys, lists
