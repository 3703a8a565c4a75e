"""Rows that are relations between things: one row is one attachment, one rule, one record."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cirrusql.errors import Error, MissingParameter, ProgrammingError
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session.session import Session
from tests.session.conftest import Ask, rows_of
from tests.support.fault_proxy import FaultProxy

READ_ONLY = "arn:aws:iam::123456789012:policy/ReadOnly"
BILLING = "arn:aws:iam::123456789012:policy/Billing"
POLICY = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", '
    '"Resource": "*"}]}'
)
ATTACHED = "SELECT PolicyArn FROM aws.iam.attached_role_policies WHERE RoleName = 'r' ORDER BY ALL"


def _role(ask: Ask) -> None:
    ask("INSERT INTO aws.iam.roles (RoleName, AssumeRolePolicyDocument) VALUES ('r', '{}')")
    ask(
        "INSERT INTO aws.iam.policies (PolicyName, PolicyDocument) VALUES ('ReadOnly', $p), "
        "('Billing', $p)",
        p=POLICY,
    )


def test_a_policy_is_attached_and_detached_as_a_row(ask: Ask, proxy: FaultProxy) -> None:
    _role(ask)
    ask(
        "INSERT INTO aws.iam.attached_role_policies (RoleName, PolicyArn) "
        f"VALUES ('r', '{READ_ONLY}'), ('r', '{BILLING}')"
    )
    assert [r["PolicyArn"] for r in ask(ATTACHED)] == [BILLING, READ_ONLY]
    ask("DELETE FROM aws.iam.attached_role_policies WHERE PolicyName = 'Billing'")
    assert [r["PolicyArn"] for r in ask(ATTACHED)] == [READ_ONLY]
    assert (proxy.calls["iam:AttachRolePolicy"], proxy.calls["iam:DetachRolePolicy"]) == (2, 1)


def test_in_a_transaction_an_attachment_is_undone(ask: Ask, proxy: FaultProxy) -> None:
    _role(ask)
    ask(
        "INSERT INTO aws.iam.attached_role_policies (RoleName, PolicyArn) VALUES ('r', "
        f"'{BILLING}')"
    )
    ask("BEGIN")
    ask(
        "INSERT INTO aws.iam.attached_role_policies (RoleName, PolicyArn) VALUES ('r', "
        f"'{READ_ONLY}')"
    )
    ask("DELETE FROM aws.iam.attached_role_policies WHERE PolicyName = 'Billing'")
    ask("EXEC aws.iam.users.delete_user @UserName = 'nobody'")
    ask("COMMIT")
    assert (proxy.calls["iam:AttachRolePolicy"], proxy.calls["iam:DetachRolePolicy"]) == (3, 2)
    assert [r["PolicyArn"] for r in ask(ATTACHED)] == [BILLING]


def test_a_dry_run_shows_the_detachment(
    ask: Ask, open_session: Callable[..., Session], proxy: FaultProxy
) -> None:
    _role(ask)
    ask(
        "INSERT INTO aws.iam.attached_role_policies (RoleName, PolicyArn) VALUES ('r', "
        f"'{BILLING}')"
    )
    dry = open_session(options=WriteOptions(is_dry_run=True))
    (shown,) = rows_of(
        dry, "DELETE FROM aws.iam.attached_role_policies WHERE PolicyName = 'Billing'"
    )
    assert (shown["operation"], shown["target"]) == (
        "iam:DetachRolePolicy",
        f"RoleName=r, PolicyArn={BILLING}",
    )
    assert proxy.calls["iam:DetachRolePolicy"] == 0


RULES = """
    SELECT IsEgress, IpProtocol, FromPort, ToPort, CidrIpv4, CidrIpv6, Description
    FROM aws.ec2.security_group_rules WHERE GroupId = $g AND FromPort > 0 ORDER BY FromPort
"""


def _group(ask: Ask) -> str:
    (made,) = ask(
        "INSERT INTO aws.ec2.security_groups (GroupName, Description) VALUES ('g', 'd') RETURNING "
        "GroupId"
    )
    return str(made["GroupId"])


def _rule(
    egress: bool, port: int, v4: str | None, v6: str | None, about: str | None
) -> dict[str, object]:
    return {
        "IsEgress": egress,
        "IpProtocol": "tcp",
        "FromPort": port,
        "ToPort": port,
        "CidrIpv4": v4,
        "CidrIpv6": v6,
        "Description": about,
    }


def test_a_rule_is_a_row_of_its_own_direction(ask: Ask, proxy: FaultProxy) -> None:
    group = _group(ask)
    ask(
        """
        INSERT INTO aws.ec2.security_group_rules
            (GroupId, IsEgress, IpProtocol, FromPort, ToPort, CidrIpv4, CidrIpv6, Description)
        VALUES ($g, false, 'tcp', 443, 443, '10.0.0.0/8', NULL, 'web'),
               ($g, false, 'tcp', 80, 80, NULL, '2001:db8::/32', NULL),
               ($g, true, 'tcp', 22, 22, '10.1.0.0/16', NULL, NULL)
        """,
        g=group,
    )
    assert ask(RULES, g=group) == [
        _rule(True, 22, "10.1.0.0/16", None, None),
        _rule(False, 80, None, "2001:db8::/32", None),
        _rule(False, 443, "10.0.0.0/8", None, "web"),
    ]
    asked = [proxy.calls[f"ec2:AuthorizeSecurityGroup{way}"] for way in ("Ingress", "Egress")]
    assert asked == [2, 1]


def test_a_rule_of_another_group_and_its_tags_are_made(ask: Ask) -> None:
    group = _group(ask)
    ask(
        "INSERT INTO aws.ec2.security_group_rules (GroupId, is_egress, IpProtocol, FromPort, "
        "ToPort, "
        "ReferencedGroupInfo, Tags) VALUES ($g, false, 'tcp', 22, 22, {'GroupId': $g}, MAP "
        "{'team': 'web'})",
        g=group,
    )
    (row,) = ask(
        "SELECT ReferencedGroupInfo.GroupId AS other, tags(Tags) AS t FROM "
        "aws.ec2.security_group_rules "
        "WHERE GroupId = $g AND NOT IsEgress",
        g=group,
    )
    assert (row["other"], dict(row["t"])) == (group, {"team": "web"})


def test_update_of_a_rule_puts_all_of_it_and_delete_takes_away_just_that(
    ask: Ask, proxy: FaultProxy
) -> None:
    group = _group(ask)
    ask(
        "INSERT INTO aws.ec2.security_group_rules "
        "(GroupId, IsEgress, IpProtocol, FromPort, ToPort, CidrIpv4) VALUES "
        "($g, false, 'tcp', 443, 443, '10.0.0.0/8'), ($g, true, 'tcp', 22, 22, '10.1.0.0/16')",
        g=group,
    )
    ask(
        "UPDATE aws.ec2.security_group_rules SET Description = 'web' WHERE GroupId = $g AND "
        "FromPort = 443",
        g=group,
    )
    assert ask(RULES, g=group)[1] == _rule(False, 443, "10.0.0.0/8", None, "web")
    ask("DELETE FROM aws.ec2.security_group_rules WHERE GroupId = $g AND FromPort = 22", g=group)
    assert [r["FromPort"] for r in ask(RULES, g=group)] == [443]
    asked = [proxy.calls[f"ec2:RevokeSecurityGroup{way}"] for way in ("Ingress", "Egress")]
    assert asked == [0, 1]


def test_a_rule_is_made_anew_without_what_is_set_to_null(ask: Ask, proxy: FaultProxy) -> None:
    group = _group(ask)
    ask(
        "INSERT INTO aws.ec2.security_group_rules "
        "(GroupId, IsEgress, IpProtocol, FromPort, ToPort, CidrIpv4, Description) VALUES "
        "($g, false, 'tcp', 443, 443, '10.0.0.0/8', 'web'), ($g, false, 'tcp', 22, 22, "
        "'10.0.0.0/8', 'ssh')",
        g=group,
    )
    ask(
        "UPDATE aws.ec2.security_group_rules SET Description = NULL WHERE GroupId = $g AND "
        "FromPort = 443",
        g=group,
    )
    assert ask(RULES, g=group) == [
        _rule(False, 22, "10.0.0.0/8", None, "ssh"),
        _rule(False, 443, "10.0.0.0/8", None, None),
    ]
    # Modifying a rule leaves members that are not sent unchanged.
    assert proxy.calls["ec2:ModifySecurityGroupRules"] == 0


def test_a_rule_without_its_direction_is_refused_before_any_call(
    ask: Ask, proxy: FaultProxy
) -> None:
    columns = "GroupId, IpProtocol, FromPort, ToPort, CidrIpv4"
    values = "'sg-0123456789abcdef0', 'tcp', 22, 22, '10.0.0.0/8'"
    with pytest.raises(MissingParameter, match="IsEgress is required"):
        ask(f"INSERT INTO aws.ec2.security_group_rules ({columns}) VALUES ({values})")
    with pytest.raises(Error, match="IsEgress is NULL"):
        ask(
            f"INSERT INTO aws.ec2.security_group_rules ({columns}, IsEgress) VALUES ({values}, NULL)"  # noqa: E501
        )
    assert proxy.calls == {}


def _zone(ask: Ask) -> str:
    (made,) = ask(
        "INSERT INTO aws.route53.hosted_zones (Name, CallerReference) VALUES ('example.com.', 'x') "
        "RETURNING Id"
    )
    return str(made["Id"])


RECORDS = """
    SELECT Name, TTL, ResourceRecords[1].Value AS v FROM aws.route53.resource_record_sets
    WHERE HostedZoneId = $z AND Type = 'A' ORDER BY Name
"""


def test_a_record_is_a_row(ask: Ask) -> None:
    zone = _zone(ask)
    ask(
        "INSERT INTO aws.route53.resource_record_sets "
        "(HostedZoneId, Name, Type, TTL, ResourceRecords) VALUES "
        "($z, 'a.example.com.', 'A', 60, [{'Value': '10.0.0.1'}]), "
        "($z, 'b.example.com.', 'A', 60, [{'Value': '10.0.0.2'}])",
        z=zone,
    )
    ask("UPDATE aws.route53.resource_record_sets SET TTL = 300 WHERE Name = 'a.example.com.'")
    ask("DELETE FROM aws.route53.resource_record_sets WHERE Name LIKE 'b.%'")
    assert ask(RECORDS, z=zone) == [{"Name": "a.example.com.", "TTL": 300, "v": "10.0.0.1"}]


RECORD = (
    "INSERT INTO aws.route53.resource_record_sets (HostedZoneId, Name, Type, TTL, ResourceRecords) "
    "VALUES ($z, $n, 'A', 60, [{'Value': '10.0.0.1'}])"
)


def test_a_record_of_another_name_is_remade_in_one_call(ask: Ask, proxy: FaultProxy) -> None:
    zone = _zone(ask)
    ask(RECORD, z=zone, n="a.example.com.")
    proxy.reset()
    ask(
        "UPDATE aws.route53.resource_record_sets SET Name = 'c.example.com.', TTL = 300 "
        "WHERE HostedZoneId = $z AND Name LIKE 'a.%'",
        z=zone,
    )
    assert ask(RECORDS, z=zone) == [{"Name": "c.example.com.", "TTL": 300, "v": "10.0.0.1"}]
    # A REST API's calls are counted by their paths.
    assert [n for call, n in proxy.calls.items() if "POST" in call] == [1]


def test_in_a_transaction_records_that_are_put_or_renamed_are_as_they_were(ask: Ask) -> None:
    zone = _zone(ask)
    ask(RECORD, z=zone, n="a.example.com.")
    ask(RECORD, z=zone, n="b.example.com.")
    before = ask(RECORDS, z=zone)
    ask("BEGIN")
    ask("UPDATE aws.route53.resource_record_sets SET TTL = 300 WHERE Name = 'a.example.com.'")
    ask(
        # moto takes a record that sorts after one which is created again for that one.
        "UPDATE aws.route53.resource_record_sets SET Name = '0.example.com.' "
        "WHERE Name = 'b.example.com.'"
    )
    for name in ("a.example.com", "c.example.com."):
        ask(
            "EXEC aws.route53.resource_record_sets.change_resource_record_sets @HostedZoneId = $z, "
            "@ChangeBatch = {'Changes': [{'Action': 'UPSERT', 'ResourceRecordSet': {'Name': $n, "
            "'Type': 'A', 'TTL': 5, 'ResourceRecords': [{'Value': '10.9.9.9'}]}}]}",
            z=zone,
            n=name,
        )
    ask("EXEC aws.iam.users.delete_user @UserName = 'nobody'")
    told = ask("COMMIT")
    assert [r["status"] for r in told] == ["undone"] * 4 + ["failed"], told
    assert ask(RECORDS, z=zone) == before


def test_the_zone_of_a_record_is_not_set(ask: Ask) -> None:
    with pytest.raises(ProgrammingError, match="HostedZoneId"):
        ask("UPDATE aws.route53.resource_record_sets SET HostedZoneId = 'x' WHERE Type = 'A'")


def test_a_target_is_registered_and_deregistered_as_a_row(ask: Ask) -> None:
    (vpc,) = ask("INSERT INTO aws.ec2.vpcs (CidrBlock) VALUES ('10.7.0.0/16') RETURNING VpcId")
    (group,) = ask(
        "INSERT INTO aws.elbv2.target_groups (Name, Protocol, Port, VpcId, TargetType) "
        "VALUES ('tg', 'HTTP', 80, $v, 'ip') RETURNING TargetGroupArn",
        v=vpc["VpcId"],
    )
    ask(
        "INSERT INTO aws.elbv2.target_health (TargetGroupArn, Target) "
        "VALUES ($t, {'Id': '10.7.0.4', 'Port': 80}), ($t, {'Id': '10.7.0.5', 'Port': 80})",
        t=group["TargetGroupArn"],
    )
    ask("DELETE FROM aws.elbv2.target_health WHERE Target.Id = '10.7.0.4'")
    left = ask("SELECT Target.Id AS id, Target.Port AS port FROM aws.elbv2.target_health")
    assert left == [{"id": "10.7.0.5", "port": 80}]


def test_an_instance_of_a_classic_load_balancer_is_a_row(ask: Ask) -> None:
    ask(
        "INSERT INTO aws.elb.load_balancers (LoadBalancerName, Listeners, AvailabilityZones) VALUES "  # noqa: E501
        "('lb', [{'Protocol': 'http', 'LoadBalancerPort': 80, 'InstancePort': 80}], ['us-east-1a'])"
    )
    (made,) = ask(
        "INSERT INTO aws.ec2.instances (ImageId, MinCount, MaxCount) VALUES ('ami-12c6146b', 1, 1) "
        "RETURNING InstanceId"
    )
    instance = made["InstanceId"]
    ask(
        "INSERT INTO aws.elb.instance_health (LoadBalancerName, InstanceId) VALUES ('lb', $i)",
        i=instance,
    )
    assert [r["InstanceId"] for r in ask("SELECT InstanceId FROM aws.elb.instance_health")] == [
        instance
    ]
    ask("DELETE FROM aws.elb.instance_health WHERE InstanceId = $i", i=instance)
    assert ask("SELECT InstanceId FROM aws.elb.instance_health") == []


def test_a_rule_s_target_is_put_and_removed_as_a_row(ask: Ask) -> None:
    ask("INSERT INTO aws.events.rules (Name, ScheduleExpression) VALUES ('r', 'rate(5 minutes)')")
    arn = "arn:aws:sqs:us-east-1:123456789012:"
    ask(
        "INSERT INTO aws.events.targets (Rule, Id, Arn, Input) "
        f"VALUES ('r', '1', '{arn}a', '[1]'), ('r', '2', '{arn}b', NULL)"
    )
    ask("UPDATE aws.events.targets SET Input = '[2]' WHERE Rule = 'r' AND Id = '1'")
    ask("DELETE FROM aws.events.targets WHERE Arn LIKE '%:b'")
    assert ask("SELECT Id, Arn, Input FROM aws.events.targets WHERE Rule = 'r'") == [
        {"Id": "1", "Arn": f"{arn}a", "Input": "[2]"}
    ]


def test_the_input_of_a_target_set_to_null_leaves_the_rest_of_it(ask: Ask) -> None:
    ask("INSERT INTO aws.events.rules (Name, ScheduleExpression) VALUES ('r', 'rate(5 minutes)')")
    arn = "arn:aws:sqs:us-east-1:123456789012:a"
    ask(
        "INSERT INTO aws.events.targets (Rule, Id, Arn, Input) "
        f"VALUES ('r', '1', '{arn}', '[1]'), ('r', '2', '{arn}', '[2]')"
    )
    ask("UPDATE aws.events.targets SET Input = NULL WHERE Rule = 'r' AND Id = '1'")
    assert ask("SELECT Id, Arn, Input FROM aws.events.targets WHERE Rule = 'r' ORDER BY Id") == [
        {"Id": "1", "Arn": arn, "Input": None},
        {"Id": "2", "Arn": arn, "Input": "[2]"},
    ]


def test_a_record_without_a_ttl_keeps_its_values(ask: Ask) -> None:
    zone = _zone(ask)
    ask(
        "INSERT INTO aws.route53.resource_record_sets (HostedZoneId, Name, Type, TTL, ResourceRecords) "  # noqa: E501
        "VALUES ($z, 'a.example.com.', 'A', 60, [{'Value': '10.0.0.1'}])",
        z=zone,
    )
    ask("UPDATE aws.route53.resource_record_sets SET TTL = NULL WHERE Name = 'a.example.com.'")
    assert ask(RECORDS, z=zone) == [{"Name": "a.example.com.", "TTL": None, "v": "10.0.0.1"}]


def test_memberships_inline_policies_and_profiles_are_rows(ask: Ask) -> None:
    _role(ask)
    ask("INSERT INTO aws.iam.users (UserName) VALUES ('ann')")
    ask("INSERT INTO aws.iam.groups (GroupName) VALUES ('g')")
    ask("INSERT INTO aws.iam.instance_profiles (InstanceProfileName) VALUES ('p')")
    for table, columns, values, where in (
        ("groups_for_users", "UserName, GroupName", "'ann', 'g'", "GroupName = 'g'"),
        (
            "role_policies",
            "RoleName, PolicyName, PolicyDocument",
            "'r', 'inline', $p",
            "PolicyName LIKE 'in%'",
        ),
        (
            "instance_profiles_for_roles",
            "RoleName, InstanceProfileName",
            "'r', 'p'",
            "InstanceProfileName = 'p'",
        ),
    ):
        ask(f"INSERT INTO aws.iam.{table} ({columns}) VALUES ({values})", p=POLICY)
        assert ask(f"SELECT count(*) AS n FROM aws.iam.{table}") == [{"n": 1}], table
        ask(f"DELETE FROM aws.iam.{table} WHERE {where}")
        assert ask(f"SELECT count(*) AS n FROM aws.iam.{table}") == [{"n": 0}], table


def test_in_a_transaction_rules_records_and_targets_are_as_they_were(
    ask: Ask, proxy: FaultProxy
) -> None:
    group, zone = _group(ask), _zone(ask)
    ask(
        "INSERT INTO aws.ec2.security_group_rules "
        "(GroupId, IsEgress, IpProtocol, FromPort, ToPort, CidrIpv4, Description) VALUES "
        "($g, false, 'tcp', 443, 443, '10.0.0.0/8', 'web'), ($g, true, 'tcp', 22, 22, '10.1.0.0/16', NULL)",  # noqa: E501
        g=group,
    )
    record = (
        "INSERT INTO aws.route53.resource_record_sets (HostedZoneId, Name, Type, TTL, ResourceRecords) "  # noqa: E501
        "VALUES ($z, $n, 'A', 60, [{'Value': '10.0.0.1'}])"
    )
    # moto takes a record that sorts after one which is created again for that one.
    ask(record, z=zone, n="b.example.com.")
    ask("INSERT INTO aws.events.rules (Name, ScheduleExpression) VALUES ('r', 'rate(5 minutes)')")
    target = "INSERT INTO aws.events.targets (Rule, Id, Arn, Input) VALUES ('r', $i, $a, '[1]')"
    arn = "arn:aws:sqs:us-east-1:123456789012:q"
    ask(target, i="1", a=arn)
    targets = "SELECT Id, Arn, Input FROM aws.events.targets WHERE Rule = 'r'"
    before = (ask(RULES, g=group), ask(RECORDS, z=zone), ask(targets))
    ask("BEGIN")
    ask(
        "INSERT INTO aws.ec2.security_group_rules "
        "(GroupId, IsEgress, IpProtocol, FromPort, ToPort, CidrIpv4) VALUES "
        "($g, false, 'tcp', 80, 80, '10.0.0.0/8')",
        g=group,
    )
    ask("DELETE FROM aws.ec2.security_group_rules WHERE GroupId = $g AND FromPort > 0", g=group)
    ask(record, z=zone, n="a.example.com.")
    ask("DELETE FROM aws.route53.resource_record_sets WHERE Name = 'b.example.com.'")
    ask(target, i="2", a=arn)
    ask("DELETE FROM aws.events.targets WHERE Rule = 'r' AND Id = '1'")
    ask("EXEC aws.iam.users.delete_user @UserName = 'nobody'")
    told = ask("COMMIT")
    assert [r["status"] for r in told] == ["undone"] * 7 + ["failed"], told
    assert (ask(RULES, g=group), ask(RECORDS, z=zone), ask(targets)) == before
