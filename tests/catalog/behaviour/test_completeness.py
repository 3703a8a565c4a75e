"""``completeness.toml`` names what there is, and leaves out nothing that documentation says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

import pytest

from cirrusql.api.model import Kind, Member
from cirrusql.catalog.behaviour.completeness import (
    Fill,
    FillKind,
    fed_by_parents,
    fills_given,
    harmless_given,
    narrowing,
)
from cirrusql.catalog.catalog import Catalog, schema_name
from cirrusql.catalog.inference.documentation import plain_text
from cirrusql.catalog.model import Method, ParameterRole, Table, Verb
from cirrusql.catalog.relations.parent_paths import route
from cirrusql.providers.aws.overlay import OVERLAY
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from tests.catalog.behaviour.narrowing_words import sounds_narrow

SOURCE = BotocoreSource()
CATALOG = Catalog([SOURCE])


def _method(operation: str) -> tuple[Table, Method]:
    service, _, name = operation.partition(":")
    schema = schema_name(service)
    found, _ = CATALOG.service_catalog("aws", schema)
    assert name in found.service.operation_names, f"completeness.toml: there is no {operation}"
    home = next(resource for resource, names in found.plain.items() if name in names)
    return CATALOG.table("aws", schema, home), found.method(name)


@pytest.mark.parametrize("operation", sorted(fills_given(OVERLAY)))
def test_every_fill_names_what_there_is(operation: str) -> None:
    table, method = _method(operation)
    assert method.verb is Verb.SELECT, f"completeness.toml: {operation} does not read"
    for name in fills_given(OVERLAY)[operation]:
        key = f"completeness.toml: {operation}.{name}"
        assert name in method.operation.parameters, f"{key}: no such parameter"
        assert name not in method.operation.required, (
            f"{key} is required: a parent feeds it as it is"
        )
        fill = narrowing(method)[name]
        others = {*fill.unless, *filter(None, fill.keys.values())}
        assert others <= {*method.operation.parameters}, f"{key}: unless or keys name no parameter"
        columns = {c.lower() for c in (*fill.columns, *fill.keys)}
        assert columns <= {*table.by_alias}, f"{key}: columns or keys name no column of {table.id}"
        for value in (*fill.values, *fill.widest):
            assert _fits(method.operation.parameters[name], value), f"{key}: cannot be {value!r}"


def _fits(member: Member, value: object) -> bool:
    """Whether the model allows that value for a parameter."""
    shape = member.shape
    if isinstance(value, list):
        return shape.kind is Kind.LIST and all(_fits(shape.element, v) for v in value)
    if isinstance(value, dict):
        return shape.kind is Kind.STRUCTURE and all(
            n in shape.members and _fits(shape.members[n], v) for n, v in value.items()
        )
    if isinstance(value, bool):
        return shape.kind is Kind.BOOLEAN
    if isinstance(value, int):
        return shape.kind in (Kind.INTEGER, Kind.LONG)
    if isinstance(value, datetime):
        return shape.kind is Kind.TIMESTAMP
    return shape.kind is Kind.STRING and (not shape.enum or value in shape.enum)


@pytest.mark.parametrize("operation", sorted(fills_given(OVERLAY)))
def test_what_a_parent_is_to_fill_a_parent_fills(operation: str) -> None:
    table, method = _method(operation)
    if not any(fill.kind is FillKind.PARENT for fill in narrowing(method).values()):
        return
    assert set(fed_by_parents(method.operation)) <= {*method.keys}
    assert route(CATALOG, table, method) is not None, (
        f"completeness.toml: {operation}: no parent of its keys"
    )


def _readers() -> Iterator[Method]:
    for service in SOURCE.ids():
        found, _ = CATALOG.loaded("aws", schema_name(service))
        for name in found.service.operation_names:
            method = found.method(name)
            if method.verb is Verb.SELECT and method.rows is not None and method.rows.lists:
                yield method


def test_what_documentation_says_of_an_absent_parameter_is_known() -> None:
    known = {key for keys in harmless_given(OVERLAY).values() for key in keys}
    unknown, needless = [], set(known)
    for method in _readers():
        for name, member in method.parameters.items():
            key = f"{method.operation.id}.{name}"
            if name in method.operation.required or name in narrowing(method):
                continue
            words = sounds_narrow(member)
            if words and key not in known:
                unknown.append(f"{key}: {words}")
            elif words:
                needless.discard(key)
    assert not unknown, "completeness.toml: neither filled nor harmless:\n" + "\n".join(unknown)
    assert not needless, f"completeness.toml: nobody asks of these: {sorted(needless)}"


_SPAN = re.compile(
    r"\bdefault[^.]*\b(?:past|last)\b[^.]*\b(?:hour|day|week|month)s?\b", re.IGNORECASE
)


def test_a_span_of_time_that_a_call_is_narrowed_to_is_known() -> None:
    """Events that were generated in the past hour, by default: RDS keeps those of 14 days."""
    found = [m for m in _readers() if _SPAN.search(plain_text(m.operation.documentation))]
    assert len(found) > 5
    unknown = [m.operation.id for m in found if m.operation.id not in fills_given(OVERLAY)]
    assert not unknown, f"completeness.toml: a span of time by default: {unknown}"


@pytest.mark.parametrize(
    ("words", "sounds"),
    [
        ("If you omit this parameter, only metric alarms are returned.", True),
        ("The default is SELF.", True),
        ("If not specified, the primary workgroup is used.", True),
        ("If you omit it, all aliases are returned.", False),
        ("The default is 100 items per page.", False),
        ("Returns only the jobs with the specified status.", False),
    ],
)
def test_the_regular_words_of_documentation_are_told_apart(words: str, sounds: bool) -> None:
    shape = next(iter(_method("iam:ListUsers")[1].operation.parameters.values())).shape
    assert bool(sounds_narrow(Member("kind", shape, words))) is sounds


@pytest.mark.parametrize(
    ("operation", "parameter", "expected"),
    [
        (
            "rds:DescribeEvents",
            "Duration",
            Fill(FillKind.CONSTANT, (20160,), unless=("StartTime", "EndTime")),
        ),
        ("iam:ListAccessKeys", "UserName", Fill(FillKind.PARENT)),
        ("mturk:ListReviewableHITs", "Status", Fill(FillKind.EACH, ("Reviewable", "Reviewing"))),
        ("kms:ListKeys", "ResourceOwners", Fill(FillKind.SCOPE)),
        ("redshift-data:ListStatements", "Status", Fill(FillKind.CONSTANT, ("ALL",))),
    ],
)
def test_a_fill_is_read_as_it_is_written(operation: str, parameter: str, expected: Fill) -> None:
    assert narrowing(_method(operation)[1])[parameter] == expected


def test_a_fill_says_the_role_of_its_parameter() -> None:
    roles = {kind: Fill(kind).role for kind in FillKind}
    assert roles[FillKind.PARENT] is roles[FillKind.EACH] is ParameterRole.KEY
    assert roles[FillKind.SCOPE] is ParameterRole.SCOPE
    assert roles[FillKind.CONSTANT] is ParameterRole.OPTION


def test_under_the_names_of_the_api_only_what_it_demands_is_a_key() -> None:
    table = CATALOG.table("aws", "iam_api", "access_keys")
    (reader,) = table.reached_by(Verb.SELECT)
    assert reader.keys == ()
    listeners = CATALOG.table("aws", "elbv2_api", "listeners")
    assert any("LoadBalancerArn" in m.keys for m in listeners.reached_by(Verb.SELECT))
