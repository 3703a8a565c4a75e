"""Law 1 over the catalog, by plans alone: what a star shows is filled, by the reader that is named
too.

A sample of services; ``TESTS_ALL_TABLES=1`` takes every one there is, which takes minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from cirrusql.catalog.model import Column, Role, Table, Verb
from cirrusql.errors import MissingParameter, NotSupportedError
from cirrusql.plan.explain import steps
from cirrusql.plan.model import Constant, Plan, Scan
from cirrusql.plan.planner import plan_query
from cirrusql.plan.reads.row_details import asked_by
from cirrusql.sql.parse import parse
from cirrusql.sql.statements import QueryStatement
from tests.support.catalog import CATALOG
from tests.support.services import sampled

ALWAYS = """
iam ecr ecs lambda sns sqs events kafka glue network_firewall bedrock cloudformation s3vectors
iotsitewise managedblockchain_query
""".split()
SAMPLE = 8
UNLISTED = {
    "aws.events.partner_event_sources",
    "aws.glue.schema_versions",
}
"""Nothing gives what their listings require; the things themselves are found otherwise."""


PARTLY_KEYED = {"aws.managedblockchain_query.transactions"}
"""Their Get has keys that the API calls optional: it wants one of two, which a condition on the
required ones alone does not provide."""


def tables(service: str) -> Iterator[Table]:
    for name in CATALOG.resources("aws", service):
        found = CATALOG.table("aws", service, name)
        if any(Verb.SELECT in (m.verb, m.api_verb) and m.rows is not None for m in found.methods):
            yield found


def named(table: Table) -> str:
    return f'aws."{table.schema}"."{table.name}"'


@pytest.fixture(autouse=True)
def _plans_are_of_one_test() -> Iterator[None]:
    """The catalog may forget its services between two tests:
    a plan that is kept would be of other tables."""
    yield
    planned.cache_clear()


@cache
def planned(sql: str) -> Plan | None:
    """The plan; None where the statement must say more."""
    statement = parse(sql)
    assert isinstance(statement, QueryStatement)
    try:
        return plan_query(statement.text, statement.tree, CATALOG)
    except (MissingParameter, NotSupportedError):
        return None


def givers(plan: Plan, table: Table) -> dict[str, str]:
    """The operation that fills each column of a table, by the methods of the plan's scans."""
    found: dict[str, str] = {}
    for scan in plan.scans:
        detail = next((d for d in table.details if d.columns is scan.table.columns), None)
        if detail is not None:
            shown = {c.name for c in scan.columns}
            given = {name for name, pick in detail.picks.items() if pick.column in shown}
            # Alone, it represents the row too.
            given |= {column for _, column in detail.joins if len(plan.scans) == 1}
        elif scan.table is table:
            given = set(of_calls(scan))
            given |= set(asked_by(table, given))
        else:
            continue
        for name in given:
            found.setdefault(name, scan.calls[0].method.operation.id)
    return found


def reach(plan: Plan, table: Table) -> set[str]:
    """The columns that a plan's rows and all their details fill."""
    found = {name for scan in plan.scans if scan.table is table for name in of_calls(scan)}
    return found | set(asked_by(table, found)) | {name for d in table.details for name in d.picks}


def of_calls(scan: Scan) -> Iterator[str]:
    for calls in scan.calls:
        fields = calls.method.rows.fields if calls.method.rows is not None else ()
        for name in (*fields, *(n for b in calls.bindings for n in b.parameters)):
            yield scan.table.by_alias[name.lower()].name


_SCALARS = {"VARCHAR": "'x'", "INTEGER": "1", "BIGINT": "1", "VARCHAR[]": "['x']"}


def by_keys(table: Table) -> Iterator[tuple[list[Column], str]]:
    """The conditions by which the table's readers are asked, each set of columns once."""
    seen = set()
    for method in table.methods:
        if (
            Verb.SELECT not in (method.verb, method.api_verb)
            or method.rows is None
            or not method.keys
        ):
            continue
        columns = [table.by_alias[k.lower()] for k in method.keys]
        names = frozenset(c.name for c in columns)
        if names not in seen and all(c.type.sql in _SCALARS for c in columns):
            seen.add(names)
            yield columns, " AND ".join(f'"{c.name}" = {_SCALARS[c.type.sql]}' for c in columns)


def unfilled(plan: Plan) -> str:
    return " ".join(n for n in plan.notices if "is NULL in rows of" in n)


@pytest.mark.parametrize("service", sampled(SAMPLE, ALWAYS))
def test_a_star_is_filled_whatever_the_where(service: str) -> None:
    for table in tables(service):
        bare = planned(f"SELECT * FROM {named(table)}")
        if bare is not None:
            missing = table.starred - set(givers(bare, table))
            assert not missing or table.id in UNLISTED, (table.id, missing)
        for columns, condition in by_keys(table):
            plan = planned(f"SELECT * FROM {named(table)} WHERE {condition}")
            if plan is None and table.id in PARTLY_KEYED:
                continue
            assert plan is not None, (table.id, condition)
            missing = table.starred - set(givers(plan, table))
            # Where the listing cannot be read, or does not know the key: then it is said, column by
            # column.
            is_said = all(name in unfilled(plan) for name in missing)
            is_known = bare is not None and {c.name for c in columns} <= reach(bare, table)
            has_listing = is_known and table.id not in UNLISTED
            assert not missing or (is_said and not has_listing), (table.id, condition, missing)


@pytest.mark.parametrize("service", sampled(SAMPLE, ALWAYS))
def test_a_column_is_given_by_the_reader_that_a_star_takes_or_it_is_said_that_none_does(
    service: str,
) -> None:
    for table in tables(service):
        star = planned(f"SELECT * FROM {named(table)}")
        if star is None:
            continue
        of_star = givers(star, table)
        for column in (c for c in table.columns if c.role is Role.FIELD):
            plan = planned(f'SELECT "{column.name}" FROM {named(table)}')
            assert plan is not None, (table.id, column.name)
            if column.name not in (given := givers(plan, table)):
                assert column.name in unfilled(plan), (table.id, column.name)
                assert (
                    planned(f'SELECT 1 FROM {named(table)} WHERE "{column.name}" IS NULL') is None
                )
            elif column.name in table.starred:
                assert given[column.name] == of_star[column.name], (table.id, column.name)


def test_a_star_with_a_key_reads_what_only_the_listing_has() -> None:
    """Tables where it once left NULL what naming the column would fill."""
    for line in Path(__file__).with_name("star_with_key.txt").read_text("utf-8").splitlines():
        name, key = line.split()
        table = CATALOG.table("aws", *name.split("."))
        column = table.by_alias[key.lower()]
        plan = planned(
            f'SELECT * FROM {named(table)} WHERE "{column.name}" = {_SCALARS[column.type.sql]}'
        )
        assert plan is not None, line
        assert table.starred <= set(givers(plan, table)), line


@pytest.mark.parametrize(
    ("table", "condition", "operation"),
    [
        ("aws.route53.geo_locations", "CountryCode = 'US'", "route53:ListGeoLocations"),
        ("aws.iotsitewise.time_series", "assetId = 'a'", "iotsitewise:ListTimeSeries"),
        ("aws.cloudhsm.hsms", "HsmArn = 'a'", "cloudhsm:DescribeHsm"),
    ],
)
def test_a_part_of_what_could_say_which_thing_is_looked_up_in_the_listing(
    table: str, condition: str, operation: str
) -> None:
    """A country has many rows: GetGeoLocation answers for the country itself."""
    plan = planned(f"SELECT * FROM {table} WHERE {condition}")
    assert plan is not None
    assert [scan.calls[0].method.operation.id for scan in plan.scans][-1] == operation


@pytest.mark.parametrize("where", ["", " WHERE registrationStatus = 'DEPRECATED'"])
@pytest.mark.parametrize("table", ["aws.swf.activity_types", "aws.swf.workflow_types"])
def test_a_state_is_each_thing_s_own_and_not_that_of_its_parent(table: str, where: str) -> None:
    """A domain in use has deprecated types."""
    plan = planned(f"SELECT * FROM {table}{where}")
    assert plan is not None
    domains, types = (scan.calls[0] for scan in plan.scans)
    states = {b.parameters: b for b in types.bindings if "registrationStatus" in b.parameters}
    assert set(states) == {("registrationStatus",)}
    (each,) = (b for b in domains.bindings if "registrationStatus" in b.parameters)
    assert isinstance(each, Constant)
    assert each.rows == (("REGISTERED",), ("DEPRECATED",))


@pytest.mark.parametrize("service", sampled(SAMPLE, ALWAYS))
def test_every_scan_says_what_it_rests_on_and_every_parameter_what_it_does(service: str) -> None:
    for table in tables(service):
        readers = [
            m for m in table.methods if Verb.SELECT in (m.verb, m.api_verb) and m.rows is not None
        ]
        parameters = {name for method in readers for name in method.parameters}
        for column in table.columns:
            if column.role is Role.PARAMETER and column.name in parameters:
                assert column.parameter_role is not None, (table.id, column.name)
        plan = planned(f"SELECT * FROM {named(table)}")
        for step in steps(plan) if plan is not None else ():
            assert step.completeness, (table.id, step.operation)


@pytest.mark.parametrize(
    ("table", "parent"),
    [
        ("cloudformation.template_summaries", "aws.cloudformation.stacks"),
        ("cloudformation.templates", "aws.cloudformation.stacks"),
        ("config.custom_rule_policies", "aws.config.config_rules"),
        ("kinesis.stream_summaries", "aws.kinesis.streams"),
        ("kinesisvideo.tags_for_streams", "aws.kinesisvideo.streams"),
        ("route53domains.contact_reachability_statuses", "aws.route53domains.domains"),
        ("schemas.resource_policies", "aws.schemas.registries"),
    ],
)
def test_what_an_api_refuses_a_call_without_is_fed(table: str, parent: str) -> None:
    """Their models require nothing, and their documentation says what the call is about."""
    for shown in ("*", "count(*)"):
        plan = planned(f"SELECT {shown} FROM aws.{table}")
        assert plan is not None
        assert [scan.table.id for scan in plan.scans] == [parent, f"aws.{table}"]
        assert plan.scans[-1].calls[0].bindings
