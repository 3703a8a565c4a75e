"""Rows that no operation lists by themselves: routes of route tables,
entries of network ACLs, addresses."""

from __future__ import annotations

import pytest

from cirrusql.errors import ProgrammingError
from tests.session.conftest import Ask
from tests.support.fault_proxy import FaultProxy


@pytest.fixture
def net(ask: Ask) -> dict[str, str]:
    """A VPC with a subnet, two route tables and a gateway; their ids."""

    def one(sql: str, column: str) -> str:
        (row,) = ask(f"{sql} RETURNING {column}", **found)
        return str(row[column])

    found: dict[str, str] = {}
    found["vpc"] = one("INSERT INTO aws.ec2.vpcs (CidrBlock) VALUES ('10.1.0.0/16')", "VpcId")
    found["subnet"] = one(
        "INSERT INTO aws.ec2.subnets (VpcId, CidrBlock) VALUES ($vpc, '10.1.1.0/24')", "SubnetId"
    )
    for name in ("one", "two"):
        found[name] = one("INSERT INTO aws.ec2.route_tables (VpcId) VALUES ($vpc)", "RouteTableId")
    for name in ("igw", "other"):
        found[name] = one(
            "INSERT INTO aws.ec2.internet_gateways (TagSpecifications) VALUES (NULL)",
            "InternetGatewayId",
        )
    return found


ROUTES = """
    SELECT DestinationCidrBlock, GatewayId, State FROM aws.ec2.routes
    WHERE RouteTableId = $one AND GatewayId <> 'local' ORDER BY ALL
"""


def test_a_route_is_made_replaced_and_deleted_as_a_row(
    ask: Ask, net: dict[str, str], proxy: FaultProxy
) -> None:
    ask(
        "INSERT INTO aws.ec2.routes (RouteTableId, DestinationCidrBlock, GatewayId) "
        "VALUES ($one, '0.0.0.0/0', $igw), ($one, '192.168.0.0/16', $igw)",
        **net,
    )
    assert ask(ROUTES, **net) == [
        {"DestinationCidrBlock": c, "GatewayId": net["igw"], "State": "active"}
        for c in ("0.0.0.0/0", "192.168.0.0/16")
    ]
    ask(
        "UPDATE aws.ec2.routes SET GatewayId = $other WHERE DestinationCidrBlock = '0.0.0.0/0'",
        **net,
    )
    assert [r["GatewayId"] for r in ask(ROUTES, **net)] == [net["other"], net["igw"]]
    ask("DELETE FROM aws.ec2.routes WHERE GatewayId = $igw", **net)
    assert [r["DestinationCidrBlock"] for r in ask(ROUTES, **net)] == ["0.0.0.0/0"]
    assert [proxy.calls[f"ec2:{v}Route"] for v in ("Create", "Replace", "Delete")] == [2, 1, 1]


def test_routes_are_those_of_all_tables_and_one_listing_reads_them(
    ask: Ask, net: dict[str, str], proxy: FaultProxy
) -> None:
    proxy.calls.clear()
    rows = ask("SELECT RouteTableId FROM aws.ec2.routes WHERE DestinationCidrBlock = '10.1.0.0/16'")
    assert {net["one"], net["two"]} <= {r["RouteTableId"] for r in rows}
    assert proxy.calls == {"ec2:DescribeRouteTables": 1}


def test_what_is_not_given_of_a_route_leaves_the_others_alone(
    ask: Ask, net: dict[str, str]
) -> None:
    with pytest.raises(ProgrammingError, match="State"):
        ask("UPDATE aws.ec2.routes SET State = 'blackhole' WHERE RouteTableId = $one", **net)


ASSOCIATED = "SELECT RouteTableId FROM aws.ec2.route_table_associations WHERE SubnetId = $subnet"


def test_an_association_of_a_route_table_is_a_row(
    ask: Ask, net: dict[str, str], proxy: FaultProxy
) -> None:
    ask(
        "INSERT INTO aws.ec2.route_table_associations (RouteTableId, SubnetId) VALUES ($one, "
        "$subnet)",
        **net,
    )
    assert ask(ASSOCIATED, **net) == [{"RouteTableId": net["one"]}]
    ask(
        "UPDATE aws.ec2.route_table_associations SET RouteTableId = $two WHERE SubnetId = $subnet",
        **net,
    )
    assert ask(ASSOCIATED, **net) == [{"RouteTableId": net["two"]}]
    assert proxy.calls["ec2:ReplaceRouteTableAssociation"] == 1
    ask("DELETE FROM aws.ec2.route_table_associations WHERE SubnetId = $subnet", **net)
    assert ask(ASSOCIATED, **net) == []


def test_a_route_is_undone_in_a_transaction(ask: Ask, net: dict[str, str]) -> None:
    ask("BEGIN")
    ask(
        "INSERT INTO aws.ec2.routes (RouteTableId, DestinationCidrBlock, GatewayId) "
        "VALUES ($one, '0.0.0.0/0', $igw)",
        **net,
    )
    ask("EXEC aws.iam.users.delete_user @UserName = 'nobody'")
    assert [r["status"] for r in ask("COMMIT")] == ["undone", "failed"]
    assert ask(ROUTES, **net) == []


ENTRIES = """
    SELECT Egress, RuleAction, CidrBlock, PortRange.From AS f, PortRange.To AS t
    FROM aws.ec2.network_acl_entries WHERE NetworkAclId = $acl AND RuleNumber = 110
"""


def test_an_entry_of_a_network_acl_is_a_row(ask: Ask, net: dict[str, str]) -> None:
    (made,) = ask(
        "INSERT INTO aws.ec2.network_acls (VpcId) VALUES ($vpc) RETURNING NetworkAclId", **net
    )
    acl = made["NetworkAclId"]
    ask(
        "INSERT INTO aws.ec2.network_acl_entries "
        "(NetworkAclId, RuleNumber, Protocol, RuleAction, Egress, CidrBlock, PortRange) "
        "VALUES ($acl, 110, '6', 'allow', false, '10.0.0.0/8', {'From': 80, 'To': 81})",
        acl=acl,
    )
    entry = {"Egress": False, "RuleAction": "allow", "CidrBlock": "10.0.0.0/8", "f": 80, "t": 81}
    assert ask(ENTRIES, acl=acl) == [entry]
    ask("UPDATE aws.ec2.network_acl_entries SET RuleAction = 'deny' WHERE RuleNumber = 110")
    assert ask(ENTRIES, acl=acl) == [{**entry, "RuleAction": "deny"}]
    ask("DELETE FROM aws.ec2.network_acl_entries WHERE RuleNumber = 110")
    assert ask(ENTRIES, acl=acl) == []


def test_an_address_of_a_network_interface_is_a_row(ask: Ask, net: dict[str, str]) -> None:
    (made,) = ask(
        "INSERT INTO aws.ec2.network_interfaces (SubnetId, PrivateIpAddress) VALUES ($subnet, "
        "'10.1.1.5') RETURNING NetworkInterfaceId",
        **net,
    )
    eni = made["NetworkInterfaceId"]
    table = "aws.ec2.private_ip_addresses"
    listed = (
        f"SELECT PrivateIpAddress AS a FROM {table} WHERE NetworkInterfaceId = $eni AND NOT "
        '"Primary"'
    )
    ask(
        f"INSERT INTO {table} (NetworkInterfaceId, PrivateIpAddress) VALUES ($eni, '10.1.1.77')",
        eni=eni,
    )
    assert ask(listed, eni=eni) == [{"a": "10.1.1.77"}]
    # A filter of the interface's own address would hide the others.
    found = ask(f"SELECT NetworkInterfaceId AS n FROM {table} WHERE PrivateIpAddress = '10.1.1.77'")
    assert found == [{"n": eni}]
    ask(f"DELETE FROM {table} WHERE PrivateIpAddress = '10.1.1.77'")
    assert ask(listed, eni=eni) == []
    six = "SELECT Ipv6Address AS a FROM aws.ec2.ipv6_addresses WHERE NetworkInterfaceId = $eni"
    ask(
        "INSERT INTO aws.ec2.ipv6_addresses (NetworkInterfaceId, Ipv6Address) VALUES ($eni, "
        "'2001:db8::7')",
        eni=eni,
    )
    assert ask(six, eni=eni) == [{"a": "2001:db8::7"}]
    ask(
        "DELETE FROM aws.ec2.ipv6_addresses WHERE NetworkInterfaceId = $eni AND Ipv6Address LIKE "
        "'2001:%'",
        eni=eni,
    )
    assert ask(six, eni=eni) == []


def test_where_a_route_leads_is_set_and_not_which_it_is(ask: Ask, proxy: FaultProxy) -> None:
    with pytest.raises(ProgrammingError, match="DestinationCidrBlock"):
        ask(
            "UPDATE aws.ec2.routes SET DestinationCidrBlock = '10.0.0.0/8' WHERE RouteTableId = "
            "'rtb-1'"
        )
    assert proxy.calls == {}
