"""Scenarios 10 and 11: rows go before what they were made from; a cycle is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.stacks.language.statements import StackError
from tests.stacks.stack_folder import StackFolder

_NETWORK = """
STACK 'network';
RESOURCE vpc IN aws.ec2.vpcs AS SELECT '10.0.0.0/16' AS CidrBlock;
RESOURCE gateway IN aws.ec2.internet_gateways AS SELECT MAP {'Name': 'n'} AS Tags;
RESOURCE subnet IN aws.ec2.subnets AS
  SELECT vpc.VpcId, '10.0.1.0/24' AS CidrBlock FROM vpc;
RESOURCE routes IN aws.ec2.route_tables AS SELECT vpc.VpcId FROM vpc;
RESOURCE route IN aws.ec2.routes AS
  SELECT routes.RouteTableId, '0.0.0.0/0' AS DestinationCidrBlock,
         gateway.InternetGatewayId AS GatewayId
  FROM routes, gateway;
RESOURCE web IN aws.ec2.security_groups AS
  SELECT 'web' AS GroupName, 'web' AS Description, vpc.VpcId FROM vpc;
RESOURCE server IN aws.ec2.instances AS
  SELECT 'ami-12c6146b' AS ImageId, 't3.micro' AS InstanceType, 1 AS MinCount, 1 AS MaxCount,
         subnet.SubnetId, [web.GroupId] AS SecurityGroupIds
  FROM subnet, web;
"""


def test_rows_go_before_what_they_were_made_from(
    stack: StackFolder, client: Callable[..., Any]
) -> None:
    stack.write(_NETWORK)
    stack.applied()
    stack.write("STACK 'network';")
    order: list[str] = []
    with stack.open() as found:
        found.on_row = lambda change: order.append(change.address)
        report = found.apply(found.plan())
    assert report.failed == []
    for after, before in (
        ("vpc", "subnet"),
        ("vpc", "routes"),
        ("vpc", "web"),
        ("gateway", "route"),
        ("routes", "route"),
        ("subnet", "server"),
        ("web", "server"),
    ):
        assert order.index(before) < order.index(after)
    assert stack.rows() == {}
    reservations = client("ec2").describe_instances()["Reservations"]
    assert [i["State"]["Name"] for r in reservations for i in r["Instances"]] == ["terminated"]


def test_a_cycle_is_refused_with_its_columns(stack: StackFolder) -> None:
    stack.write(
        """
        STACK 'cycle';
        RESOURCE a IN aws.ec2.security_groups AS
          SELECT 'a' AS GroupName, 'a' AS Description, b.GroupId AS _other FROM b;
        RESOURCE b IN aws.ec2.security_groups AS
          SELECT 'b' AS GroupName, 'b' AS Description, a.GroupId AS _other FROM a;
        """
    )
    with pytest.raises(StackError) as raised:
        stack.plan()
    assert "a → b → a" in raised.value.message
    assert "a uses b.GroupId" in raised.value.message
    assert raised.value.exit_status == 2


def test_rules_of_their_own_break_the_cycle(stack: StackFolder) -> None:
    stack.write(
        """
        STACK 'cycle';
        RESOURCE groups IN aws.ec2.security_groups KEY (GroupName) AS
          SELECT n AS GroupName, n AS Description FROM (VALUES ('a'), ('b')) t(n);
        RESOURCE rules IN aws.ec2.security_group_rules KEY (_pair) AS
          SELECT one.GroupName || '-' || other.GroupName AS _pair, one.GroupId,
                 false AS IsEgress, 'tcp' AS IpProtocol, 443 AS FromPort, 443 AS ToPort,
                 {'GroupId': other.GroupId} AS ReferencedGroupInfo
          FROM groups one JOIN groups other ON one.GroupName <> other.GroupName;
        """
    )
    stack.applied()
    writes = list(stack.destroyed())
    assert set(writes) == {"ec2:RevokeSecurityGroupIngress", "ec2:DeleteSecurityGroup"}
