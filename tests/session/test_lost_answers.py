"""Writes whose answers are lost: checked by reading, made once, reported correctly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.execution.transaction.outcome_check import may_repeat, question_of
from cirrusql.execution.writes.write_runner import WriteOptions
from cirrusql.session.session import Session
from cirrusql.settings import Policy, Rule
from cirrusql.transport.model import Call, Target
from tests.session.conftest import Ask, rows_of
from tests.support.catalog import CATALOG
from tests.support.fault_proxy import FaultProxy, Faults

Client = Callable[..., Any]
HERE = Target(None, "us-east-1")


def lose(proxy: FaultProxy, operation: str, *, after: bool = True) -> None:
    """The operation's next answer never arrives; later ones do."""
    proxy.faults = Faults(
        only=frozenset({operation}), most=1, reset_after=float(after), reset_before=float(not after)
    )


def test_a_reset_after_the_work_is_found_done_and_not_made_twice(
    session: Session, proxy: FaultProxy, client: Client
) -> None:
    lose(proxy, "iam:CreateUser")
    (result,) = session.run("INSERT INTO aws.iam.users (UserName) VALUES ('ann')")
    assert [(r["status"], r["error"]) for r in result.table().to_pylist()] == [("done", None)]
    assert proxy.calls["iam:CreateUser"] == proxy.passed["iam:CreateUser"] == 1
    assert "iam:GetUser by UserName confirms that it was done" in result.notices[0]


def test_a_reset_before_the_work_is_found_not_done_and_made_again(
    ask: Ask, proxy: FaultProxy
) -> None:
    lose(proxy, "iam:CreateUser", after=False)
    assert [r["status"] for r in ask("INSERT INTO aws.iam.users (UserName) VALUES ('ann')")] == [
        "done"
    ]
    assert (proxy.calls["iam:CreateUser"], proxy.passed["iam:CreateUser"]) == (2, 1)


def test_returning_shows_what_the_look_saw(ask: Ask, proxy: FaultProxy) -> None:
    lose(proxy, "iam:CreateUser")
    (row,) = ask("INSERT INTO aws.iam.users (UserName) VALUES ('ann') RETURNING UserName, Arn")
    assert row == {"UserName": "ann", "Arn": "arn:aws:iam::123456789012:user/ann"}


@pytest.mark.parametrize("after", [True, False])
def test_a_lost_delete_is_done_either_way(
    ask: Ask, proxy: FaultProxy, client: Client, after: bool
) -> None:
    client("iam").create_user(UserName="ann")
    lose(proxy, "iam:DeleteUser", after=after)
    assert [r["status"] for r in ask("DELETE FROM aws.iam.users WHERE UserName = 'ann'")] == [
        "done"
    ]
    assert client("iam").list_users()["Users"] == []


@pytest.mark.parametrize("after", [True, False])
def test_a_lost_put_is_done_either_way(
    ask: Ask, proxy: FaultProxy, client: Client, after: bool
) -> None:
    client("iam").create_user(UserName="ann")
    lose(proxy, "iam:PutUserPolicy", after=after)
    put = (
        "REPLACE INTO aws.iam.user_policies (UserName, PolicyName, PolicyDocument) VALUES "
        "('ann', 'p', $d)"
    )
    statement = '{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}'
    document = f'{{"Version": "2012-10-17", "Statement": [{statement}]}}'
    assert [r["status"] for r in ask(put, d=document)] == ["done"]
    assert proxy.passed["iam:PutUserPolicy"] == 1


@pytest.mark.parametrize("after", [True, False])
def test_a_lost_update_is_compared_field_by_field(
    ask: Ask, proxy: FaultProxy, client: Client, after: bool
) -> None:
    client("iam").create_user(UserName="ann")
    key = client("iam").create_access_key(UserName="ann")["AccessKey"]["AccessKeyId"]
    lose(proxy, "iam:UpdateAccessKey", after=after)
    done = ask(
        "UPDATE aws.iam.access_keys SET Status = 'Inactive' WHERE UserName = 'ann' AND "
        "AccessKeyId = $k",
        k=key,
    )
    assert [r["status"] for r in done] == ["done"]
    assert proxy.passed["iam:UpdateAccessKey"] == 1


@pytest.mark.parametrize("after", [True, False])
def test_a_lost_attachment_is_looked_up(
    ask: Ask, proxy: FaultProxy, client: Client, after: bool
) -> None:
    client("iam").create_user(UserName="ann")
    client("iam").create_group(GroupName="g")
    lose(proxy, "iam:AddUserToGroup", after=after)
    done = ask(
        "EXEC aws.iam.groups_for_users.add_user_to_group @UserName = 'ann', @GroupName = 'g'"
    )
    assert len(client("iam").get_group(GroupName="g")["Users"]) == 1
    assert [r["status"] for r in done] == ["done"]


def test_what_cannot_be_looked_up_stays_unknown(
    session: Session, proxy: FaultProxy, client: Client
) -> None:
    client("iam").create_user(UserName="ann")
    lose(proxy, "iam:CreateAccessKey")
    (result,) = session.run("INSERT INTO aws.iam.access_keys (UserName) VALUES ('ann')")
    assert [r["status"] for r in result.table().to_pylist()] == ["unknown"]
    assert result.exit_status == 1
    assert proxy.calls["iam:CreateAccessKey"] == 1


def test_what_may_not_be_looked_at_stays_unknown(ask: Ask, proxy: FaultProxy) -> None:
    lose(proxy, "iam:CreateUser")
    proxy.denied = frozenset({"iam:GetUser"})
    assert [r["status"] for r in ask("INSERT INTO aws.iam.users (UserName) VALUES ('ann')")] == [
        "unknown"
    ]
    assert proxy.calls["iam:CreateUser"] == 1


def test_a_thing_that_was_there_before_is_not_taken_for_ours(
    ask: Ask, proxy: FaultProxy, client: Client
) -> None:
    client("iam").create_user(UserName="ann")
    client("iam").create_user(UserName="bob")
    lose(proxy, "iam:CreateUser", after=False)
    (row,) = ask("INSERT INTO aws.iam.users (UserName) VALUES ('ann')")
    # Seconds after creation, a read cannot tell who did it; the second call was refused.
    assert row["status"] in ("unknown", "done")


def test_a_thousand_users_through_throttles_and_resets_exist_once_each(
    open_session: Callable[..., Session], proxy: FaultProxy, client: Client
) -> None:
    # Throttling is random here, whatever the rate, so no rate must be learned from it.
    yes = WriteOptions(assume_yes=True)
    session = open_session(options=yes, concurrency=32, limits={"iam": 500.0})
    proxy.faults = Faults(
        only=frozenset({"iam:CreateUser"}),
        throttle=0.2,
        reset_before=0.025,
        reset_after=0.025,
        seed=7,
    )
    (result,) = session.run(
        "INSERT INTO aws.iam.users (UserName) SELECT 'user-' || i FROM range(1000) AS _(i)"
    )
    report = result.table().to_pylist()
    pages = client("iam").get_paginator("list_users").paginate()
    there = sorted(u["UserName"] for page in pages for u in page["Users"])
    assert there == sorted(f"user-{i}" for i in range(1000))
    assert Counter(r["status"] for r in report) == {"done": 1000}
    assert [r["target"] for r in report] == [f"UserName=user-{i}" for i in range(1000)]
    # A call done before its answer was lost is told from one that never arrived.
    happened = Counter(what for _, operation, what in proxy.log if operation == "iam:CreateUser")
    assert happened["Throttling"] > 200
    assert happened["reset_after"] > 10
    assert happened["reset_before"] > 10


def test_a_policy_that_forbids_the_look_leaves_it_unknown(
    open_session: Callable[..., Session], proxy: FaultProxy
) -> None:
    rule = Rule("aws.iam.users:insert", ("aws", "iam", "users", "*"), frozenset({"insert"}))
    policy = Policy(allow=(rule,))
    session = open_session(policy=policy)
    lose(proxy, "iam:CreateUser")
    (row,) = rows_of(session, "INSERT INTO aws.iam.users (UserName) VALUES ('ann')")
    assert row["status"] == "unknown"
    assert proxy.calls["iam:GetUser"] == 0


def test_what_is_put_under_no_key_is_not_put_again() -> None:
    table, method = CATALOG.method("aws", "logs", "log_events", "put_log_events")
    call = Call(
        method.operation, {"logGroupName": "g", "logStreamName": "s", "logEvents": []}, HERE
    )
    question = question_of(table, method, call)
    assert question is None or not may_repeat(method, question)


def test_a_page_that_says_that_a_write_was_refused_is_an_answer(ask: Ask, session: Session) -> None:
    # The emulator has no such path, and says so with a page.
    ask(
        "INSERT INTO aws.eks.clusters (name, roleArn, resourcesVpcConfig) "
        "VALUES ('c', 'arn:aws:iam::123456789012:role/e', {'subnetIds': ['subnet-1']})"
    )
    (row,) = ask("UPDATE aws.eks.clusters SET version = '1.31' WHERE name = 'c'")
    assert (row["status"], "404 with an HTML page" in row["error"]) == ("failed", True)
    assert [r.operation for r in session.records].count("UpdateClusterVersion") == 1
