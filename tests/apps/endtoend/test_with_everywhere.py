"""WITH before a write, over every interface."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cirrusql
from cirrusql.apps.cli.main import run
from cirrusql.apps.mcp.tools import Tools
from cirrusql.apps.srv.server_options import ServerOptions
from cirrusql.catalog.catalog import Catalog
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from tests.apps.endtoend.test_shown_everywhere import Services
from tests.apps.srv.conftest import running
from tests.support.fault_proxy import FaultProxy

SQL = (
    "WITH old AS (SELECT UserName FROM aws.iam.users WHERE Path = '/old/') "
    "DELETE FROM aws.iam.users WHERE UserName IN (SELECT UserName FROM old)"
)


@pytest.fixture(autouse=True)
def account(
    hermetic: Path, proxy: FaultProxy, client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One user under /old/, one elsewhere; the environment leads there."""
    client("iam").create_user(UserName="ann", Path="/old/")
    client("iam").create_user(UserName="bob")
    proxy.reset()
    monkeypatch.setenv("CIRRUSQL_SANDBOX", "on")
    monkeypatch.setenv("CIRRUSQL_ENDPOINT_URL", proxy.url)
    monkeypatch.setenv("CIRRUSQL_REGION", "us-east-1")


@pytest.fixture
def left(client: Callable[..., Any]) -> Callable[[], list[str]]:
    return lambda: [u["UserName"] for u in client("iam").list_users()["Users"]]


def test_exec(left: Callable[[], list[str]], capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["exec", SQL, "--dry-run", "-o", "jsonl"]) == 0
    (row,) = (json.loads(line) for line in capfd.readouterr().out.splitlines())
    assert (row["operation"], row["target"]) == ("iam:DeleteUser", "UserName=ann")
    assert run(["exec", SQL]) == 0
    assert left() == ["bob"]


def test_python(left: Callable[[], list[str]]) -> None:
    with cirrusql.connect() as con:
        assert con.cursor().execute(SQL).rowcount == 1
    assert left() == ["bob"]


@pytest.mark.parametrize("provider", ["aws.", ""])
def test_a_client_of_the_server(
    provider: str, left: Callable[[], list[str]], proxy: FaultProxy
) -> None:
    """Also where it omits the provider."""
    options = ServerOptions(port=0, authentication="trust", allows_writes=True, grace=0.5)
    with running(options, proxy.url) as server, server.connect() as connection:
        cursor = connection.execute(
            SQL.replace("aws.", provider).replace("'/old/'", "%s"), ["/old/"]
        )
        assert cursor.statusmessage == "DELETE 1"
    assert left() == ["bob"]


def test_an_agent(left: Callable[[], list[str]], proxy: FaultProxy) -> None:
    settings = Settings(endpoint_url=proxy.url, sandbox=True, region="us-east-1")
    with Session(settings, os.environ, catalog=Catalog([Services()])) as session:
        tools = Tools(session, allows_writes=True)
        preview = tools.preview(SQL, None)
        assert [c.target for c in preview.calls] == ["UserName=ann"]
        assert tools.write(preview.token or "").done == 1
        tools.close()
    assert left() == ["bob"]
