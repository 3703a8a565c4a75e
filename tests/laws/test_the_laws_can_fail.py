"""A rule broken on purpose makes the laws fail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlglot import exp

from cirrusql.catalog import service as service_catalog
from cirrusql.catalog.relations.detail_overrides import ListingNote
from cirrusql.plan.model import CallScope, Plan, Scan
from cirrusql.plan.parameter_values import parent_feeds, unbound_parameters
from cirrusql.plan.passes import calls, predicates
from cirrusql.plan.reads import detail_joins
from cirrusql.session.session import Session
from tests.laws.bench import Bench
from tests.laws.laws import Case


def checks(table: str, law: str) -> set[str]:
    """The checks that a table does not pass."""
    bench = Bench(table.split(".")[1])
    try:
        case = Case(bench, bench.catalog.table(*table.split(".")), columns=100, conditions=100)
        return {violation.check for violation in case.check((law,))}
    finally:
        bench.close()


def test_a_listing_that_is_taken_for_whole_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "never filled" not in checks("aws.iam.roles", "completeness")
    monkeypatch.setattr(service_catalog, "listing_note", lambda operation: ListingNote())
    assert "never filled" in checks("aws.iam.roles", "completeness")


def test_a_pattern_that_is_taken_for_a_value_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = predicates._equalities

    def with_patterns(draft: Any, scope: Any, node: Any) -> Iterator[Any]:
        if isinstance(node, exp.Like):
            node = exp.EQ(this=node.this, expression=node.expression)
        return rule(draft, scope, node)

    assert "LIKE prefix" not in checks("aws.iam.groups", "selection")
    monkeypatch.setattr(predicates, "_equalities", with_patterns)
    assert "LIKE prefix" in checks("aws.iam.groups", "selection")


def test_a_region_that_is_not_asked_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Session.plan

    def at_home(self: Session, *given: Any) -> Plan:
        made = plan(self, *given)
        is_everywhere = any(s.scope.regions in (("*",), ("%",)) for s in made.scans)
        return (
            made
            if is_everywhere
            else replace(made, scans=tuple(replace(s, scope=CallScope()) for s in made.scans))
        )

    assert "region =" not in checks("aws.ec2.vpcs", "place")
    monkeypatch.setattr(Session, "plan", at_home)
    assert "region =" in checks("aws.ec2.vpcs", "place")


def test_a_parent_that_is_not_gone_through_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = parent_feeds._text

    def first(*given: Any) -> str:
        return f"SELECT * FROM ({rule(*given)}) ORDER BY ALL LIMIT 1"

    assert not checks("aws.iam.access_keys", "completeness")
    monkeypatch.setattr(parent_feeds, "_text", first)
    assert "count" in checks("aws.iam.access_keys", "completeness")


def test_a_kind_that_is_not_asked_for_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = unbound_parameters._sent

    def first(*given: Any) -> tuple[tuple[object, ...], str]:
        values, words = rule(*given)
        return values[:1], words

    assert not checks("aws.batch.jobs", "completeness")
    monkeypatch.setattr(unbound_parameters, "_sent", first)
    assert "count" in checks("aws.batch.jobs", "completeness")


def test_a_detail_that_is_asked_for_elsewhere_than_its_row_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rule = detail_joins._scan

    def at_home(*given: Any) -> Scan:
        return replace(rule(*given), scope=CallScope(regions=("us-east-1",)))

    assert not checks("aws.ecs.clusters", "place")
    monkeypatch.setattr(detail_joins, "_scan", at_home)
    assert "details elsewhere" in checks("aws.ecs.clusters", "place")


def test_a_page_that_no_service_takes_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not checks("aws.rds.db_instances", "limit")
    monkeypatch.setattr(calls, "page_size", lambda table, method, limit: limit)
    assert "error" in checks("aws.rds.db_instances", "limit")
