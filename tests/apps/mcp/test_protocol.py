"""The server with the SDK's own client: in process, over stdio, over streamable HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from cirrusql.apps.mcp import http_server as http_module
from cirrusql.apps.mcp.client_sessions import ClientSessions
from cirrusql.apps.mcp.mcp_server import mcp_server
from cirrusql.apps.mcp.tools import Tools
from cirrusql.errors import ConfigError
from cirrusql.execution.audit.access import AccessLog
from cirrusql.session.session import Session
from cirrusql.session.statements import plan_runner

TOKEN = "a-token-of-sixteen"
Work = Callable[[Client], Awaitable[Any]]


def served(mcp_tools: Tools) -> tuple[Any, ClientSessions]:
    """A server over these tools, whoever calls."""
    return mcp_server(lambda: nullcontext(mcp_tools), allows_writes=mcp_tools.allows_writes)


def in_process(mcp_tools: Tools, work: Work) -> Any:
    """What ``work`` does with a client of a server over these tools."""

    async def run() -> Any:
        server, sessions = served(mcp_tools)
        try:
            async with Client(server) as client:
                return await work(client)
        finally:
            sessions.close()

    return asyncio.run(run())


def call(mcp_tools: Tools, tool: str, **arguments: object) -> Any:
    """The structured answer of a tool; AssertionError with its text where it is an error."""

    async def work(client: Client) -> Any:
        result: Any = await client.call_tool(tool, arguments)
        assert not result.is_error, result.content[0].text
        return result.structured_content

    return in_process(mcp_tools, work)


def error_of(mcp_tools: Tools, tool: str, **arguments: object) -> str:
    """The text of a tool's error."""

    async def work(client: Client) -> str:
        result: Any = await client.call_tool(tool, arguments)
        assert result.is_error
        return str(result.content[0].text)

    return str(in_process(mcp_tools, work))


def test_the_tools_are_listed_with_schemas_and_what_they_may_do(mcp_tools: Tools) -> None:
    async def work(client: Client) -> Any:
        return (await client.list_tools()).tools

    tools = {t.name: t for t in in_process(mcp_tools, work)}
    assert set(tools) == {
        "search_catalog", "describe_table", "explain_query", "run_query", "next_rows",
        "preview_write", "run_write",
    }  # fmt: skip
    assert all(t.description for t in tools.values())
    assert {n for n, t in tools.items() if not t.output_schema} == {"describe_table"}
    assert [n for n, t in tools.items() if not t.annotations.read_only_hint] == ["run_write"]


def test_a_read_only_server_has_no_tool_that_writes(session: Session) -> None:
    async def work(client: Client) -> Any:
        return [t.name for t in (await client.list_tools()).tools]

    mcp_tools = Tools(session, allows_writes=False)
    assert "run_write" not in in_process(mcp_tools, work)


def test_a_read_answers_with_structure(mcp_tools: Tools) -> None:
    sql = "SELECT UserName FROM aws.iam.users WHERE UserName = $u"
    page = call(mcp_tools, "run_query", sql=sql, parameters={"u": "ann"})
    assert page["rows"] == [["ann"]]
    assert page["columns"] == [{"name": "UserName", "type": "string"}]


def test_errors_say_how_to_mend_the_query(mcp_tools: Tools) -> None:
    text = error_of(mcp_tools, "run_query", sql="SELECT UserNam FROM aws.iam.users")
    assert "did you mean UserName" in text
    assert "describe_table" in text
    assert "search_catalog" in error_of(mcp_tools, "describe_table", table="aws.iam.usres")
    caret = error_of(mcp_tools, "run_query", sql="SELECT * FROM aws.iam.users WHERE (")
    assert "LINE 1" in caret
    assert "SQLSTATE 42601" in caret


def test_what_no_error_foresaw_is_said_to_be_a_bug(
    mcp_tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_runner, "planned", lambda *_: dict[str, object]()["[]"])
    text = error_of(
        mcp_tools, "preview_write", sql="DELETE FROM aws.iam.users WHERE UserName = 'ann'"
    )
    assert "KeyError: '[]' (SQLSTATE XX000)" in text
    assert "this is a bug in CirruSQL" in text


def test_arguments_that_do_not_fit_are_an_error_of_the_tool(mcp_tools: Tools) -> None:
    assert "max_rows" in error_of(mcp_tools, "run_query", sql="SELECT 1", max_rows=-1)
    assert "sql" in error_of(mcp_tools, "run_query")


def test_a_write_goes_by_preview_and_token(mcp_tools: Tools) -> None:
    preview = call(
        mcp_tools, "preview_write", sql="INSERT INTO aws.iam.groups (GroupName) VALUES ('g')"
    )
    assert preview["calls"][0]["operation"] == "iam:CreateGroup"
    assert call(mcp_tools, "run_write", token=preview["token"])["done"] == 1
    gone = call(mcp_tools, "preview_write", sql="DELETE FROM aws.iam.groups WHERE GroupName = 'g'")
    assert call(mcp_tools, "run_write", token=gone["token"])["done"] == 1


def test_tables_are_resources_and_an_unknown_one_is_not(mcp_tools: Tools) -> None:
    async def work(client: Client) -> Any:
        found: Any = await client.read_resource("cirrusql://tables/aws/iam/users")
        services: Any = await client.read_resource("cirrusql://services")
        with pytest.raises(MCPError, match="usres"):
            await client.read_resource("cirrusql://tables/aws/iam/usres")
        return found.contents[0].text, services.contents[0].text

    page, services = in_process(mcp_tools, work)
    assert "| UserName | VARCHAR | field |" in page
    assert "- `aws.iam`: AWS Identity and Access Management" in services


def test_every_prompt_is_filled_and_its_statement_can_be_explained(mcp_tools: Tools) -> None:
    async def work(client: Client) -> Any:
        names = [p.name for p in (await client.list_prompts()).prompts]
        return {n: (await client.get_prompt(n)).messages[0].content for n in names}

    prompts = in_process(mcp_tools, work)
    assert len(prompts) >= 5
    for content in prompts.values():
        sql = content.text.partition("```sql\n")[2].partition("```")[0]
        assert mcp_tools.explain(sql, None).steps, content.text


def test_a_prompt_takes_its_arguments(mcp_tools: Tools) -> None:
    async def work(client: Client) -> Any:
        return (await client.get_prompt("old_access_keys", {"days": "30"})).messages[0].content

    assert "INTERVAL 30 DAY" in in_process(mcp_tools, work).text


def stdio(endpoint: str, *arguments: str) -> StdioServerParameters:
    """The command line, as a client's configuration has it."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "cirrusql", "mcp", *arguments],
        env=environ | {"CIRRUSQL_SANDBOX": "on", "CIRRUSQL_ENDPOINT_URL": endpoint},
    )


def test_over_stdio_it_reads_and_has_no_write_tool(endpoint: str) -> None:
    async def run() -> Any:
        async with Client(stdio(endpoint)) as client:
            result: Any = await client.call_tool(
                "run_query", {"sql": "SELECT UserName FROM aws.iam.users ORDER BY 1"}
            )
            return result.structured_content["rows"], [
                t.name for t in (await client.list_tools()).tools
            ]

    rows, tools = asyncio.run(run())
    assert rows == [["ann"], ["bob"], ["eve"]]
    assert "run_write" not in tools


def test_malformed_frames_on_stdio_leave_it_up(endpoint: str) -> None:
    parameters = stdio(endpoint)
    frames = [
        "this is no JSON",
        '{"jsonrpc": "2.0", "id": 1, "method": "no/such"}',
        "[]",
        '{"jsonrpc": "1.0"}',
        "\x00\x01",
        json.dumps({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": "none"}),
        json.dumps(
            {
                "jsonrpc": "2.0",
                "id": 3,
                "method": "initialize",
                "params": {
                    "protocolVersion": "2025-06-18",
                    "capabilities": {},
                    "clientInfo": {"name": "t", "version": "1"},
                },
            }
        ),
    ]
    done = subprocess.run(
        [parameters.command, *parameters.args],
        input="\n".join(frames) + "\n",
        env=parameters.env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    answers = {a.get("id"): a for a in map(json.loads, done.stdout.splitlines())}
    assert "error" in answers[1]
    assert answers[3]["result"]["serverInfo"]["name"] == "cirrusql"
    assert done.returncode == 0


@contextmanager
def over_http(mcp_tools: Tools) -> Iterator[str]:
    """The URL of a live HTTP server over these tools."""
    bound = http_module.listening("127.0.0.1", 0)
    loop = asyncio.new_event_loop()
    said: list[str] = []
    is_up = threading.Event()

    def say(line: str) -> None:
        said.append(line)
        is_up.set()

    async def serve() -> None:
        server, sessions = served(mcp_tools)
        try:
            await http_module.serve(server, TOKEN, bound, AccessLog(None, "mcp", "token"), say)
        finally:
            sessions.close()

    task = loop.create_task(serve())
    thread = threading.Thread(target=lambda: loop.run_until_complete(asyncio.wait([task])))
    thread.start()
    is_up.wait(30)
    try:
        yield said[0].partition("listening on ")[2]
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join()
        loop.close()
        bound.close()


def test_over_http_it_reads_with_the_token(mcp_tools: Tools) -> None:
    async def run(url: str) -> Any:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with (
            httpx2.AsyncClient(headers=headers) as http,
            Client(streamable_http_client(url, http_client=http)) as client,
        ):
            page: Any = await client.call_tool(
                "run_query", {"sql": "SELECT * FROM range(300)", "max_rows": 250}
            )
            rest: Any = await client.call_tool(
                "next_rows", {"cursor": page.structured_content["cursor"]}
            )
            return page.structured_content["rows"] + rest.structured_content["rows"]

    with over_http(mcp_tools) as url:
        assert asyncio.run(run(url)) == [[i] for i in range(300)]


def test_over_http_nobody_else_gets_in(mcp_tools: Tools) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    token = {"Authorization": f"Bearer {TOKEN}"}
    accept = {"Accept": "application/json, text/event-stream"}
    with over_http(mcp_tools) as url, httpx2.Client() as http:
        assert http.post(url, json=body, headers=accept).status_code == 401
        assert (
            http.post(url, json=body, headers=accept | {"Authorization": "Bearer x"}).status_code
            == 401
        )
        evil = accept | token | {"Origin": "http://evil.example"}
        assert http.post(url, json=body, headers=evil).status_code == 403
        rebound = accept | token | {"Host": "evil.example"}
        assert http.post(url, json=body, headers=rebound).status_code == 421
        assert http.post(url, content=b"{no json", headers=accept | token).status_code == 400
        assert http.post(url, content=b"x" * (5 << 20), headers=accept | token).status_code in (
            400,
            413,
        )
        assert http.get(url.replace("/mcp", "/other"), headers=token).status_code == 404


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "example.com", "192.0.2.1"])
def test_http_listens_on_loopback_only(host: str) -> None:
    with pytest.raises(ConfigError, match="loopback only"):
        http_module.listening(host, 0)


def test_a_port_that_is_taken_is_a_clear_error() -> None:
    with http_module.listening("127.0.0.1", 0) as bound:
        bound.listen()
        with pytest.raises(ConfigError, match="cannot listen"):
            http_module.listening("127.0.0.1", bound.getsockname()[1])


def test_the_command_says_what_is_wrong_with_a_token_file(tmp_path: Path, capfd: Any) -> None:
    from cirrusql.apps.cli.main import run

    path = tmp_path / "token"
    path.write_text("short")
    assert run(["mcp", "--http", "--token-file", str(path)]) == 2
    assert "shorter than 16" in capfd.readouterr().err
