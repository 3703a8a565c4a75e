"""Pairs of SQL and the filters pushed into its calls."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from cirrusql.catalog.catalog import Catalog
from cirrusql.plan.explain import steps
from cirrusql.plan.model import Plan
from cirrusql.plan.planner import plan_query
from cirrusql.plan.scope.planning_context import PlanOptions
from cirrusql.sql.parse import parse
from cirrusql.sql.statements import QueryStatement


def plan_of(sql: str, aws: Catalog, **parameters: object) -> Plan:
    statement = parse(sql)
    assert isinstance(statement, QueryStatement)
    return plan_query(
        statement.text,
        statement.tree,
        aws,
        parameters=parameters,
        options=PlanOptions(parents=False),
    )


def filters_of(sql: str, aws: Catalog, **parameters: object) -> Mapping[str, object]:
    """The filters of the only scan's calls; named filters as ``name: values``."""
    (scan,) = plan_of(sql, aws, **parameters).scans
    sent = dict(scan.calls[0].filters)
    for name in ("Filters", "Filter"):
        for item in sent.pop(name, ()):  # type: ignore[attr-defined]
            sent[item["Name"]] = item["Values"]
    return sent


INSTANCES = "SELECT InstanceId FROM aws.ec2.instances i WHERE "


@pytest.mark.parametrize(
    ("where", "sent"),
    [
        ("InstanceType = 't3.nano'", {"instance-type": ["t3.nano"]}),
        ("instance_type IN ('t3.nano', 'm5.large')", {"instance-type": ["t3.nano", "m5.large"]}),
        ("'t3.nano' = InstanceType", {"instance-type": ["t3.nano"]}),
        ("i.State.Name = 'running'", {"instance-state-name": ["running"]}),
        ("i.state.name = 'running'", {"instance-state-name": ["running"]}),
        ("State['Name'] = 'running'", {"instance-state-name": ["running"]}),
        ("tags(Tags)['Name'] = 'web'", {"tag:Name": ["web"]}),
        ("tags(i.tags)['cost center'] IN ('1', '2')", {"tag:cost center": ["1", "2"]}),
        ("tags(Tags)['Name'] LIKE 'web-_%'", {"tag:Name": ["web-?*"]}),
        ("EbsOptimized", {"ebs-optimized": ["true"]}),
        ("NOT EbsOptimized", {"ebs-optimized": ["false"]}),
        ("EbsOptimized = false", {"ebs-optimized": ["false"]}),
        ("Placement.AvailabilityZone = 'us-east-1a'", {"availability-zone": ["us-east-1a"]}),
        ("ImageId = 'a' AND VpcId = 'b'", {"image-id": ["a"], "vpc-id": ["b"]}),
        ("VpcId = 'a' OR (VpcId = 'b' AND ImageId = 'c')", {"vpc-id": ["a", "b"]}),
        ("KeyName = $key", {"key-name": ["mine"]}),
    ],
)
def test_a_condition_becomes_a_filter(where: str, sent: Mapping[str, object], aws: Catalog) -> None:
    assert filters_of(INSTANCES + where, aws, key="mine") == sent


@pytest.mark.parametrize(
    "where",
    [
        "InstanceType <> 't3.nano'",
        "InstanceType IS NULL",
        "coalesce(InstanceType, 'x') = 'x'",
        "lower(InstanceType) = 'x'",
        "InstanceType = ImageId",
        "InstanceType ILIKE 't3%'",
        "InstanceType LIKE 't3.%'",  # not every server knows a pattern there
        "InstanceId LIKE 'i-%'",
        "KeyName = 'wild*card'",
        "InstanceType NOT LIKE 't3%'",
        "InstanceType LIKE 't3!%' ESCAPE '!'",
        "KeyName = 'back\\slash'",
        "KeyName = ''",
        "InstanceType = 3",
        "LaunchTime = '2024-01-01'",
        "State.Name = 'Running'",  # not one of the documented values
        "State.Name LIKE 'r%'",
        "Platform = 'windows'",
        "InstanceType = 'a' OR ImageId = 'b'",
        "tags(Tags)['a*'] = 'b'",
        "tags(Tags)['a'] IS NULL",
        "NOT (InstanceType = 'a')",
        "KeyName IS NOT DISTINCT FROM $nothing",
    ],
)
def test_what_no_filter_says_exactly_is_left_to_the_engine(where: str, aws: Catalog) -> None:
    assert filters_of(INSTANCES + where, aws, nothing=None) == {}


@pytest.mark.parametrize(("count", "is_sent"), [(200, True), (201, False)])
def test_no_more_values_are_sent_than_a_call_may_have(
    count: int, is_sent: bool, aws: Catalog
) -> None:
    values = ", ".join(f"'ami-{i}'" for i in range(count))
    assert bool(filters_of(f"{INSTANCES}ImageId IN ({values})", aws)) is is_sent


@pytest.mark.parametrize(
    ("sql", "sent"),
    [
        (
            "SELECT Arn FROM aws.iam.roles WHERE Path = '/service-role/'",
            {"PathPrefix": "/service-role/"},
        ),
        ("SELECT Arn FROM aws.iam.roles WHERE Path LIKE '/aws-_x%'", {"PathPrefix": "/aws-"}),
        ("SELECT Arn FROM aws.iam.roles WHERE Path LIKE 'x%'", {}),  # the model wants a slash
        ("SELECT Arn FROM aws.iam.roles WHERE Path LIKE '%x'", {}),
        (
            "SELECT arn FROM aws.logs.log_groups WHERE logGroupName IN ('/aws/a', '/aws/b')",
            {"logGroupNamePrefix": "/aws/"},
        ),
        (
            "SELECT Size FROM aws.s3.objects WHERE Bucket = 'b' AND starts_with(Key, '50%/')",
            {"Prefix": "50%/"},
        ),
        ("SELECT * FROM aws.s3.objects WHERE Bucket = 'b' AND Key LIKE 'a/%' AND Prefix = 'a'", {}),
        (
            "SELECT DomainName FROM aws.acm.certificates WHERE Status IN ('ISSUED', 'EXPIRED')",
            {"CertificateStatuses": ["ISSUED", "EXPIRED"]},
        ),
        ("SELECT DomainName FROM aws.acm.certificates WHERE Status = 'issued'", {}),
        ("SELECT Engine FROM aws.rds.db_snapshots WHERE Engine = 'mysql'", {"engine": ["mysql"]}),
        ("SELECT Engine FROM aws.rds.db_snapshots WHERE Engine = 'my*'", {}),
        ("SELECT Engine FROM aws.rds.db_snapshots WHERE Engine LIKE 'my%'", {}),
        ("SELECT * FROM aws.ec2.vpcs WHERE IsDefault", {"is-default": ["true"]}),
        ("SELECT VpcId, Filters FROM aws.ec2.vpcs WHERE CidrBlock = '10.0.0.0/8'", {}),
    ],
)
def test_prefixes_statuses_and_other_services(
    sql: str, sent: Mapping[str, object], aws: Catalog
) -> None:
    assert filters_of(sql, aws) == sent


def test_a_star_shows_no_filter_that_was_sent(aws: Catalog) -> None:
    (scan,) = plan_of("SELECT * FROM aws.ec2.vpcs WHERE IsDefault", aws).scans
    assert "Filters" not in {c.name for c in scan.columns}


def test_a_condition_on_a_view_is_asked_of_the_api(aws: Catalog) -> None:
    statement = parse("SELECT id FROM running WHERE type = 't3.nano'")
    assert isinstance(statement, QueryStatement)
    body = (
        "SELECT InstanceId id, InstanceType type FROM aws.ec2.instances i WHERE i.State.Name "
        "= 'running'"
    )
    (scan,) = plan_query(statement.text, statement.tree, aws, views={"running": body}).scans
    assert scan.server_filter == "instance-state-name = running; instance-type = t3.nano"


def test_a_parent_is_read_whole_whatever_its_own_rows_are_filtered_by(aws: Catalog) -> None:
    sql = (
        "SELECT r.RoleName, p.PolicyArn FROM aws.iam.roles r, aws.iam.attached_role_policies p "
        "WHERE r.Path = '/people/'"
    )
    statement = parse(sql)
    assert isinstance(statement, QueryStatement)
    scans = plan_query(statement.text, statement.tree, aws).scans
    assert [(s.table.name, s.server_filter) for s in scans] == [
        ("roles", ""),
        ("attached_role_policies", ""),
    ]


def test_explain_says_what_the_api_filters_by(aws: Catalog) -> None:
    (step,) = steps(plan_of(INSTANCES + "VpcId IN ('a', 'b') AND tags(Tags)['Name'] = 'web'", aws))
    assert step.server_filter == "tag:Name = web; vpc-id = a | b"


def test_a_table_s_items_are_scanned_where_no_key_is_asked_for(aws: Catalog) -> None:
    # Query wants a condition on the key, though its model does not say that it must.
    (scan,) = plan_of("SELECT Item FROM aws.dynamodb.items WHERE TableName = 't'", aws).scans
    assert scan.calls[0].method.operation.name == "Scan"
