"""``cirrusql sandbox`` as a person runs it: a ready line, another terminal, Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cirrusql.apps.sandbox.sandbox import without_aws
from tests.apps.endtoend.conftest import in_a_process


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """The process, and the variables that its ready lines say to export."""
    command = [sys.executable, "-m", "cirrusql", "sandbox", "--port", "0", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=without_aws(os.environ),
    ) as process:  # fmt: skip
        try:
            assert process.stderr is not None
            first = process.stderr.readline()
            assert "ready at http://127.0.0.1:" in first, first + process.stderr.read()
            export = process.stderr.readline()
            yield process, dict(re.findall(r"(\w+)=(\S+)", export))
        finally:
            process.kill()


def rows(sql: str, environ: dict[str, str]) -> str:
    done = in_a_process("exec", "-H", "-o", "csv", sql, **environ)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_end(sign: signal.Signals) -> None:
    with running("--empty") as (process, environ):
        assert rows("SELECT count(*) FROM aws.iam.users", environ) == "0"
        process.send_signal(sign)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "", "sandbox ended\n")


def test_a_seed_of_ones_own_fills_it_in_the_past_too(tmp_path: Path) -> None:
    seed = tmp_path / "seed.sql"
    seed.write_text(
        "-- clock: 50 days ago\nINSERT INTO aws.iam.users (UserName) VALUES ('old');\n"
        "-- clock: now\nINSERT INTO aws.iam.users (UserName) VALUES ('new');\n"
    )
    sql = (
        "SELECT UserName, date_diff('day', CreateDate, now()) FROM aws.iam.users ORDER BY UserName"
    )
    with running("--seed", str(seed)) as (_, environ):
        assert rows(sql, environ).split() == ["new,0", "old,50"]


@pytest.mark.parametrize(
    ("statement", "status", "part"),
    [
        ("INSERT INTO aws.iam.nosuch (a) VALUES (1);", 2, "nosuch"),
        ("DELETE FROM aws.iam.users WHERE UserName = 'x';", 1, "NoSuchEntity"),
    ],
)
def test_a_seed_that_fails_says_why(tmp_path: Path, statement: str, status: int, part: str) -> None:
    seed = tmp_path / "seed.sql"
    seed.write_text(statement)
    done = in_a_process("sandbox", "--port", "0", "--seed", str(seed))
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr.startswith("error: ")
    assert part in done.stderr
