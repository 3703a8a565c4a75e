"""Which row field each filter of an operation applies to."""

from __future__ import annotations

import pytest

from cirrusql.catalog.behaviour.pushable_filters import FilterForm, ServerFilter, server_filters
from cirrusql.providers.aws.overlay import OVERLAY
from tests.support.catalog import CATALOG


def filters_of(table: str, operation: str) -> tuple[ServerFilter, ...]:
    found = CATALOG.table("aws", *table.split("."))
    return server_filters(next(m for m in found.methods if m.operation.name == operation))


@pytest.mark.parametrize(
    ("table", "operation", "name", "field"),
    [
        ("ec2.instances", "DescribeInstances", "instance-type", "InstanceType"),
        ("ec2.instances", "DescribeInstances", "instance-state-name", "State.Name"),
        ("ec2.instances", "DescribeInstances", "private-dns-name", "PrivateDnsName"),
        ("ec2.instances", "DescribeInstances", "availability-zone", "Placement.AvailabilityZone"),
        (
            "ec2.instances",
            "DescribeInstances",
            "iam-instance-profile.arn",
            "IamInstanceProfile.Arn",
        ),
        ("ec2.instances", "DescribeInstances", "owner-id", "OwnerId"),
        ("ec2.volumes", "DescribeVolumes", "encrypted", "Encrypted"),
        ("ec2.volumes", "DescribeVolumes", "status", "State"),
        ("ec2.nat_gateways", "DescribeNatGateways", "state", "State"),
        ("ec2.vpc_endpoints", "DescribeVpcEndpoints", "vpc-endpoint-state", "State"),
        ("rds.db_instances", "DescribeDBInstances", "db-instance-id", "DBInstanceIdentifier"),
        ("rds.db_instances", "DescribeDBInstances", "engine", "Engine"),
        ("rds.db_snapshots", "DescribeDBSnapshots", "snapshot-type", "SnapshotType"),
        ("fsx.volumes", "DescribeVolumes", "file-system-id", "FileSystemId"),
    ],
)
def test_a_filter_is_of_the_field_that_its_name_says(
    table: str, operation: str, name: str, field: str
) -> None:
    found = {f.name: ".".join(f.path) for f in filters_of(table, operation)}
    assert found[name] == field


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        ("DescribeInstances", "platform"),  # the field's case is another
        ("DescribeInstances", "instance-state-code"),  # the low byte of it only
        ("DescribeInstances", "block-device-mapping.volume-id"),  # of one of several
        ("DescribeInstances", "launch-time"),  # a moment is written in many ways
    ],
)
def test_a_filter_that_means_something_else_is_not_used(operation: str, name: str) -> None:
    assert name not in {f.name for f in filters_of("ec2.instances", operation)}


@pytest.mark.parametrize(
    ("table", "operation", "parameter", "field", "form"),
    [
        ("iam.users", "ListUsers", "PathPrefix", "Path", FilterForm.PREFIX),
        (
            "logs.log_groups",
            "DescribeLogGroups",
            "logGroupNamePrefix",
            "logGroupName",
            FilterForm.PREFIX,
        ),
        ("events.archives", "ListArchives", "NamePrefix", "ArchiveName", FilterForm.PREFIX),
        ("s3.objects", "ListObjectsV2", "Prefix", "Key", FilterForm.PREFIX),
        (
            "acm.certificates",
            "ListCertificates",
            "CertificateStatuses",
            "Status",
            FilterForm.VALUES,
        ),
        (
            "cloudformation.stacks",
            "ListStacks",
            "StackStatusFilter",
            "StackStatus",
            FilterForm.VALUES,
        ),
        ("stepfunctions.executions", "ListExecutions", "statusFilter", "status", FilterForm.VALUE),
    ],
)
def test_a_parameter_may_narrow_by_a_field(
    table: str, operation: str, parameter: str, field: str, form: FilterForm
) -> None:
    found = {f.parameter: f for f in filters_of(table, operation)}[parameter]
    assert (found.path, found.form) == ((field,), form)


def test_tags_are_filtered_by_their_key() -> None:
    found = [
        f for f in filters_of("ec2.instances", "DescribeInstances") if f.form is FilterForm.TAG
    ]
    assert [(f.parameter, f.path, f.has_wildcards) for f in found] == [("Filters", ("Tags",), True)]


def test_the_documented_values_of_a_filter_are_known() -> None:
    found = {f.name: f for f in filters_of("ec2.instances", "DescribeInstances")}
    assert {"pending", "running", "stopped"} < found["instance-state-name"].values
    assert found["instance-type"].values == frozenset()


def test_every_entry_of_the_data_names_a_filter_and_a_field() -> None:
    data = OVERLAY.file("pushable_filters.toml")
    for key, field in data["fields"].items():
        operation_id, name = key.split(".", 1)
        service, operation = operation_id.split(":")
        listed = CATALOG.service("aws", service).operation(operation)
        documented = " ".join(m.documentation for m in listed.parameters.values())
        assert f"<code>{name}</code>" in documented or name in listed.parameters, key
        catalog, _ = CATALOG.service_catalog("aws", service)
        method = catalog.method(operation)
        assert not field or any(".".join(f.path) == field for f in server_filters(method)), key
    for service, known in data["services"].items():
        assert CATALOG.service("aws", service).operation_names
        catalog, _ = CATALOG.service_catalog("aws", service)
        for operation, name in (w.split(".", 1) for w in known.get("wildcards", ()) if w != "tag"):
            filters = server_filters(catalog.method(operation))
            assert [f.name for f in filters if f.name == name and f.has_wildcards] == [name]


@pytest.mark.parametrize("name", ["instance-id", "instance-type", "vpc-id", "private-dns-name"])
def test_a_pattern_is_asked_for_only_where_every_server_knows_it(name: str) -> None:
    found = {f.name: f for f in filters_of("ec2.instances", "DescribeInstances")}
    assert not found[name].has_wildcards
