"""``cirrusql exec`` on a terminal: it asks before many writes, and shows progress."""

from __future__ import annotations

import os
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

import pexpect
import pytest

from cirrusql.apps.sandbox.sandbox import without_aws
from tests.apps.endtoend.conftest import in_a_process
from tests.support.http_server import Handler, served
from tests.support.terminal import spawn_on_terminal


def on_a_terminal(endpoint: str, *arguments: str) -> pexpect.spawn:
    environ = without_aws(os.environ) | {
        "TERM": "xterm",
        "CIRRUSQL_SANDBOX": "on",
        "CIRRUSQL_ENDPOINT_URL": endpoint,
    }
    command = ["-m", "cirrusql", "exec", *arguments]
    return spawn_on_terminal(command, environ)


def groups_left(endpoint: str) -> str:
    sql = "SELECT count(*) FROM aws.iam.groups"
    environ = {"CIRRUSQL_SANDBOX": "on", "CIRRUSQL_ENDPOINT_URL": endpoint}
    return in_a_process("exec", "-H", "-o", "csv", sql, **environ).stdout.strip()


@pytest.mark.parametrize(
    ("answer", "status", "left"), [("no", 2, "2"), ("", 2, "2"), ("yes", 0, "0")]
)
def test_a_delete_of_many_is_shown_and_asks(
    empty: str, answer: str, status: int, left: str
) -> None:
    environ = {"CIRRUSQL_SANDBOX": "on", "CIRRUSQL_ENDPOINT_URL": empty}
    in_a_process("exec", "INSERT INTO aws.iam.groups (GroupName) VALUES ('a'), ('b')", **environ)
    process = on_a_terminal(empty, "DELETE FROM aws.iam.groups WHERE GroupName IN "
                            "(SELECT GroupName FROM aws.iam.groups)")  # fmt: skip
    process.expect_exact("write 2 things?")
    assert "iam:DeleteGroup" in process.before
    process.sendline(answer)
    process.expect(pexpect.EOF)
    process.close()
    assert (process.exitstatus, groups_left(empty)) == (status, left)


@dataclass
class Slow:
    """An endpoint that holds every answer back until it is let go."""

    url: str
    go: threading.Event


@pytest.fixture
def slow(company: str) -> Iterator[Slow]:
    go = threading.Event()

    class Proxy(Handler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            go.wait(30)
            request = urllib.request.Request(company + self.path, body, dict(self.headers))
            with urllib.request.urlopen(request) as response:
                answer = response.read()
            self.send_response(200)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    with served(Proxy) as url:
        yield Slow(url, go)
        go.set()


SQL = "SELECT UserName FROM aws.iam.users WHERE UserName = 'dara'"


def test_progress_is_shown_while_one_waits_and_gone_before_the_rows(slow: Slow) -> None:
    process = on_a_terminal(slow.url, "-o", "csv", SQL)
    process.expect(r"\d+ calls")
    slow.go.set()
    process.expect_exact("\r\x1b[KUserName")
    process.expect_exact("dara")
    process.expect(pexpect.EOF)


def test_no_progress_shows_none(slow: Slow) -> None:
    process = on_a_terminal(slow.url, "-o", "csv", "--no-progress", SQL)
    process.expect(pexpect.TIMEOUT, timeout=2)
    assert process.before == ""
    slow.go.set()
    process.expect_exact("dara")
    process.expect(pexpect.EOF)
