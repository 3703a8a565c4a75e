"""What each request parameter does to the rows,
and that the data file says only what no rule does."""

from __future__ import annotations

import pytest

from cirrusql.catalog.behaviour import parameter_roles
from cirrusql.catalog.behaviour.parameter_roles import (
    RoleData,
    means_otherwise,
    role_data,
    with_roles,
)
from cirrusql.catalog.catalog import schema_name
from cirrusql.catalog.model import Column, Method, ParameterRole, Role
from cirrusql.catalog.rows.column_types import sql_type
from cirrusql.providers.aws.overlay import OVERLAY
from tests.support.catalog import CATALOG

SERVICES = ("ce", "cloudwatch", "ec2", "ecs", "events", "iam", "lambda", "logs", "rds", "s3", "ssm")


def column(table: str, name: str) -> Column:
    return CATALOG.table(*table.split(".")).by_alias[name.lower()]


def method(key: str) -> Method:
    service, _, operation = key.partition(":")
    found, _ = CATALOG.loaded("aws", schema_name(service))
    return found.method(operation)


@pytest.mark.parametrize(
    ("table", "name", "role", "field"),
    [
        ("aws.iam.attached_user_policies", "UserName", "key", ""),
        ("aws.s3.bucket_policies", "Bucket", "key", ""),
        ("aws.ec2.instances", "InstanceIds", "filter", "InstanceId"),
        ("aws.ec2.route_tables", "RouteTableIds", "filter", "RouteTableId"),
        ("aws.cloudformation.stacks", "StackStatusFilter", "filter", "StackStatus"),
        ("aws.ec2.instances", "Filters", "option", ""),
        ("aws.ec2.images", "Owners", "scope", ""),
        ("aws.ssm.parameters_by_paths", "Path", "key", ""),
        ("aws.ssm.parameters_by_paths", "Recursive", "option", ""),
        ("aws.ssm.parameters_by_paths", "WithDecryption", "option", ""),
        ("aws.cloudwatch.metric_statistics", "StartTime", "option", ""),
        ("aws.cloudwatch.metric_statistics", "Statistics", "option", ""),
        ("aws.cloudwatch.metric_statistics", "Period", "option", ""),
        ("aws.cloudwatch.metric_statistics", "Namespace", "key", ""),
        ("aws.ce.cost_and_usages", "Granularity", "option", ""),
        ("aws.cloudtrail.events", "StartTime", "option", ""),
        ("aws.iam.ssh_public_keys", "Encoding", "option", ""),
        ("aws.dynamodb.items", "KeyConditionExpression", "option", ""),
    ],
)
def test_a_parameter_has_the_role_that_its_users_see(
    table: str, name: str, role: str, field: str
) -> None:
    found = column(table, name)
    assert (str(found.parameter_role or found.role), found.told_by) == (role, field)


@pytest.mark.parametrize(
    ("table", "name", "is_apart"),
    [
        ("aws.ce.cost_and_usages", "TimePeriod", True),
        ("aws.ce.savings_plans_coverages", "TimePeriod", True),
        ("aws.s3.object_common_prefixes", "Prefix", True),
        ("aws.partnercentral_selling.opportunities", "CreatedDate", True),
        ("aws.xray.service_graphs", "StartTime", True),
        ("aws.ecs.daemon_task_definitions", "revision", True),
        ("aws.iam.users", "UserName", False),
        ("aws.rds.events", "EventCategories", False),
        ("aws.autoscaling.scheduled_actions", "StartTime", False),
    ],
)
def test_a_parameter_with_the_name_of_a_field_may_mean_something_else(
    table: str, name: str, is_apart: bool
) -> None:
    found = column(table, name)
    assert (found.role, found.is_apart) == (Role.FIELD, is_apart)


@pytest.mark.parametrize("service", SERVICES)
def test_every_parameter_of_a_service_has_a_role_and_no_field_has(service: str) -> None:
    found, _ = CATALOG.loaded("aws", schema_name(service))
    for name in found.resources(False):
        table = found.table(schema_name(service), name, False)
        for one in table.columns:
            assert (one.parameter_role is not None) == (one.role is Role.PARAMETER), (
                f"{table.id}.{one.name}"
            )
            if one.told_by:
                assert table.by_alias[one.told_by.lower()].role is Role.FIELD, (
                    f"{table.id}.{one.name}"
                )
            is_filter = one.parameter_role is ParameterRole.FILTER
            assert one.told_by or one.begins or not is_filter, f"{table.id}.{one.name}"
            if one.begins:
                field = table.by_alias[one.begins.lower()]
                is_text = field.role is Role.FIELD and field.type.sql == one.type.sql == "VARCHAR"
                assert is_text, f"{table.id}.{one.name}"


@pytest.mark.parametrize(
    "key", sorted({*role_data(OVERLAY).roles, *role_data(OVERLAY).other_meaning})
)
def test_data_names_a_parameter_that_there_is(key: str) -> None:
    operation, _, name = key.rpartition(".")
    assert name in method(operation).parameters, f"parameter_roles.toml: there is no {key}"


@pytest.mark.parametrize("key", sorted(role_data(OVERLAY).roles))
def test_data_says_no_role_that_the_rule_says_without_it(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation, _, name = key.rpartition(".")
    taker = method(operation)
    bare = Column(name, sql_type(taker.parameters[name].shape), Role.PARAMETER)
    told = with_roles([bare], [taker])[0].parameter_role
    monkeypatch.setattr(parameter_roles, "role_data", lambda overlay: RoleData({}, frozenset()))
    assert with_roles([bare], [taker])[0].parameter_role is not told, f"parameter_roles.toml: {key}"


@pytest.mark.parametrize("key", sorted(role_data(OVERLAY).other_meaning))
def test_data_says_no_other_meaning_that_the_rule_sees(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation, _, name = key.rpartition(".")
    monkeypatch.setattr(parameter_roles, "role_data", lambda overlay: RoleData({}, frozenset()))
    assert not means_otherwise(method(operation), name), f"parameter_roles.toml: {key}"
