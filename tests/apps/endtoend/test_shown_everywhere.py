"""Over every interface: one thing that was found rather
than named is shown before it is written."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest
from IPython.core.interactiveshell import InteractiveShell

import cirrusql
from cirrusql.apps.cli.main import run
from cirrusql.apps.mcp.tools import Tools
from cirrusql.apps.srv.server_options import ServerOptions
from cirrusql.catalog.catalog import Catalog
from cirrusql.errors import Error
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from tests.apps.srv.conftest import running
from tests.support.fault_proxy import FaultProxy, Faults
from tests.support.terminal import spawn_on_terminal

FOUND = "DELETE FROM aws.iam.users WHERE Path = '/old/'"
BY_EXEC = (
    "EXEC aws.iam.users.delete_user @UserName = (SELECT UserName FROM aws.iam.users WHERE "
    "Path = '/old/')"
)
NAMED = "DELETE FROM aws.iam.users WHERE UserName = 'ann'"
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b\][^\x07]*\x07|\r")
SHOWN = "iam:DeleteUser  UserName=ann  [deletes]"


class Services(BotocoreSource):
    """The services that the statements name."""

    def ids(self) -> list[str]:
        return ["iam", "sts"]


@pytest.fixture(autouse=True)
def account(
    hermetic: Path, proxy: FaultProxy, client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One user under /old/; the environment leads there."""
    client("iam").create_user(UserName="ann", Path="/old/")
    proxy.reset()
    monkeypatch.setenv("CIRRUSQL_SANDBOX", "on")
    monkeypatch.setenv("CIRRUSQL_ENDPOINT_URL", proxy.url)
    monkeypatch.setenv("CIRRUSQL_REGION", "us-east-1")


@pytest.mark.parametrize("sql", [FOUND, BY_EXEC, f"BEGIN; {FOUND}; COMMIT"])
@pytest.mark.parametrize("flags", [[], ["--yes"]])
def test_exec(
    sql: str, flags: list[str], proxy: FaultProxy, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["exec", sql, *flags]) == 0
    assert SHOWN in capfd.readouterr().err
    assert proxy.calls["iam:DeleteUser"] == 1


def test_exec_says_nothing_of_what_is_named(
    proxy: FaultProxy, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["exec", NAMED]) == 0
    assert "DeleteUser" not in capfd.readouterr().err
    assert proxy.calls["iam:DeleteUser"] == 1


def test_exec_shows_it_before_it_is_written(
    proxy: FaultProxy, capfd: pytest.CaptureFixture[str]
) -> None:
    """The write fails, and what was to be written has been said all the same,
    ahead of the error."""
    proxy.faults = Faults(deny=frozenset({"iam:DeleteUser"}))
    assert run(["exec", FOUND]) == 1
    assert SHOWN in capfd.readouterr().err


@pytest.mark.parametrize(("sql", "is_shown"), [(FOUND, True), (BY_EXEC, True), (NAMED, False)])
def test_the_shell(sql: str, is_shown: bool, proxy: FaultProxy) -> None:
    environ = os.environ | {"TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1", "PAGER": "cat"}
    command = ["-m", "cirrusql", "shell"]
    shell = pexpect.spawn(
        sys.executable, command, env=environ, encoding="utf-8", dimensions=(40, 100), timeout=100
    )
    try:
        shell.expect_exact("cirrusql>")
        shell.send(f"{sql};\r")
        shell.send("SELECT 'the ' || 'end';\r")
        shell.expect_exact("the end")
    finally:
        shell.close(force=True)
    assert (SHOWN in _ESCAPES.sub("", shell.before or "")) is is_shown
    assert proxy.calls["iam:DeleteUser"] == 1


class Kept(logging.Handler):
    """The log records, with the calls made by then."""

    def __init__(self, proxy: FaultProxy) -> None:
        super().__init__()
        self.told: list[str] = []
        self.before: list[int] = []
        self._proxy = proxy

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())
        self.before.append(self._proxy.calls["iam:DeleteUser"])


@pytest.fixture
def kept(proxy: FaultProxy) -> Iterator[Kept]:
    handler = Kept(proxy)
    log = logging.getLogger("cirrusql")
    log.addHandler(handler)
    yield handler
    log.removeHandler(handler)


@pytest.mark.parametrize("way", ["sql", "cursor", "asql", "transaction"])
def test_python(way: str, kept: Kept, proxy: FaultProxy) -> None:
    with cirrusql.connect() as con:
        if way == "sql":
            con.sql(FOUND)
        elif way == "cursor":
            con.cursor().execute(BY_EXEC)
        elif way == "asql":
            asyncio.run(con.asql(FOUND))
        else:
            with con.transaction():
                con.sql(FOUND)
    assert [SHOWN in told for told in kept.told] == [True]
    assert kept.before == [0]
    assert proxy.calls["iam:DeleteUser"] == 1


def test_python_says_nothing_of_what_is_named(kept: Kept, proxy: FaultProxy) -> None:
    with cirrusql.connect() as con:
        con.sql(NAMED)
    assert not kept.told
    assert proxy.calls["iam:DeleteUser"] == 1


def test_a_program_that_sets_up_no_log_has_it_on_standard_error() -> None:
    code = f"import cirrusql; cirrusql.connect().sql({FOUND!r})"
    process = pexpect.spawn(
        sys.executable, ["-c", code], env=dict(os.environ), encoding="utf-8", timeout=60
    )
    process.expect(pexpect.EOF)
    assert SHOWN in (process.before or "")


def test_a_notebook(kept: Kept, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    make: Any = InteractiveShell
    notebook = make()
    notebook.run_line_magic("load_ext", "cirrusql")
    try:
        notebook.run_cell_magic("cirrusql", "", FOUND)
    finally:
        notebook.run_line_magic("unload_ext", "cirrusql")
        notebook._atexit_once()
    assert [SHOWN in told for told in kept.told] == [True]
    assert kept.before == [0]


@pytest.mark.parametrize("sql", [FOUND, BY_EXEC, f"BEGIN; {FOUND}; COMMIT"])
def test_a_client_of_the_server(sql: str, proxy: FaultProxy) -> None:
    """It gets the notice while the write is still blocked."""
    told: list[tuple[str, str, int]] = []
    proxy.faults = Faults(only=frozenset({"iam:DeleteUser"}), latency=1.0)
    options = ServerOptions(port=0, authentication="trust", allows_writes=True, grace=0.5)
    with running(options, proxy.url) as server, server.connect() as connection:
        connection.add_notice_handler(
            lambda d: told.append(
                (
                    d.severity_nonlocalized or "",
                    d.message_primary or "",
                    proxy.passed["iam:DeleteUser"],
                )
            )
        )
        started = time.monotonic()
        connection.execute(sql)
        assert time.monotonic() - started >= 1.0
    assert ("NOTICE", SHOWN, 0) in told
    assert proxy.passed["iam:DeleteUser"] == 1


def test_a_client_of_the_server_hears_nothing_of_what_is_named(proxy: FaultProxy) -> None:
    told: list[str] = []
    options = ServerOptions(port=0, authentication="trust", allows_writes=True, grace=0.5)
    with running(options, proxy.url) as server, server.connect() as connection:
        connection.add_notice_handler(lambda d: told.append(d.message_primary or ""))
        connection.execute("DELETE FROM aws.iam.users WHERE UserName = %s", ["ann"])
    assert not told
    assert proxy.calls["iam:DeleteUser"] == 1


def test_an_agent_is_shown_every_write_and_can_run_no_other(proxy: FaultProxy) -> None:
    with Session(
        Settings(endpoint_url=proxy.url, sandbox=True, region="us-east-1"),
        os.environ,
        catalog=Catalog([Services()]),
    ) as session:
        tools = Tools(session, allows_writes=True)
        for sql in (FOUND, BY_EXEC, NAMED):
            with pytest.raises(Error):
                tools.query(sql, None, None)
            assert [c.target for c in tools.preview(sql, None).calls] == ["UserName=ann"]
        assert not proxy.calls["iam:DeleteUser"]
        tools.close()


def test_on_a_narrow_terminal_nothing_of_the_question_is_cut(
    proxy: FaultProxy, client: Callable[..., Any]
) -> None:
    old, new = ("before " * 30).strip(), ("after " * 30).strip()
    for name in ("a", "b"):
        client("iam").create_role(
            RoleName=name, AssumeRolePolicyDocument="{}", Description=old, Path="/x/"
        )
    sql = f"UPDATE aws.iam.roles SET Description = '{new}' WHERE Path = '/x/'"
    command = ["-m", "cirrusql", "exec", "--no-progress", sql]
    process = spawn_on_terminal(command, os.environ, columns=60, timeout=100)
    process.expect_exact("write 2 things?")
    shown = _ESCAPES.sub("", process.before or "")
    process.sendline("no")
    process.expect(pexpect.EOF)
    assert max(map(len, shown.splitlines())) <= 60
    assert " ".join(shown.split()).count(f"Description: {old} → {new}") == 2
    assert not proxy.calls["iam:UpdateRole"]
