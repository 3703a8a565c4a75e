"""System errors are reported as what they are: real processes, real full devices,
closed files, signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cirrusql.apps.sandbox.sandbox import without_aws
from cirrusql.execution.transaction.journal import TransactionJournal, journals, left_behind
from tests.apps.endtoend.conftest import in_a_process
from tests.support.fault_proxy import FaultProxy, Faults

ROWS = "SELECT i AS n FROM range(200000) t(i)"


def shell(command: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    """A line of the shell; ``cirrusql`` in it is ours, ``$1`` … are the arguments."""
    script = f'cirrusql() {{ "{sys.executable}" -m cirrusql "$@"; }}\n{command}'
    return subprocess.run(
        ["bash", "-c", script, "bash", *arguments],
        capture_output=True,
        check=False,
        env=without_aws(os.environ) | environ,
        timeout=120,
    )


def assert_told(done: subprocess.CompletedProcess[bytes], status: int, *parts: str) -> None:
    """An error of a line or two that says these things, and is no bug of ours."""
    said = done.stderr.decode()
    assert done.returncode == status, said
    assert said.startswith("error: "), said
    assert "bug" not in said
    assert "Traceback" not in said
    assert len(said.splitlines()) <= 2
    for part in parts:
        assert part in said


@pytest.mark.parametrize("format_", ["table", "csv", "jsonl", "parquet"])
def test_a_full_device_is_told(format_: str) -> None:
    done = shell('cirrusql exec -o "$1" "$2" > /dev/full', format_, ROWS)
    assert_told(done, 1, "standard output", "No space left on device", "hint: free some disk space")


def test_a_full_device_given_as_the_file_is_told() -> None:
    assert_told(shell('cirrusql exec -f /dev/full "SELECT 1"'), 1, "/dev/full", "No space left")


@pytest.mark.parametrize("command", ["--help", "search users", "doctor"])
def test_every_command_tells_of_a_full_device(command: str) -> None:
    assert_told(shell(f"cirrusql {command} > /dev/full"), 1, "standard output", "No space left")


def test_a_file_too_large_for_its_disk_leaves_nothing(tmp_path: Path) -> None:
    out = tmp_path / "rows.csv"
    out.write_text("old")
    # A file size limit acts like a full disk, without needing a disk.
    done = shell('ulimit -f 100; cirrusql exec -f "$1" "$2"', str(out), ROWS)
    assert_told(done, 1, str(out), "File too large", "hint: free some disk space")
    assert [p.name for p in tmp_path.iterdir()] == ["rows.csv"]
    assert out.read_text() == "old"


def test_a_closed_standard_output_is_told() -> None:
    assert_told(shell('cirrusql exec "SELECT 1" >&-'), 1, "standard output", "closed")


def test_closed_streams_take_no_other_file_s_place(tmp_path: Path) -> None:
    out = tmp_path / "rows.csv"
    done = shell('cirrusql exec -f "$1" "SELECT 1 AS n" >&- 2>&- <&-', str(out))
    assert done.returncode == 0
    assert out.read_text().split() == ["n", "1"]


def test_a_closed_standard_error_leaves_the_exit_status() -> None:
    assert shell('cirrusql exec "SELECT nope" 2>&-').returncode == 2
    assert shell('cirrusql exec "SELECT nope" 2> /dev/full').returncode == 2


def test_a_closed_standard_input_is_no_script() -> None:
    assert shell("cirrusql exec <&-").returncode == 0
    assert shell('cirrusql exec "SELECT 1" <&-').returncode == 0


def test_a_reader_that_has_seen_enough_ends_it_without_a_word() -> None:
    done = shell('set -o pipefail; cirrusql exec -o csv "$1" | head -n 1', ROWS)
    assert (done.stdout, done.stderr) == (b"n\n", b"")


@pytest.mark.parametrize("arguments", ["$'SELECT \\'\\xff\\''", "'SELECT $a' --var a=$'\\xff'"])
def test_bytes_outside_utf_8_are_told(arguments: str) -> None:
    assert_told(shell(f"cirrusql exec {arguments}"), 2, "not UTF-8", "0xff")


NOWHERE = "/proc/nowhere"
"""A home in which not even root can make anything."""


def no_home() -> dict[str, str]:
    return {"HOME": NOWHERE} | {
        f"XDG_{k}_HOME": f"{NOWHERE}/{k}" for k in ("CACHE", "CONFIG", "DATA", "STATE")
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ("exec", "SELECT count(*) FROM aws.iam.users"),
        ("exec", "SHOW TABLES FROM aws.iam"),
        ("search", "bucket"),
        ("recover", "list"),
        ("shell",),
        ("mcp",),
    ],
    ids=lambda a: " ".join(a)[:20],
)
def test_a_home_that_cannot_be_written_is_done_without(
    arguments: tuple[str, ...], company: str
) -> None:
    done = in_a_process(
        *arguments, **no_home(), CIRRUSQL_SANDBOX="on", CIRRUSQL_ENDPOINT_URL=company
    )
    assert done.returncode == 0, done.stderr
    assert "error" not in done.stderr


def test_a_write_that_cannot_be_written_down_says_where(company: str) -> None:
    sql = "INSERT INTO aws.iam.users (UserName) VALUES ('nobody')"
    environ = {**no_home(), "CIRRUSQL_SANDBOX": "on", "CIRRUSQL_ENDPOINT_URL": company}
    done = in_a_process("exec", "-y", sql, **environ)
    assert done.returncode == 1
    assert NOWHERE in done.stderr
    assert "bug" not in done.stderr


TABLES = (
    "vpcs subnets instances volumes route_tables security_groups internet_gateways key_pairs"
).split()
EVERYWHERE = " UNION ALL ".join(
    f"SELECT region FROM aws.ec2.{t} WHERE region = '*'" for t in TABLES
)


@pytest.mark.parametrize("files", [80, 256])
def test_calls_follow_the_files_that_may_be_open(files: int, proxy: FaultProxy) -> None:
    proxy.faults = Faults(latency=0.5)
    sql = f"SELECT count(*) AS n FROM ({EVERYWHERE})"
    where = {"CIRRUSQL_SANDBOX": "on", "CIRRUSQL_ENDPOINT_URL": proxy.url}
    few = shell(f'ulimit -n {files}; cirrusql exec -o csv "$1"', sql, **where)
    most = proxy.most_at_once
    assert (few.returncode, few.stderr) == (0, b"")
    assert most < files
    proxy.faults = Faults()
    assert shell('cirrusql exec -o csv "$1"', sql, **where).stdout == few.stdout


@pytest.mark.parametrize(
    "sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda s: s.name
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_signal_in_the_middle_of_a_commit_undoes_it(
    sign: signal.Signals, when: str, proxy: FaultProxy, client: Callable[..., Any]
) -> None:
    iam = client("iam")
    script = (
        "BEGIN; INSERT INTO aws.iam.users (UserName) VALUES ('ann');"
        "INSERT INTO aws.iam.users (UserName) VALUES ('bob'); COMMIT;"
        "INSERT INTO aws.iam.users (UserName) VALUES ('later')"
    )
    proxy.hold = ("iam:CreateUser", 2, when)
    command = [
        sys.executable,
        "-m",
        "cirrusql",
        "exec",
        "--sandbox",
        "-y",
        "--endpoint-url",
        proxy.url,
        script,
    ]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **quiet, preexec_fn=_hears_signals) as process:  # type: ignore[call-overload]
        assert proxy.is_held.wait(60)
        proxy.hold = None
        process.send_signal(sign)
        _, said = process.communicate(timeout=60)
    assert process.returncode == (130 if sign is signal.SIGINT else 128 + sign), said
    assert iam.list_users()["Users"] == []
    assert journals() == []


def _hears_signals() -> None:
    """A test run started in the background ignores signals."""
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.SIG_DFL)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGHUP], ids=lambda s: s.name)
def test_a_signal_ends_a_long_query_and_takes_the_half_written_file_away(
    sign: signal.Signals, tmp_path: Path
) -> None:
    out = tmp_path / "rows.csv"
    sql = "SELECT count(*) FROM range(100000000) a(i), range(100000000) b(j) WHERE i * j % 7 = 3"
    command = [sys.executable, "-m", "cirrusql", "exec", "-f", str(out), f"SELECT 1; {sql}"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, preexec_fn=_hears_signals) as process:
        until = time.monotonic() + 60
        while not list(tmp_path.iterdir()) and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(sign)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + sign, said
    assert said == b"ended by a signal\n"
    assert list(tmp_path.iterdir()) == []


def test_nohup_is_obeyed() -> None:
    code = (
        "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN);"
        "from cirrusql.apps.cli.process.process_tuning import own_process; own_process();"
        "os.kill(os.getpid(), signal.SIGHUP); print(signal.getsignal(signal.SIGHUP) is "
        "signal.SIG_IGN)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


def test_a_transaction_that_ended_with_steps_left_is_not_said_to_be_cut_short(
    company: str,
) -> None:
    journal = TransactionJournal.begin()
    journal.write("begin", who={"account": "1"}, endpoint=company)
    journal.write("ended", left=[1])
    journal.close()
    told = "a transaction ended with steps that were not undone; `cirrusql recover list` shows"
    assert [told in line for line in left_behind()] == [True]
    other = TransactionJournal.begin()
    other.write("begin", who={"account": "1"}, endpoint=company)
    other.close()
    assert [line.partition(";")[0] for line in left_behind()] == [
        "a transaction was interrupted and not finished and a transaction ended with steps that "
        "were not undone"
    ]
    journal.remove()
    other.remove()


def test_a_transaction_cut_short_is_mentioned_by_whatever_writes(company: str) -> None:
    journal = TransactionJournal.begin()
    journal.write("begin", who={"account": "1"}, endpoint=company)
    journal.close()
    where = {"CIRRUSQL_SANDBOX": "on", "CIRRUSQL_ENDPOINT_URL": company}
    told = (
        "notice: a transaction was interrupted and not finished; "
        "`cirrusql recover list` shows what is left"
    )
    sql = "INSERT INTO aws.iam.groups (GroupName) VALUES ('cut')"
    for statement in (f"EXPLAIN {sql}", "SELECT 1"):
        assert told not in in_a_process("exec", statement, **where).stderr
    assert told in in_a_process("exec", "--dry-run", sql, **where).stderr
    assert told in in_a_process("exec", "-y", sql, **where).stderr
    assert (
        told
        in in_a_process(
            "exec", "-y", "DELETE FROM aws.iam.groups WHERE GroupName = 'cut'", **where
        ).stderr
    )


DEEP = {
    "2,000 ORs": "SELECT count(*) AS n FROM range(5000) t(i) WHERE "
    + " OR ".join(f"i = {n}" for n in range(2000)),
    "1,000 UNIONs": "SELECT count(*) AS n FROM ("
    + " UNION ALL ".join(f"SELECT {n}" for n in range(1000))
    + ")",
}


@pytest.mark.parametrize("what", DEEP)
def test_what_is_deep_and_sensible_is_answered(what: str) -> None:
    done = in_a_process("exec", "-o", "csv", DEEP[what])
    assert (done.returncode, done.stdout.split()) == (0, ["n", what.split()[0].replace(",", "")]), (
        done.stderr
    )


def test_a_thousand_arms_of_a_cloud_table_are_answered(company: str) -> None:
    sql = " UNION ALL ".join(["SELECT UserName FROM aws.iam.users"] * 1000)
    where = {"CIRRUSQL_SANDBOX": "on", "CIRRUSQL_ENDPOINT_URL": company}
    done = in_a_process("exec", "-o", "csv", f"SELECT count(*) AS n FROM ({sql})", **where)
    assert (done.returncode, done.stdout.split()[1:]) == (0, ["9000"]), done.stderr
