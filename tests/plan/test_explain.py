"""A plan explained: what is called, with which arguments, and from where."""

from __future__ import annotations

from typing import Any, cast

import pytest

from cirrusql.catalog.catalog import Catalog
from cirrusql.plan.explain import ExplainStep, policy, steps
from cirrusql.plan.model import Plan
from cirrusql.plan.planner import plan_query
from cirrusql.sql.parse import parse_sql
from cirrusql.sql.split import Piece
from tests.plan.oracle import plan_of
from tests.plan.planned import catalog


def told(sql: str, **given: Any) -> tuple[ExplainStep, ...]:
    return steps(plan_of(sql, **given))


def allowed(sql: str) -> object:
    (statement,) = cast(list[dict[str, object]], policy(plan_of(sql))["Statement"])
    return statement["Action"]


def test_a_step_names_its_call_and_where_its_values_come_from() -> None:
    users, keys = told(
        "SELECT u.Age, k.Status FROM toy.iam.users u JOIN toy.iam.access_keys k ON k.UserName = "
        "u.UserName"
        " WHERE u.Path = '/' AND k.Status <> 'Active'"
    )
    assert (users.step, users.table, users.operation) == (
        "1",
        "toy.iam.users AS u",
        "iam:ListUsers",
    )
    assert (users.iam_actions, users.regions, users.columns) == (
        "iam:ListUsers",
        "global",
        "UserName, Path, Age",
    )
    assert (users.parameters, users.local_filter) == ("", "u.Path = '/'")
    assert keys.parameters == "UserName from u.UserName"
    assert (keys.calls, keys.local_filter) == ("per row of step 1", "k.Status <> 'Active'")


@pytest.mark.parametrize(
    ("where", "regions", "calls"),
    [
        ("true", "session", "1"),
        ("region = 'north'", "north", "1"),
        ("region IN ('north', 'south')", "north, south", "2"),
        ("region = '*'", "all enabled", "per region"),
        ("region <> 'north'", "all enabled except north", "per region"),
        ("region LIKE 'n%'", "n%", "per region"),
        ("region = $r", "south", "1"),
    ],
)
def test_regions_are_told_as_they_were_asked_for(where: str, regions: str, calls: str) -> None:
    (step,) = told(f"SELECT VpcId FROM toy.ec2.vpcs WHERE {where}", r="south")
    assert (step.regions, step.calls) == (regions, calls)


@pytest.mark.parametrize(
    ("where", "parameters", "calls"),
    [
        ("UserName = 'a'", "UserName = 'a'", "1"),
        ("UserName IN ('a', 'b')", "UserName = 'a', 'b'", "2"),
        ("UserName = $u", "UserName from $u", "per value"),
        ("UserName = lower('A')", "UserName from LOWER('A')", "per value"),
        (
            "UserName IN (SELECT UserName FROM toy.iam.users)",
            "UserName from subquery",
            "per row of step 1",
        ),
    ],
)
def test_parameters_are_told_with_their_source(where: str, parameters: str, calls: str) -> None:
    *_, step = told(f"SELECT Status FROM toy.iam.access_keys WHERE {where}", u="ann")
    assert (step.parameters, step.calls) == (parameters, calls)


def test_a_parent_is_told() -> None:
    _, services = told("SELECT status FROM toy.ecs.services")
    assert (services.parameters, services.calls) == (
        "cluster from parent toy.ecs.clusters",
        "per row of step 1",
    )


def test_a_policy_lists_each_action_once() -> None:
    sql = "SELECT 1 FROM toy.ecs.services, toy.ecs.clusters, toy.iam.users"
    assert allowed(sql) == ["ecs:ListClusters", "ecs:ListServices", "iam:ListUsers"]


def test_a_policy_lets_regions_be_found_where_they_must_be() -> None:
    sql = "SELECT 1 FROM toy.ec2.vpcs WHERE region LIKE 'n%'"
    assert allowed(sql) == ["ec2:DescribeRegions", "ec2:DescribeVpcs"]


@pytest.mark.parametrize(
    ("service", "operation", "actions"),
    [
        ("iam", "ListAccessKeys", ("iam:ListAccessKeys",)),
        ("s3", "ListObjectsV2", ("s3:ListBucket",)),
        ("s3", "HeadObject", ("s3:GetObject",)),
        ("s3", "ListBuckets", ("s3:ListAllMyBuckets",)),
        ("s3", "CopyObject", ("s3:GetObject", "s3:PutObject")),
        ("apigateway", "GetRestApis", ("apigateway:GET",)),
        ("apigatewayv2", "GetApis", ("apigateway:GET",)),
        ("elbv2", "DescribeLoadBalancers", ("elasticloadbalancing:DescribeLoadBalancers",)),
        ("stepfunctions", "ListStateMachines", ("states:ListStateMachines",)),
        ("resourcegroupstaggingapi", "GetResources", ("tag:GetResources",)),
        ("sts", "GetCallerIdentity", ()),
    ],
)
def test_the_actions_of_a_call_are_those_of_the_authorization_reference(
    service: str, operation: str, actions: tuple[str, ...], aws: Catalog
) -> None:
    assert aws.service("aws", service).operation(operation).permissions == actions


def test_every_exception_names_an_operation_that_there_is(aws: Catalog) -> None:
    from cirrusql.providers.aws.permissions import permission_exceptions

    for key in permission_exceptions():
        service, _, name = key.partition(":")
        assert name in aws.service("aws", service.replace("-", "_")).operation_names, key


@pytest.mark.parametrize(
    ("sql", "completeness"),
    [
        ("SELECT * FROM aws.iam.users", "complete without parameters"),
        ("SELECT * FROM aws.iam.access_keys", "each UserName of aws.iam.users"),
        ("SELECT * FROM aws.iam.access_keys WHERE UserName = 'ann'", "set by the statement"),
        ("SELECT * FROM aws.iam_api.access_keys", "the API's default: without UserName"),
        (
            "SELECT jobId FROM aws.batch.jobs WHERE jobQueue = 'q'",
            "each jobStatus: SUBMITTED, PENDING, RUNNABLE, STARTING, RUNNING, … 7 in total",
        ),
        (
            "SELECT AlarmName FROM aws.cloudwatch.composite_alarms",
            "AlarmTypes = [CompositeAlarm, MetricAlarm, LogAlarm]",
        ),
        (
            "SELECT name FROM aws.codeguruprofiler.profiling_groups",
            "includeDescription = true",
        ),
        ("SELECT Arn FROM aws.iam.policies", "scope: Scope = Local"),
        (
            "SELECT Arn FROM aws.iam.policies WHERE Scope = 'All'",
            "scope: Scope set by the statement",
        ),
        ("SELECT KeyId FROM aws.kms.keys", "scope: ResourceOwners left out"),
        (
            "SELECT SnapshotId FROM aws.ec2.snapshots WHERE SnapshotId IN ('snap-1', 'snap-2')",
            "SnapshotId is given: any owner",
        ),
    ],
)
def test_a_scan_says_what_its_completeness_rests_on(sql: str, completeness: str) -> None:
    assert steps(_planned(sql))[-1].completeness == completeness


def _planned(sql: str) -> Plan:
    return plan_query(sql, parse_sql(Piece(sql, 0, sql)), catalog())


def test_what_a_listing_is_of_is_sent_with_every_call() -> None:
    sql = "SELECT ImageId FROM aws.ec2.images"
    (scan,) = _planned(sql).scans
    assert scan.calls[0].constants == {"Owners": ["self"], "IncludeDisabled": True}
    (scan,) = _planned(f"{sql} WHERE ImageId = 'ami-1'").scans
    assert scan.calls[0].constants == {"IncludeDeprecated": True, "IncludeDisabled": True}
    assert scan.calls[0].batch == "ImageIds"
