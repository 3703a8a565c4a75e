"""``cirrusql srv`` as a process: its output, how it ends, and many clients at once."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest

from cirrusql.apps.cli.main import run
from tests.apps.srv.conftest import Server


@contextmanager
def started(endpoint: str, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """The process, and the lines it printed before it listened."""
    process = subprocess.Popen(
        [sys.executable, "-m", "cirrusql", "srv", "--port", "0", *arguments],
        env=os.environ | {"CIRRUSQL_SANDBOX": "on", "CIRRUSQL_ENDPOINT_URL": endpoint},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    lines: list[str] = []
    try:
        for line in process.stderr:
            lines.append(line)
            if line.startswith("listening"):
                break
        yield process, lines
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def address(lines: list[str]) -> Server:
    """The address it printed."""
    found = re.search(r"listening on ([\d.]+):(\d+), read-only", lines[-1])
    assert found is not None, lines
    return Server(found[1], int(found[2]))


def test_the_first_start_says_a_password_that_lets_in_and_the_next_does_not(endpoint: str) -> None:
    with started(endpoint) as (process, lines):
        password = re.search(r"password (\S+) ", "".join(lines))
        assert password is not None
        dsn = address(lines).dsn(user="cirrusql", password=password[1])
        with psycopg.connect(dsn) as connection:
            assert connection.execute("SELECT count(*) FROM iam.users").fetchone() == (3,)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    with started(endpoint) as (process, lines):
        assert "password" not in "".join(lines)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--host", "0.0.0.0"], "requires TLS"),
        (["--auth", "trust", "--host", "0.0.0.0"], "requires TLS"),
        (["--tls-key", "x"], "requires a certificate"),
        (["--user-file", "/nonexistent"], "cannot read the user file"),
        (["--database", "x.duckdb"], "--database is not supported"),
        (["--auth", "trust", "--port", "70000"], "cannot listen"),
    ],
)
def test_wrong_options_are_refused_before_it_listens(
    arguments: list[str], said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["srv", *arguments]) == 2
    assert said in capfd.readouterr().err


def test_fifty_clients_at_once_are_all_served(server: Server) -> None:
    def work(number: int) -> list[int]:
        with server.connect() as connection:
            return [
                row[0]
                for i in range(10)
                for row in connection.execute("SELECT %s::int + %s::int", (number, i)).fetchall()
            ]

    with ThreadPoolExecutor(50) as pool:
        found = list(pool.map(work, range(50)))
    assert found == [[n + i for i in range(10)] for n in range(50)]
