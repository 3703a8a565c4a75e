"""Transactions: queued, shown, run in order, and undone in reverse where one fails."""

from __future__ import annotations

import json
import stat
import threading
from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.errors import (
    ConfirmationRequired,
    InvalidParameter,
    JournalFailed,
    NotSupportedError,
    TransactionAborted,
)
from cirrusql.execution.audit.audit_sinks import default_path
from cirrusql.execution.transaction import journal
from cirrusql.execution.writes.write_runner import WriteOptions
from cirrusql.session.session import Session
from cirrusql.settings import Policy, Rule
from tests.session.conftest import Ask, rows_of
from tests.support.fault_proxy import FaultProxy, Faults

Open = Callable[..., Session]
Client = Callable[..., Any]


def user(name: str) -> str:
    return f"INSERT INTO aws.iam.users (UserName) VALUES ('{name}');"


def names(client: Client) -> list[str]:
    return sorted(u["UserName"] for u in client("iam").list_users()["Users"])


def steps(report: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(r["target"], r["status"]) for r in report]


def test_writes_are_queued_and_made_at_commit(ask: Ask, proxy: FaultProxy, client: Client) -> None:
    queued = ask(f"BEGIN; {user('ann')}")
    assert [r["status"] for r in queued] == ["queued"]
    assert proxy.calls["iam:CreateUser"] == 0
    done = ask(f"{user('bob')} COMMIT")
    assert steps(done) == [("UserName=ann", "done"), ("UserName=bob", "done")]
    assert names(client) == ["ann", "bob"]
    assert journal.journals() == []


def test_rollback_drops_the_queue(ask: Ask, proxy: FaultProxy, session: Session) -> None:
    ask(f"BEGIN; {user('ann')} ROLLBACK")
    assert proxy.calls["iam:CreateUser"] == 0
    assert session.transaction_status == "idle"
    assert [r["status"] for r in ask(user("ann"))] == ["done"]


def test_a_failed_step_undoes_those_before_it_in_reverse(
    session: Session, proxy: FaultProxy, client: Client
) -> None:
    client("iam").create_user(UserName="taken")
    rows_of(
        session, f"BEGIN; {user('ann')} INSERT INTO aws.iam.access_keys (UserName) VALUES ('ann');"
    )
    rows_of(session, f"{user('taken')} {user('bob')}")
    (result,) = session.run("COMMIT")
    found = result.table().to_pylist()
    assert [r["status"] for r in found] == ["undone", "undone", "failed", "not run"]
    assert [r["undo"] for r in found] == ["iam:DeleteUser", "iam:DeleteAccessKey", None, None]
    assert (result.verb, result.exit_status) == ("ROLLBACK", 1)
    assert names(client) == ["taken"]
    order = [name for _, name, _ in proxy.log if name.startswith("iam:Delete")]
    assert order == ["iam:DeleteAccessKey", "iam:DeleteUser"]
    assert journal.journals() == []


def test_identifiers_come_from_what_the_first_call_returned(
    ask: Ask, proxy: FaultProxy, client: Client
) -> None:
    before = {v["VpcId"] for v in client("ec2").describe_vpcs()["Vpcs"]}
    ask("BEGIN; INSERT INTO aws.ec2.vpcs (CidrBlock, region) VALUES ('10.9.0.0/16', 'us-east-1')")
    done = ask("DELETE FROM aws.iam.users WHERE UserName = 'nobody'; COMMIT")
    assert [(r["operation"], r["status"]) for r in done] == [
        ("ec2:CreateVpc", "undone"),
        ("iam:DeleteUser", "failed"),
    ]
    assert {v["VpcId"] for v in client("ec2").describe_vpcs()["Vpcs"]} == before


def test_a_put_is_undone_by_what_was_there_before(ask: Ask, client: Client) -> None:
    iam = client("iam")
    iam.create_user(UserName="ann")
    old = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
    iam.put_user_policy(UserName="ann", PolicyName="old", PolicyDocument=old)
    put = (
        "REPLACE INTO aws.iam.user_policies (UserName, PolicyName, PolicyDocument) VALUES "
        "('ann', $n, $d);"
    )
    new = old.replace("s3", "ec2")
    ask(f"BEGIN; {put}", n="old", d=new)
    ask(put, n="new", d=new)
    done = ask("DELETE FROM aws.iam.users WHERE UserName = 'nobody'; COMMIT")
    assert [r["undo"] for r in done] == ["iam:PutUserPolicy", "iam:DeleteUserPolicy", None]
    assert iam.list_user_policies(UserName="ann")["PolicyNames"] == ["old"]
    found = iam.get_user_policy(UserName="ann", PolicyName="old")["PolicyDocument"]
    assert found["Statement"][0]["Action"] == "s3:*"


def test_tags_are_set_back_one_by_one(ask: Ask, client: Client) -> None:
    iam = client("iam")
    iam.create_user(
        UserName="ann", Tags=[{"Key": "team", "Value": "a"}, {"Key": "cost", "Value": "1"}]
    )
    ask(
        "BEGIN; UPDATE aws.iam.users SET Tags['team'] = 'b', Tags['new'] = 'x' WHERE UserName = "
        "'ann'"
    )
    ask("UPDATE aws.iam.users SET Tags['cost'] = NULL WHERE UserName = 'ann'")
    done = ask("DELETE FROM aws.iam.users WHERE UserName = 'nobody'; COMMIT")
    assert [r["undo"] for r in done] == ["iam:TagUser, iam:UntagUser", "iam:TagUser", None]
    tags = {t["Key"]: t["Value"] for t in iam.list_user_tags(UserName="ann")["Tags"]}
    assert tags == {"team": "a", "cost": "1"}


def test_tags_of_an_instance_are_set_back(ask: Ask, client: Client) -> None:
    ec2 = client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "team", "Value": "a"}])
    ask(
        "BEGIN; UPDATE aws.ec2.vpcs SET Tags['team'] = 'b', Tags['new'] = 'x' WHERE VpcId = $v",
        v=vpc,
    )
    done = ask("DELETE FROM aws.iam.users WHERE UserName = 'nobody'; COMMIT")
    assert [r["status"] for r in done] == ["undone", "failed"]
    tags = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["Tags"]
    assert tags == [{"Key": "team", "Value": "a"}]


def test_what_was_so_before_is_left_so(ask: Ask, client: Client) -> None:
    iam = client("iam")
    iam.create_user(UserName="ann")
    for name in ("in", "out"):
        iam.create_group(GroupName=name)
    iam.add_user_to_group(UserName="ann", GroupName="in")
    add = "EXEC aws.iam.groups_for_users.add_user_to_group @UserName = 'ann', @GroupName = "
    done = ask(
        f"BEGIN; {add} 'in'; {add} 'out'; DELETE FROM aws.iam.users WHERE UserName = 'nobody'; "
        "COMMIT"
    )
    assert [r["status"] for r in done] == ["undone", "undone", "failed"]
    assert "it already existed" in done[0]["undo"]
    assert [g["GroupName"] for g in iam.list_groups_for_user(UserName="ann")["Groups"]] == ["in"]


def test_a_bucket_of_ones_own_is_not_taken_for_new(ask: Ask, client: Client) -> None:
    client("s3").create_bucket(Bucket="mine")
    ask("BEGIN; INSERT INTO aws.s3.buckets (Bucket) VALUES ('mine'), ('new')")
    ask("DELETE FROM aws.iam.users WHERE UserName = 'nobody'; COMMIT")
    assert [b["Name"] for b in client("s3").list_buckets()["Buckets"]] == ["mine"]


def test_what_cannot_be_undone_is_listed_and_kept(session: Session, client: Client) -> None:
    client("iam").create_user(UserName="ann")
    rows_of(session, "BEGIN; DELETE FROM aws.iam.users WHERE UserName = 'ann'")
    rows_of(session, "DELETE FROM aws.iam.users WHERE UserName = 'nobody'")
    (result,) = session.run("COMMIT")
    found = result.table().to_pylist()
    assert [r["status"] for r in found] == ["not undone", "failed"]
    assert "deleted data cannot be restored" in found[0]["undo"]
    (left,) = journal.journals()
    assert f"cirrusql recover show {left.stem}" in " ".join(result.notices)
    assert stat.S_IMODE(left.stat().st_mode) == 0o600
    assert stat.S_IMODE(left.parent.stat().st_mode) == 0o700


def test_explain_commit_says_what_can_be_undone_and_calls_nothing(
    ask: Ask, proxy: FaultProxy
) -> None:
    ask(f"BEGIN; {user('ann')} INSERT INTO aws.sqs.queues (QueueName) VALUES ('q')")
    ask("DELETE FROM aws.iam.users WHERE UserName = 'bob'")
    told = ask("EXPLAIN COMMIT")
    assert [(r["operation"], r["undo"]) for r in told] == [
        ("iam:CreateUser", "iam:DeleteUser"),
        ("sqs:CreateQueue", "sqs:DeleteQueue"),
        ("iam:DeleteUser", "cannot be undone: deleted data cannot be restored"),
    ]
    assert told[1]["provided"] == "it did not exist (sqs:GetQueueUrl by QueueName)"
    assert not [c for c in proxy.calls if c.startswith(("iam:Create", "sqs:", "iam:Delete"))]


def test_a_statement_that_fails_ends_it(session: Session, proxy: FaultProxy) -> None:
    rows_of(session, f"BEGIN; {user('ann')}")
    with pytest.raises(InvalidParameter):
        rows_of(session, "INSERT INTO aws.kms.keys (KeyUsage) VALUES ('None')")
    assert session.transaction_status == "failed"
    with pytest.raises(TransactionAborted):
        rows_of(session, user("bob"))
    (result,) = session.run("COMMIT")
    assert (result.verb, result.exit_status) == ("ROLLBACK", 1)
    assert proxy.calls["iam:CreateUser"] == 0
    assert session.transaction_status == "idle"


def test_reads_see_the_cloud_as_it_is(ask: Ask) -> None:
    ask(f"BEGIN; {user('ann')}")
    assert ask("SELECT UserName FROM aws.iam.users") == []


def test_returning_has_nothing_to_return(session: Session) -> None:
    with pytest.raises(NotSupportedError, match="RETURNING"):
        rows_of(session, "BEGIN; INSERT INTO aws.iam.users (UserName) VALUES ('ann') RETURNING Arn")


def test_many_found_by_reading_are_asked_for_once_at_commit(
    open_session: Open, client: Client
) -> None:
    for name in ("ann", "bob"):
        client("iam").create_user(UserName=name)
    careful = open_session()
    rows_of(careful, "BEGIN; DELETE FROM aws.iam.users WHERE true")
    with pytest.raises(ConfirmationRequired, match="2 things by 2 calls"):
        rows_of(careful, "COMMIT")
    assert names(client) == ["ann", "bob"]
    seen: list[Any] = []

    def agree(rows: Any) -> bool:
        seen.extend(rows.rows())
        return True

    asked = open_session(options=WriteOptions(confirm=agree))
    rows_of(asked, f"BEGIN; DELETE FROM aws.iam.users WHERE true; {user('chen')} COMMIT")
    assert len(seen) == 3
    assert names(client) == ["chen"]


def test_a_dry_run_shows_the_calls_of_commit(open_session: Open, proxy: FaultProxy) -> None:
    session = open_session(options=WriteOptions(is_dry_run=True))
    shown = rows_of(session, f"BEGIN; {user('ann')} COMMIT")
    assert [r["parameters"] for r in shown] == ['{"UserName": "ann"}']
    assert proxy.calls["iam:CreateUser"] == 0


def test_nothing_is_called_without_a_journal(
    session: Session, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.folder().parent.mkdir(parents=True, exist_ok=True)
    journal.folder().write_text("in the way")
    rows_of(session, f"BEGIN; {user('ann')}")
    with pytest.raises(JournalFailed):
        rows_of(session, "COMMIT")
    assert proxy.calls["iam:CreateUser"] == 0


def test_the_journal_holds_no_secret(session: Session, proxy: FaultProxy, client: Client) -> None:
    client("iam").create_user(UserName="ann")
    kept: list[str] = []
    real = journal.TransactionJournal.remove

    def read_then_remove(self: journal.TransactionJournal) -> None:
        kept.append(self.path.read_text())
        real(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal.TransactionJournal, "remove", read_then_remove)
        rows_of(
            session,
            "BEGIN; INSERT INTO aws.secretsmanager.secrets (Name, SecretString) VALUES ('s', "
            "'canary-one');"
            "EXEC aws.iam.login_profiles.create_login_profile @UserName = 'ann', @Password = "
            "'canary-two';"
            "INSERT INTO aws.iam.access_keys (UserName) VALUES ('ann'); COMMIT",
        )
    (text,) = kept
    assert "canary" not in text
    assert "CreateAccessKey" in text
    assert (
        client("iam").list_access_keys(UserName="ann")["AccessKeyMetadata"][0]["AccessKeyId"]
        in text
    )


def test_a_lost_answer_is_looked_up_within_it(ask: Ask, proxy: FaultProxy, client: Client) -> None:
    proxy.faults = Faults(only=frozenset({"iam:CreateUser"}), most=1, reset_after=1.0)
    done = ask(f"BEGIN; {user('ann')} DELETE FROM aws.iam.users WHERE UserName = 'nobody'; COMMIT")
    assert [r["status"] for r in done] == ["undone", "failed"]
    assert names(client) == []


def test_an_undo_whose_answer_is_lost_is_looked_up_too(
    ask: Ask, proxy: FaultProxy, client: Client
) -> None:
    proxy.faults = Faults(only=frozenset({"iam:DeleteUser"}), most=1, reset_after=1.0)
    client("iam").create_user(UserName="taken")
    done = ask(f"BEGIN; {user('ann')} {user('taken')} COMMIT")
    assert [r["status"] for r in done] == ["undone", "failed"]
    assert names(client) == ["taken"]


def test_an_interrupted_commit_is_looked_up_and_undone(
    session: Session, proxy: FaultProxy, client: Client
) -> None:
    client("iam").create_group(GroupName="g")
    rows_of(session, f"BEGIN; {user('ann')}")
    rows_of(
        session,
        "EXEC aws.iam.groups_for_users.add_user_to_group @UserName = 'ann', @GroupName = 'g'",
    )
    proxy.hold = ("iam:AddUserToGroup", 1, "after")

    def interrupt() -> None:
        assert proxy.is_held.wait(30)
        session.cancel()

    thread = threading.Thread(target=interrupt)
    thread.start()
    (result,) = session.run("COMMIT")
    thread.join()
    assert [r["status"] for r in result.table().to_pylist()] == ["undone", "undone"]
    assert names(client) == []
    assert journal.journals() == []


def test_await_waits_before_the_next_step(ask: Ask, proxy: FaultProxy, client: Client) -> None:
    table = (
        "INSERT /*+ AWAIT */ INTO aws.dynamodb.tables (TableName, KeySchema, AttributeDefinitions, "
        "BillingMode) VALUES ('t', [{'AttributeName': 'k', 'KeyType': 'HASH'}], "
        "[{'AttributeName': 'k', 'AttributeType': 'S'}], 'PAY_PER_REQUEST')"
    )
    done = ask(f"BEGIN; {table}; {user('ann')} COMMIT")
    assert [r["status"] for r in done] == ["done", "done"]
    order = [
        name for _, name, _ in proxy.log if name in ("dynamodb:DescribeTable", "iam:CreateUser")
    ]
    # Before it was made, and once it was.
    assert order == ["dynamodb:DescribeTable", "dynamodb:DescribeTable", "iam:CreateUser"]


def test_what_the_policy_forbids_is_not_done_to_undo_either(
    open_session: Open, proxy: FaultProxy, client: Client
) -> None:
    client("iam").create_user(UserName="taken")
    allowed = Rule("aws.iam.*:*", ("aws", "iam", "*", "*"), frozenset({"insert", "select"}))
    session = open_session(options=WriteOptions(assume_yes=True), policy=Policy(allow=(allowed,)))
    rows_of(session, f"BEGIN; {user('ann')} {user('taken')}")
    told = rows_of(session, "EXPLAIN COMMIT")
    assert told[0]["undo"] == "cannot be undone: the policy does not allow iam:DeleteUser"
    assert [r["status"] for r in rows_of(session, "COMMIT")] == ["not undone", "failed"]
    assert proxy.calls["iam:DeleteUser"] == 0


def test_every_call_of_a_transaction_is_in_the_audit_log(ask: Ask, client: Client) -> None:
    client("iam").create_user(UserName="taken")
    ask(f"BEGIN; {user('ann')} {user('taken')} COMMIT")
    lines = [json.loads(line) for line in default_path().read_text().splitlines()]
    told = [(r["operation"], r["target"]) for r in lines if r["event"] == "intent"]
    assert told == [
        ("iam:CreateUser", "UserName=ann"),
        ("iam:CreateUser", "UserName=taken"),
        ("iam:DeleteUser", "UserName=ann"),
    ]
    assert [r["result"] for r in lines if r["event"] == "result"] == ["done", "failed", "done"]


def test_autocommit_needs_no_end(session: Session) -> None:
    results = [(r.verb, list(r.notices)) for r in session.run("COMMIT; ROLLBACK")]
    assert results == [
        ("COMMIT", ["no transaction is open"]),
        ("ROLLBACK", ["no transaction is open"]),
    ]
