"""A server error in a read is retried, whatever the operation is called."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.session.conftest import Ask
from tests.support.fault_proxy import FaultProxy, Faults


def fail_once(proxy: FaultProxy, operation: str) -> None:
    """One 500 for the first call of an operation."""
    proxy.faults = Faults(only=frozenset({operation}), server_error=1.0, most=1)


@pytest.fixture
def events(client: Callable[..., Any]) -> None:
    """A log group with one event."""
    logs = client("logs")
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    event = {"timestamp": int(time.time() * 1000), "message": "hello"}
    logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=[event])


def test_events_are_filtered_again(ask: Ask, proxy: FaultProxy, events: None) -> None:
    fail_once(proxy, "logs:FilterLogEvents")
    sql = "SELECT message FROM aws.logs.log_events WHERE logGroupName = 'g' AND filterPattern = ''"
    assert ask(sql) == [{"message": "hello"}]
    assert (proxy.calls["logs:FilterLogEvents"], proxy.passed["logs:FilterLogEvents"]) == (2, 1)


def test_exec_of_what_reads_is_made_again(ask: Ask, proxy: FaultProxy, events: None) -> None:
    fail_once(proxy, "logs:FilterLogEvents")
    ask("EXEC aws.logs.log_events.filter_log_events @logGroupName = 'g'")
    assert (proxy.calls["logs:FilterLogEvents"], proxy.passed["logs:FilterLogEvents"]) == (2, 1)


def test_a_read_without_an_answer_is_made_again(ask: Ask, proxy: FaultProxy, client: Any) -> None:
    client("s3").create_bucket(Bucket="bucket")
    fail_once(proxy, "s3:HEAD /bucket")
    ask("EXEC aws.s3.buckets.head_bucket @Bucket = 'bucket'")
    assert (proxy.calls["s3:HEAD /bucket"], proxy.passed["s3:HEAD /bucket"]) == (2, 1)


def test_what_could_be_done_twice_is_not(ask: Ask, proxy: FaultProxy, client: Any) -> None:
    client("iam").create_user(UserName="ann")
    fail_once(proxy, "iam:CreateAccessKey")
    (row,) = ask("INSERT INTO aws.iam.access_keys (UserName) VALUES ('ann')")
    assert row["status"] == "unknown"
    assert (proxy.calls["iam:CreateAccessKey"], proxy.passed["iam:CreateAccessKey"]) == (1, 0)
