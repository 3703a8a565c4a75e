"""A session and a thread for each client, so that none waits for another's statement.

Cursors and previews stay with the session that made them. A client is what its MCP session id says;
since protocol version 2026-07-28 there is none, and a call takes any session that is free.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from threading import Event
from typing import Any, TypeVar

from mcp.server.mcpserver.exceptions import ToolError

from cirrusql.apps.mcp.tools import Tools
from cirrusql.errors import (
    Error,
    InternalError,
    Interrupted,
    UnknownColumn,
    UnknownMethod,
    UnknownName,
)

T = TypeVar("T")
Report = Callable[[str], Awaitable[None]]
Opened = Callable[[], AbstractContextManager[Tools]]

MOST_SESSIONS = 16
"""Sessions that are kept; beyond, the one that was idle longest is closed."""
IDLE = 1800.0
"""Seconds after which an idle session is closed, with its cursors."""
_BETWEEN_REPORTS = 1.0
"""Seconds between two reports of progress."""

_UNNAMED = "#"

_log = logging.getLogger(__name__)


class SerialExecutor:
    """Runs one call at a time, in the session's own thread."""

    def __init__(self, open_tools: Opened) -> None:
        """``open_tools`` is entered in that thread at the first call, and left at the end."""
        self._opened = open_tools()
        self._tools: Tools | None = None
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mcp")
        self._lock = asyncio.Lock()
        self.last_used = time.monotonic()

    @property
    def is_busy(self) -> bool:
        """Whether a call is running."""
        return self._lock.locked()

    def holds(self, token: str) -> bool:
        """Whether a cursor or preview is one of this session's."""
        return self._tools is not None and self._tools.holds(token)

    async def ask(self, call: Callable[..., T], *arguments: Any, report: Report | None = None) -> T:
        """Return the result of a method of Tools; cancelling stops it. Errors become tool errors.

        ``report`` gets the progress of what takes long.
        """
        async with self._lock:
            self.last_used = time.monotonic()
            is_cancelled = Event()
            future = self._pool.submit(self._run, is_cancelled, call, *arguments)
            # If nobody waits any more, the error of what was cancelled is nobody's.
            future.add_done_callback(_seen)
            try:
                return await self._awaited(future, report)
            except asyncio.CancelledError:
                is_cancelled.set()
                if not future.cancel() and self._tools is not None:
                    self._tools.cancel()
                raise
            except Error as error:
                raise ToolError(worded(error)) from error
            except Exception as error:
                _log.exception("a tool failed with an unforeseen error")
                raise ToolError(worded(InternalError.of(error))) from error
            finally:
                self.last_used = time.monotonic()

    async def _awaited(self, future: Future[T], report: Report | None) -> T:
        waiting = asyncio.wrap_future(future)
        waiting.add_done_callback(_seen)
        while not (await asyncio.wait([waiting], timeout=_BETWEEN_REPORTS))[0]:
            if report is not None and self._tools is not None:
                await report(self._tools.progress())
        return waiting.result()

    def _run(self, is_cancelled: Event, call: Callable[..., T], *arguments: object) -> T:
        if self._tools is None:
            self._tools = self._opened.__enter__()
        tools = self._tools

        def unless_cancelled() -> T:
            # While the session was being opened there was nothing to stop.
            if is_cancelled.is_set():
                raise Interrupted("the statement was cancelled")
            return call(tools, *arguments)

        return tools.whole(unless_cancelled)

    def close(self, *, is_awaited: bool = True) -> None:
        """Close the session after the current call, and end the thread."""
        self._pool.submit(self._leave)
        self._pool.shutdown(wait=is_awaited)

    def _leave(self) -> None:
        if self._tools is not None:
            self._tools.close()
            self._opened.__exit__(None, None, None)
            self._tools = None


class ClientSessions:
    """The executors of all clients."""

    def __init__(self, open_tools: Opened, most: int = MOST_SESSIONS) -> None:
        self._open_tools = open_tools
        self._most = most
        self._by_client: OrderedDict[str, SerialExecutor] = OrderedDict()
        self._number = 0

    def of(self, client: str | None, token: str | None = None) -> SerialExecutor:
        """The executor that holds a cursor or preview; or else the client's, or a free one."""
        self._close_idle()
        if token is not None:
            for executor in self._by_client.values():
                if executor.holds(token):
                    return executor
        if client is None:
            unnamed = ((c, e) for c, e in self._by_client.items() if c.startswith(_UNNAMED))
            client = next((c for c, e in unnamed if not e.is_busy), None)
        if client is None:
            self._number += 1
            client = f"{_UNNAMED}{self._number}"
        if client not in self._by_client:
            if not self._has_room():
                # All are busy: the call waits for the one that was used first.
                return next(iter(self._by_client.values()))
            self._by_client[client] = SerialExecutor(self._open_tools)
        self._by_client.move_to_end(client)
        return self._by_client[client]

    def _close_idle(self) -> None:
        past = time.monotonic() - IDLE
        for name in [c for c, e in self._by_client.items() if not e.is_busy and e.last_used < past]:
            self._by_client.pop(name).close(is_awaited=False)

    def _has_room(self) -> bool:
        if len(self._by_client) < self._most:
            return True
        idle = next((c for c, e in self._by_client.items() if not e.is_busy), None)
        if idle is not None:
            self._by_client.pop(idle).close(is_awaited=False)
        return idle is not None

    def close(self) -> None:
        """Wait for the current calls, and close all sessions."""
        for executor in self._by_client.values():
            executor.close()
        self._by_client.clear()


def _seen(future: Any) -> None:
    if not future.cancelled():
        future.exception()


def worded(error: Error) -> str:
    """The error with its place and hint."""
    lines = [f"{error.message} (SQLSTATE {error.sqlstate})"]
    if error.place:
        lines.append(error.place)
    if error.hint:
        lines.append(f"hint: {error.hint}")
    if isinstance(error, UnknownColumn | UnknownMethod):
        lines.append("next: describe_table shows the columns and methods of the table")
    elif isinstance(error, UnknownName):
        lines.append("next: search_catalog finds tables by words")
    return "\n".join(lines)
