"""The audit log: each write call is logged before it is made, and its outcome after."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cirrusql.errors import AuditFailed
from cirrusql.execution.audit.audit import open_audit
from cirrusql.execution.audit.audit_sinks import OLD_FILES, File, default_path
from cirrusql.execution.writes.write_runner import WriteOptions
from cirrusql.session.session import Session
from tests.session.conftest import rows_of
from tests.support.fault_proxy import FaultProxy

Open = Callable[..., Session]
YES = WriteOptions(assume_yes=True)


def records(path: Path | None = None) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (path or default_path()).read_text("utf-8").splitlines()]


def test_a_call_is_written_down_before_and_after(session: Session) -> None:
    rows_of(session, "INSERT INTO aws.iam.users (UserName, Path) VALUES ('ann', '/')")
    intent, result = records()
    assert (intent["event"], intent["operation"], intent["target"]) == (
        "intent", "iam:CreateUser", "UserName=ann",
    )  # fmt: skip
    assert intent["parameters"] == {"UserName": "ann", "Path": "/"}
    assert intent["who"]["account"] == intent["account"] == "123456789012"
    assert intent["who"]["arn"].startswith("arn:aws:")
    assert "INSERT INTO aws.iam.users" in intent["statement"]
    assert (result["event"], result["id"], result["result"]) == ("result", intent["id"], "done")
    assert result["request_id"]


def test_a_failure_has_its_code_and_request_id(session: Session) -> None:
    rows_of(session, "DELETE FROM aws.iam.users WHERE UserName = 'nobody'")
    result = records()[-1]
    assert (result["result"], result["code"]) == ("failed", "NoSuchEntity")


def test_the_caller_is_asked_for_once(session: Session, proxy: FaultProxy) -> None:
    rows_of(session, "INSERT INTO aws.iam.users (UserName) VALUES ('ann'), ('bob')")
    rows_of(session, "DELETE FROM aws.iam.users WHERE UserName = 'bob'")
    assert proxy.calls["sts:GetCallerIdentity"] == 1


def test_reads_and_dry_runs_are_not_in_it(session: Session, open_session: Open) -> None:
    rows_of(session, "SELECT * FROM aws.iam.users")
    dry = open_session(options=WriteOptions(is_dry_run=True))
    rows_of(dry, "INSERT INTO aws.iam.users (UserName) VALUES ('ann')")
    assert not default_path().exists()


def test_file_and_folder_are_the_owners_only(session: Session) -> None:
    rows_of(session, "INSERT INTO aws.iam.users (UserName) VALUES ('ann')")
    path = default_path()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_full_disk_stops_the_write_before_the_call(open_session: Open, proxy: FaultProxy) -> None:
    session = open_session(options=YES, audit="/dev/full")
    with pytest.raises(AuditFailed, match="No space left"):
        rows_of(session, "INSERT INTO aws.iam.users (UserName) VALUES ('ann'), ('bob')")
    assert proxy.calls["iam:CreateUser"] == 0


def test_a_file_that_cannot_be_written_stops_the_write(
    open_session: Open, proxy: FaultProxy, tmp_path: Path
) -> None:
    (tmp_path / "a-file").write_text("")
    session = open_session(options=YES, audit=str(tmp_path / "a-file" / "audit.jsonl"))
    with pytest.raises(AuditFailed, match="not called"):
        rows_of(session, "DELETE FROM aws.iam.users WHERE UserName = 'ann'")
    assert proxy.calls["iam:DeleteUser"] == 0


def test_a_disk_that_fills_midway_leaves_the_rest_not_run(
    session: Session, proxy: FaultProxy
) -> None:
    audit = session.executor.audit
    assert audit is not None
    session.settings = session.settings.with_set("on_error", "stop")
    real, left = audit.sink.write, iter(range(3))

    def full_after_three(line: bytes) -> None:
        if next(left, None) is None:
            raise OSError(28, "No space left on device")
        real(line)

    audit.sink.write = full_after_three  # type: ignore[method-assign]
    (result,) = session.run("INSERT INTO aws.iam.users (UserName) VALUES ('a'), ('b'), ('c')")
    told = result.table().to_pylist()
    assert [r["status"] for r in told] == ["done", "done", "not run"]
    assert "No space left" in told[2]["error"]
    assert proxy.calls["iam:CreateUser"] == 2
    assert any("could not record the result" in n for n in result.notices)


def test_secrets_are_not_in_it(session: Session, proxy: FaultProxy) -> None:
    rows_of(
        session,
        "INSERT INTO aws.secretsmanager.secrets (Name, SecretString) VALUES ('db', 'canary-' || "
        "'one')",
    )
    rows_of(session, "INSERT INTO aws.iam.users (UserName) VALUES ('ann')")
    rows_of(
        session,
        "EXEC aws.iam.login_profiles.create_login_profile @UserName = 'ann', @Password = "
        "'canary-two'",
    )
    rows_of(session, "EXEC aws.ssm.parameters.put_parameter @@json = '{\"Name\": \"p\", "
            "\"Value\": \"canary-three\", \"Type\": \"SecureString\"}'")  # fmt: skip
    text = default_path().read_text()
    assert "canary" not in text
    assert '"Name": "db"' in text
    assert "'ann'" in text


def test_what_a_service_quotes_of_a_secret_is_hidden(session: Session, proxy: FaultProxy) -> None:
    rows_of(
        session,
        "EXEC aws.iam.login_profiles.create_login_profile @UserName = 'canary-two', @Password = "
        "'canary-two'",
    )
    assert "canary-two" not in records()[-1]["message"]


def test_off_writes_nothing_and_asks_nobody(open_session: Open, proxy: FaultProxy) -> None:
    rows_of(open_session(audit="off"), "INSERT INTO aws.iam.users (UserName) VALUES ('ann')")
    assert not default_path().exists()
    assert proxy.calls == {"iam:CreateUser": 1}


def test_stderr_gets_the_lines(open_session: Open, capsys: pytest.CaptureFixture[str]) -> None:
    rows_of(open_session(audit="stderr"), "INSERT INTO aws.iam.users (UserName) VALUES ('ann')")
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == [
        "intent", "result",
    ]  # fmt: skip


def test_a_full_file_is_moved_aside_and_the_oldest_goes(tmp_path: Path) -> None:
    file = File(tmp_path / "a.jsonl", size=100)
    for number in range(OLD_FILES + 3):
        file.write(b"%d" % number + b"x" * 120 + b"\n")
    file.close()
    kept = sorted(p.name for p in tmp_path.glob("a.jsonl*") if not p.name.endswith(".lock"))
    assert kept == ["a.jsonl", *(f"a.jsonl.{n}" for n in range(1, OLD_FILES + 1))]
    assert (tmp_path / "a.jsonl").read_bytes().startswith(b"%d" % (OLD_FILES + 2))
    assert (tmp_path / "a.jsonl.1").read_bytes().startswith(b"%d" % (OLD_FILES + 1))


def test_two_writers_share_a_file_through_its_rotation(tmp_path: Path) -> None:
    one, two = (File(tmp_path / "a.jsonl", size=1000) for _ in range(2))
    for number in range(60):
        (one if number % 2 else two).write(
            json.dumps({"n": number, "x": "y" * 40}).encode() + b"\n"
        )
    one.close()
    two.close()
    files = [tmp_path / "a.jsonl", *(tmp_path / f"a.jsonl.{n}" for n in range(1, OLD_FILES + 1))]
    found = [r["n"] for f in files if f.exists() for r in records(f)]
    assert sorted(found) == list(range(60))


def test_a_torn_line_does_not_swallow_the_next(tmp_path: Path) -> None:
    file = File(tmp_path / "a.jsonl", size=1000)
    file.write(b'{"n": 1}\n')
    os.write(file._descriptor or 0, b'{"n": 2')
    file._is_torn = True
    file.write(b'{"n": 3}\n')
    file.close()
    assert (tmp_path / "a.jsonl").read_bytes().splitlines()[2] == b'{"n": 3}'


def test_a_session_cannot_turn_it_off(session: Session) -> None:
    with pytest.raises(Exception, match="audit cannot be changed in a session"):
        rows_of(session, "SET audit = 'off'")
    assert open_audit("off", 1) is None
