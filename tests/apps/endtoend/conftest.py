"""A sandbox with the company in it, once per test process, and our command line against it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from cirrusql.apps.cli.main import run
from cirrusql.apps.cli.opening import fill
from cirrusql.apps.sandbox.sandbox import COMPANY, Sandbox, without_aws
from tests.support.fault_proxy import THROTTLED_SHARE


@dataclass(frozen=True)
class Done:
    """The result of a command line."""

    status: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Standard output as the rows of ``-o jsonl``."""
        return [json.loads(line) for line in self.out.splitlines()]


Cirrusql = Callable[..., Done]


@pytest.fixture(scope="session")
def company() -> Iterator[str]:
    """The endpoint of a sandbox with the company in it."""
    with Sandbox() as sandbox:
        fill(sandbox, COMPANY.read_text("utf-8"))
        yield sandbox.endpoint_url


@pytest.fixture(scope="module")
def empty() -> Iterator[str]:
    """The endpoint of a sandbox with nothing in it."""
    with Sandbox() as sandbox:
        yield sandbox.endpoint_url


@pytest.fixture
def cirrusql(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cirrusql:
    """Runs a command line in this process."""
    for name in set(os.environ) - set(without_aws(os.environ)):
        monkeypatch.delenv(name)

    def command(*arguments: str, stdin: str = "") -> Done:
        capfd.readouterr()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        status = run(arguments)
        printed = capfd.readouterr()
        return Done(status, printed.out, printed.err)

    return command


@pytest.fixture
def in_company(
    cirrusql: Cirrusql, company: str, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Done]:
    """Runs SQL in the company's sandbox, as the other terminal of ``cirrusql sandbox`` does."""
    monkeypatch.setenv("CIRRUSQL_SANDBOX", "on")
    monkeypatch.setenv("CIRRUSQL_ENDPOINT_URL", company)

    def execute(sql: str, *arguments: str) -> Done:
        return cirrusql("exec", sql, "-o", "jsonl", *arguments)

    return execute


def in_a_process(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Runs a command line as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "cirrusql", *arguments],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env=without_aws(os.environ) | environ,
        # A sandbox is filled by some hundred calls, one after the other: under throttling they wait
        # a minute.
        timeout=240 if THROTTLED_SHARE else 60,
    )
