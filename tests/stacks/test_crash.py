"""A run that is killed at any call leaves each thing once, and the next run knows it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from cirrusql.apps.sandbox.sandbox import without_aws
from cirrusql.stacks.planning.plan import Action
from tests.stacks.stack_folder import StackFolder, actions

_TEXT = """
STACK 'crash';
RESOURCE bucket IN aws.s3.buckets AS
  SELECT 'crash-bucket' AS Bucket, {'Status': 'Enabled'} AS VersioningConfiguration;
RESOURCE queue IN aws.sqs.queues AS SELECT 'q' AS QueueName, 60 AS VisibilityTimeout;
RESOURCE vpc IN aws.ec2.vpcs AS SELECT '10.9.0.0/16' AS CidrBlock;
"""
_CALLS = ["ec2:CreateVpc", "sqs:CreateQueue", "s3:PUT /crash-bucket", "s3:PUT /crash-bucket#2"]


@contextmanager
def _running(stack: StackFolder, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    place = ["--sandbox", "--endpoint-url", stack.proxy.url, "--region", "us-east-1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "cirrusql", "stack", *arguments, *place],
        cwd=stack.path,
        env=without_aws(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _cut(stack: StackFolder, call: str, when: str, number: int) -> int:
    """Apply, and send a signal at a call; the exit status."""
    operation, _, count = call.partition("#")
    stack.proxy.hold = (operation, int(count or 1), when)
    with _running(stack, "apply", "--yes") as process:
        assert stack.proxy.is_held.wait(60)
        process.send_signal(number)
        process.wait(30)
    stack.proxy.hold = None
    return process.returncode


def _is_there_once(stack: StackFolder, client: Callable[..., Any]) -> None:
    vpcs = client("ec2").describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.9.0.0/16"]}])
    assert len(vpcs["Vpcs"]) == 1
    assert len(client("sqs").list_queues()["QueueUrls"]) == 1
    versioning = client("s3").get_bucket_versioning(Bucket="crash-bucket")
    assert versioning["Status"] == "Enabled"
    ids = stack.rows()
    assert ids["vpc"]["VpcId"] == vpcs["Vpcs"][0]["VpcId"]
    assert set(ids) == {"bucket", "queue", "vpc"}
    with stack.open() as found:
        assert found.state.unfinished() == []
        assert {r.status for r in found.state.rows().values()} == {"applied"}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", _CALLS)
def test_killed_at_a_call(
    stack: StackFolder, client: Callable[..., Any], call: str, when: str
) -> None:
    stack.write(_TEXT)
    assert _cut(stack, call, when, signal.SIGKILL) == -signal.SIGKILL
    stack.applied()
    _is_there_once(stack, client)
    stack.destroyed()
    assert stack.rows() == {}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_the_state_right(
    stack: StackFolder, client: Callable[..., Any], number: int
) -> None:
    stack.write(_TEXT)
    assert _cut(stack, "ec2:CreateVpc", "after", number) in (130, 143)
    stack.applied()
    _is_there_once(stack, client)


def test_what_was_begun_is_deleted_if_the_files_no_longer_have_it(
    stack: StackFolder, client: Callable[..., Any]
) -> None:
    stack.write(_TEXT)
    _cut(stack, "ec2:CreateVpc", "after", signal.SIGKILL)
    stack.write("STACK 'crash';")
    assert actions(stack.plan())["vpc"] is Action.DELETE
    stack.applied()
    vpcs = client("ec2").describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.9.0.0/16"]}])
    assert vpcs["Vpcs"] == []
    assert stack.rows() == {}


def test_a_killed_update_is_no_change_by_somebody_else(stack: StackFolder) -> None:
    stack.write(_TEXT)
    stack.applied()
    stack.write(_TEXT.replace("60", "90").replace("'Enabled'", "'Suspended'"))
    stack.proxy.calls.clear()
    _cut(stack, "s3:PUT /crash-bucket", "after", signal.SIGKILL)
    plan = stack.plan()
    assert plan.drift == []
    assert actions(plan) == {"queue": Action.UPDATE}
    stack.applied()


def test_a_second_apply_is_refused_and_names_the_holder(stack: StackFolder) -> None:
    stack.write(_TEXT)
    stack.proxy.hold = ("ec2:CreateVpc", 1, "before")
    with _running(stack, "apply", "--yes") as first:
        assert stack.proxy.is_held.wait(60)
        before = stack.writes()
        with _running(stack, "apply", "--yes") as second:
            _, said = second.communicate(timeout=60)
        assert second.returncode == 1
        assert f"process {first.pid}, since 20" in said
        assert "nothing was changed" in said
        assert stack.writes() == before
        first.kill()
    stack.proxy.hold = None
    stack.applied()
