"""Over every interface: what a statement neither names nor shows is not written,
however it is asked for."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from IPython.core.interactiveshell import InteractiveShell

import cirrusql
from cirrusql.apps.cli.main import run
from cirrusql.apps.mcp.tool_outputs import SHOWN_CALLS
from cirrusql.apps.mcp.tools import Tools
from cirrusql.apps.srv.server_options import ServerOptions
from cirrusql.catalog.catalog import Catalog
from cirrusql.errors import Error, PolicyDenied
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from tests.apps.srv.conftest import running
from tests.support.fault_proxy import FaultProxy


class Services(BotocoreSource):
    """The services that the statements name."""

    def ids(self) -> list[str]:
        return ["ec2", "iam", "sts"]


_TERMINATE = "EXEC aws.ec2.instances.terminate_instances"
_FOUND = "(SELECT list(InstanceId) FROM aws.ec2.instances)"
SURPRISES = (
    f"{_TERMINATE} @InstanceIds = {_FOUND}",
    f"{_TERMINATE} @InstanceIds = (SELECT to_json(list(InstanceId)) FROM aws.ec2.instances)",
    f"SELECT * FROM ({_TERMINATE} @InstanceIds = {_FOUND})",
    "DELETE FROM aws.ec2.instances WHERE ImageId = 'ami-12c6146b'",
    "UPDATE aws.ec2.instances SET Tags['a'] = 'b' WHERE true",
    f"EXEC aws.ec2.tags.create_tags @Resources = {_FOUND}, @Tags = [{{'Key': 'a', 'Value': 'b'}}]",
)
BOUND = f"{_TERMINATE} @InstanceIds = $ids"


@pytest.fixture
def settings(
    hermetic: Path, proxy: FaultProxy, client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Those of a session in an account with three instances; the environment says the same."""
    client("ec2").run_instances(ImageId="ami-12c6146b", MinCount=3, MaxCount=3)
    proxy.reset()
    monkeypatch.setenv("CIRRUSQL_SANDBOX", "on")
    monkeypatch.setenv("CIRRUSQL_ENDPOINT_URL", proxy.url)
    monkeypatch.setenv("CIRRUSQL_REGION", "us-east-1")
    return Settings(endpoint_url=proxy.url, sandbox=True, region="us-east-1")


@pytest.fixture
def ids(settings: Settings, client: Callable[..., Any], proxy: FaultProxy) -> list[str]:
    """The ids of the instances."""
    found = client("ec2").describe_instances()["Reservations"][0]["Instances"]
    proxy.reset()
    return [i["InstanceId"] for i in found]


def wrote(proxy: FaultProxy) -> set[str]:
    return {"ec2:TerminateInstances", "ec2:CreateTags"} & set(proxy.calls)


@pytest.mark.parametrize("sql", SURPRISES)
def test_exec(
    sql: str, settings: Settings, proxy: FaultProxy, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["exec", sql]) == 2
    assert "would write 3 things" in capfd.readouterr().err
    assert not wrote(proxy)


def test_exec_with_a_variable(
    ids: list[str], proxy: FaultProxy, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["exec", BOUND, "--var", f"ids={json.dumps(ids)}"]) == 2
    assert "would write 3 things" in capfd.readouterr().err
    assert not wrote(proxy)


def test_a_dry_run_of_several_statements_is_json_of_every_call(
    ids: list[str], proxy: FaultProxy, capfd: pytest.CaptureFixture[str]
) -> None:
    script = f"BEGIN; {SURPRISES[0]}; {SURPRISES[3]}; COMMIT"
    assert run(["exec", script, "--dry-run", "-o", "jsonl"]) == 0
    rows = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    calls = [json.loads(r["parameters"])["InstanceIds"] for r in rows if "parameters" in r]
    assert sorted(map(len, calls)) == [1, 1, 1, 3]
    assert {i for call in calls for i in call} == set(ids)
    assert not wrote(proxy)


def test_python(ids: list[str], proxy: FaultProxy) -> None:
    with cirrusql.connect() as con:
        for sql, given in (*((s, None) for s in SURPRISES), (BOUND, {"ids": ids})):
            with pytest.raises(cirrusql.ProgrammingError, match="3 things"):
                con.sql(sql, given).fetchall()
            with con.cursor() as cursor, pytest.raises(cirrusql.ProgrammingError, match="3 things"):
                cursor.execute(sql, given)

        async def asked(sql: str) -> None:
            await con.asql(sql)

        for sql in SURPRISES:
            with pytest.raises(cirrusql.ProgrammingError, match="3 things"):
                asyncio.run(asked(sql))
    assert not wrote(proxy)


def test_a_notebook(settings: Settings, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    make: Any = InteractiveShell
    shell = make()
    shell.run_line_magic("load_ext", "cirrusql")
    try:
        with pytest.raises(Exception, match="3 things"):
            shell.run_cell_magic("cirrusql", "", SURPRISES[0]).fetchall()
    finally:
        shell.run_line_magic("unload_ext", "cirrusql")
        shell._atexit_once()
    assert not wrote(proxy)


def test_a_client_of_the_server(ids: list[str], proxy: FaultProxy) -> None:
    options = ServerOptions(port=0, authentication="trust", allows_writes=True, grace=0.5)
    with running(options, proxy.url) as server, server.connect() as connection:
        for sql in SURPRISES:
            for prepare in (False, True):
                with pytest.raises(psycopg.Error, match="3 things"):
                    connection.execute(sql, prepare=prepare)
        with pytest.raises(psycopg.Error, match="3 things"):
            connection.execute(f"{_TERMINATE} @InstanceIds = %s", [json.dumps(ids)])
        with pytest.raises(psycopg.Error, match="3 things"):
            connection.execute(f"BEGIN; {SURPRISES[3]}; COMMIT")
    assert not wrote(proxy)


def test_an_agent_writes_what_the_preview_shows_and_nothing_else(
    ids: list[str], proxy: FaultProxy, client: Callable[..., Any]
) -> None:
    with Session(
        Settings(endpoint_url=proxy.url, sandbox=True, region="us-east-1"),
        os.environ,
        catalog=Catalog([Services()]),
    ) as session:
        mcp_tools = Tools(session, allows_writes=True)
        for sql in SURPRISES:
            with pytest.raises(Error):
                mcp_tools.query(sql, None, None)
        assert not wrote(proxy)
        shown = mcp_tools.preview(SURPRISES[3], None)
        assert sorted(c.target for c in shown.calls) == sorted(f"InstanceIds={i}" for i in ids)
        # One more, that nobody was shown.
        client("ec2").run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)
        with pytest.raises(PolicyDenied, match="has changed"):
            mcp_tools.write(shown.token or "")
        many = "INSERT INTO aws.iam.users (UserName) SELECT 'u-' || n FROM range({}) t(n)"
        with pytest.raises(Error, match="only shown calls are made"):
            mcp_tools.preview(many.format(SHOWN_CALLS + 1), None)
        assert not wrote(proxy)
        mcp_tools.close()
