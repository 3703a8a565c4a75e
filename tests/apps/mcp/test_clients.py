"""Concurrent clients: approval, progress and cancellation."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from mcp import Client
from mcp_types import ElicitResult

from cirrusql.apps.mcp.client_sessions import ClientSessions
from cirrusql.apps.mcp.mcp_server import mcp_server
from cirrusql.apps.mcp.tools import Tools
from cirrusql.apps.sandbox.sandbox import without_aws
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from tests.apps.mcp.conftest import CATALOG

GROUP = "INSERT INTO iam.groups (GroupName) VALUES ('asked')"
SLOW = "SELECT count(*) FROM range(100000000000) t(i) WHERE i % 7 = 3"
"""Runs until it is cancelled."""


class Opening:
    """Opens sessions in a sandbox, and counts them."""

    def __init__(self, endpoint: str) -> None:
        self.settings = Settings(endpoint_url=endpoint, sandbox=True, region="us-east-1")
        self.opened = self.closed = 0

    @contextmanager
    def __call__(self) -> Iterator[Tools]:
        self.opened += 1
        with Session(self.settings, without_aws({}), catalog=CATALOG) as session:
            yield Tools(session, allows_writes=True)
        self.closed += 1


@pytest.fixture
def opening(endpoint: str) -> Opening:
    return Opening(endpoint)


def with_client(opening: Opening, work: Any, **options: Any) -> Any:
    async def run() -> Any:
        server, sessions = mcp_server(opening, allows_writes=True)
        try:
            async with Client(server, **options) as client:
                return await work(client)
        finally:
            sessions.close()

    return asyncio.run(run())


@pytest.mark.parametrize("mode", ["legacy", "auto"])
@pytest.mark.parametrize(
    ("action", "content", "is_written"),
    [
        ("accept", {"approve": True}, True),
        ("accept", {"approve": False}, False),
        ("decline", None, False),
        ("cancel", None, False),
    ],
)
def test_a_client_that_has_forms_asks_its_user_before_a_write(
    opening: Opening, mode: Any, action: Any, content: Any, is_written: bool
) -> None:
    questions: list[str] = []

    async def answer(_context: Any, parameters: Any) -> ElicitResult:
        questions.append(parameters.message)
        return ElicitResult(action=action, content=content)

    async def work(client: Client) -> Any:
        preview: Any = await client.call_tool("preview_write", {"sql": GROUP})
        token = preview.structured_content["token"]
        result: Any = await client.call_tool("run_write", {"token": token})
        found: Any = await client.call_tool(
            "run_query", {"sql": "SELECT GroupName FROM iam.groups WHERE GroupName = 'asked'"}
        )
        if is_written:
            questions_before = len(questions)
            preview = await client.call_tool(
                "preview_write", {"sql": "DELETE FROM iam.groups WHERE GroupName = 'asked'"}
            )
            await client.call_tool("run_write", {"token": preview.structured_content["token"]})
            assert "dangers: deletes" in "".join(questions[questions_before:])
        return result, found.structured_content["rows"]

    result, rows = with_client(opening, work, mode=mode, elicitation_callback=answer)
    assert questions[0].startswith("Make this call?\niam:CreateGroup")
    assert result.is_error is not is_written
    assert rows == ([["asked"]] if is_written else [])
    if not is_written:
        assert "nothing was written" in result.content[0].text


def test_a_slow_statement_of_one_client_keeps_nobody_else_waiting(opening: Opening) -> None:
    async def work(sessions: ClientSessions) -> None:
        slow = asyncio.ensure_future(sessions.of("a").ask(Tools.query, SLOW, None, None))
        await asyncio.sleep(0)
        page = await sessions.of("b").ask(Tools.query, "SELECT 42", None, None)
        assert page.rows == [[42]]
        assert not slow.done()
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow

    async def run() -> None:
        sessions = ClientSessions(opening)
        try:
            await work(sessions)
        finally:
            sessions.close()

    asyncio.run(run())
    assert (opening.opened, opening.closed) == (2, 2)


def test_calls_without_a_session_id_share_those_that_are_free(opening: Opening) -> None:
    async def run() -> None:
        sessions = ClientSessions(opening, most=2)
        try:
            for _ in range(3):
                await sessions.of(None).ask(Tools.query, "SELECT 1", None, None)
            assert opening.opened == 1
            slow = [
                asyncio.ensure_future(sessions.of(name).ask(Tools.query, SLOW, None, None))
                for name in ("a", "b")
            ]
            await asyncio.sleep(0)
            # The idle one made room; now all are busy, and another call waits for one of them.
            assert sessions.of(None) in (sessions.of("a"), sessions.of("b"))
            for task in slow:
                task.cancel()
            await asyncio.gather(*slow, return_exceptions=True)
        finally:
            sessions.close()

    asyncio.run(run())
    assert opening.opened == opening.closed == 3


def test_a_cursor_and_a_preview_stay_with_the_session_that_made_them(opening: Opening) -> None:
    async def run() -> None:
        sessions = ClientSessions(opening)
        try:
            page = await sessions.of("a").ask(Tools.query, "SELECT * FROM range(9)", None, 4)
            assert page.cursor is not None
            other = sessions.of("b", page.cursor)
            assert other is sessions.of("a")
            rest = await other.ask(Tools.next_rows, page.cursor, 9)
            assert rest.rows == [[i] for i in range(4, 9)]
        finally:
            sessions.close()

    asyncio.run(run())


def test_what_takes_long_reports_its_progress(opening: Opening) -> None:
    told: list[tuple[float, str]] = []

    async def work(client: Client) -> None:
        is_told_twice = asyncio.Event()

        async def told_of(
            progress: float, total: float | None = None, message: str | None = None
        ) -> None:
            assert total is None
            told.append((progress, message or ""))
            if len(told) == 2:
                is_told_twice.set()

        task = asyncio.ensure_future(
            client.call_tool("run_query", {"sql": SLOW}, progress_callback=told_of)
        )
        await is_told_twice.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with_client(opening, work, mode="legacy")
    assert [n for n, _ in told[:2]] == [1, 2]
    assert "0 calls" in told[0][1]


def test_a_cancelled_call_leaves_no_traceback_and_the_session_usable(
    opening: Opening, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    async def work(client: Client) -> None:
        task = asyncio.ensure_future(client.call_tool("run_query", {"sql": SLOW}))
        await asyncio.sleep(0.3)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        found: Any = await client.call_tool("run_query", {"sql": "SELECT 1"})
        assert found.structured_content["rows"] == [[1]]

    with caplog.at_level(logging.WARNING):
        with_client(opening, work)
    assert "Traceback" not in capfd.readouterr().err
    assert not [r for r in caplog.records if r.exc_info or "never retrieved" in r.message]
