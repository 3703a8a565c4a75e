"""What the API filters itself, seen from the server's side."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.session.conftest import Ask
from tests.support.fault_proxy import FaultProxy

Bodies = list[dict[str, list[str]]]


@pytest.fixture
def sent(proxy: FaultProxy, client: Callable[..., Any]) -> FaultProxy:
    """Three instances: two of them web servers, one of those stopped."""
    ec2 = client("ec2")
    for name, kind in (("web-1", "t3.nano"), ("web-2", "t3.nano"), ("batch", "m5.large")):
        tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name}]}]
        made = ec2.run_instances(
            ImageId="ami-1", InstanceType=kind, MinCount=1, MaxCount=1, TagSpecifications=tags
        )
    ec2.stop_instances(InstanceIds=[made["Instances"][0]["InstanceId"]])
    proxy.reset()
    return proxy


def bodies(proxy: FaultProxy) -> Bodies:
    return [parse_qs(body.decode()) for body in proxy.bodies]


def test_filters_travel_with_the_call_and_only_their_rows_come(ask: Ask, sent: FaultProxy) -> None:
    found = ask(
        "SELECT tags(Tags)['Name'] AS name FROM aws.ec2.instances i "
        "WHERE tags(Tags)['Name'] LIKE 'web%' AND i.State.Name = 'running' ORDER BY 1"
    )
    assert found == [{"name": "web-1"}, {"name": "web-2"}]
    (body,) = bodies(sent)
    assert body["Filter.1.Name"] + body["Filter.1.Value.1"] == ["instance-state-name", "running"]
    assert body["Filter.2.Name"] + body["Filter.2.Value.1"] == ["tag:Name", "web*"]


@pytest.mark.parametrize(
    ("table", "column", "pattern"),
    [
        ("instances", "InstanceId", "i-%"),
        ("instances", "InstanceType", "t_.%"),
        ("instances", "ImageId", "%-1"),
        ("instances", "PrivateIpAddress", "1%"),
        ("instances", "Placement.AvailabilityZone", "us-%"),
        ("instances", "tags(Tags)['Name']", "%-1"),
        ("availability_zones", "ZoneName", "us-%"),
        ("images", "Name", "a%"),
        ("images", "Description", "%a%"),
        ("managed_prefix_lists", "PrefixListName", "com.%"),
        ("security_groups", "GroupName", "def%"),
        ("security_groups", "Description", "def%"),
        ("snapshots", "Description", "Auto%"),
        ("tags", "Value", "web%"),
        ("vpc_endpoint_services", "ServiceName", "aws.%"),
    ],
)
def test_a_pattern_finds_what_it_matches_whoever_compares(
    table: str, column: str, pattern: str, ask: Ask, sent: FaultProxy
) -> None:
    counted = f"SELECT count(*) AS n FROM aws.ec2.{table} t WHERE"
    scope = " AND Owners = 'amazon'" if table == "images" else ""
    (own,) = ask(f"{counted} t.{column} || '' LIKE '{pattern}'{scope}".replace("t.tags", "tags"))
    (found,) = ask(f"{counted} t.{column} LIKE '{pattern}'{scope}".replace("t.tags", "tags"))
    assert found == own
    assert own["n"]


def test_fewer_rows_come_than_there_are(ask: Ask, sent: FaultProxy) -> None:
    (step,) = ask(
        "EXPLAIN ANALYZE SELECT InstanceId FROM aws.ec2.instances WHERE InstanceType = 'm5.large'"
    )
    assert (step["server_filter"], step["rows"]) == ("instance-type = m5.large", "1")


def test_a_filter_that_is_refused_is_left_out(ask: Ask, sent: FaultProxy) -> None:
    # moto's DescribeInstances does not know this one.
    found = ask("SELECT count(*) AS n FROM aws.ec2.instances WHERE Hypervisor = 'xen'")
    assert found == [{"n": 3}]
    assert "Filter.1.Name" in bodies(sent)[0]
    assert "Filter.1.Name" not in bodies(sent)[-1]


def test_a_prefix_travels_with_the_call(
    ask: Ask, proxy: FaultProxy, client: Callable[..., Any]
) -> None:
    for path in ("/people/", "/services/"):
        client("iam").create_user(UserName=path.strip("/"), Path=path)
    proxy.reset()
    assert ask("SELECT UserName FROM aws.iam.users WHERE Path = '/people/'") == [
        {"UserName": "people"}
    ]
    assert [b["PathPrefix"] for b in bodies(proxy)] == [["/people/"]]


def test_a_status_travels_with_the_call(ask: Ask, proxy: FaultProxy) -> None:
    ask("SELECT DomainName FROM aws.acm.certificates WHERE Status = 'ISSUED'")
    assert [json.loads(body)["CertificateStatuses"] for body in proxy.bodies] == [["ISSUED"]]


def test_bounds_of_a_moment_are_sent_and_the_rows_are_the_same(
    ask: Ask, client: Callable[..., Any]
) -> None:
    container = {
        "Image": "1.dkr.ecr.us-east-1.amazonaws.com/x:1",
        "ModelDataUrl": "s3://b/m.tar.gz",
    }
    role = "arn:aws:iam::123456789012:role/r"
    client("sagemaker").create_model(
        ModelName="m", PrimaryContainer=container, ExecutionRoleArn=role
    )
    models = "SELECT ModelName FROM aws.sagemaker.models WHERE CreationTime "
    assert ask(models + "> now() - INTERVAL 1 DAY") == [{"ModelName": "m"}]
    assert ask(models + "BETWEEN now() - INTERVAL 1 DAY AND now() + INTERVAL 1 DAY") == [
        {"ModelName": "m"}
    ]
    assert ask(models + "< now() - INTERVAL 1 DAY") == []
