"""The policy of the user's config file, enforced over every interface."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from mcp import Client, StdioServerParameters

import cirrusql
from cirrusql.apps.cli.main import run
from tests.support.fault_proxy import FaultProxy
from tests.support.terminal import spawn_on_terminal

DENIED = "SELECT UserName FROM aws.iam.access_keys WHERE UserName = 'ann'"
ALLOWED = "SELECT count(*) FROM aws.iam.users"


@pytest.fixture
def environ(hermetic: Path, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A user whose config file allows reading users, and all to ann of the server."""
    config = hermetic / "config" / "cirrusql" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(
        '[policy]\ndeny = ["aws.iam.access_keys"]\n'
        '[policy.users."*"]\nallow = ["aws.iam.users:select"]\n'
        '[policy.users.ann]\nallow = ["aws.*.*:*"]\n'
    )
    monkeypatch.setenv("CIRRUSQL_SANDBOX", "on")
    monkeypatch.setenv("CIRRUSQL_ENDPOINT_URL", proxy.url)
    monkeypatch.setenv("CIRRUSQL_REGION", "us-east-1")
    return dict(os.environ)


def test_exec_obeys_the_policy(
    environ: dict[str, str], proxy: FaultProxy, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["exec", DENIED]) == 2
    assert "the policy denies aws.iam.access_keys:select" in capfd.readouterr().err
    assert proxy.calls == {}
    assert run(["exec", ALLOWED]) == 0


def test_the_shell_obeys_the_policy(environ: dict[str, str], proxy: FaultProxy) -> None:
    shell = spawn_on_terminal(
        ["-m", "cirrusql", "shell"],
        os.environ | environ | {"TERM": "dumb", "PROMPT_TOOLKIT_NO_CPR": "1"},
    )
    try:
        shell.expect_exact("cirrusql>")
        shell.send(f"{DENIED};\r")
        shell.expect_exact("the policy denies aws.iam.access_keys:select")
    finally:
        shell.close(force=True)
    # The banner runs GetCallerIdentity.
    assert set(proxy.calls) <= {"iam:ListUsers", "sts:GetCallerIdentity"}


def test_python_obeys_the_policy(environ: dict[str, str], proxy: FaultProxy) -> None:
    with cirrusql.connect() as connection:
        with pytest.raises(cirrusql.ProgrammingError, match="the policy denies"):
            connection.sql(DENIED).fetchall()
        assert proxy.calls == {}
        assert connection.sql(ALLOWED).fetchall() == [(0,)]


def test_agents_obey_the_policy(environ: dict[str, str], proxy: FaultProxy) -> None:
    parameters = StdioServerParameters(
        command=sys.executable, args=["-m", "cirrusql", "mcp", "--allow-writes"], env=environ
    )

    async def ask() -> list[Any]:
        async with Client(parameters) as client:
            tools = [
                ("run_query", DENIED),
                ("preview_write", "DELETE FROM aws.iam.access_keys WHERE true"),
            ]
            return [await client.call_tool(tool, {"sql": sql}) for tool, sql in tools]

    for answer in asyncio.run(ask()):
        assert answer.is_error
        assert "the policy denies aws.iam.access_keys" in answer.content[0].text
    assert proxy.calls == {}


def test_clients_of_the_server_obey_the_policy_of_their_user(
    environ: dict[str, str], proxy: FaultProxy
) -> None:
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "cirrusql",
            "srv",
            "--port",
            "0",
            "--auth",
            "trust",
            "--allow-writes",
        ],
        env=environ,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        found = None
        while found is None:
            found = re.search(r"listening on ([\d.]+):(\d+)", process.stderr.readline())
        dsn = f"host={found[1]} port={found[2]} dbname=aws"
        with psycopg.connect(dsn, user="bob", autocommit=True) as bob:
            with pytest.raises(psycopg.Error, match="the policy denies"):
                bob.execute(DENIED.replace("'ann'", "%s"), ["ann"])
            with pytest.raises(psycopg.Error, match=r"does not allow aws\.iam\.users:insert"):
                bob.execute("INSERT INTO aws.iam.users (UserName) VALUES ('eve')")
            assert proxy.calls == {}
            assert bob.execute(ALLOWED).fetchone() == (0,)
        with psycopg.connect(dsn, user="ann", autocommit=True) as ann:
            ann.execute("INSERT INTO aws.iam.users (UserName) VALUES ('eve')")
            with pytest.raises(psycopg.Error, match="the policy denies"):
                ann.execute(DENIED)
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def test_a_config_file_that_cannot_be_read_stops_every_way_in(
    environ: dict[str, str], hermetic: Path, proxy: FaultProxy
) -> None:
    config = hermetic / "config" / "cirrusql" / "config.toml"
    config.unlink()
    config.mkdir()
    assert [run([command]) for command in ("exec", "shell", "srv", "mcp")] == [2, 2, 2, 2]
    with pytest.raises(cirrusql.Error, match="cannot read the config file"):
        cirrusql.connect()
    assert proxy.calls == {}
