"""How many things one call writes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cirrusql.api.model import Kind, Operation, Shape
from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference.verbs import MAKES, parts, verb_of
from cirrusql.catalog.inference.words import snake_case
from cirrusql.catalog.model import Verb
from cirrusql.catalog.write_rules.write_counts import _PROPERTIES, things_of
from cirrusql.providers.aws.overlay import OVERLAY
from cirrusql.providers.aws.source.botocore_source import BotocoreSource

SOURCE = BotocoreSource()

_IDS = ["i-1", "i-2", "i-3"]


@pytest.fixture(scope="module")
def known() -> Catalog:
    return Catalog([BotocoreSource()])


@pytest.mark.parametrize(
    ("operation", "parameters", "things"),
    [
        ("ec2:TerminateInstances", {"InstanceIds": _IDS}, 3),
        ("ec2:CreateTags", {"Resources": _IDS, "Tags": [{"Key": "a", "Value": "b"}] * 9}, 3),
        ("ec2:CreateVpc", {"CidrBlock": "10.0.0.0/16"}, 1),
        ("iam:DeleteUser", {"UserName": "ann"}, 1),
        (
            "s3:DeleteObjects",
            {"Bucket": "b", "Delete": {"Objects": [{"Key": k} for k in "abcd"]}},
            4,
        ),
        (
            "sqs:SendMessageBatch",
            {"QueueUrl": "q", "Entries": [{"Id": "1", "MessageBody": "m"}] * 2},
            2,
        ),
        ("dynamodb:BatchWriteItem", {"RequestItems": {"t": [{}, {}], "u": [{}]}}, 3),
        ("elbv2:CreateLoadBalancer", {"Name": "lb", "Subnets": ["subnet-1", "subnet-2"]}, 1),
        (
            "rds:CreateDBSubnetGroup",
            {"DBSubnetGroupName": "g", "SubnetIds": ["subnet-1", "subnet-2"]},
            1,
        ),
        (
            "elbv2:DeregisterTargets",
            {"TargetGroupArn": "a", "Targets": [{"Id": "i-1"}, {"Id": "i-2"}]},
            2,
        ),
        (
            "ssm:SendCommand",
            {"Targets": [{"Key": "tag:a", "Values": ["b"]}], "DocumentName": "d"},
            None,
        ),
        ("iam:UpdateAccessKey", {"AccessKeyId": "AKIA", "Status": "Inactive"}, 1),
    ],
)
def test_a_call_counts_the_things_it_names(
    known: Catalog, operation: str, parameters: dict[str, Any], things: int | None
) -> None:
    service, _, name = operation.partition(":")
    assert things_of(known.service("aws", service).operation(name), parameters) == things


@pytest.mark.parametrize(
    ("operation", "parameters", "things"),
    [
        ("ec2:RunInstances", {"MinCount": 1, "MaxCount": 40}, 40),
        ("ecs:RunTask", {"taskDefinition": "t", "count": 10}, 10),
        ("ec2:CreateFlowLogs", {"ResourceIds": ["vpc-1", "vpc-2"], "ResourceType": "VPC"}, 2),
        (
            "cloudformation:DeleteStackInstances",
            {"StackSetName": "s", "Accounts": ["1", "2"], "Regions": ["a", "b", "c"]},
            6,
        ),
        (
            "cloudformation:DeleteStackInstances",
            {
                "StackSetName": "s",
                "DeploymentTargets": {"OrganizationalUnitIds": ["ou"]},
                "Regions": ["a"],
            },
            None,
        ),
        ("appflow:CancelFlowExecutions", {"flowName": "f"}, None),
        ("appflow:CancelFlowExecutions", {"flowName": "f", "executionIds": ["1"]}, 1),
        ("fis:StartExperiment", {"experimentTemplateId": "t"}, None),
        ("s3control:CreateJob", {"AccountId": "1", "Manifest": {"Spec": {}}}, None),
        ("resource-groups:StartTagSyncTask", {"Group": "g", "TagKey": "k", "TagValue": "v"}, None),
        ("ssm:StartAutomationExecution", {"TargetLocations": [{"Accounts": ["1"]}]}, None),
        ("route53:ChangeResourceRecordSets", {"ChangeBatch": {"Changes": [{}, {}]}}, 2),
        ("securityhub:UpdateFindings", {"Filters": {"Id": [{"Value": "a"}]}}, None),
    ],
)
def test_a_call_counts_what_numbers_pairs_and_conditions_stand_for(
    operation: str, parameters: dict[str, Any], things: int | None
) -> None:
    service, _, name = operation.partition(":")
    assert things_of(SOURCE.load(service).operation(name), parameters) == things


def test_every_list_of_a_write_is_counted_that_is_not_what_a_new_thing_is_like() -> None:
    """Of any operation: three in a list are three things, or as many as the service finds."""
    passed_over = [
        f"{operation.id}.{name}"
        for operation in _writes()
        if parts(operation.name).verb not in MAKES
        for name, member in operation.parameters.items()
        if (value := _of_three(member.shape)) is not None
        and not _PROPERTIES.match(snake_case(name))
        if (found := things_of(operation, {name: value})) is not None and found < 3
    ]
    assert passed_over == []


def test_each_entry_of_the_data_names_an_operation_and_its_parameters() -> None:
    for section, entries in OVERLAY.file("write_counts.toml").items():
        for identifier, paths in entries.items():
            service, _, name = identifier.partition(":")
            operation = SOURCE.load(service).operation(name)
            for path in paths:
                parameter, _, member = path.partition(".")
                assert parameter in operation.parameters, (section, identifier, path)
                shape = operation.parameters[parameter].shape
                assert not member or member in shape.member_names, (section, identifier, path)


def _writes() -> Iterator[Operation]:
    for service_id in SOURCE.ids():
        service = SOURCE.load(service_id)
        for name in service.operation_names:
            operation = service.operation(name)
            if verb_of(operation) is not Verb.SELECT:
                yield operation


def _of_three(shape: Shape) -> Any:
    """Three items of a list, or a structure with such a list in it; None where there is no list."""
    if shape.kind is Kind.LIST:
        inner = shape.element.shape
        return [
            {}
            if inner.kind in (Kind.STRUCTURE, Kind.MAP)
            else []
            if inner.kind is Kind.LIST
            else "x"
        ] * 3
    if shape.kind is Kind.STRUCTURE:
        for name, member in shape.members.items():
            if member.shape.kind is Kind.LIST and not _PROPERTIES.match(snake_case(name)):
                return {name: _of_three(member.shape)}
    return None
