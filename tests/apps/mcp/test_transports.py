"""The command as agents run it: each test over both transports, with the SDK's own client."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx2
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

TOKEN = "a-token-of-sixteen"
MOST_BYTES = 20_000

Work = Callable[[Client], Awaitable[Any]]
Run = Callable[[Work], Any]


def environment(endpoint: str) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    sandbox = {
        "CIRRUSQL_SANDBOX": "on",
        "CIRRUSQL_ENDPOINT_URL": endpoint,
        "CIRRUSQL_MCP_TOKEN": TOKEN,
    }
    return clean | sandbox


COMMAND = ["-m", "cirrusql", "mcp", "--allow-writes", "--max-bytes", str(MOST_BYTES)]


@contextmanager
def http_server(endpoint: str) -> Iterator[str]:
    """The URL of a server of its own process."""
    command = [sys.executable, *COMMAND, "--http", "--port", "0"]
    with subprocess.Popen(
        command, env=environment(endpoint), stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        try:
            line = next(line for line in process.stderr if "listening on" in line)
            yield line.rpartition(" ")[2].strip()
        finally:
            process.terminate()
            process.stderr.read()


@asynccontextmanager
async def http_client(url: str) -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=120) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        yield client


@pytest.fixture(params=["stdio", "http"])
def run(request: pytest.FixtureRequest, endpoint: str) -> Iterator[Run]:
    """Runs work with a client over the transport."""
    if request.param == "http":
        with http_server(endpoint) as url:

            async def over_http(work: Work) -> Any:
                async with http_client(url) as client:
                    return await work(client)

            yield lambda work: asyncio.run(over_http(work))
        return

    async def over_stdio(work: Work) -> Any:
        parameters = StdioServerParameters(
            command=sys.executable, args=COMMAND, env=environment(endpoint)
        )
        async with Client(parameters) as client:
            return await work(client)

    yield lambda work: asyncio.run(over_stdio(work))


async def asked(client: Client, tool: str, **arguments: object) -> Any:
    """The structured answer of a tool."""
    result: Any = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content[0].text
    return result.structured_content


async def refused(client: Client, tool: str, **arguments: object) -> str:
    """The text of a tool's error."""
    result: Any = await client.call_tool(tool, arguments)
    assert result.is_error
    return str(result.content[0].text)


def test_a_table_is_found_described_explained_and_read(run: Run) -> None:
    async def work(client: Client) -> None:
        described: Any = await client.call_tool("describe_table", {"table": "iam.users"})
        assert described.content[0].text.startswith("aws.iam.users: ")
        assert described.structured_content is None
        sql = "SELECT UserName FROM iam.users WHERE UserName = $u"
        explained = await asked(client, "explain_query", sql=sql, parameters={"u": "ann"})
        assert "iam:GetUser" in json.dumps(explained) or "iam:ListUsers" in json.dumps(explained)
        page = await asked(client, "run_query", sql=sql, parameters={"u": "ann"})
        assert page["rows"] == [["ann"]]
        assert page["cursor"] is None

    run(work)


def test_a_huge_answer_comes_in_pages_of_bounded_bytes_until_its_end(run: Run) -> None:
    async def work(client: Client) -> None:
        sql = "SELECT i, repeat('x', 500) AS pad FROM range(1000) t(i)"
        page = await asked(client, "run_query", sql=sql, max_rows=5000)
        rows = page["rows"]
        while page["cursor"] is not None:
            assert len(json.dumps(page["rows"])) < 1.5 * MOST_BYTES
            page = await asked(client, "next_rows", cursor=page["cursor"], max_rows=5000)
            rows += page["rows"]
        assert [row[0] for row in rows] == list(range(1000))
        assert {len(row[1]) for row in rows} == {500}

    run(work)


def test_errors_say_how_to_mend_and_leave_the_server_up(run: Run) -> None:
    async def work(client: Client) -> None:
        assert "UserName" in await refused(
            client, "run_query", sql="SELECT UserNam FROM aws.iam.users"
        )
        assert "unknown statement" in await refused(client, "run_query", sql="SELEC 1")
        assert await refused(client, "next_rows", cursor="nosuch")
        assert await refused(
            client, "run_query", sql="DELETE FROM aws.iam.users WHERE UserName = 'ann'"
        )
        assert (await asked(client, "run_query", sql="SELECT 1"))["rows"] == [[1]]

    run(work)


def test_a_write_runs_once_after_its_preview_and_never_without(run: Run) -> None:
    async def work(client: Client) -> None:
        sql = "INSERT INTO aws.iam.groups (GroupName) VALUES ($g)"
        preview = await asked(client, "preview_write", sql=sql, parameters={"g": "made"})
        assert preview["calls"][0]["operation"] == "iam:CreateGroup"
        assert await refused(client, "run_write", token="guessed")
        assert (await asked(client, "run_write", token=preview["token"]))["done"] == 1
        assert await refused(client, "run_write", token=preview["token"])
        gone = await asked(
            client, "preview_write", sql="DELETE FROM aws.iam.groups WHERE GroupName = 'made'"
        )
        assert (await asked(client, "run_write", token=gone["token"]))["done"] == 1

    run(work)


def test_tables_are_resources_and_audits_are_prompts(run: Run) -> None:
    async def work(client: Client) -> None:
        found: Any = await client.read_resource("cirrusql://tables/aws/iam/users")
        assert "| UserName | VARCHAR | field |" in found.contents[0].text
        with pytest.raises(MCPError, match="usres"):
            await client.read_resource("cirrusql://tables/aws/iam/usres")
        names = [p.name for p in (await client.list_prompts()).prompts]
        assert "old_access_keys" in names
        prompt: Any = (
            (await client.get_prompt("old_access_keys", {"days": "30"})).messages[0].content
        )
        assert "INTERVAL 30 DAY" in prompt.text

    run(work)


def test_malformed_bodies_over_http_leave_it_up_for_others(endpoint: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/json, text/event-stream"}
    initialize = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {"protocolVersion": 7},
    }
    bodies = [
        b"{no json", b"[]", b"null", b"\x00\xff", b'{"jsonrpc": "1.0"}', b"[" * 10_000,
        b'{"jsonrpc": "2.0", "id": {}, "method": 5}', json.dumps(initialize).encode(),
    ]  # fmt: skip
    with http_server(endpoint) as url:
        with httpx2.Client(headers=headers, timeout=60) as http:
            for body in bodies:
                answer = http.post(url, content=body, headers={"Content-Type": "application/json"})
                assert answer.status_code < 500, body[:20]
                assert "Traceback" not in answer.text
            assert (
                http.post(url, content=b"{}", headers={"Content-Type": "text/plain"}).status_code
                >= 400
            )

        async def reads() -> Any:
            async with http_client(url) as client:
                return await asked(client, "run_query", sql="SELECT 42 AS a")

        assert asyncio.run(reads())["rows"] == [[42]]


def test_a_token_of_its_own_is_made_and_told_where_none_is_given(endpoint: str) -> None:
    environ = {k: v for k, v in environment(endpoint).items() if k != "CIRRUSQL_MCP_TOKEN"}
    command = [sys.executable, *COMMAND, "--http", "--port", "0"]
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        told = "".join(line for _, line in zip(range(2), process.stderr, strict=False))
        process.terminate()
        process.stderr.read()
    assert re.search(r"Authorization: Bearer \S{20,}", told)
