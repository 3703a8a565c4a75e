"""A non-AWS provider through every interface: exec, Python, PostgreSQL, MCP, the pages."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import cirrusql
from cirrusql.apps.docs.site import build
from cirrusql.apps.mcp.tools import Tools
from cirrusql.apps.srv.server_options import ServerOptions
from cirrusql.apps.srv.serving import listener_of
from cirrusql.catalog.catalog import Catalog
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from tests.providers.conftest import PROVIDERS
from tests.support.tracker import provider
from tests.support.tracker.server import TOKEN, Tracker

CONFIG = """
[providers.tracker]
python = "tests.support.tracker:provider"

[connections.work]
provider = "tracker"
endpoint_url = "{url}"
token_env = "WORK_TOKEN"
"""


@pytest.fixture
def config(tracker: Tracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config file that names the tracker, and one connection of it."""
    path = tmp_path / "config.toml"
    path.write_text(CONFIG.format(url=tracker.url))
    monkeypatch.setenv("WORK_TOKEN", TOKEN)
    return path


def run(config: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "cirrusql", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env=environ
    )


def test_exec_reads_and_writes_it(config: Path, tracker: Tracker) -> None:
    made = run(
        config, "exec", "--config", str(config), "-o", "json",
        "INSERT INTO tracker.work.projects (key, title) VALUES ('a', 'First');"
        "SELECT key, title, connection FROM tracker.work.projects",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert '"title": "First"' in made.stdout or '"title":"First"' in made.stdout
    assert "work" in made.stdout
    assert TOKEN not in made.stdout + made.stderr
    assert tracker.projects["a"]["title"] == "First"


def test_exec_ends_with_1_and_the_words_of_the_api(config: Path, tracker: Tracker) -> None:
    tracker.refuse["GET /projects"] = (400, {}, {"code": "Odd", "message": "not on a Monday"})
    found = run(config, "exec", "--config", str(config), "SELECT key FROM tracker.work.projects")
    assert found.returncode == 1
    assert "tracker.work:projects/list: Odd: not on a Monday" in found.stderr


def test_python_reads_it(config: Path, tracker: Tracker) -> None:
    tracker.project("a", owner="ann")
    with cirrusql.connect(config=config) as con:
        sql = "SELECT key FROM tracker.work.projects WHERE owner = $who"
        assert con.sql(sql, {"who": "ann"}).fetchall() == [("a",)]


@pytest.fixture
def dsn(tracker: Tracker) -> Iterator[str]:
    """A PostgreSQL server that reads the tracker."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    options = ServerOptions(port=0, authentication="trust", allows_writes=True, grace=0.5)
    environ = {"TRACKER_URL": tracker.url, "TRACKER_TOKEN": TOKEN}
    catalog = Catalog([provider.source])
    listener = listener_of(options, Settings(providers=PROVIDERS), environ, catalog)
    asyncio.run_coroutine_threadsafe(listener.start(), loop).result(30)
    host, port = listener.address
    yield f"host={host} port={port} user=ann dbname=tracker"
    asyncio.run_coroutine_threadsafe(listener.stop(), loop).result(30)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


def test_a_client_of_postgresql_reads_writes_and_browses_it(dsn: str, tracker: Tracker) -> None:
    tracker.project("a", labels=["x"])
    with psycopg.connect(dsn, autocommit=True) as client:
        assert client.execute("SELECT key, labels FROM tracker.work.projects").fetchall() == [
            ("a", ["x"])
        ]
        client.execute("UPDATE tracker.work.projects SET title = 'New' WHERE key = 'a'")
        found = client.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'events'"
        ).fetchall()
    assert tracker.projects["a"]["title"] == "New"
    assert {"id", "kind", "issue", "at"} <= {name for (name,) in found}


def test_a_model_finds_describes_reads_and_writes_it(tracker: Tracker) -> None:
    tracker.project("a")
    environ = {"TRACKER_URL": tracker.url, "TRACKER_TOKEN": TOKEN}
    with Session(
        Settings(providers=PROVIDERS), environ, catalog=Catalog([provider.source])
    ) as session:
        mcp_tools = Tools(session, allows_writes=True)
        assert any(
            "tracker.work.projects" in str(hit) for hit in mcp_tools.search("projects", 5).found
        )
        assert "labels" in str(mcp_tools.describe("tracker.work.projects"))
        assert mcp_tools.query("SELECT key FROM tracker.work.projects", None, None).rows == [["a"]]
        preview = mcp_tools.preview(
            "UPDATE tracker.work.projects SET title = 'New' WHERE key = 'a'", None
        )
        assert (preview.count, preview.calls[0].operation) == (1, "tracker.work:projects/update")
        assert preview.token is not None
        assert mcp_tools.write(preview.token).done == 1
        mcp_tools.close()
    assert tracker.projects["a"]["title"] == "New"


def test_its_pages_say_what_there_is_and_nothing_of_aws(tmp_path: Path) -> None:
    built = build(Catalog([provider.source]), "tracker", tmp_path, ())
    assert built.resources == 3
    page = (tmp_path / "docs" / "work" / "projects.md").read_text()
    assert "tracker.work.projects" in page
    assert "INSERT INTO tracker.work.projects" in page
    assert "tracker.work:projects/create" in page
    assert not [word for word in ("IAM", "aws", "region", "arn") if word in page]


def test_the_page_of_a_table_is_shown_by_the_command(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CIRRUSQL_CONFIG", str(config))
    found = run(config, "docs", "show", "tracker.work.events")
    assert found.returncode == 0, found.stderr
    assert "kind" in found.stdout


def test_describe_is_answered_in_json(config: Path) -> None:
    found = run(
        config, "exec", "--config", str(config), "-o", "json", "DESCRIBE tracker.work.events"
    )
    assert [row["name"] for row in json.loads(found.stdout)] == ["id", "kind", "issue", "at"]


def test_doctor_tells_of_its_connections_and_asks_no_account_of_them(
    config: Path, aws: str
) -> None:
    found = run(
        config, "doctor", "--config", str(config), "--endpoint-url", aws, "--region", "us-east-1"
    )
    assert "tracker at http://127.0.0.1" in found.stdout
    assert "token from WORK_TOKEN" in found.stdout
    assert TOKEN not in found.stdout + found.stderr
    assert "account of work" not in found.stdout
