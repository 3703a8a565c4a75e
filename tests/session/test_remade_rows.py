"""UPDATE of a row that relates things, without an operation to change it: create a new one,
delete the old one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cirrusql.errors import ConfirmationRequired, Error, ProgrammingError
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session.session import Session
from tests.session.conftest import Ask, rows_of
from tests.support.fault_proxy import FaultProxy

ARN = "arn:aws:iam::123456789012:policy/"
POLICY = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", '
    '"Resource": "*"}]}'
)
ATTACHED = "SELECT PolicyName FROM aws.iam.attached_role_policies WHERE RoleName = $r ORDER BY ALL"
UPDATE = "UPDATE aws.iam.attached_role_policies SET PolicyArn = "


@pytest.fixture
def roles(ask: Ask) -> Callable[[str], list[object]]:
    """Two roles and three policies, of which the first role has A; gives the policies of a role."""
    ask(
        "INSERT INTO aws.iam.roles (RoleName, AssumeRolePolicyDocument) VALUES ('r', '{}'), ('s', "
        "'{}')"
    )
    ask(
        "INSERT INTO aws.iam.policies (PolicyName, PolicyDocument) VALUES ('A', $p), ('B', $p), "
        "('C', $p)",
        p=POLICY,
    )
    ask(f"INSERT INTO aws.iam.attached_role_policies (RoleName, PolicyArn) VALUES ('r', '{ARN}A')")
    return lambda role: [row["PolicyName"] for row in ask(ATTACHED, r=role)]


def _writes(proxy: FaultProxy) -> list[str]:
    return [name for _, name, _ in proxy.log if "List" not in name and "Describe" not in name]


def test_another_policy_is_attached_before_the_old_one_is_detached(
    ask: Ask, roles: Callable[[str], list[object]], proxy: FaultProxy
) -> None:
    proxy.log.clear()
    (done,) = ask(f"{UPDATE}'{ARN}B' WHERE RoleName = 'r'")
    assert (done["operation"], done["status"]) == (
        "iam:AttachRolePolicy, iam:DetachRolePolicy",
        "done",
    )
    assert _writes(proxy) == ["iam:AttachRolePolicy", "iam:DetachRolePolicy"]
    assert roles("r") == ["B"]


def test_a_row_that_is_so_already_is_left_alone(
    ask: Ask, roles: Callable[[str], list[object]], proxy: FaultProxy
) -> None:
    proxy.log.clear()
    ask(f"{UPDATE}'{ARN}A' WHERE RoleName = 'r'")
    assert (_writes(proxy), roles("r")) == ([], ["A"])


def test_it_moves_to_another_role_by_the_column_that_is_a_key(
    ask: Ask, roles: Callable[[str], list[object]]
) -> None:
    ask("UPDATE aws.iam.attached_role_policies SET RoleName = 's' WHERE PolicyName = 'A'")
    assert (roles("r"), roles("s")) == ([], ["A"])


def test_two_rows_that_change_places_are_refused_before_any_call(
    ask: Ask, roles: Callable[[str], list[object]], proxy: FaultProxy
) -> None:
    ask(f"INSERT INTO aws.iam.attached_role_policies (RoleName, PolicyArn) VALUES ('r', '{ARN}B')")
    proxy.log.clear()
    swapped = f"CASE PolicyName WHEN 'A' THEN '{ARN}B' ELSE '{ARN}A' END"
    with pytest.raises(Error, match="gets the identity of another row that the statement changes"):
        ask(f"{UPDATE}{swapped} WHERE RoleName = 'r'")
    assert (_writes(proxy), roles("r")) == ([], ["A", "B"])


def test_a_dry_run_shows_both_calls_and_what_changes(
    roles: Callable[[str], list[object]], open_session: Callable[..., Session], proxy: FaultProxy
) -> None:
    proxy.log.clear()
    dry = open_session(options=WriteOptions(is_dry_run=True))
    shown = rows_of(dry, f"{UPDATE}'{ARN}B' WHERE RoleName = 'r'")
    assert [(r["operation"], r["target"], r["changes"]) for r in shown] == [
        ("iam:AttachRolePolicy", f"RoleName=r, PolicyArn={ARN}B", f"PolicyArn: {ARN}A → {ARN}B"),
        ("iam:DetachRolePolicy", f"RoleName=r, PolicyArn={ARN}A", ""),
    ]
    assert _writes(proxy) == []


def test_it_counts_as_one_thing_each(
    ask: Ask, roles: Callable[[str], list[object]], open_session: Callable[..., Session]
) -> None:
    careful = open_session()
    rows_of(careful, f"{UPDATE}'{ARN}B' WHERE RoleName = 'r'")
    ask(f"INSERT INTO aws.iam.attached_role_policies (RoleName, PolicyArn) VALUES ('r', '{ARN}A')")
    with pytest.raises(ConfirmationRequired, match="would write 2 things by 4 calls"):
        rows_of(
            careful, "UPDATE aws.iam.attached_role_policies SET RoleName = 's' WHERE RoleName = 'r'"
        )


def test_what_stopped_midway_is_told_as_it_is(
    ask: Ask, roles: Callable[[str], list[object]], proxy: FaultProxy
) -> None:
    proxy.denied = frozenset({"iam:DetachRolePolicy"})
    (told,) = ask(f"{UPDATE}'{ARN}B' WHERE RoleName = 'r'")
    assert told["status"] == "failed"
    assert f"iam:DetachRolePolicy of RoleName=r, PolicyArn={ARN}A failed" in told["error"]
    assert "done before it: iam:AttachRolePolicy" in told["error"]
    assert roles("r") == ["A", "B"]


def test_in_a_transaction_what_stopped_midway_is_undone(
    ask: Ask, roles: Callable[[str], list[object]], proxy: FaultProxy
) -> None:
    proxy.denied = frozenset({"iam:DetachRolePolicy"})
    ask("BEGIN")
    ask(f"{UPDATE}'{ARN}B' WHERE RoleName = 'r'")
    told = ask("COMMIT")
    assert [r["status"] for r in told] == ["not undone", "failed"]
    proxy.denied = frozenset()
    ask(f"DELETE FROM aws.iam.attached_role_policies WHERE PolicyArn = '{ARN}B'")
    ask("BEGIN")
    ask(f"{UPDATE}'{ARN}B' WHERE RoleName = 'r'")
    ask("EXEC aws.iam.users.delete_user @UserName = 'nobody'")
    told = ask("COMMIT")
    assert [r["status"] for r in told] == ["undone", "undone", "failed"]
    assert roles("r") == ["A"]


def test_a_profile_has_one_role_so_the_old_one_goes_first(ask: Ask, proxy: FaultProxy) -> None:
    ask(
        "INSERT INTO aws.iam.roles (RoleName, AssumeRolePolicyDocument) VALUES ('r', '{}'), ('s', "
        "'{}')"
    )
    ask("INSERT INTO aws.iam.instance_profiles (InstanceProfileName) VALUES ('p')")
    ask(
        "INSERT INTO aws.iam.instance_profiles_for_roles (RoleName, InstanceProfileName) VALUES "
        "('r', 'p')"
    )
    proxy.log.clear()
    ask("UPDATE aws.iam.instance_profiles_for_roles SET RoleName = 's' WHERE RoleName = 'r'")
    assert _writes(proxy) == ["iam:RemoveRoleFromInstanceProfile", "iam:AddRoleToInstanceProfile"]
    held = ask("SELECT RoleName, InstanceProfileName FROM aws.iam.instance_profiles_for_roles")
    assert held == [{"RoleName": "s", "InstanceProfileName": "p"}]


def test_a_membership_moves_to_another_group(ask: Ask) -> None:
    ask("INSERT INTO aws.iam.users (UserName) VALUES ('ann')")
    ask("INSERT INTO aws.iam.groups (GroupName) VALUES ('g'), ('h')")
    ask("INSERT INTO aws.iam.groups_for_users (UserName, GroupName) VALUES ('ann', 'g')")
    ask("UPDATE aws.iam.groups_for_users SET GroupName = 'h' WHERE GroupName = 'g'")
    assert ask("SELECT UserName, GroupName FROM aws.iam.groups_for_users") == [
        {"UserName": "ann", "GroupName": "h"}
    ]


def test_another_target_is_registered_in_the_place_of_one(ask: Ask, proxy: FaultProxy) -> None:
    (vpc,) = ask("INSERT INTO aws.ec2.vpcs (CidrBlock) VALUES ('10.7.0.0/16') RETURNING VpcId")
    ask(
        "INSERT INTO aws.elbv2.target_groups (Name, Protocol, Port, VpcId, TargetType) "
        "VALUES ('tg', 'HTTP', 80, $v, 'ip')",
        v=vpc["VpcId"],
    )
    ask(
        "INSERT INTO aws.elbv2.target_health (TargetGroupArn, Target) "
        "SELECT TargetGroupArn, {'Id': '10.7.0.4', 'Port': 80} FROM aws.elbv2.target_groups"
    )
    proxy.log.clear()
    ask(
        "UPDATE aws.elbv2.target_health SET Target = {'Id': '10.7.0.5', 'Port': 8080} "
        "WHERE Target.Id = '10.7.0.4'"
    )
    assert _writes(proxy) == [
        "elasticloadbalancing:RegisterTargets",
        "elasticloadbalancing:DeregisterTargets",
    ]
    left = ask("SELECT Target.Id AS id, Target.Port AS port FROM aws.elbv2.target_health")
    assert left == [{"id": "10.7.0.5", "port": 8080}]


RULES = """
    SELECT IsEgress, FromPort, CidrIpv4, Description, tags(Tags) AS t FROM aws.ec2.security_group_rules
    WHERE GroupId = $g AND FromPort > 0 ORDER BY FromPort
"""  # noqa: E501


def test_a_rule_turns_to_the_other_direction_and_moves_to_another_group(
    ask: Ask, proxy: FaultProxy
) -> None:
    one, other = (
        ask(
            "INSERT INTO aws.ec2.security_groups (GroupName, Description) "
            f"VALUES ('{n}', 'd') RETURNING GroupId"
        )[0]["GroupId"]
        for n in "gh"
    )
    ask(
        """
        INSERT INTO aws.ec2.security_group_rules
            (GroupId, IsEgress, IpProtocol, FromPort, ToPort, CidrIpv4, Description, Tags)
        VALUES ($g, false, 'tcp', 443, 443, '10.0.0.0/8', 'web', MAP {'team': 'web'})
        """,
        g=one,
    )
    proxy.log.clear()
    ask(
        "UPDATE aws.ec2.security_group_rules SET IsEgress = true WHERE GroupId = $g AND FromPort "
        "= 443",
        g=one,
    )
    assert _writes(proxy) == ["ec2:AuthorizeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"]
    rule = {"IsEgress": True, "FromPort": 443, "CidrIpv4": "10.0.0.0/8", "Description": "web"}
    (row,) = ask(RULES, g=one)
    assert (dict(row.pop("t")), row) == ({"team": "web"}, rule)
    ask(
        "UPDATE aws.ec2.security_group_rules SET GroupId = $h WHERE GroupId = $g AND FromPort = "
        "443",
        g=one,
        h=other,
    )
    (row,) = ask(RULES, g=other)
    assert (dict(row.pop("t")), row, ask(RULES, g=one)) == ({"team": "web"}, rule, [])


def test_a_rule_that_was_modified_is_put_back_in_a_transaction(ask: Ask, proxy: FaultProxy) -> None:
    (made,) = ask(
        "INSERT INTO aws.ec2.security_groups (GroupName, Description) VALUES ('g', 'd') RETURNING "
        "GroupId"
    )
    group = made["GroupId"]
    ask(
        "INSERT INTO aws.ec2.security_group_rules "
        "(GroupId, IsEgress, IpProtocol, FromPort, ToPort, CidrIpv4, Description) "
        "VALUES ($g, false, 'tcp', 443, 443, '10.0.0.0/8', 'web')",
        g=group,
    )
    before = ask(RULES, g=group)
    ask("BEGIN")
    ask(
        "UPDATE aws.ec2.security_group_rules SET CidrIpv4 = '10.1.0.0/16', Description = 'x' "
        "WHERE GroupId = $g AND FromPort = 443",
        g=group,
    )
    ask("EXEC aws.iam.users.delete_user @UserName = 'nobody'")
    assert [r["status"] for r in ask("COMMIT")] == ["undone", "failed"]
    assert (ask(RULES, g=group), proxy.calls["ec2:ModifySecurityGroupRules"]) == (before, 2)


def test_what_no_operation_gives_the_new_row_is_an_error(ask: Ask) -> None:
    with pytest.raises(ProgrammingError, match="PolicyName"):
        ask("UPDATE aws.iam.attached_role_policies SET PolicyName = 'x' WHERE RoleName = 'r'")
