"""No SQL route leads to credentials: every attempt fails, over every interface."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

import cirrusql as library
from cirrusql.apps.mcp.tools import Tools
from cirrusql.apps.sandbox.sandbox import without_aws
from cirrusql.apps.srv.server_options import ServerOptions
from cirrusql.catalog.catalog import Catalog
from cirrusql.errors import Error
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from tests.apps.endtoend.conftest import Cirrusql
from tests.apps.endtoend.test_shell import Terminal
from tests.apps.srv.conftest import running
from tests.fuzz.bypasses import MINTING, STORED, attempts
from tests.session.test_policy import policy
from tests.support.fault_proxy import FaultProxy

CANARY = "canary-5d41402abc4b"
FORBIDDEN = {
    "sts:GetSessionToken",
    "kms:Decrypt",
    "secretsmanager:GetSecretValue",
    "secretsmanager:BatchGetSecretValue",
}


class Services(BotocoreSource):
    """The services that the statements name."""

    def ids(self) -> list[str]:
        return ["iam", "kms", "lambda", "s3", "secretsmanager", "ssm", "sts"]


CATALOG = Catalog([Services()])


@pytest.fixture
def settings(proxy: FaultProxy, client: Callable[..., Any]) -> Settings:
    """Those of a session in an account that keeps a secret and has a user."""
    client("secretsmanager").create_secret(Name="db", SecretString=CANARY)
    client("ssm").put_parameter(Name="p", Value=CANARY, Type="SecureString")
    client("iam").create_user(UserName="ann")
    proxy.calls.clear()
    return Settings(endpoint_url=proxy.url, sandbox=True, region="us-east-1")


def check(tried: dict[str, str], proxy: FaultProxy) -> None:
    """That nothing of what came out, errors too, has what must not be seen,
    and nobody asked for it."""
    assert [sql for sql, out in tried.items() if CANARY in out or "presigned" in out.lower()] == []
    assert sorted(FORBIDDEN & set(proxy.calls)) == []
    assert len(tried) > 60


def ask(session: Session, sql: str) -> str:
    """Everything that a session outputs."""
    said = ""
    try:
        for result in session.run(sql):
            said += str(result.table().to_pylist()) + str(result.failures) + str(result.notices)
    except Error as error:
        said += str(error)
    return said + str(session.records)


def test_a_read_only_session_gives_nothing_away(
    settings: Settings, proxy: FaultProxy, tmp_path: Path
) -> None:
    tried = {}
    for sql in attempts(str(tmp_path / "out.csv")):
        with Session(replace(settings, read_only=True), os.environ, catalog=CATALOG) as session:
            tried[sql] = ask(session, sql)
    check(tried, proxy)
    assert CANARY not in "".join(f.read_text() for f in tmp_path.glob("out.csv"))


def test_a_policy_of_all_that_reads_and_executes_does_not(
    settings: Settings, proxy: FaultProxy, tmp_path: Path
) -> None:
    everything = policy(tmp_path, 'allow = ["aws.*.*:read", "aws.*.*:exec", "aws.*.*:*"]')
    guarded = replace(settings, policy=everything)
    tried = {}
    for sql in attempts(str(tmp_path / "out.csv")):
        with Session(guarded, os.environ, catalog=CATALOG) as session:
            tried[sql] = ask(session, sql)
    check(tried, proxy)


def test_exec_with_read_only_does_not(
    settings: Settings, proxy: FaultProxy, cirrusql: Cirrusql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CIRRUSQL_SANDBOX", "on")
    monkeypatch.setenv("CIRRUSQL_ENDPOINT_URL", proxy.url)
    for sql in (MINTING[0], MINTING[3], STORED[0], STORED[7], f"EXPLAIN ANALYZE {STORED[0]}"):
        done = cirrusql("exec", sql, "--read-only")
        assert CANARY not in done.out + done.err
        assert "credentials" in done.err or "stored secret" in done.err
    assert sorted(FORBIDDEN & set(proxy.calls)) == []


def test_the_shell_with_read_only_does_not(settings: Settings, proxy: FaultProxy) -> None:
    sandbox = {
        "CIRRUSQL_SANDBOX": "on",
        "CIRRUSQL_ENDPOINT_URL": proxy.url,
        "CIRRUSQL_READ_ONLY": "on",
    }
    shell = Terminal(without_aws(os.environ) | sandbox)
    shell.waits()
    for sql in (MINTING[3], STORED[0]):
        shell.process.sendline(f"{sql};")
        shell.waits("which requires a policy rule here")
        assert CANARY not in shell.waits()
    shell.process.close()
    assert sorted(FORBIDDEN & set(proxy.calls)) == []


@pytest.mark.parametrize("prepare", [False, True], ids=["simple", "prepared"])
def test_a_client_of_the_server_gets_nothing(
    settings: Settings, proxy: FaultProxy, prepare: bool
) -> None:
    options = ServerOptions(port=0, authentication="trust", allows_writes=True, grace=0.5)
    tried = {}
    with running(options, proxy.url) as server, server.connect() as connection:
        for sql in attempts():
            said = ""
            try:
                for statement in [sql] if not prepare else sql.split("; "):
                    cursor = connection.execute(statement, prepare=prepare)
                    said += str(cursor.fetchall() if cursor.description else "")
            except psycopg.Error as error:
                said += str(error)
            tried[sql] = said
        copying = f"COPY ({STORED[0]}) TO STDOUT"
        with (
            pytest.raises(psycopg.Error, match="stored secret"),
            connection.cursor() as cursor,
            cursor.copy(copying) as copy,
        ):
            tried[copying] = b"".join(bytes(block) for block in copy).decode()
    check(tried, proxy)


def test_an_agent_gets_nothing(settings: Settings, proxy: FaultProxy) -> None:
    tried = {}
    with Session(settings, os.environ, catalog=CATALOG) as session:
        mcp_tools = Tools(session, allows_writes=True)
        tools = (
            lambda s: mcp_tools.query(s, None, None),
            lambda s: mcp_tools.explain(s, None),
            tool_writes(mcp_tools),
        )
        for sql in attempts():
            said = ""
            for tool in tools:
                try:
                    said += str(tool(sql))
                except Error as error:
                    said += str(error)
            tried[sql] = said
        mcp_tools.close()
    check(tried, proxy)


def tool_writes(mcp_tools: Tools) -> Callable[[str], object]:
    """Shows a write to an agent, and has it made."""

    def tool(sql: str) -> object:
        preview = mcp_tools.preview(sql, None)
        return preview if preview.token is None else (preview, mcp_tools.write(preview.token))

    return tool


def test_python_with_read_only_gives_nothing_away(settings: Settings, proxy: FaultProxy) -> None:
    tried = {}
    with library.connect(endpoint_url=proxy.url, sandbox=True, read_only=True) as con:
        for sql in attempts():
            try:
                tried[sql] = str(con.sql(sql).fetchall())
            except Error as error:
                tried[sql] = str(error)
            with con.cursor() as cursor:
                try:
                    cursor.execute(sql)
                    tried[sql] += str(cursor.fetchall())
                except library.Error as error:
                    tried[sql] += str(error)
    check(tried, proxy)


def test_the_same_readings_do_give_it_to_who_runs_them_himself(settings: Settings) -> None:
    """The tests above can fail: nothing but the guard stands between."""
    with Session(settings, os.environ, catalog=CATALOG) as session:
        for sql in (*STORED[:4], *STORED[6:10], STORED[11]):
            assert CANARY in ask(session, sql).lower(), sql
