"""Scenario 18 and the failures of calls: what does not need the failed row is done, the state is
what is there, and the next run makes only the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.stacks.planning.plan import Action
from cirrusql.stacks.state.store import State, StateFailed
from tests.stacks.stack_folder import StackFolder, actions
from tests.support.fault_proxy import Faults

_SIMPLE = """
STACK 'one';
RESOURCE queue IN aws.sqs.queues AS SELECT 'q' AS QueueName, 60 AS VisibilityTimeout;
RESOURCE vpc IN aws.ec2.vpcs AS SELECT '10.7.0.0/16' AS CidrBlock;
RESOURCE late IN aws.sns.topics DEPENDS ON (vpc, queue) AS SELECT 'late' AS Name;
"""


def _vpcs(client: Callable[..., Any]) -> int:
    found = client("ec2").describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.7.0.0/16"]}])
    return len(found["Vpcs"])


def test_what_is_independent_is_done_and_the_next_apply_makes_the_rest(stack: StackFolder) -> None:
    stack.write(_SIMPLE.replace("STACK 'one';", "STACK 'one';" + _BUCKET))
    stack.proxy.faults = Faults(deny=frozenset({"ec2:CreateVpc"}))
    report = stack.apply()
    status = {r.change.address: r.status for r in report.results}
    assert status == {"queue": "done", "bucket": "done", "vpc": "failed", "late": "not run"}
    assert set(stack.rows()) == {"queue", "bucket"}
    stack.proxy.faults = Faults()
    assert stack.applied() == {"ec2:CreateVpc": 1, "sns:CreateTopic": 1}


_BUCKET = "RESOURCE bucket IN aws.s3.buckets AS SELECT 'one-bucket' AS Bucket;\n"


def test_undo_leaves_the_account_and_the_state_as_before(
    stack: StackFolder, client: Callable[..., Any]
) -> None:
    stack.write("STACK 'one'; RESOURCE queue IN aws.sqs.queues AS "
                "SELECT 'q' AS QueueName, 30 AS VisibilityTimeout;")  # fmt: skip
    stack.applied()
    with stack.open() as found:
        before = found.state.rows()
    stack.write(_SIMPLE)
    stack.proxy.faults = Faults(deny=frozenset({"sns:CreateTopic"}))
    with stack.open() as found:
        found.undoes = True
        report = found.apply(found.plan())
        assert found.state.rows() == before
    status = {r.change.address: r.status for r in report.results}
    assert status == {"queue": "undone", "vpc": "undone", "late": "failed"}
    assert _vpcs(client) == 0
    (url,) = client("sqs").list_queues()["QueueUrls"]
    attributes = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    assert attributes["Attributes"]["VisibilityTimeout"] == "30"
    stack.proxy.faults = Faults()
    assert set(stack.applied()) == {"sqs:SetQueueAttributes", "ec2:CreateVpc", "sns:CreateTopic"}


@pytest.mark.parametrize(
    "faults",
    [
        Faults(reset_after=1, most=1, only=frozenset({"ec2:CreateVpc"})),
        Faults(truncate=1, most=1, only=frozenset({"ec2:CreateVpc"})),
        Faults(server_error=1, most=1, only=frozenset({"ec2:CreateVpc"})),
        Faults(throttle=1, most=3, only=frozenset({"ec2:CreateVpc", "sqs:CreateQueue"})),
    ],
    ids=["reset after send", "answer lost", "5xx once", "throttled"],
)
def test_a_lost_answer_makes_nothing_twice(
    stack: StackFolder, client: Callable[..., Any], faults: Faults
) -> None:
    stack.write(_SIMPLE)
    stack.proxy.faults = faults
    stack.apply()
    stack.proxy.faults = Faults()
    stack.apply()
    stack.is_silent()
    assert _vpcs(client) == 1
    stack.destroyed()
    assert _vpcs(client) == 0


def test_5xx_always_leaves_it_not_done(stack: StackFolder, client: Callable[..., Any]) -> None:
    stack.write(_SIMPLE)
    stack.proxy.faults = Faults(server_error=1, only=frozenset({"ec2:CreateVpc"}))
    report = stack.apply()
    status = {r.change.address: r.status for r in report.results}
    assert status["queue"] == "done"
    assert status["vpc"] in ("failed", "unknown")
    assert status["late"] == "not run"
    stack.proxy.faults = Faults()
    stack.applied()
    assert _vpcs(client) == 1


def test_a_region_that_is_denied_derives_no_delete(stack: StackFolder) -> None:
    stack.write(_SIMPLE)
    stack.applied()
    stack.write("STACK 'one';")
    stack.proxy.faults = Faults(deny=frozenset({"ec2:DescribeVpcs@us-east-1"}))
    plan = stack.plan()
    assert actions(plan)["vpc"] is Action.UNREADABLE
    assert plan.is_partial


def _fill(state: State, size: int) -> None:
    for _ in range(200):
        try:
            state.begin("filler", "create", "t", {"x": "x" * size})
        except StateFailed:
            return


def test_a_full_disk_stops_before_the_calls(stack: StackFolder) -> None:
    stack.write(_SIMPLE)
    with stack.open() as found:
        (pages,) = found.state._all("PRAGMA page_count")[0]
        found.state._all(f"PRAGMA max_page_count = {pages}")
        for size in (2000, 100, 1):
            _fill(found.state, size)
        plan = found.plan()
        before = stack.writes()
        with pytest.raises(StateFailed, match="full"):
            found.apply(plan)
    assert stack.writes() == before
