"""docs/python.md: its Python runs, and its table of arguments is that of connect."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cirrusql
from tests.support.fault_proxy import FaultProxy

PAGE = (Path(__file__).parents[3] / "docs" / "python.md").read_text("utf-8")
# The last is run by test_stack.py.
FIRST, CURSOR, COROUTINE, _ = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_first_example_shows_a_table(
    proxy: FaultProxy,
    client: Callable[..., Any],
    users: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    client("iam").create_access_key(UserName="ann")
    monkeypatch.setenv("CIRRUSQL_ENDPOINT_URL", proxy.url)
    monkeypatch.setenv("CIRRUSQL_SANDBOX", "1")
    exec(FIRST, {})
    assert "│ ann      │" in capsys.readouterr().out


def test_the_cursor_example_says_so(
    local: cirrusql.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    exec(CURSOR, {"con": local, "cirrusql": cirrusql})
    assert capsys.readouterr().out == "True [(10,), (11,), (12,)]\n"


def test_the_coroutine_reads_users(
    con: cirrusql.Connection, users: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    names: dict[str, Any] = {}
    exec(COROUTINE, names)
    with asyncio.Runner() as runner:
        runner.run(names["users"](con))
    assert capsys.readouterr().out == "3\n"


def test_every_argument_of_connect_is_there() -> None:
    given = re.search(r"`connect\((.*?)\)`", PAGE)
    assert given is not None
    named = re.findall(r"(\w+)=?", given[1])
    assert named == list(inspect.signature(cirrusql.connect).parameters)
