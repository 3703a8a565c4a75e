"""Locations over the catalog: where calls for a table, its parents and details go."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache

import pytest

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Verb
from cirrusql.errors import Error
from cirrusql.plan.model import Plan, Scan
from cirrusql.plan.planner import plan_query
from cirrusql.providers.registry import default_catalog
from cirrusql.sql.parse import parse
from cirrusql.sql.statements import QueryStatement
from tests.support.services import chance

_MOST = 80
"""Services tried, unless TESTS_ALL_EXAMPLES says all."""


@cache
def catalog() -> Catalog:
    return default_catalog()


def services() -> list[str]:
    found = sorted(s.id for s in catalog().services("aws"))
    return found if os.environ.get("TESTS_ALL_EXAMPLES") else chance().sample(found, _MOST)


def plan_of(sql: str) -> Plan:
    statement = parse(sql)
    assert isinstance(statement, QueryStatement)
    return plan_query(statement.text, statement.tree, catalog())


def readable(service: str) -> Iterator[str]:
    """The tables of a service that can be read as they stand."""
    for name in catalog().resources("aws", service):
        table = catalog().table("aws", service, name)
        if not any(Verb.SELECT in (m.verb, m.api_verb) and m.rows for m in table.methods):
            continue
        try:
            plan_of(f'SELECT * FROM aws.{service}."{name}" t')
        except Error:
            continue
        yield name


def is_of_all_regions(scan: Scan) -> bool:
    return scan.table.is_global or (bool(scan.table.region_field) and not scan.table.shows_others)


@pytest.mark.parametrize("service", services())
def test_every_call_of_a_table_is_where_a_condition_holds(service: str) -> None:
    for name in readable(service):
        table = f'aws.{service}."{name}" t'
        for scan in plan_of(f"SELECT * FROM {table}").scans:
            assert scan.scope.says_no_region or scan.scope.region_feed, (table, scan)
            assert scan.scope.connections is None, (table, scan)
        said = plan_of(f"SELECT * FROM {table} WHERE region ~ 'eu-.*' AND connection ILIKE 'P%'")
        for scan in said.scans:
            told = {n for c in scan.scope.conditions for n in c.names}
            assert scan.scope.connections == ("%",), (table, scan)
            assert "connection" in told, (table, scan)
            if not is_of_all_regions(scan) and scan.scope.region_feed is None:
                assert scan.scope.regions == ("%",), (table, scan)
                assert "region" in told, (table, scan)
        named = plan_of(f"SELECT * FROM {table} WHERE region IN ('eu-west-1')")
        for scan in named.scans:
            if not is_of_all_regions(scan) and scan.scope.region_feed is None:
                assert scan.scope.regions == ("eu-west-1",), (table, scan)
