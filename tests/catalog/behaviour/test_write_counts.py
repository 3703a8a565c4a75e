"""How many things one call writes."""

from __future__ import annotations

from typing import Any

import pytest

from cirrusql.api.botocore_source import BotocoreSource
from cirrusql.catalog.behaviour.write_counts import things_of
from cirrusql.catalog.catalog import Catalog

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
        ("s3:DeleteObjects", {"Bucket": "b", "Delete": {"Objects": [{"Key": k} for k in "abcd"]}}, 4),
        ("sqs:SendMessageBatch", {"QueueUrl": "q", "Entries": [{"Id": "1", "MessageBody": "m"}] * 2}, 2),
        ("dynamodb:BatchWriteItem", {"RequestItems": {"t": [{}, {}], "u": [{}]}}, 3),
        ("elbv2:CreateLoadBalancer", {"Name": "lb", "Subnets": ["subnet-1", "subnet-2"]}, 1),
        ("rds:CreateDBSubnetGroup", {"DBSubnetGroupName": "g", "SubnetIds": ["subnet-1", "subnet-2"]}, 1),
        ("elbv2:DeregisterTargets", {"TargetGroupArn": "a", "Targets": [{"Id": "i-1"}, {"Id": "i-2"}]}, 2),
        ("ssm:SendCommand", {"Targets": [{"Key": "tag:a", "Values": ["b"]}], "DocumentName": "d"}, None),
        ("iam:UpdateAccessKey", {"AccessKeyId": "AKIA", "Status": "Inactive"}, 1),
    ],
)
def test_a_call_counts_the_things_it_names(
    known: Catalog, operation: str, parameters: dict[str, Any], things: int | None
) -> None:
    service, _, name = operation.partition(":")
    assert things_of(known.service("aws", service).operation(name), parameters) == things
