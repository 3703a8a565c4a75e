"""INSERT creates: what exists is not overwritten, whatever the API's operation does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cirrusql.errors import AlreadyExists, Error
from cirrusql.session.session import Session
from tests.session.conftest import Ask, rows_of
from tests.support.fault_proxy import FaultProxy, Faults

POLICY = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", '
    '"Resource": "*"}]}'
)
OTHER = POLICY.replace("s3:GetObject", "s3:*")
TRUST = POLICY.replace("s3:GetObject", "sts:AssumeRole").replace(
    '"Resource": "*"', '"Principal": {"Service": "ec2.amazonaws.com"}'
)

READ_FIRST = {
    "iam:PutRolePolicy": (
        "INSERT INTO aws.iam.roles (RoleName, AssumeRolePolicyDocument) VALUES ('r', $p)",
        "INSERT INTO aws.iam.role_policies (RoleName, PolicyName, PolicyDocument) "
        "VALUES ('r', 'p', $d)",
        "SELECT PolicyDocument AS d FROM aws.iam.role_policies WHERE RoleName = 'r'",
        "iam:GetRolePolicy",
    ),
    "iam:PutUserPolicy": (
        "INSERT INTO aws.iam.users (UserName) VALUES ('u')",
        "INSERT INTO aws.iam.user_policies (UserName, PolicyName, PolicyDocument) "
        "VALUES ('u', 'p', $d)",
        "SELECT PolicyDocument AS d FROM aws.iam.user_policies WHERE UserName = 'u'",
        "iam:GetUserPolicy",
    ),
    "iam:PutGroupPolicy": (
        "INSERT INTO aws.iam.groups (GroupName) VALUES ('g')",
        "INSERT INTO aws.iam.group_policies (GroupName, PolicyName, PolicyDocument) "
        "VALUES ('g', 'p', $d)",
        "SELECT PolicyDocument AS d FROM aws.iam.group_policies WHERE GroupName = 'g'",
        "iam:GetGroupPolicy",
    ),
    "s3:PUT /shop-1": (
        "INSERT INTO aws.s3.buckets (Bucket) VALUES ('shop-1')",
        "INSERT INTO aws.s3.bucket_policies (Bucket, Policy) VALUES ('shop-1', $d)",
        "SELECT Policy AS d FROM aws.s3.bucket_policies WHERE Bucket = 'shop-1'",
        "s3:GET /shop-1",
    ),
    "events:PutRule": (
        "SELECT 1",
        "INSERT INTO aws.events.rules (Name, ScheduleExpression, Description) "
        "VALUES ('r', 'rate(1 day)', $d)",
        "SELECT Description AS d FROM aws.events.rules WHERE Name = 'r'",
        "events:DescribeRule",
    ),
    "events:PutTargets": (
        "INSERT INTO aws.events.rules (Name, ScheduleExpression) VALUES ('r', 'rate(1 day)')",
        "INSERT INTO aws.events.targets (Rule, Id, Arn, Input) "
        "VALUES ('r', 't', 'arn:aws:sqs:us-east-1:123456789012:q', $d)",
        "SELECT Input AS d FROM aws.events.targets WHERE Rule = 'r'",
        "events:ListTargetsByRule",
    ),
    "monitoring:PutMetricAlarm": (
        "SELECT 1",
        "INSERT INTO aws.cloudwatch.alarms (AlarmName, AlarmDescription, MetricName, Namespace, "
        "Statistic, Period, EvaluationPeriods, Threshold, ComparisonOperator) VALUES ('a', $d, "
        "'CPUUtilization', 'AWS/EC2', 'Average', 60, 1, 80, 'GreaterThanThreshold')",
        "SELECT AlarmDescription AS d FROM aws.cloudwatch.alarms WHERE AlarmName = 'a'",
        "monitoring:DescribeAlarms",
    ),
    "sns:CreateTopic": (
        "SELECT 1",
        "INSERT INTO aws.sns.topics (Name, DisplayName) VALUES ('t', substr($d, 1, 40))",
        "SELECT DisplayName AS d FROM aws.sns.topics",
        "sns:ListTopics",
    ),
    "sqs:CreateQueue": (
        "SELECT 1",
        "INSERT INTO aws.sqs.queues (QueueName, VisibilityTimeout) VALUES ('q', length($d))",
        "SELECT VisibilityTimeout AS d FROM aws.sqs.queues",
        "sqs:GetQueueUrl",
    ),
    "ecs:CreateCluster": (
        "SELECT 1",
        "INSERT INTO aws.ecs.clusters (clusterName, tags) VALUES ('c', MAP {'d': $d[1:9]})",
        "SELECT clusterName AS d FROM aws.ecs.clusters",
        "ecs:ListClusters",
    ),
}


@pytest.mark.parametrize("operation", READ_FIRST)
def test_what_exists_is_read_first_and_refused(operation: str, ask: Ask, proxy: FaultProxy) -> None:
    before, insert, shown, reader = READ_FIRST[operation]
    ask(before, **({"p": TRUST} if "$p" in before else {}))
    proxy.calls.clear()
    assert [r["status"] for r in ask(insert, d=POLICY)] == ["done"]
    assert (proxy.calls[reader], proxy.calls[operation]) == (1, 1)
    was = ask(shown)
    proxy.calls.clear()
    with pytest.raises(AlreadyExists, match=r"nothing was written: .* already exists") as raised:
        ask(insert, d=OTHER)
    assert raised.value.sqlstate == "23505"
    assert "UPDATE" in str(raised.value.hint)
    assert proxy.calls == {reader: 1}
    assert ask(shown) == was


def test_replace_overwrites_without_a_read(ask: Ask, proxy: FaultProxy) -> None:
    ask("INSERT INTO aws.s3.buckets (Bucket) VALUES ('shop-1')")
    ask("INSERT INTO aws.s3.bucket_policies (Bucket, Policy) VALUES ('shop-1', $d)", d=POLICY)
    proxy.calls.clear()
    done = ask(
        "REPLACE INTO aws.s3.bucket_policies (Bucket, Policy) VALUES ('shop-1', $d)", d=OTHER
    )
    assert [r["status"] for r in done] == ["done"]
    assert proxy.calls == {"s3:PUT /shop-1": 1}


def test_an_object_is_refused_by_the_service(ask: Ask, proxy: FaultProxy) -> None:
    ask("INSERT INTO aws.s3.buckets (Bucket) VALUES ('shop-1')")
    insert = "INSERT INTO aws.s3.objects (Bucket, Key, Body) VALUES "
    ask(insert + "('shop-1', 'one', 'first')")
    proxy.calls.clear()
    done = ask(insert + "('shop-1', 'one', 'second'), ('shop-1', 'two', 'second')")
    assert [(r["target"], r["status"]) for r in done] == [
        ("Bucket=shop-1, Key=one", "failed"),
        ("Bucket=shop-1, Key=two", "done"),
    ]
    assert "already exists" in done[0]["error"]
    assert proxy.calls == {"s3:PUT /shop-1/one": 1, "s3:PUT /shop-1/two": 1}
    assert ask("SELECT Body FROM aws.s3.objects WHERE Bucket = 'shop-1' AND Key = 'one'") == [
        {"Body": b"first"}
    ]
    replaced = ask(
        "REPLACE INTO aws.s3.objects (Bucket, Key, Body) VALUES ('shop-1', 'one', 'third')"
    )
    assert [r["status"] for r in replaced] == ["done"]


def test_an_item_is_refused_whichever_attribute_is_its_key(ask: Ask, proxy: FaultProxy) -> None:
    ask(
        "INSERT INTO aws.dynamodb.tables (TableName, KeySchema, AttributeDefinitions, BillingMode) "
        "VALUES ('t', [{'AttributeName': 'a', 'KeyType': 'HASH'}, "
        "{'AttributeName': 'b', 'KeyType': 'RANGE'}], "
        "[{'AttributeName': 'a', 'AttributeType': 'S'}, "
        "{'AttributeName': 'b', 'AttributeType': 'N'}], 'PAY_PER_REQUEST')"
    )
    insert = "INSERT INTO aws.dynamodb.items (TableName, Item) VALUES "
    item = "('t', MAP {{'a': {{'S': 'x'}}, 'b': {{'N': '{}'}}, 'c': {{'S': '{}'}}}})"
    ask(insert + item.format(1, "old"))
    proxy.calls.clear()
    done = ask(f"{insert}{item.format(1, 'new')}, {item.format(2, 'new')}")
    assert [r["status"] for r in done] == ["failed", "done"]
    assert "already exists" in done[0]["error"]
    assert proxy.calls == {"dynamodb:PutItem": 2}


def test_a_bucket_that_exists_keeps_its_tags(ask: Ask, proxy: FaultProxy) -> None:
    ask("INSERT INTO aws.s3.buckets (Bucket, Tags) VALUES ('shop-1', MAP {'team': 'web'})")
    proxy.calls.clear()
    with pytest.raises(AlreadyExists):
        ask(
            "INSERT INTO aws.s3.buckets (Bucket, Tags, VersioningStatus) "
            "VALUES ('shop-2', MAP {'x': 'y'}, 'Enabled'), ('shop-1', MAP {'x': 'y'}, 'Suspended')"
        )
    assert proxy.calls == {"s3:HEAD /shop-1": 1, "s3:HEAD /shop-2": 1}
    assert ask("SELECT Name, tags(Tags)['team'] AS team FROM aws.s3.buckets") == [
        {"Name": "shop-1", "team": "web"}
    ]


def test_a_creation_that_the_service_refuses_twice_needs_no_read(
    ask: Ask, proxy: FaultProxy
) -> None:
    ask("INSERT INTO aws.iam.users (UserName) VALUES ('u')")
    ask("INSERT INTO aws.ssm.parameters (Name, Value, Type) VALUES ('p', 'v', 'String')")
    again = ask("INSERT INTO aws.iam.users (UserName) VALUES ('u')")
    again += ask("INSERT INTO aws.ssm.parameters (Name, Value, Type) VALUES ('p', 'w', 'String')")
    assert [r["status"] for r in again] == ["failed", "failed"]
    made = {"iam:CreateUser": 2, "ssm:PutParameter": 2}
    assert proxy.calls == {**made, "sts:GetCallerIdentity": 1}


def test_every_row_that_exists_or_repeats_another_is_named(ask: Ask, proxy: FaultProxy) -> None:
    ask("INSERT INTO aws.iam.users (UserName) VALUES ('u')")
    insert = "INSERT INTO aws.iam.user_policies (UserName, PolicyName, PolicyDocument) VALUES "
    ask(f"{insert} ('u', 'one', $d), ('u', 'two', $d)", d=POLICY)
    with pytest.raises(AlreadyExists) as raised:
        ask(f"{insert} ('u', 'two', $d), ('u', 'new', $d), ('u', 'one', $d)", d=OTHER)
    assert "2 of 3 rows" in raised.value.message
    assert "PolicyName=one" in raised.value.message
    assert "PolicyName=two" in raised.value.message
    with pytest.raises(AlreadyExists, match=r"PolicyName=x.* is given twice"):
        ask(f"{insert} ('u', 'x', $d), ('u', 'x', $o)", d=POLICY, o=OTHER)
    assert proxy.calls["iam:PutUserPolicy"] == 2


def test_what_cannot_be_read_is_written_with_a_notice(
    session: Session, ask: Ask, proxy: FaultProxy
) -> None:
    ask("INSERT INTO aws.iam.users (UserName) VALUES ('u')")
    proxy.faults = Faults(deny=frozenset({"iam:GetUserPolicy"}))
    (result,) = session.run(
        "INSERT INTO aws.iam.user_policies (UserName, PolicyName, PolicyDocument) "
        "VALUES ('u', 'p', $d)",
        {"d": POLICY},
    )
    result.table()
    assert any("could not be read whether" in n for n in result.notices)


def test_where_nothing_can_tell_a_notice_says_that_it_may_overwrite(session: Session) -> None:
    found = [
        result
        for result in session.run(
            "INSERT INTO aws.logs.log_groups (logGroupName) VALUES ('g'); "
            "INSERT INTO aws.logs.retention_policies (logGroupName, retentionInDays) "
            "VALUES ('g', 7)",
            {},
        )
        if result.table() is not None
    ]
    assert found[0].notices == []
    assert any("overwrites a retention policy that exists" in n for n in found[1].notices)


def test_explain_shows_the_read_and_its_permission(ask: Ask, proxy: FaultProxy) -> None:
    insert = (
        "INSERT INTO aws.iam.user_policies (UserName, PolicyName, PolicyDocument) "
        f"VALUES ('u', 'p', '{POLICY}')"
    )
    shown = ask(f"EXPLAIN {insert}")
    assert [r["operation"] for r in shown] == ["iam:GetUserPolicy", "iam:PutUserPolicy"]
    assert "refuses what exists" in shown[0]["completeness"]
    assert "iam:GetUserPolicy" in str(ask(f"EXPLAIN (POLICY) {insert}"))
    assert proxy.calls == {}


def test_a_transaction_refuses_it_at_commit_and_undoes_what_was_done(
    session: Session, ask: Ask
) -> None:
    ask("INSERT INTO aws.iam.users (UserName) VALUES ('u')")
    insert = "INSERT INTO aws.iam.user_policies (UserName, PolicyName, PolicyDocument) VALUES "
    ask(f"{insert} ('u', 'p', $d)", d=POLICY)
    was = ask("SELECT PolicyDocument FROM aws.iam.user_policies WHERE UserName = 'u'")
    ask("BEGIN")
    ask(f"{insert} ('u', 'q', $d)", d=OTHER)
    ask(f"{insert} ('u', 'p', $d)", d=OTHER)
    steps = ask("COMMIT")
    assert [s["status"] for s in steps] == ["undone", "failed"]
    assert "already exists" in steps[1]["error"]
    assert ask("SELECT PolicyDocument FROM aws.iam.user_policies WHERE UserName = 'u'") == was


def test_a_transaction_reads_each_row_once(ask: Ask, proxy: FaultProxy) -> None:
    ask("INSERT INTO aws.iam.users (UserName) VALUES ('u')")
    ask("BEGIN")
    ask(
        "INSERT INTO aws.iam.user_policies (UserName, PolicyName, PolicyDocument) "
        "VALUES ('u', 'p', $d)",
        d=POLICY,
    )
    ask("INSERT INTO aws.sqs.queues (QueueName) VALUES ('q')")
    proxy.calls.clear()
    assert [s["status"] for s in ask("COMMIT")] == ["done", "done"]
    read = {"iam:GetUserPolicy": 1, "sqs:GetQueueUrl": 1}
    assert proxy.calls == {**read, "iam:PutUserPolicy": 1, "sqs:CreateQueue": 1}


def test_an_item_of_too_many_attributes_for_a_condition_is_told_of(session: Session) -> None:
    attributes = ", ".join(f"'a{i}': {{'S': 'x'}}" for i in range(101))
    (_, result) = session.run(
        "INSERT INTO aws.dynamodb.tables (TableName, KeySchema, AttributeDefinitions, BillingMode) "
        "VALUES ('t', [{'AttributeName': 'a1', 'KeyType': 'HASH'}], "
        "[{'AttributeName': 'a1', 'AttributeType': 'S'}], 'PAY_PER_REQUEST'); "
        f"INSERT INTO aws.dynamodb.items (TableName, Item) VALUES ('t', MAP {{{attributes}}})",
        {},
    )
    assert any("1 of 1 requests have no condition" in n for n in result.notices)


def test_a_transaction_may_delete_and_insert_again(ask: Ask) -> None:
    ask("INSERT INTO aws.iam.users (UserName) VALUES ('u')")
    insert = "INSERT INTO aws.iam.user_policies (UserName, PolicyName, PolicyDocument) VALUES "
    ask(f"{insert} ('u', 'p', $d)", d=POLICY)
    ask("BEGIN")
    ask("DELETE FROM aws.iam.user_policies WHERE UserName = 'u' AND PolicyName = 'p'")
    ask(f"{insert} ('u', 'p', $d)", d=OTHER)
    assert [s["status"] for s in ask("COMMIT")] == ["done", "done"]


def test_the_condition_of_a_new_object_is_no_wildcard(
    open_session: Callable[..., Session], ask: Ask
) -> None:
    ask("INSERT INTO aws.s3.buckets (Bucket) VALUES ('shop-1')")
    made = rows_of(
        open_session(), "INSERT INTO aws.s3.objects (Bucket, Key, Body) VALUES ('shop-1', 'k', 'x')"
    )
    assert [r["status"] for r in made] == ["done"]


def test_an_error_before_anything_is_asked_makes_no_read(
    open_session: Callable[..., Session], proxy: FaultProxy
) -> None:
    with pytest.raises(Error):
        rows_of(
            open_session(),
            "INSERT INTO aws.iam.user_policies (UserName, PolicyName, PolicyDocument) "
            "SELECT 'u', 'p' || n, '{}' FROM range(3) AS r(n)",
        )
    assert proxy.calls == {}
