"""Who wrote, from where, by which way in; lines that were changed or taken out;
sinks that only take more."""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cirrusql.errors import AuditFailed, ConfigError, JournalDamaged, JournalFailed
from cirrusql.execution.audit.access import FIRST, LONGEST, AccessLog
from cirrusql.execution.audit.audit import damages, open_audit
from cirrusql.execution.audit.audit_sinks import default_path
from cirrusql.execution.audit.session_origin import SessionOrigin
from cirrusql.execution.transaction import journal
from cirrusql.execution.transaction.recovery import Recovery, all_left, find
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from tests.session.conftest import rows_of
from tests.session.test_audit import records
from tests.support.catalog import CATALOG
from tests.support.fault_proxy import FaultProxy
from tests.support.http_server import Handler, served

Open = Callable[..., Session]


def test_a_line_says_who_the_process_is_by_its_uid_and_who_the_client_is(
    proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "mallory")
    settings = Settings(endpoint_url=proxy.url, sandbox=True)
    origin = SessionOrigin("srv", "ann", "192.0.2.7")
    with Session(
        settings, os.environ, options=WriteOptions(), catalog=CATALOG, origin=origin
    ) as session:
        rows_of(session, "INSERT INTO aws.iam.users (UserName) VALUES ('ann')")
    intent, result = records()
    assert (intent["uid"], intent["user"]) == (os.getuid(), pwd.getpwuid(os.getuid()).pw_name)
    assert (intent["interface"], intent["client"]) == (
        "srv",
        {"user": "ann", "address": "192.0.2.7"},
    )
    assert (intent["n"], result["n"]) == (1, 2)


def test_lines_that_were_changed_or_taken_out_are_said(session: Session) -> None:
    rows_of(session, "INSERT INTO aws.iam.users (UserName) VALUES ('ann'), ('bob'), ('eve')")
    path = default_path()
    assert list(damages(path)) == []
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0].replace(b"ann", b"eva") + b"".join(lines[1:3] + lines[4:]))
    first, second = damages(path)
    assert "line 1" in first
    assert "1 preceding lines are missing" in second
    path.write_bytes(b"".join(lines[:2]) + b"what?\n" + b"".join(lines[2:]))
    assert list(damages(path)) == ["line 3: not valid JSON"]


def test_one_statement_does_not_fill_the_log(open_session: Open, proxy: FaultProxy) -> None:
    session = open_session(options=WriteOptions(assume_yes=True), max_writes=500)
    text = "x" * 500
    rows_of(
        session,
        f"INSERT INTO aws.iam.users (UserName, Path) SELECT 'u' || i, '/{text}/' FROM range(100) "
        "t(i)",
    )
    first, *others = [r for r in records() if r["event"] == "intent"]
    assert first["statement"].startswith("INSERT")
    assert {r["statement_of"] for r in others} == {first["id"]}
    assert all("statement" not in r for r in others)


def test_a_call_on_thousands_is_a_line_of_kilobytes_with_a_digest(open_session: Open) -> None:
    session = open_session(options=WriteOptions(assume_yes=True), max_writes=10_000)
    sql = (
        "EXEC aws.ec2.instances.terminate_instances "
        "@InstanceIds = (SELECT list(printf('i-%017d', i)) FROM range(8000) t(i))"
    )
    rows_of(session, sql)
    intent = records()[0]
    assert "sha256" in str(intent["parameters"])
    assert intent["parameters"]["names"] == ["InstanceIds"]
    assert default_path().stat().st_size < 10_000


def damaged_journal() -> journal.TransactionJournal:
    """A journal of two steps, of which a byte was changed."""
    left = journal.TransactionJournal.begin()
    left.write("begin", who={"account": "123456789012"}, endpoint=None)
    facts = {
        "table": "aws.iam.users",
        "operation": "iam:CreateUser",
        "parameters": {},
        "region": "x",
    }
    left.write("step", step=1, **facts)
    left.write("sending", step=1)
    left.write("done", step=1)
    left.close()
    left.path.write_bytes(left.path.read_bytes().replace(b'"sending"', b'"seNding"'))
    return left


def test_a_damaged_journal_is_said_and_nothing_is_undone_by_it(
    session: Session, proxy: FaultProxy
) -> None:
    left = damaged_journal()
    (shown,) = all_left()
    assert (shown.state, "line 3" in shown.damage) == ("damaged", True)
    with pytest.raises(JournalDamaged, match="line 3"):
        Recovery(find(left.id), session.transaction.means()).settle()
    assert proxy.calls == {}


@pytest.mark.parametrize("number", range(4))
def test_any_line_of_a_journal_that_is_gone_is_missed_but_the_last(number: int) -> None:
    left = damaged_journal()
    left.path.write_bytes(left.path.read_bytes().replace(b'"seNding"', b'"sending"'))
    assert len(list(journal.records(left.path))) == 4
    lines = left.path.read_bytes().splitlines(keepends=True)
    left.path.write_bytes(b"".join(lines[:number] + lines[number + 1 :]))
    if number == 3:
        assert len(list(journal.records(left.path))) == 3
    else:
        with pytest.raises(JournalDamaged):
            list(journal.records(left.path))


def test_logins_at_once_are_numbered_as_they_stand(tmp_path: Path) -> None:
    audit = open_audit(str(tmp_path / "audit"), 10**6)
    access = AccessLog(audit, "srv", "scram")

    async def at_once() -> None:
        await asyncio.gather(*(access.admitted("ann", f"192.0.2.{i}") for i in range(100)))

    asyncio.run(at_once())
    assert [r["n"] for r in records(tmp_path / "audit")] == list(range(1, 101))
    assert list(damages(tmp_path / "audit")) == []


def test_a_line_that_could_not_be_written_whole_is_no_damage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = journal.TransactionJournal.begin()
    left.write("begin", who={}, endpoint=None)
    write = os.write

    def full(descriptor: int, data: bytes) -> int:
        if descriptor != left._descriptor:
            return write(descriptor, data)
        write(descriptor, data[:10])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(JournalFailed, match="No space left"):
            left.write("step", step=1)
    left.write("rolled back")
    left.close()
    assert [r["event"] for r in journal.records(left.path)] == ["begin", "rolled back"]


def test_lines_go_to_a_descriptor_that_was_opened_for_the_process(
    open_session: Open, tmp_path: Path
) -> None:
    file = os.open(tmp_path / "audit", os.O_APPEND | os.O_CREAT | os.O_WRONLY)
    try:
        rows_of(
            open_session(audit=f"fd:{file}"), "INSERT INTO aws.iam.users (UserName) VALUES ('ann')"
        )
    finally:
        os.close(file)
    assert [r["event"] for r in records(tmp_path / "audit")] == ["intent", "result"]


def test_lines_go_to_syslog_with_their_length_before_them(
    open_session: Open, proxy: FaultProxy
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        where = f"syslog://127.0.0.1:{server.getsockname()[1]}"
        rows_of(open_session(audit=where), "INSERT INTO aws.iam.users (UserName) VALUES ('ann')")
        connection, _ = server.accept()
        with connection:
            received = connection.recv(65536)
    length, _, rest = received.partition(b" ")
    message = rest[: int(length)]
    assert message.startswith(b"<85>1 ")
    assert json.loads(message[message.index(b"{") :])["event"] == "intent"
    proxy.calls.clear()
    session = open_session(audit=where, options=WriteOptions(assume_yes=True))
    with pytest.raises(AuditFailed, match="not called"):
        rows_of(session, "INSERT INTO aws.iam.users (UserName) VALUES ('bob')")
    assert proxy.calls["iam:CreateUser"] == 0


@contextmanager
def lines_server(*statuses: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server that takes lines, and what it was sent;
    it gives each answer in turn, the last for good."""
    taken: list[dict[str, Any]] = []

    class Lines(Handler):
        def do_POST(self) -> None:
            taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(statuses[min(len(taken), len(statuses)) - 1])
            self.send_header("Content-Length", "0")
            self.end_headers()

    with served(Lines) as url:
        yield f"{url}/lines", taken


def test_lines_go_to_a_server_and_no_call_is_made_that_it_did_not_take(
    open_session: Open, proxy: FaultProxy
) -> None:
    with lines_server(204) as (url, taken):
        rows_of(open_session(audit=url), "INSERT INTO aws.iam.users (UserName) VALUES ('ann')")
    assert [line["event"] for line in taken] == ["intent", "result"]
    proxy.calls.clear()
    with (
        lines_server(503) as (url, _),
        pytest.raises(AuditFailed, match="the server returned HTTP 503"),
    ):
        rows_of(open_session(audit=url), "INSERT INTO aws.iam.users (UserName) VALUES ('bob')")
    assert proxy.calls["iam:CreateUser"] == 0


@pytest.mark.parametrize("setting", ["fd:x", "http://192.0.2.1/lines"])
def test_a_sink_that_is_none_is_an_error(setting: str) -> None:
    with pytest.raises(ConfigError, match="audit"):
        open_audit(setting, 1000)


class Clock:
    """A clock that advances only by sleeping."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_failures_of_an_address_slow_its_next_attempts_down_and_no_others(tmp_path: Path) -> None:
    audit = open_audit(str(tmp_path / "audit"), 10**6)
    clock = Clock()
    access = AccessLog(audit, "srv", "scram", clock=lambda: clock.now, sleep=clock.sleep)

    async def attempts() -> None:
        for _ in range(8):
            await access.wait("192.0.2.7")
            await access.refused("ann", "192.0.2.7", "password authentication failed")
        guessed = list(clock.slept)
        assert guessed == sorted(guessed)
        assert (guessed[0], guessed[-1]) == (FIRST, LONGEST)
        await access.wait("192.0.2.8")
        assert clock.slept == guessed
        await access.admitted("ann", "192.0.2.7")
        await access.wait("192.0.2.7")
        assert clock.slept == guessed

    asyncio.run(attempts())
    *failed, last = records(tmp_path / "audit")
    assert {r["event"] for r in failed} == {"login failed"}
    assert [r["in_a_row"] for r in failed] == [1, 2, 3, 4, 8]
    assert (last["event"], last["client"]) == ("login", {"user": "ann", "address": "192.0.2.7"})
