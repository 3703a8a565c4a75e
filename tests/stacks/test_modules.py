"""Scenario 20: a module for each row of a query, over several regions."""

from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.stacks.language.statements import StackError
from cirrusql.stacks.planning.plan import Action
from tests.stacks.stack_folder import StackFolder, actions
from tests.support.fault_proxy import FaultProxy

_MODULE = """
PARAM name VARCHAR;
PARAM region VARCHAR;
RESOURCE bucket IN aws.s3.buckets AS
  SELECT 'm-' || $name || '-' || $region AS Bucket, $region AS region;
RESOURCE topic IN aws.sns.topics AS SELECT $name || '-alerts' AS Name, $region AS region;
RESOURCE alarm IN aws.cloudwatch.metric_alarms AS
  SELECT $name || '-alarm' AS AlarmName, 'Errors' AS MetricName, 'App' AS Namespace,
         'Sum' AS Statistic, 60 AS Period, 1 AS EvaluationPeriods, 1.0 AS Threshold,
         'GreaterThanThreshold' AS ComparisonOperator, [topic.TopicArn] AS AlarmActions,
         $region AS region
  FROM topic;
"""
_STACK = """
STACK 'multi';
VIEW services AS
  SELECT name, region
  FROM (VALUES ('a'), ('b')) n(name), (VALUES ('us-east-1'), ('eu-west-1'), ('us-west-2')) r(region)
  WHERE region <> 'LESS';
INCLUDE 'svc/' AS svc (name => name, region => region)
  FOR EACH (SELECT name, region FROM services);
OUTPUT arns AS SELECT region, TopicArn FROM svc.topic ORDER BY ALL;
"""


@pytest.fixture
def multi(stack: StackFolder) -> StackFolder:
    """A stack of 2 services in 3 regions, applied."""
    stack.write(_MODULE, "svc/service.sql")
    stack.write(_STACK)
    stack.applied()
    return stack


def test_each_instance_has_resources_of_its_own(
    multi: StackFolder, client: Callable[..., Any]
) -> None:
    assert len(multi.rows()) == 18
    assert multi.rows()["svc['a','eu-west-1'].bucket"] == {"Name": "m-a-eu-west-1"}
    location = client("s3").get_bucket_location(Bucket="m-a-eu-west-1")
    assert location["LocationConstraint"] == "eu-west-1"
    (alarm, _) = client("cloudwatch", "eu-west-1").describe_alarms()["MetricAlarms"]
    assert alarm["AlarmActions"] == ["arn:aws:sns:eu-west-1:123456789012:a-alerts"]
    with multi.open() as found:
        (rows, _) = found.state.outputs()["arns"]
    assert len(rows) == 6


def test_a_region_that_goes_takes_only_its_own(
    multi: StackFolder, client: Callable[..., Any]
) -> None:
    multi.write(_STACK.replace("LESS", "us-west-2"))
    plan = multi.plan()
    assert set(actions(plan).values()) == {Action.DELETE}
    assert all("us-west-2" in address for address in actions(plan))
    assert len(actions(plan)) == 6
    multi.applied()
    names = {bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]}
    assert names == {f"m-{n}-{r}" for n in "ab" for r in ("us-east-1", "eu-west-1")}


def test_what_cannot_be_read_is_never_deleted(multi: StackFolder, proxy: FaultProxy) -> None:
    operations = (
        "sns:GetTopicAttributes",
        "cloudwatch:DescribeAlarms",
        "monitoring:DescribeAlarms",
    )
    proxy.faults.deny = frozenset(f"{o}@eu-west-1" for o in operations)
    multi.write(_STACK.replace("LESS", "us-west-2"))
    plan = multi.plan()
    assert plan.is_partial
    by_action: dict[Action, set[str]] = {}
    for change in plan.changes:
        by_action.setdefault(change.action, set()).add(change.address)
    assert all("us-west-2" in a for a in by_action[Action.DELETE])
    assert by_action[Action.UNREADABLE] == {
        f"svc['{n}','eu-west-1'].{r}" for n in "ab" for r in ("topic", "alarm")
    }
    assert Action.CREATE not in by_action
    multi.write(_STACK.replace("LESS", "eu-west-1"))
    plan = multi.plan()
    assert not [a for a in actions(plan) if "topic" in a and actions(plan)[a] is Action.DELETE]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("INCLUDE 'svc/' AS svc (name => 'a');", "module svc needs region"),
        ("INCLUDE 'svc/' AS svc (name => 'a', regoin => 'x');", "has no parameter regoin"),
        ("INCLUDE 'nowhere/' AS svc;", "is not a folder"),
        (
            "INCLUDE 'svc/' AS svc (name => n, region => 'x') "
            "FOR EACH (SELECT n FROM (VALUES ('a'), ('a')) t(n));",
            "FOR EACH returns ['a'] twice, in rows 1 and 2",
        ),
        (
            "INCLUDE 'svc/' AS svc (name => 'a', region => 'x');"
            "OUTPUT o AS SELECT * FROM svc.topics;",
            "module svc has no topics",
        ),
    ],
)
def test_wrong_modules_are_errors_with_a_place(stack: StackFolder, text: str, told: str) -> None:
    stack.write(_MODULE, "svc/service.sql")
    stack.write(f"STACK 'wrong';\n{text}")
    with pytest.raises(StackError) as raised:
        stack.plan()
    assert told in raised.value.message
    assert raised.value.message.startswith("stack.sql:2: ")
