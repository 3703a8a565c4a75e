"""Scenario 19: a state in a bucket, its lock, and what is lost or changed on the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.stacks.state.lock import StateLocked
from cirrusql.stacks.state.store import StateFailed
from tests.stacks.stack_folder import StackFolder
from tests.support.fault_proxy import Faults

_TEXT = """
STACK 'net' STATE 's3://state-bucket/net/$env';
PARAM env VARCHAR DEFAULT 'dev';
RESOURCE queue IN aws.sqs.queues AS SELECT 'q' AS QueueName, 60 AS VisibilityTimeout;
"""
_KEY = "net/dev"


@pytest.fixture
def s3(client: Callable[..., Any]) -> Any:
    made = client("s3")
    made.create_bucket(Bucket="state-bucket")
    return made


def _writes(stack: StackFolder) -> dict[str, int]:
    return {n: c for n, c in stack.writes().items() if "state-bucket" not in n}


def _applied(stack: StackFolder) -> None:
    report = stack.apply()
    assert report.failed == []


def test_the_state_is_one_object_that_another_machine_goes_on_with(
    stack: StackFolder, s3: Any, tmp_path: Any
) -> None:
    stack.write(_TEXT)
    _applied(stack)
    names = [o["Key"] for o in s3.list_objects_v2(Bucket="state-bucket")["Contents"]]
    assert names == [_KEY]
    other = StackFolder(tmp_path / "other", stack.proxy)
    other.write(_TEXT)
    other.is_silent()
    other.write(_TEXT.replace("60", "90"))
    _applied(other)
    stack.write(_TEXT.replace("60", "90"))
    stack.is_silent()
    assert _writes(stack) == {"sqs:CreateQueue": 1, "sqs:SetQueueAttributes": 1}


def test_a_lock_that_is_held_names_its_holder_and_can_be_broken(
    stack: StackFolder, s3: Any
) -> None:
    stack.write(_TEXT)
    holder = {"user": "ada", "host": "laptop", "pid": "77", "since": "2026-01-01T00:00:00+00:00",
              "heartbeat": "2026-01-01T00:00:00+00:00"}  # fmt: skip
    s3.put_object(Bucket="state-bucket", Key=f"{_KEY}.lock", Body=json.dumps(holder).encode())
    with stack.open() as found:
        plan = found.plan()
        with pytest.raises(StateLocked, match=r"locked by ada on laptop, process 77, since 2026"):
            found.apply(plan)
        assert _writes(stack) == {}
        found.breaks_lock = True
        report = found.apply(plan)
    assert report.failed == []
    assert any("took the lock of ada on laptop" in n for n in report.notices)
    names = [o["Key"] for o in s3.list_objects_v2(Bucket="state-bucket")["Contents"]]
    assert names == [_KEY]


def test_a_state_that_another_hand_changed_is_refused(stack: StackFolder, s3: Any) -> None:
    stack.write(_TEXT)
    _applied(stack)
    before = s3.get_object(Bucket="state-bucket", Key=_KEY)["Body"].read()
    stack.write(_TEXT.replace("60", "90"))
    calls = _writes(stack)
    with stack.open() as found:
        plan = found.plan()
        s3.put_object(Bucket="state-bucket", Key=_KEY, Body=before + b"x")
        with pytest.raises(StateFailed, match="changed by another run"):
            found.apply(plan)
    assert _writes(stack) == calls


def test_a_state_that_is_cut_short_is_said_to_be(stack: StackFolder, s3: Any) -> None:
    stack.write(_TEXT)
    _applied(stack)
    body = s3.get_object(Bucket="state-bucket", Key=_KEY)["Body"].read()
    for part in (body[:-10], body[:20], b""):
        s3.put_object(Bucket="state-bucket", Key=_KEY, Body=part)
        with pytest.raises(StateFailed, match="cut short"), stack.open():
            pass


def test_what_could_not_be_written_is_kept_and_written_first_by_the_next_run(
    stack: StackFolder, s3: Any, client: Callable[..., Any], tmp_path: Any
) -> None:
    stack.write(_TEXT)
    with stack.open() as found:
        plan = found.plan()
        stack.proxy.faults = Faults(deny=frozenset({f"s3:PUT /state-bucket/{_KEY}"}))
        with pytest.raises(StateFailed, match=r"cannot be written.*it is kept in .*\.state"):
            found.apply(plan)
    stack.proxy.faults = Faults()
    assert len(client("sqs").list_queues()["QueueUrls"]) == 1
    stack.is_silent()
    stack.write(_TEXT.replace("60", "90"))
    _applied(stack)
    other = StackFolder(tmp_path / "other", stack.proxy)
    other.write(_TEXT.replace("60", "90"))
    other.is_silent()
    assert _writes(stack) == {"sqs:CreateQueue": 1, "sqs:SetQueueAttributes": 1}
