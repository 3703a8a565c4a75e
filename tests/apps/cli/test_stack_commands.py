"""``cirrusql stack`` as a user runs it: processes of the command line against an emulator."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cirrusql.apps.sandbox.sandbox import without_aws
from tests.support.fault_proxy import FaultProxy, Faults

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "stacks.md").read_text("utf-8")
FIRST = re.findall(r"```sql\n(STACK.*?)```", GUIDE, re.S)[0]

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The stack of the guide."""
    made = tmp_path / "net"
    made.mkdir()
    (made / "stack.sql").write_text(FIRST, "utf-8")
    return made


@pytest.fixture
def stack(folder: Path, proxy: FaultProxy) -> Command:
    """Runs ``cirrusql stack NAME FOLDER …`` as a process."""

    def run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        place = ["--sandbox", "--endpoint-url", proxy.url, "--region", "us-east-1"]
        return subprocess.run(
            [sys.executable, "-m", "cirrusql", "stack", name, *arguments, *place],
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            env={**without_aws(os.environ), "COLUMNS": "80"},
            stdin=subprocess.DEVNULL,
        )

    return run


def test_a_stack_is_planned_applied_changed_and_destroyed(
    stack: Command, folder: Path, client: Callable[..., Any]
) -> None:
    plan = stack("plan", ".", "--exit-code")
    assert plan.returncode == 10, plan.stderr
    shown = re.findall(r"```text\n(stack net.*?)```", GUIDE, re.S)[0]
    assert plan.stdout.splitlines()[1:] == shown.splitlines()[1:]

    refused = stack("apply")
    assert refused.returncode == 2
    assert "hint: --yes applies without asking" in refused.stderr
    assert client("sns").list_topics()["Topics"] == []

    applied = stack("apply", "--yes")
    assert applied.returncode == 0, applied.stderr
    (topic,) = client("sns").list_topics()["Topics"]
    assert f"output topic_arn = '{topic['TopicArn']}'\n5 created\n" in applied.stdout
    silent = stack("plan", "--exit-code")
    assert (silent.returncode, silent.stdout.splitlines()[-1]) == (0, "no changes")

    (folder / "stack.sql").write_text(FIRST.replace("'Enabled'", "'Suspended'"), "utf-8")
    changed = stack("plan", "--exit-code")
    assert changed.returncode == 10
    assert "VersioningConfiguration.Status   'Enabled' → 'Suspended'\n" in changed.stdout

    destroyed = stack("destroy", "--yes")
    assert (destroyed.returncode, destroyed.stdout.splitlines()[-1]) == (0, "5 deleted")
    assert client("sns").list_topics()["Topics"] == []
    assert client("s3").list_buckets()["Buckets"] == []


def test_what_was_changed_outside_is_overwritten_only_if_that_is_said(
    stack: Command, client: Callable[..., Any]
) -> None:
    assert stack("apply", "--yes").returncode == 0
    s3 = client("s3")
    s3.put_bucket_versioning(Bucket="acme-dev", VersioningConfiguration={"Status": "Suspended"})
    plan = stack("plan")
    assert (plan.returncode, plan.stderr) == (0, "")
    assert "'Suspended' → 'Enabled'   changed outside\n" in plan.stdout
    refused = stack("apply", "--yes")
    assert refused.returncode == 2
    assert "error: changed outside of the stack: bucket" in refused.stderr
    assert s3.get_bucket_versioning(Bucket="acme-dev")["Status"] == "Suspended"
    assert stack("apply", "--yes", "--overwrite").returncode == 0
    assert s3.get_bucket_versioning(Bucket="acme-dev")["Status"] == "Enabled"


def test_a_wrong_text_is_an_error_with_its_place(stack: Command, folder: Path) -> None:
    (folder / "wrong.sql").write_text("OUTPUT o AS SELECT Nme FROM topic;", "utf-8")
    done = stack("plan", ".")
    assert done.returncode == 2
    assert done.stderr.startswith("error: wrong.sql:1: ")


def test_a_parameter_of_the_command_line_is_checked(stack: Command) -> None:
    done = stack("plan", ".", "--var", "env=test")
    assert done.returncode == 2
    assert "PARAM env = 'test' is not allowed" in done.stderr


def test_a_failed_call_is_told_and_the_status_is_one(stack: Command, proxy: FaultProxy) -> None:
    proxy.faults = Faults(deny=frozenset({"sns:CreateTopic"}))
    done = stack("apply", "--yes")
    assert done.returncode == 1
    assert "topic: failed: " in done.stdout
    assert "subs['a@acme.io']: not run: " in done.stdout
    assert done.stdout.splitlines()[-1] == "1 created, 1 failed, 3 not run"
