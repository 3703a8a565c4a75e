"""Conditions on options and scopes: what binds one in whatever form,
and that nothing else is let by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Role, Verb
from cirrusql.engine.database import Database
from cirrusql.errors import InvalidParameter, MissingParameter
from cirrusql.execution.reads.reads import columns_of
from cirrusql.plan.model import Constant, Plan
from cirrusql.plan.passes.option_conditions import is_sent_only
from tests.plan.test_filter_pushdown import plan_of

PATH = "SELECT Name FROM aws.ssm.parameters_by_paths WHERE Path = '/a' AND "
METRIC = (
    "SELECT Average FROM aws.cloudwatch.metric_statistics WHERE Namespace = 'n' AND MetricName = "
    "'m' "
    "AND Period = 60 AND Statistics = 'Average' AND "
)
COST = (
    "SELECT TimePeriod, Total FROM aws.ce.cost_and_usages WHERE Granularity = 'DAILY' "
    "AND Metrics = 'UnblendedCost' AND "
)


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    found = Database()
    yield found
    found.close()


def sent(plan: Plan, database: Database, **parameters: object) -> Mapping[str, list[Any]]:
    """The values of every parameter of the last scan's calls; its query must bind."""
    for scan in plan.scans:
        database.load(scan.id, columns_of(scan), [])
    assert plan.query is not None
    database.check(plan.query.sql, parameters)
    found = {}
    for binding in plan.scans[-1].calls[0].bindings:
        is_constant = isinstance(binding, Constant)
        rows = binding.rows if is_constant else database.rows(binding.sql, parameters)  # type: ignore[union-attr]
        for i, name in enumerate(binding.parameters):
            found[name] = [row[i] for row in rows]
    return found


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ("Recursive = true", True),
        ("Recursive", True),
        ("recursive", True),
        ("Recursive IS TRUE", True),
        ("Recursive <> false", True),
        ("NOT (Recursive = false)", True),
        ("true = Recursive", True),
        ("Recursive = 'true'", True),
        ("Recursive IN (true)", True),
        ("Recursive = ANY([true])", True),
        ("Recursive = (1 = 1)", True),
        ("Recursive = (SELECT true)", True),
        ("Recursive IS NOT DISTINCT FROM true", True),
        ("Recursive = $yes", True),
        ("Recursive::VARCHAR = 'true'", True),
        ("NOT Recursive", False),
        ("Recursive = false", False),
        ("Recursive IS FALSE", False),
        ("Recursive <> true", False),
    ],
)
def test_a_truth_is_bound_in_every_form(
    condition: str, value: object, aws: Catalog, database: Database
) -> None:
    plan = plan_of(PATH + condition, aws, yes=True)
    assert sent(plan, database, yes=True) == {"Path": ["/a"], "Recursive": [value]}


@pytest.mark.parametrize(
    "condition",
    [
        "(Recursive OR Name = '/a/b')",
        "Recursive IS NULL",
        "Recursive IS NOT TRUE",
        "coalesce(Recursive, true)",
        "CASE WHEN Recursive THEN true END",
        "WithDecryption > false",
        "NOT EXISTS (SELECT 1 FROM (SELECT 1 AS n) WHERE Recursive)",
    ],
)
def test_any_other_condition_says_how_an_option_is_bound(condition: str, aws: Catalog) -> None:
    with pytest.raises(InvalidParameter, match="is an option of the request") as raised:
        plan_of(PATH + condition, aws)
    assert raised.value.hint is not None
    assert "= true" in raised.value.hint
    assert "BETWEEN" not in raised.value.hint


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT Recursive, count(*) FROM aws.ssm.parameters_by_paths WHERE Path = '/a' GROUP BY 1 "
        "HAVING Recursive",
        "SELECT * FROM (SELECT * FROM aws.ssm.parameters_by_paths WHERE Path = '/a' LIMIT 1) "
        "WHERE Recursive",
        "SELECT * FROM aws.cloudwatch.alarms WHERE ActionPrefix LIKE 'a%'",
        "SELECT * FROM aws.ec2.images WHERE Owners <> 'self'",
    ],
)
def test_no_condition_on_an_option_is_dropped_wherever_it_stands(sql: str, aws: Catalog) -> None:
    with pytest.raises(InvalidParameter, match="neither sent nor evaluated"):
        plan_of(sql, aws)


def test_a_bare_name_that_a_local_table_may_have_too_must_say_whose_it_is(aws: Catalog) -> None:
    with pytest.raises(
        InvalidParameter, match="which table the request option Recursive belongs to"
    ) as raised:
        plan_of(PATH + "EXISTS (SELECT 1 FROM here WHERE Recursive)", aws)
    assert raised.value.hint == "qualify it: parameters_by_paths.Recursive"


def test_an_option_passes_through_a_derived_table(aws: Catalog, database: Database) -> None:
    plan = plan_of(
        "SELECT * FROM (SELECT Name, Recursive AS r FROM aws.ssm.parameters_by_paths WHERE Path = "
        "'/a') "
        "WHERE r",
        aws,
    )
    assert sent(plan, database) == {"Path": ["/a"], "Recursive": [True]}


@pytest.mark.parametrize(
    "condition",
    ["Recursive = 'maybe'", "WithDecryption = 7", "ParameterFilters = 'x'", "ParameterFilters = 1"],
)
def test_a_value_of_another_type_is_an_error_before_any_call(condition: str, aws: Catalog) -> None:
    with pytest.raises(InvalidParameter, match=r"and .* is not"):
        plan_of(PATH + condition, aws)


@pytest.mark.parametrize(
    ("condition", "values"),
    [
        ("Owners = 'amazon'", ["amazon"]),
        ("Owners IN ('amazon', 'self')", ["amazon", "self"]),
        ("Owners = ANY(['amazon', 'self'])", ["amazon", "self"]),
        ("Owners = ['amazon', 'self']", [["amazon", "self"]]),
        ("Owners = $owner", ["amazon"]),
        ("Owners = (SELECT 'amazon')", ["amazon"]),
        ("Owners IN (SELECT 'amazon')", ["amazon"]),
    ],
)
def test_one_value_stands_for_a_list_of_one(
    condition: str, values: list[object], aws: Catalog, database: Database
) -> None:
    plan = plan_of(
        f"SELECT ImageId, Owners FROM aws.ec2.images WHERE {condition}", aws, owner="amazon"
    )
    assert sorted(map(str, sent(plan, database, owner="amazon")["Owners"])) == sorted(
        map(str, values)
    )


@pytest.mark.parametrize(
    ("condition", "start", "end"),
    [
        ("StartTime = '2026-01-01' AND EndTime = '2026-01-02'", 1, 2),
        ("StartTime >= '2026-01-01' AND EndTime < '2026-01-02'", 1, 2),
        ("StartTime > '2026-01-01' AND StartTime <= '2026-01-02'", 1, 2),
        ("'2026-01-01' <= StartTime AND '2026-01-02' > EndTime", 1, 2),
        ("StartTime BETWEEN '2026-01-01' AND '2026-01-02'", 1, 2),
        ("EndTime BETWEEN TIMESTAMPTZ '2026-01-01' AND $last", 1, 2),
        (
            "StartTime >= '2026-01-01' AND StartTime >= '2025-12-31' AND EndTime < '2026-01-02'",
            1,
            2,
        ),
    ],
)
def test_a_time_window_is_bound_by_comparisons(
    condition: str, start: int, end: int, aws: Catalog, database: Database
) -> None:
    last = datetime(2026, 1, 2, tzinfo=UTC)
    found = sent(plan_of(METRIC + condition, aws, last=last), database, last=last)
    assert [_day(v) for v in found["StartTime"]] == [start]
    assert [_day(v) for v in found["EndTime"]] == [end]


def _day(value: Any) -> int:
    return datetime.fromisoformat(value).day if isinstance(value, str) else value.day


def test_what_binds_a_window_is_true_of_every_row(aws: Catalog, database: Database) -> None:
    plan = plan_of(METRIC + "StartTime > '2026-01-01' AND EndTime < '2026-01-02'", aws)
    assert plan.query is not None
    text = plan.query.sql.partition("= 'm' AND ")[2]
    assert database.rows(f"SELECT {text}") == [(True,)]


@pytest.mark.parametrize(
    "condition",
    [
        "SubmittedSince > '2026-01-01' AND SubmittedSince < '2026-01-02'",
        "SubmittedSince BETWEEN now() AND now()",
    ],
)
def test_half_a_window_that_no_parameter_takes_is_an_error(condition: str, aws: Catalog) -> None:
    with pytest.raises(InvalidParameter, match="SubmittedSince is an option"):
        plan_of(f"SELECT OperationId FROM aws.route53domains.operations WHERE {condition}", aws)


@pytest.mark.parametrize(
    "condition",
    [
        "TimePeriod = {'Start': '2026-01-01', 'End': '2026-02-01'}",
        """TimePeriod = '{"Start": "2026-01-01", "End": "2026-02-01"}'""",
        "{'Start': '2026-01-01', 'End': '2026-02-01'} = TimePeriod AND TimePeriod.Start > "
        "'2026-01-05'",
    ],
)
def test_a_parameter_with_a_field_s_name_is_sent_and_not_compared_with_it(
    condition: str, aws: Catalog, database: Database
) -> None:
    plan = plan_of(COST + condition, aws)
    assert list(sent(plan, database)) == ["TimePeriod", "Granularity", "Metrics"]
    assert plan.query is not None
    assert "TimePeriod =" not in plan.query.sql
    assert "= TimePeriod" not in plan.query.sql


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("aws.ds_data.group_members WHERE DirectoryId = 'd'", "SAMAccountName"),
        ("aws.cloudfront.invalidations_for_distribution_tenants", "Id"),
        ("aws.clouddirectory.managed_schema_arns", "SchemaArn"),
    ],
)
def test_whose_things_are_listed_is_not_compared_with_the_things_own_name(
    table: str, name: str, aws: Catalog, database: Database
) -> None:
    plan = plan_of(
        f"SELECT * FROM {table} {'AND' if ' WHERE ' in table else 'WHERE'} {name} = 'a'", aws
    )
    assert sent(plan, database)[name] == ["a"]
    assert plan.query is not None
    assert f"{name} =" not in plan.query.sql


@pytest.mark.parametrize(
    "value", ["now() - INTERVAL 1 DAY", "TIMESTAMPTZ '2026-01-01 00:00:00+00'"]
)
def test_a_moment_is_of_the_field_where_the_parameter_is_a_number(
    value: str, aws: Catalog, database: Database
) -> None:
    table = "aws.connect.test_case_executions"
    plan = plan_of(
        f"SELECT StartTime FROM {table} WHERE InstanceId = 'i' AND StartTime >= {value}", aws
    )
    assert sent(plan, database) == {"InstanceId": ["i"]}
    assert plan.query is not None
    assert "StartTime >=" in plan.query.sql


def test_a_window_that_rows_of_another_table_give_says_that_it_takes_constants(
    aws: Catalog,
) -> None:
    with pytest.raises(InvalidParameter, match="StartTime is an option") as raised:
        plan_of(
            "SELECT e.EventId FROM (SELECT now() AS d) AS days "
            "JOIN aws.cloudtrail.events e ON e.StartTime >= d",
            aws,
        )
    assert "BETWEEN and constants" in str(raised.value.hint)


def test_a_comparison_with_the_field_of_that_name_is_not_sent(
    aws: Catalog, database: Database
) -> None:
    plan = plan_of(
        "SELECT * FROM aws.ecs.service_deployments WHERE cluster = 'c' AND service = 's' "
        "AND createdAt = TIMESTAMPTZ '2026-01-01'",
        aws,
    )
    assert set(sent(plan, database)) == {"cluster", "service"}


def test_options_of_calls_that_describe_each_row_go_with_those(
    aws: Catalog, database: Database
) -> None:
    plan = plan_of("SELECT Name, Value FROM aws.ssm.parameters WHERE WithDecryption", aws)
    listing, detail = plan.scans
    assert [b.parameters for b in listing.calls[0].bindings] == []
    assert detail.calls[0].batch == "Names"
    assert sent(plan, database)["WithDecryption"] == [True]


@pytest.mark.parametrize(
    ("condition", "is_sent"),
    [
        ("InstanceIds = 'i-1'", True),
        ("InstanceIds = ['i-1']", True),
        ("InstanceIds IN ('i-1', 'i-2')", True),
        ("NOT (InstanceIds = 'i-1')", False),
        ("InstanceIds LIKE 'i-%'", False),
        ("InstanceIds IS NULL", False),
        ("'i-1' = ANY(InstanceIds)", False),
        ("len(InstanceIds) > 0 OR InstanceIds > ['i']", False),
    ],
)
def test_a_filter_is_known_of_every_row_whether_it_is_sent_or_not(
    condition: str, is_sent: bool, aws: Catalog, database: Database
) -> None:
    plan = plan_of(f"SELECT InstanceId FROM aws.ec2.instances WHERE {condition}", aws)
    assert set(sent(plan, database)) == ({"InstanceIds"} if is_sent else set())
    assert plan.query is not None
    assert ('["InstanceId"]' in plan.query.sql) is not is_sent


def test_a_key_that_cannot_be_sent_is_not_taken_for_null(aws: Catalog) -> None:
    with pytest.raises(MissingParameter, match="Path"):
        plan_of("SELECT Name FROM aws.ssm.parameters_by_paths WHERE Path LIKE '/a%'", aws)


@pytest.mark.parametrize(
    "expression",
    [
        "[{'Name': 'InstanceId', 'Value': i.InstanceId}]",
        "[{'Name': 'InstanceId', 'Value': trim(i.InstanceId) || ''}, {'Name': 'B', 'Value': "
        "i.VpcId}]",
    ],
)
def test_a_structure_made_of_a_row_feeds_a_parameter(
    expression: str, aws: Catalog, database: Database
) -> None:
    plan = plan_of(
        "SELECT m.Average FROM aws.ec2.instances i JOIN aws.cloudwatch.metric_statistics m "
        f"ON m.Dimensions = {expression} WHERE m.Namespace = 'n' AND m.MetricName = 'm' "
        "AND m.Period = 60 AND m.Statistics = 'Average' "
        "AND m.StartTime = now() - INTERVAL 1 DAY AND m.EndTime = now()",
        aws,
    )
    assert sent(plan, database)["Dimensions"] == []
    (feed,) = [b for b in plan.scans[-1].calls[0].bindings if b.parameters == ("Dimensions",)]
    assert feed.needs == (plan.scans[0].id,)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "service", ["ec2", "iam", "logs", "rds", "s3", "ssm", "cloudwatch", "lambda"]
)
def test_each_option_of_a_service_is_bound_by_equality_and_refused_otherwise(
    service: str, aws: Catalog
) -> None:
    for name in aws.resources("aws", service):
        table = aws.table("aws", service, name)
        readers = [m for m in table.methods if m.verb is Verb.SELECT and m.rows is not None]
        taken = {n for m in readers for n in m.parameters}
        for column in table.columns:
            if (
                column.role is not Role.PARAMETER
                or not is_sent_only(column)
                or column.name not in taken
            ):
                continue
            with pytest.raises(InvalidParameter):
                plan_of(f'SELECT 1 FROM {table.id} t WHERE t."{column.name}" IS NULL', aws)
            details = {n for d in table.details for n in d.method.parameters}
            if _is_bound(
                f"SELECT 1 FROM {table.id} t WHERE t.\"{column.name}\" = lower('X')",
                column.name,
                aws,
            ):
                continue
            assert column.name in details, f"{table.id}.{column.name}"


def _is_bound(sql: str, name: str, aws: Catalog) -> bool:
    """Whether the calls are given the parameter; what lacks a key besides is not looked at."""
    try:
        plan = plan_of(sql, aws)
    except MissingParameter:
        return True
    return name in {n for b in plan.scans[-1].calls[0].bindings for n in b.parameters}


def test_one_thing_of_a_listing_is_not_taken_for_all_of_it(aws: Catalog) -> None:
    plan = plan_of("SELECT PolicyName FROM aws.kms.key_policies WHERE KeyId = 'k'", aws)
    assert [s.calls[0].method.name for s in plan.scans] == ["list_key_policies"]
    plan = plan_of(
        "SELECT Policy FROM aws.kms.key_policies WHERE KeyId = 'k' AND PolicyName = 'default'", aws
    )
    assert [s.calls[0].method.name for s in plan.scans] == ["get_key_policy"]


def test_options_that_no_call_takes_together_are_an_error(aws: Catalog) -> None:
    with pytest.raises(InvalidParameter, match="no call accepts"):
        plan_of(
            "SELECT 1 FROM aws.dynamodb.items WHERE TableName = 't' AND KeyConditionExpression = "
            "'a = :a' "
            "AND TotalSegments = 2",
            aws,
        )
