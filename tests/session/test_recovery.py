"""A transaction killed at every step: what it did is found exactly, and undone.

The commands of docs/transactions.md are among them.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.errors import ConfigError, ProgrammingError
from cirrusql.execution.transaction import journal
from cirrusql.execution.transaction.recovery import (
    JournaledTransaction,
    Recovery,
    all_left,
    find,
    forget,
)
from cirrusql.session.session import Session
from tests.session.conftest import rows_of
from tests.support.fault_proxy import FaultProxy

Open = Callable[..., Session]
Client = Callable[..., Any]

POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
SCRIPT = f"""
BEGIN;
INSERT INTO aws.iam.users (UserName) VALUES ('ann');
EXEC aws.iam.groups_for_users.add_user_to_group @UserName = 'ann', @GroupName = 'g';
REPLACE INTO aws.iam.user_policies (UserName, PolicyName, PolicyDocument) VALUES ('bob', 'p', '{POLICY}');
INSERT INTO aws.iam.users (UserName) VALUES ('bob');
COMMIT;
"""  # noqa: E501
"""The last step fails: bob is there already. So the three before it are undone, the last first."""

POINTS = [
    ("iam:CreateUser", 1, "before"),
    ("iam:CreateUser", 1, "after"),
    ("iam:ListGroupsForUser", 1, "before"),
    ("iam:AddUserToGroup", 1, "before"),
    ("iam:AddUserToGroup", 1, "after"),
    ("iam:GetUserPolicy", 1, "after"),
    ("iam:PutUserPolicy", 1, "before"),
    ("iam:PutUserPolicy", 1, "after"),
    ("iam:CreateUser", 2, "before"),
    ("iam:CreateUser", 2, "after"),
    ("iam:DeleteUserPolicy", 1, "before"),
    ("iam:DeleteUserPolicy", 1, "after"),
    ("iam:RemoveUserFromGroup", 1, "before"),
    ("iam:RemoveUserFromGroup", 1, "after"),
    ("iam:DeleteUser", 1, "before"),
    ("iam:DeleteUser", 1, "after"),
]


@pytest.fixture
def company(client: Client) -> Any:
    iam = client("iam")
    iam.create_user(UserName="bob")
    iam.create_group(GroupName="g")
    return iam


def killed_at(proxy: FaultProxy, point: tuple[str, int, str], script: str = SCRIPT) -> None:
    """Run the script by the command line and kill it as it waits for that call."""
    operation, number, when = point
    proxy.is_held.clear()
    proxy.hold = (operation, proxy.calls[operation] + number, when)
    command = [
        sys.executable,
        "-m",
        "cirrusql",
        "exec",
        "--sandbox",
        "-y",
        "--endpoint-url",
        proxy.url,
    ]
    with subprocess.Popen(
        [*command, script], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        was_held = proxy.is_held.wait(60)
        os.kill(process.pid, signal.SIGKILL)
        assert process.stderr is not None
        assert was_held, process.stderr.read()
    proxy.hold = None


def there(iam: Any) -> dict[str, bool]:
    """Which of the three things exist in the cloud."""
    users = {u["UserName"] for u in iam.list_users()["Users"]}
    members = {u["UserName"] for u in iam.get_group(GroupName="g")["Users"]}
    policies = iam.list_user_policies(UserName="bob")["PolicyNames"]
    return {"1": "ann" in users, "2": "ann" in members, "3": policies == ["p"]}


def settled(session: Session) -> Recovery:
    (left,) = all_left()
    recovery = Recovery(left, session.transaction.means())
    recovery.settle()
    return recovery


@pytest.mark.parametrize("point", POINTS, ids=lambda p: f"{p[0]}-{p[1]}-{p[2]}")
def test_the_exact_state_is_found_and_undone(
    point: tuple[str, int, str], session: Session, proxy: FaultProxy, company: Any
) -> None:
    killed_at(proxy, point)
    recovery = settled(session)
    statuses = [s.status for s in recovery.steps]
    assert {str(n): status == "done" for n, status in enumerate(statuses[:3], 1)} == there(company)
    assert "unknown" not in statuses
    assert recovery.undo()
    assert all_left() == []
    assert there(company) == {"1": False, "2": False, "3": False}
    assert {u["UserName"] for u in company.list_users()["Users"]} == {"bob"}


def test_a_step_that_no_reading_knows_stays_unknown(
    session: Session, proxy: FaultProxy, company: Any
) -> None:
    killed_at(
        proxy,
        ("iam:CreateAccessKey", 1, "after"),
        "BEGIN; INSERT INTO aws.iam.access_keys (UserName) VALUES ('bob'); COMMIT",
    )
    recovery = settled(session)
    assert [(s.status, s.told) for s in recovery.steps] == [
        ("unknown", "no read operation can tell whether it was done")
    ]
    assert recovery.undo() is False
    assert [t.state for t in all_left()] == ["interrupted"]


def test_a_kill_while_undoing_is_recovered_from_too(
    session: Session, proxy: FaultProxy, company: Any
) -> None:
    killed_at(proxy, ("iam:PutUserPolicy", 1, "after"))
    (left,) = all_left()
    proxy.is_held.clear()
    proxy.hold = ("iam:RemoveUserFromGroup", proxy.calls["iam:RemoveUserFromGroup"] + 1, "after")
    command = [sys.executable, "-m", "cirrusql", "recover", "undo", "-y", left.id]
    with subprocess.Popen([*command, "--sandbox", "--endpoint-url", proxy.url]) as process:
        assert proxy.is_held.wait(60)
        process.kill()
    proxy.hold = None
    assert proxy.calls["iam:RemoveUserFromGroup"] == 1
    assert settled(session).undo()
    assert there(company) == {"1": False, "2": False, "3": False}
    assert all_left() == []


def test_the_command_line_does_what_transactions_md_says(proxy: FaultProxy, company: Any) -> None:
    killed_at(proxy, ("iam:AddUserToGroup", 1, "after"))
    (left,) = all_left()
    assert recover("list", "-o", "csv").splitlines()[1].startswith(f"{left.id},")
    here = (left.id[:8], "--sandbox", "--endpoint-url", proxy.url, "-o", "csv")
    shown = recover("show", *here)
    assert "iam:CreateUser,UserName=ann,us-east-1,done,by iam:DeleteUser" in shown
    assert "0 of" not in shown
    undone = recover("undo", "-y", *here)
    assert undone.count(",undone,") == 2
    assert there(company) == {"1": False, "2": False, "3": False}
    assert recover("list", "-o", "csv").splitlines()[1:] == []
    killed_at(proxy, ("iam:CreateUser", 1, "before"))
    (left,) = all_left()
    recover("forget", left.id)
    assert all_left() == []


def recover(*arguments: str) -> str:
    command = [sys.executable, "-m", "cirrusql", "recover", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


def test_a_running_transaction_is_left_alone(session: Session) -> None:
    running = journal.TransactionJournal.begin()
    running.write("begin", who={}, endpoint=None)
    found = find(running.id)
    assert found.state == "running"
    with pytest.raises(ProgrammingError, match="running"):
        forget(found)
    with pytest.raises(ProgrammingError, match="running"):
        Recovery(found, session.transaction.means()).undo()
    running.close()
    forget(found)
    assert all_left() == []


def test_another_account_is_refused(session: Session, proxy: FaultProxy) -> None:
    left = journal.TransactionJournal.begin()
    left.write("begin", who={"account": "999999999999"}, endpoint=proxy.url)
    left.close()
    with pytest.raises(ConfigError, match="999999999999"):
        Recovery(find(left.id), session.transaction.means()).settle()


def test_another_endpoint_is_refused(session: Session) -> None:
    left = journal.TransactionJournal.begin()
    left.write("begin", who={}, endpoint=None)
    left.close()
    with pytest.raises(ConfigError, match="endpoint"):
        Recovery(find(left.id), session.transaction.means()).settle()


def test_a_line_cut_short_is_no_line(session: Session) -> None:
    left = journal.TransactionJournal.begin()
    left.write("begin", who={}, endpoint="x")
    os.write(left._descriptor, b'{"event": "ste')
    left.close()
    again = journal.TransactionJournal.reopen(left.path)
    assert again is not None
    again.write("rolled back")
    again.close()
    assert [r["event"] for r in journal.records(left.path)] == ["begin", "rolled back"]
    assert find(left.id).state == "nothing left"


def test_secrets_that_were_changed_are_said_to_be_gone(session: Session, proxy: FaultProxy) -> None:
    rows_of(session, "INSERT INTO aws.iam.users (UserName) VALUES ('ann')")
    transaction = JournaledTransaction(journal.folder() / "x.jsonl")
    recovery = Recovery(transaction, session.transaction.means())
    facts = {"table": "aws.iam.login_profiles", "operation": "iam:UpdateLoginProfile",
             "parameters": {"UserName": "ann", "Password": journal.SECRET}}  # fmt: skip
    plan = recovery._plan(facts)
    assert "secret" in getattr(plan, "reason", "")
