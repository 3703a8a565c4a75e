"""Scenario 6: rows that are known only after others were created are planned in a second wave."""

from collections.abc import Callable
from typing import Any

from cirrusql.stacks.planning.plan import Action
from tests.stacks.stack_folder import StackFolder, actions

_TEXT = """
STACK 'waves';
RESOURCE vpc IN aws.ec2.vpcs AS SELECT '10.0.0.0/16' AS CidrBlock;
RESOURCE subnets IN aws.ec2.subnets KEY (CidrBlock) AS
  SELECT vpc.VpcId, c AS CidrBlock FROM vpc, (VALUES ('10.0.1.0/24'), ('10.0.2.0/24')) t(c);
RESOURCE logs IN aws.logs.log_groups KEY (logGroupName) AS
  SELECT '/net/' || s.CidrBlock AS logGroupName
  FROM aws.ec2.subnets s WHERE s.VpcId IN (SELECT VpcId FROM vpc);
"""


def test_rows_that_are_not_known_wait_for_the_next_wave(stack: StackFolder) -> None:
    stack.write(_TEXT)
    plan = stack.plan()
    assert actions(plan) == dict.fromkeys(
        ["vpc", "subnets['10.0.1.0/24']", "subnets['10.0.2.0/24']"], Action.CREATE
    )
    assert [(d.address, d.because) for d in plan.deferred] == [("logs", ("vpc.VpcId",))]
    report = stack.apply()
    assert report.waves_left
    assert "logs:CreateLogGroup" not in stack.writes()
    # What was unknown is known now: one wave is enough.
    plan = stack.plan()
    assert not plan.deferred
    assert stack.applied() == {"logs:CreateLogGroup": 2}


def test_two_waves_do_both(stack: StackFolder, client: Callable[..., Any]) -> None:
    stack.write(_TEXT)
    report = stack.apply(waves=2)
    assert not report.waves_left
    assert report.failed == []
    names = {g["logGroupName"] for g in client("logs").describe_log_groups()["logGroups"]}
    assert names == {"/net/10.0.1.0/24", "/net/10.0.2.0/24"}
    stack.is_silent()
