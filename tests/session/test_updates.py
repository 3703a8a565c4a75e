"""UPDATE against a real server: what was not set is as it was before."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cirrusql.errors import InvalidParameter, ProgrammingError
from cirrusql.session.session import Session
from tests.session.conftest import Ask, rows_of
from tests.support.fault_proxy import FaultProxy


def test_a_parameter_keeps_what_is_not_set(ask: Ask, proxy: FaultProxy) -> None:
    ask(
        "INSERT INTO aws.ssm.parameters (Name, Value, Type, Description) "
        "VALUES ('p', 'a', 'SecureString', 'why')"
    )
    done = ask("UPDATE aws.ssm.parameters SET Value = 'b' WHERE Name = 'p'")
    assert [r["status"] for r in done] == ["done"]
    (row,) = ask(
        "SELECT p.Type, p.Description, v.Value FROM aws.ssm.parameters p JOIN aws.ssm.parameters v "
        "ON v.Name = p.Name WHERE p.Name = 'p' AND v.WithDecryption = true"
    )
    assert row == {"Type": "SecureString", "Description": "why", "Value": "b"}
    assert proxy.calls["ssm:PutParameter"] == 2


def test_a_rule_that_is_put_again_keeps_what_is_not_set(ask: Ask, proxy: FaultProxy) -> None:
    ask(
        "INSERT INTO aws.events.rules (Name, ScheduleExpression, Description) "
        "VALUES ('r', 'rate(1 day)', 'daily')"
    )
    ask(
        "UPDATE aws.events.rules SET State = 'DISABLED' WHERE Name = 'r' AND EventBusName = "
        "'default'"
    )
    (row,) = ask(
        "SELECT ScheduleExpression, Description, State FROM aws.events.rules WHERE Name = 'r'"
    )
    assert row == {"ScheduleExpression": "rate(1 day)", "Description": "daily", "State": "DISABLED"}
    assert proxy.calls["events:PutRule"] == 2


def test_a_password_policy_keeps_what_is_not_set(ask: Ask) -> None:
    ask(
        "EXEC aws.iam.account_password_policies.update_account_password_policy @RequireSymbols = "
        "true"
    )
    ask("UPDATE aws.iam.account_password_policies SET MinimumPasswordLength = 14 WHERE true")
    (row,) = ask(
        "SELECT MinimumPasswordLength, RequireSymbols FROM aws.iam.account_password_policies"
    )
    assert row == {"MinimumPasswordLength": 14, "RequireSymbols": True}


def test_what_does_more_than_set_is_refused_before_any_call(ask: Ask, proxy: FaultProxy) -> None:
    with pytest.raises(ProgrammingError, match=r"EXEC aws\.rds\.db_instances\.reboot_db_instance"):
        ask("UPDATE aws.rds.db_instances SET ForceFailover = true WHERE DBInstanceIdentifier = 'd'")
    assert proxy.calls == {}


def test_null_takes_away_what_a_row_has_and_calls_for_no_other(ask: Ask, proxy: FaultProxy) -> None:
    ask("INSERT INTO aws.logs.log_groups (logGroupName) VALUES ('one'), ('two')")
    ask("UPDATE aws.logs.log_groups SET retentionInDays = 7 WHERE logGroupName = 'one'")
    done = ask(
        "UPDATE aws.logs.log_groups SET retentionInDays = NULL WHERE logGroupName IN ('one', 'two')"
    )
    assert [r["status"] for r in done] == ["done"]
    assert proxy.calls["logs:DeleteRetentionPolicy"] == 1
    assert (
        ask("SELECT logGroupName FROM aws.logs.log_groups WHERE retentionInDays IS NOT NULL") == []
    )


def test_a_bucket_policy_is_unset(ask: Ask, proxy: FaultProxy) -> None:
    ask("INSERT INTO aws.s3.buckets (Bucket) VALUES ('one'), ('two')")
    ask(
        """REPLACE INTO aws.s3.bucket_policies (Bucket, Policy) VALUES ('one', '{"Version": "2012-10-17"}')"""  # noqa: E501
    )
    ask("UPDATE aws.s3.buckets SET Policy = NULL WHERE true")
    assert ask("SELECT Name FROM aws.s3.buckets WHERE Policy IS NOT NULL") == []
    assert (proxy.calls["s3:DELETE /one"], proxy.calls["s3:DELETE /two"]) == (1, 0)


def test_a_value_that_is_worked_out_to_be_null_is_no_silent_nothing(
    ask: Ask, proxy: FaultProxy
) -> None:
    ask("INSERT INTO aws.iam.users (UserName) VALUES ('ann')")
    with pytest.raises(InvalidParameter, match="SET assigns NULL to NewPath where UserName = ann"):
        ask("UPDATE aws.iam.users SET NewPath = nullif(Path, '/') WHERE UserName = 'ann'")
    assert proxy.calls["iam:UpdateUser"] == 0


def test_a_row_is_inserted_under_the_names_it_is_read_by(ask: Ask, proxy: FaultProxy) -> None:
    ask(
        "INSERT INTO aws.ec2.vpcs (CidrBlock, Tags) VALUES ('10.9.0.0/16', [{'Key': 'team', "
        "'Value': 'web'}])"
    )
    ask("INSERT INTO aws.sqs.queues (QueueName, VisibilityTimeout) VALUES ('q', 61)")
    assert (proxy.calls["ec2:CreateVpc"], proxy.calls["sqs:CreateQueue"]) == (1, 1)
    (vpc,) = ask("SELECT tags(Tags) AS t FROM aws.ec2.vpcs WHERE CidrBlock = '10.9.0.0/16'")
    (queue,) = ask("SELECT VisibilityTimeout FROM aws.sqs.queues WHERE QueueUrl LIKE '%/q'")
    assert (dict(vpc["t"]), int(queue["VisibilityTimeout"])) == ({"team": "web"}, 61)


def test_a_document_that_is_kept_by_versions_gets_another_one_that_counts(
    ask: Ask, proxy: FaultProxy
) -> None:
    first = """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}"""  # noqa: E501
    ask(f"INSERT INTO aws.iam.policies (PolicyName, PolicyDocument) VALUES ('p', '{first}')")
    second = first.replace("s3", "ec2")
    done = ask(f"UPDATE aws.iam.policies SET Document = '{second}' WHERE PolicyName = 'p'")
    assert [(r["operation"], r["status"]) for r in done] == [("iam:CreatePolicyVersion", "done")]
    (row,) = ask(
        f"SELECT DefaultVersionId, policy_equal(Document, '{second}') AS is_it FROM "
        "aws.iam.policies"
    )
    assert row == {"DefaultVersionId": "v2", "is_it": True}


def test_several_sets_of_one_row_are_changed_in_one_update(ask: Ask, proxy: FaultProxy) -> None:
    rule = (
        "{'IpProtocol': 'tcp', 'FromPort': %d, 'ToPort': %d, 'IpRanges': [{'CidrIp': "
        "'10.0.0.0/8'}]}"
    )
    ask("INSERT INTO aws.ec2.security_groups (GroupName, Description) VALUES ('g', 'd')")
    done = ask(
        f"UPDATE aws.ec2.security_groups SET IpPermissions = [{rule % (80, 80)}], "
        f"IpPermissionsEgress = [{rule % (443, 443)}] WHERE GroupName = 'g'"
    )
    assert sorted(r["operation"] for r in done) == [
        "ec2:AuthorizeSecurityGroupEgress",
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:RevokeSecurityGroupEgress",
    ]
    assert {r["status"] for r in done} == {"done"}
    (row,) = ask(
        "SELECT IpPermissions[1].FromPort AS i, IpPermissionsEgress[1].FromPort AS e, "
        "len(IpPermissions) + len(IpPermissionsEgress) AS n "
        "FROM aws.ec2.security_groups WHERE GroupName = 'g'"
    )
    assert row == {"i": 80, "e": 443, "n": 2}
    assert proxy.calls["ec2:RevokeSecurityGroupIngress"] == 0


ABSENT = {
    "iam.user_policies": ("PolicyDocument", "UserName = 'ann' AND PolicyName = 'none'"),
    "iam.role_policies": ("PolicyDocument", "RoleName = 'ann' AND PolicyName = 'none'"),
    "iam.group_policies": ("PolicyDocument", "GroupName = 'ann' AND PolicyName = 'none'"),
    "cloudwatch.dashboards": ("DashboardBody", "DashboardName = 'none'"),
}


@pytest.mark.parametrize("table", ABSENT)
def test_what_is_not_there_is_not_made_by_an_update(
    ask: Ask, proxy: FaultProxy, table: str
) -> None:
    ask("INSERT INTO aws.iam.users (UserName) VALUES ('ann')")
    ask("INSERT INTO aws.iam.groups (GroupName) VALUES ('ann')")
    ask("INSERT INTO aws.iam.roles (RoleName, AssumeRolePolicyDocument) VALUES ('ann', '{}')")
    column, where = ABSENT[table]
    statement = '{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}'
    document = (
        '{"widgets": []}'
        if "Body" in column
        else f'{{"Version": "2012-10-17", "Statement": {statement}}}'
    )
    assert ask(f"UPDATE aws.{table} SET {column} = '{document}' WHERE {where}") == []
    assert not [call for call in proxy.calls if ":Put" in call]
    assert ask(f"SELECT * FROM aws.{table} WHERE {where}") == []


def test_what_is_there_is_put_without_a_question(open_session: Callable[..., Session]) -> None:
    session = open_session()
    rows_of(session, "INSERT INTO aws.iam.users (UserName) VALUES ('ann')")
    old = (
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", '
        '"Resource": "*"}}'
    )
    new = old.replace("Allow", "Deny")
    rows_of(
        session,
        "INSERT INTO aws.iam.user_policies (UserName, PolicyName, PolicyDocument) "
        f"VALUES ('ann', 'p', '{old}')",
    )
    where = "UserName = 'ann' AND PolicyName = 'p'"
    done = rows_of(
        session, f"UPDATE aws.iam.user_policies SET PolicyDocument = '{new}' WHERE {where}"
    )
    assert [r["status"] for r in done] == ["done"]
    (row,) = rows_of(session, f"SELECT PolicyDocument FROM aws.iam.user_policies WHERE {where}")
    assert "Deny" in str(row["PolicyDocument"])


@pytest.mark.parametrize(
    "where", ["TableName = 't'", "TableName = 't' AND (Item->'k'->>'S') = '2'"]
)
def test_a_value_that_says_which_thing_it_is_of_makes_no_other_thing(
    ask: Ask, proxy: FaultProxy, where: str
) -> None:
    ask(
        "INSERT INTO aws.dynamodb.tables (TableName, KeySchema, AttributeDefinitions, "
        "BillingMode) VALUES "
        "('t', [{'AttributeName': 'k', 'KeyType': 'HASH'}], "
        "[{'AttributeName': 'k', 'AttributeType': 'S'}], 'PAY_PER_REQUEST')"
    )
    ask("REPLACE INTO aws.dynamodb.items (TableName, Item) VALUES ('t', MAP {'k': {'S': '2'}})")
    called = dict(proxy.calls)
    with pytest.raises(ProgrammingError, match=r"would write another item") as raised:
        ask(f"UPDATE aws.dynamodb.items SET Item = {{'k': {{'S': '7'}}}} WHERE {where}")
    assert "REPLACE INTO aws.dynamodb.items" in str(raised.value.hint)
    assert dict(proxy.calls) == called
    assert len(ask("SELECT Item FROM aws.dynamodb.items WHERE TableName = 't'")) == 1
