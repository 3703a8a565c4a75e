"""Over every interface: a write of which some failed is told in the same words and numbers, and one
that is refused says what there is to do where its user is."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

import cirrusql
from cirrusql.apps.cli.main import run
from cirrusql.apps.mcp.tools import Tools
from cirrusql.apps.srv.server_options import ServerOptions
from cirrusql.errors import AccessDenied, CallFailed
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from tests.apps.srv.conftest import running
from tests.support.fault_proxy import FaultProxy

INSERT = "INSERT INTO aws.iam.users (UserName) VALUES ('ann'), ('bob'), ('cid'), ('dan')"
STOP = "SET on_error = 'stop'"
TOLD = "INSERT: 1 done, 1 failed, 2 not run"
DELETE = "DELETE FROM aws.iam.users WHERE UserName LIKE '%n%'"
OPEN = ServerOptions(port=0, authentication="trust", allows_writes=True, grace=0.5)


@pytest.fixture
def settings(
    hermetic: Path, proxy: FaultProxy, client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Of an account with bob in it, of whom there can be no second; what fails stops the rest."""
    client("iam").create_user(UserName="bob")
    proxy.reset()
    monkeypatch.setenv("CIRRUSQL_SANDBOX", "on")
    monkeypatch.setenv("CIRRUSQL_ENDPOINT_URL", proxy.url)
    monkeypatch.setenv("CIRRUSQL_REGION", "us-east-1")
    return Settings(endpoint_url=proxy.url, sandbox=True, region="us-east-1", on_error="stop")


def test_exec_tells_it(settings: Settings, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["exec", f"{STOP}; {INSERT}", "-o", "jsonl"]) == 1
    told = capfd.readouterr()
    assert f"notice: {TOLD}" in told.err
    assert re.findall(r'"status":"([\w ]+)"', told.out) == ["done", "failed", "not run", "not run"]


def test_python_tells_it(settings: Settings) -> None:
    with cirrusql.connect() as con:
        with pytest.raises(cirrusql.WriteFailed, match=TOLD) as caught:
            con.sql(f"{STOP}; {INSERT}")
        error = caught.value
        assert (error.done, error.failed, error.unknown, error.not_run) == (1, 1, 0, 2)
        assert isinstance(error.__cause__, CallFailed)
        assert error.__cause__.code == "EntityAlreadyExists"


def test_the_server_tells_it(settings: Settings, proxy: FaultProxy) -> None:
    with (
        running(OPEN, proxy.url, on_error="stop") as server,
        server.connect() as connection,
        pytest.raises(psycopg.Error, match=TOLD) as caught,
    ):
        connection.execute(INSERT)
    assert caught.value.sqlstate == CallFailed.sqlstate
    assert str(caught.value.diag.message_detail).count("not run") == 2


def test_mcp_tells_it(settings: Settings) -> None:
    with Session(settings, {}) as session:
        tools = Tools(session, allows_writes=True)
        token = tools.preview(INSERT, None).token
        assert token is not None
        found = tools.write(token)
        assert f"INSERT: {found.summary}" == TOLD
        assert (found.done, found.failed, found.unknown, found.not_run) == (1, 1, 0, 2)
        tools.close()


def test_a_commit_tells_it_too(settings: Settings, proxy: FaultProxy) -> None:
    with cirrusql.connect() as con:
        con.begin()
        con.sql(INSERT)
        with pytest.raises(
            cirrusql.WriteFailed, match="0 done, 1 failed, 2 not run, 1 undone"
        ) as e:
            con.commit()
        assert (e.value.done, e.value.failed, e.value.not_run) == (0, 1, 2)


@pytest.fixture
def several(settings: Settings, client: Callable[..., Any]) -> None:
    """Two users that the statement finds without naming them."""
    for name in ("ann", "jan"):
        client("iam").create_user(UserName=name)


@pytest.mark.usefixtures("several")
def test_each_interface_says_how_it_is_told_yes(
    settings: Settings, proxy: FaultProxy, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["exec", DELETE]) == 2
    assert "--dry-run shows them, --yes makes them" in capfd.readouterr().err
    with cirrusql.connect() as con, pytest.raises(cirrusql.Error) as caught:
        con.sql(DELETE)
    assert caught.value.hint is not None
    assert "connect(yes=True) makes them" in caught.value.hint
    with (
        running(OPEN, proxy.url) as server,
        server.connect() as connection,
        pytest.raises(psycopg.errors.CardinalityViolation) as refused,
    ):
        connection.execute(DELETE)
    hint = str(refused.value.diag.message_hint)
    assert "name each thing by its key" in hint
    assert "--" not in hint
    with running(OPEN, proxy.url) as server, server.connect() as connection:
        # What the hint says is accepted.
        connection.execute("DELETE FROM iam.users WHERE \"UserName\" IN ('ann', 'jan')")


def test_each_interface_says_how_a_value_is_given(
    settings: Settings, proxy: FaultProxy, capfd: pytest.CaptureFixture[str]
) -> None:
    sql = "SELECT UserName FROM aws.iam.users WHERE UserName = $u AND Path = $p"
    assert run(["exec", sql]) == 2
    assert "hint: --var u=VALUE; --var p=VALUE\n" in capfd.readouterr().err
    with cirrusql.connect() as con, pytest.raises(cirrusql.Error) as caught:
        con.sql(sql)
    assert '{"u": …}' in (caught.value.hint or "")
    with Session(settings, {}) as session:
        tools = Tools(session, allows_writes=False)
        with pytest.raises(cirrusql.Error) as told:
            tools.query(sql, None, None)
        assert 'parameters: {"u": …}' in (told.value.hint or "")
        tools.close()
    assert proxy.calls == {}


@pytest.mark.usefixtures("several")
def test_a_refused_commit_of_the_server_names_no_flag(
    settings: Settings, proxy: FaultProxy
) -> None:
    with running(OPEN, proxy.url) as server, psycopg.connect(server.dsn()) as connection:
        connection.execute(DELETE)
        with pytest.raises(psycopg.errors.CardinalityViolation) as refused:
            connection.commit()
    assert "EXPLAIN COMMIT shows them" in str(refused.value.diag.message_hint)
    assert "--" not in str(refused.value)


def test_a_call_that_is_denied_is_insufficient_privilege_over_the_server(
    settings: Settings, proxy: FaultProxy
) -> None:
    proxy.denied = frozenset({"iam:CreateUser"})
    with (
        running(OPEN, proxy.url) as server,
        server.connect() as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="1 failed"),
    ):
        connection.execute("INSERT INTO aws.iam.users (UserName) VALUES ('zoe')")
    assert psycopg.errors.InsufficientPrivilege.sqlstate == AccessDenied.sqlstate


SOURCE = Path(cirrusql.__file__).parent
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
FLAGS_OF_COMMANDS = ("apps/cli/", "apps/sandbox/", "apps/docs/")
MAY_NAME_FLAGS = {
    "apps/shell/shell.py",
    "apps/shell/named_queries.py",  # describes a script
    "apps/srv/server_options.py",  # for whoever starts the server
    "apps/srv/listener.py",
    "apps/srv/auth/users.py",
    "apps/mcp/http_server.py",
    "apps/mcp/tools.py",
    "apps/python/sandbox_process.py",  # starts a process
    "apps/python/magic.py",  # has an option of that name
    "providers/aws/advice.py",  # of the AWS CLI
    "sql/kinds/foreign_statements.py",  # for users of other command lines
    "execution/transaction/recovery.py",  # for the command recover
    # For the command stack; from Python, its options have the same names.
    "stacks/evaluation/nodes.py",
    "stacks/output/report_text.py",
    "stacks/plan_file.py",
    "stacks/planning/row_changes.py",
    "stacks/stack.py",
    "stacks/state/lock.py",
    "stacks/state/remote.py",
    "execution/writes/write_options.py",  # where each interface's own words stand
}


def _told(path: Path) -> list[str]:
    """The strings of a module that are not docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    aside = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    found = (n for n in ast.walk(tree) if isinstance(n, ast.Constant) and id(n) not in aside)
    return [n.value for n in found if isinstance(n.value, str)]


def test_no_message_that_every_interface_shows_names_a_flag_of_the_command_line() -> None:
    named = {
        path.relative_to(SOURCE).as_posix(): text
        for path in SOURCE.rglob("*.py")
        for text in _told(path)
        if FLAG.search(text)
    }
    others = {p: t for p, t in named.items() if not p.startswith(FLAGS_OF_COMMANDS)}
    assert {p: t for p, t in others.items() if p not in MAY_NAME_FLAGS} == {}
