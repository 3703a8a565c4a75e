"""A DELETE that finds 101 rows stops and asks, wherever it comes from."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pexpect
import pytest

import cirrusql
from cirrusql.apps.cli.main import run
from cirrusql.execution.writes.write_runner import WriteOptions
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from tests.support.fault_proxy import FaultProxy
from tests.support.terminal import spawn_on_terminal

DELETE = "DELETE FROM aws.iam.users WHERE UserName LIKE 'many-%'"
NAMES = ", ".join(f"'many-{n}'" for n in range(101))
BY_NAME = f"DELETE FROM aws.iam.users WHERE UserName IN ({NAMES})"


@pytest.fixture
def environ(hermetic: Path, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A sandbox with 101 users; what made them is not counted."""
    settings = Settings(endpoint_url=proxy.url, sandbox=True, region="us-east-1")
    with Session(settings, os.environ, options=WriteOptions(assume_yes=True)) as session:
        sql = "INSERT INTO aws.iam.users (UserName) SELECT 'many-' || n FROM range(101) t(n)"
        for result in session.run(sql):
            assert result.rows_written == 101
    proxy.reset()
    monkeypatch.setenv("CIRRUSQL_SANDBOX", "on")
    monkeypatch.setenv("CIRRUSQL_ENDPOINT_URL", proxy.url)
    monkeypatch.setenv("CIRRUSQL_REGION", "us-east-1")
    return dict(os.environ)


@pytest.mark.parametrize("sql", [DELETE, BY_NAME], ids=["found by reading", "named"])
def test_without_a_terminal_it_is_refused(
    environ: dict[str, str], proxy: FaultProxy, capfd: pytest.CaptureFixture[str], sql: str
) -> None:
    assert run(["exec", sql]) == 2
    said = capfd.readouterr()
    assert "would write 101 things by 101 calls of iam:DeleteUser; none was made" in said.err
    assert (said.out, proxy.calls["iam:DeleteUser"]) == ("", 0)


def test_a_dry_run_shows_each_call_and_makes_no_write(
    environ: dict[str, str], proxy: FaultProxy, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["exec", DELETE, "--dry-run", "-o", "csv", "-H"]) == 0
    assert len(capfd.readouterr().out.splitlines()) == 101
    assert set(proxy.calls) == {"iam:ListUsers"}


def test_on_a_terminal_it_shows_them_and_asks(environ: dict[str, str], proxy: FaultProxy) -> None:
    process = spawn_on_terminal(
        ["-m", "cirrusql", "exec", DELETE],
        os.environ | environ | {"TERM": "xterm"},
        rows=60,
        columns=120,
    )
    for name in sorted(f"many-{n}" for n in range(101)):
        process.expect_exact(f"UserName={name}")
    process.expect_exact("write 101 things? [yes/no]")
    process.send("no\r")
    process.expect_exact("nothing was called; 101 things would be written")
    process.expect(pexpect.EOF)
    process.close()
    assert (process.exitstatus, proxy.calls["iam:DeleteUser"]) == (2, 0)


def test_python_is_refused(environ: dict[str, str], proxy: FaultProxy) -> None:
    with (
        cirrusql.connect() as connection,
        pytest.raises(cirrusql.ProgrammingError, match="101 things"),
    ):
        connection.sql(DELETE).fetchall()
    assert proxy.calls["iam:DeleteUser"] == 0


def test_yes_does_them_all(
    environ: dict[str, str], proxy: FaultProxy, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["exec", DELETE, "--yes"]) == 0
    assert proxy.passed["iam:DeleteUser"] == 101


# --- one call on many things

TERMINATE = """EXEC aws.ec2.instances.terminate_instances
@InstanceIds = (SELECT list(InstanceId) FROM aws.ec2.instances)"""


@pytest.fixture
def fleet(environ: dict[str, str], proxy: FaultProxy, client: Callable[..., Any]) -> list[str]:
    """Five instances."""
    made = client("ec2").run_instances(ImageId="ami-12c6146b", MinCount=5, MaxCount=5)
    proxy.reset()
    return sorted(i["InstanceId"] for i in made["Instances"])


def test_exec_refuses_a_list_that_a_subquery_finds(
    fleet: list[str], proxy: FaultProxy, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["exec", TERMINATE]) == 2
    assert (
        "would write 5 things by 1 call of ec2:TerminateInstances; none was made"
        in capfd.readouterr().err
    )
    assert proxy.calls["ec2:TerminateInstances"] == 0


def test_exec_of_ids_written_in_the_statement_asks_nothing(
    fleet: list[str], proxy: FaultProxy
) -> None:
    listed = ", ".join(f"'{i}'" for i in fleet)
    assert (
        run(["exec", f"EXEC aws.ec2.instances.terminate_instances @InstanceIds = [{listed}]"]) == 0
    )
    assert proxy.calls["ec2:TerminateInstances"] == 1


def test_a_local_table_names_nothing_either(
    fleet: list[str], proxy: FaultProxy, capfd: pytest.CaptureFixture[str]
) -> None:
    script = f"CREATE TABLE ids AS SELECT unnest({fleet}) AS id; " + TERMINATE.replace(
        "list(InstanceId) FROM aws.ec2.instances", "list(id) FROM ids"
    )
    assert run(["exec", script]) == 2
    assert "would write 5 things" in capfd.readouterr().err
    assert proxy.calls["ec2:TerminateInstances"] == 0


def test_python_refuses_it(fleet: list[str], proxy: FaultProxy) -> None:
    with (
        cirrusql.connect() as connection,
        pytest.raises(cirrusql.ProgrammingError, match="5 things"),
    ):
        connection.sql(TERMINATE).fetchall()
    assert proxy.calls["ec2:TerminateInstances"] == 0


def test_a_transaction_refuses_it(
    fleet: list[str], proxy: FaultProxy, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["exec", f"BEGIN; {TERMINATE}; COMMIT"]) == 2
    assert "COMMIT would write 5 things by 1 call" in capfd.readouterr().err
    assert proxy.calls["ec2:TerminateInstances"] == 0


def test_the_shell_shows_it_and_asks(fleet: list[str], proxy: FaultProxy) -> None:
    process = spawn_on_terminal(
        ["-m", "cirrusql", "shell"], os.environ | {"TERM": "xterm"}, rows=60, columns=200
    )
    process.expect_exact("cirrusql")
    process.send(TERMINATE.replace("\n", " ") + ";\r")
    process.expect_exact("[yes/no]")
    process.send("no\r")
    process.expect_exact("nothing was called; 5 things would be written")
    process.send("\x04")
    process.expect(pexpect.EOF)
    process.close()
    assert proxy.calls["ec2:TerminateInstances"] == 0
