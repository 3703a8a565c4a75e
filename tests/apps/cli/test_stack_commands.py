"""``cirrusql stack`` as a user runs it: processes of the command line against an emulator."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from cirrusql.apps.sandbox.sandbox import without_aws
from tests.support.fault_proxy import FaultProxy, Faults

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "stacks.md").read_text("utf-8")
SCHEMA = ROOT / "docs" / "stack-plan.schema.json"
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


def test_a_plan_file_is_applied_as_planned(
    stack: Command, folder: Path, client: Callable[..., Any]
) -> None:
    assert stack("plan", ".", "--out", "net.plan").returncode == 0
    assert (folder / "net.plan").stat().st_mode & 0o077 == 0
    applied = stack("apply", "net.plan", "--yes")
    assert (applied.returncode, applied.stderr) == (0, "")
    assert len(client("sns").list_subscriptions()["Subscriptions"]) == 3
    again = stack("apply", "net.plan", "--yes")
    assert again.returncode == 2
    assert "the stack was applied since: serial 1, planned at 0" in again.stderr


def test_a_plan_file_is_refused_when_the_text_or_a_live_value_is_another(
    stack: Command, folder: Path, client: Callable[..., Any], proxy: FaultProxy
) -> None:
    assert stack("apply", "--yes").returncode == 0
    (folder / "stack.sql").write_text(FIRST.replace("'Enabled'", "'Suspended'"), "utf-8")
    assert stack("plan", ".", "--out", "net.plan").returncode == 0
    client("s3").put_bucket_tagging(
        Bucket="acme-dev", Tagging={"TagSet": [{"Key": "env", "Value": "other"}]}
    )
    live = stack("apply", "net.plan", "--yes")
    assert live.returncode == 2
    assert "values are not as planned: bucket (" in live.stderr
    (folder / "more.sql").write_text("OUTPUT more AS SELECT 1 AS one;", "utf-8")
    text = stack("apply", "net.plan", "--yes")
    assert text.returncode == 2
    assert "the files of the stack are not those that were planned" in text.stderr
    found = client("s3").get_bucket_versioning(Bucket="acme-dev")
    assert found["Status"] == "Enabled"


def test_a_json_plan_has_the_calls_and_their_permissions(stack: Command) -> None:
    plan = json.loads(stack("plan", ".", "-o", "json").stdout)
    jsonschema.validate(plan, json.loads(SCHEMA.read_text("utf-8")))
    by_address = {c["address"]: c for c in plan["resource_changes"]}
    calls = [call["operation"] for call in by_address["bucket"]["calls"]]
    assert calls == ["s3:CreateBucket", "s3:PutBucketVersioning", "s3:PutBucketTagging"]
    assert by_address["topic"]["calls"][0]["inverse"] == "sns:DeleteTopic"
    assert by_address["subs['a@acme.io']"]["change"]["after_unknown"] == {
        "TopicArn": ["topic.TopicArn"]
    }
    assert by_address["subs['a@acme.io']"]["calls"] == []
    (statement,) = plan["policy_document"]["Statement"]
    assert {"s3:CreateBucket", "sns:CreateTopic"} <= set(statement["Action"])


def test_outputs_graph_and_tests_are_printed(
    stack: Command, folder: Path, client: Callable[..., Any]
) -> None:
    (folder / "checks.sql").write_text(
        "TEST few AS SELECT Endpoint FROM subs WHERE Endpoint LIKE 'b%';"
        "TEST none AS SELECT Name FROM topic WHERE Name IS NULL;",
        "utf-8",
    )
    assert stack("apply", "--yes").returncode == 0
    (topic,) = client("sns").list_topics()["Topics"]
    assert stack("output", ".", "topic_arn").stdout == f"{topic['TopicArn']}\n"
    found = json.loads(stack("output", ".", "-o", "json").stdout)
    assert found["topic_arn"]["value"] == [topic]
    assert stack("output", ".", "topic_ar").stderr.endswith("did you mean topic_arn?\n")
    graph = stack("graph", ".").stdout
    assert graph.startswith("flowchart LR\n")
    assert stack("graph", ".", "-o", "dot").stdout.splitlines()[-2] == '  "topic" -> "subs";'
    tested = stack("test")
    assert tested.returncode == 1, tested.stderr
    assert tested.stdout == (
        "fail    test few\n        Endpoint: 'b@acme.io'\npass    test none\n1 of 2 passed\n"
    )


def test_drift_is_told_with_its_status(
    stack: Command, folder: Path, client: Callable[..., Any]
) -> None:
    assert stack("apply", "--yes").returncode == 0
    none = stack("drift", "--exit-code")
    assert (none.returncode, none.stdout) == (0, "no drift\n"), none.stderr
    client("s3").put_bucket_versioning(
        Bucket="acme-dev", VersioningConfiguration={"Status": "Suspended"}
    )
    text = stack("drift", "--exit-code")
    assert text.returncode == 10
    assert text.stdout.startswith("~ bucket  VersioningConfiguration: {Status: 'Enabled'} is ")
    (found,) = json.loads(stack("drift", "-o", "json").stdout)
    assert (found["address"], found["live"]["Status"]) == ("bucket", "Suspended")
    printed = stack("accept", ".", "bucket")
    assert printed.returncode == 0, printed.stderr
    assert "-         {'Status': 'Enabled'} AS VersioningConfiguration,\n" in printed.stdout
    written = stack("accept", ".", "bucket", "--write")
    assert written.stdout == "stack.sql:6: {'Status': 'Enabled'} → {'Status': 'Suspended'}\n"
    assert stack("plan", "--exit-code").returncode == 0
