"""Scenario 8: rows that the API names are told apart by a key of the user's."""

from collections.abc import Callable
from typing import Any

from cirrusql.stacks.planning.plan import Action
from tests.stacks.stack_folder import StackFolder, actions

_TEXT = """
STACK 'vpcs';
RESOURCE v IN aws.ec2.vpcs KEY (_name) AS
  SELECT n AS _name, '10.0.0.0/16' AS CidrBlock FROM (VALUES NAMES) t(n);
"""


def _text(*names: str) -> str:
    return _TEXT.replace("NAMES", ", ".join(f"('{n}')" for n in names))


def test_the_row_that_goes_is_the_one_with_that_key(
    stack: StackFolder, client: Callable[..., Any]
) -> None:
    ec2 = client("ec2")
    default = {v["VpcId"] for v in ec2.describe_vpcs()["Vpcs"]}
    stack.write(_text("one", "two", "three"))
    assert stack.applied() == {"ec2:CreateVpc": 3}
    ids = {address: row["VpcId"] for address, row in stack.rows().items()}
    stack.write(_text("one", "three"))
    assert actions(stack.plan()) == {"v['two']": Action.DELETE}
    stack.applied()
    left = {v["VpcId"] for v in ec2.describe_vpcs()["Vpcs"]} - default
    assert left == {ids["v['one']"], ids["v['three']"]}


def test_moved_rows_keep_their_resource(stack: StackFolder) -> None:
    stack.write(_text("one", "two"))
    stack.applied()
    ids = stack.rows()
    stack.write(_text("uno", "two") + "MOVED v['one'] TO v['uno'];")
    assert actions(stack.plan()) == {"v['uno']": Action.MOVE}
    assert stack.applied() == {}
    assert stack.rows() == {"v['uno']": ids["v['one']"], "v['two']": ids["v['two']"]}
    text = _text("uno", "two").replace("RESOURCE v", "RESOURCE w") + "MOVED v TO w;"
    stack.write(text)
    assert actions(stack.plan()) == {"w['uno']": Action.MOVE, "w['two']": Action.MOVE}
    assert stack.applied() == {}


def test_moved_by_a_query(stack: StackFolder) -> None:
    stack.write(_text("one", "two"))
    stack.applied()
    stack.write(
        _text("x-one", "x-two")
        + "MOVED v USING (SELECT n, 'x-' || n FROM (VALUES ('one'), ('two')) t(n));"
    )
    assert set(actions(stack.plan()).values()) == {Action.MOVE}
    assert stack.applied() == {}


def test_removed_is_forgotten_and_stays(stack: StackFolder, client: Callable[..., Any]) -> None:
    stack.write(_text("one"))
    stack.applied()
    (row,) = stack.rows().values()
    stack.write("STACK 'vpcs'; REMOVED v;")
    assert actions(stack.plan()) == {"v['one']": Action.FORGET}
    assert stack.applied() == {}
    assert stack.rows() == {}
    assert client("ec2").describe_vpcs(VpcIds=[row["VpcId"]])["Vpcs"]


def test_a_lost_state_is_rebuilt_from_owner_tags(
    stack: StackFolder, client: Callable[..., Any]
) -> None:
    client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
    stack.write(
        _text("one", "two")
        + "RESOURCE b IN aws.s3.buckets AS SELECT 'rec-b' AS Bucket, MAP {'k': 'v'} AS Tags;"
    )
    stack.applied()
    rows = stack.rows()
    before = stack.writes()
    with stack.open() as found:
        path = found.state.path
    path.unlink()
    assert stack.rows() == {}
    with stack.open() as found:
        recovered = found.recover()
    assert {r.address for r in recovered} == {"v['one']", "v['two']", "b"}
    assert stack.rows() == rows
    stack.is_silent()
    with stack.open() as found:
        assert found.recover() == []
    stack.write(_text("one"))
    assert set(actions(stack.plan()).values()) == {Action.DELETE}
    assert stack.writes() == before
