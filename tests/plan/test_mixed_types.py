"""Text beside numbers in a value that is written is an error: the engine would read '007' as 7."""

from __future__ import annotations

import pytest

from cirrusql.errors import InvalidParameter
from tests.plan.planned import outcome, plan_of

GROUP = "INSERT INTO aws.ec2.security_groups (GroupName, Description, Tags) VALUES ('a', 'b', {})"
STOP = "EXEC aws.ec2.instances.stop_instances @InstanceIds = {}"
SET = "UPDATE aws.ec2.network_interfaces SET Groups = {} WHERE NetworkInterfaceId = 'e'"


@pytest.mark.parametrize(
    "sql",
    [
        STOP.format("['007', 5]"),
        STOP.format("list_value(-5, '007')"),
        STOP.format("CASE WHEN true THEN ['007', 5.5] END"),
        SET.format("['007', 5]"),
        GROUP.format("MAP {'zip': '00712', 'rooms': 5}"),
        GROUP.format("MAP(['zip', 'rooms'], ['00712', 5])"),
        GROUP.format("MAP {'is_old': 'yes', 'is_new': true}"),
        GROUP.format("{'zip': if(true, '00712', 5)}"),
        GROUP.format("{'zip': coalesce('00712', 5)}"),
        GROUP.format("{'zip': CASE WHEN true THEN '00712' ELSE 5 END}"),
    ],
)
def test_text_beside_other_values_is_refused(sql: str) -> None:
    with pytest.raises(InvalidParameter, match="beside other values"):
        plan_of(sql)


def test_a_bound_number_beside_text_is_refused() -> None:
    with pytest.raises(InvalidParameter, match="beside other values"):
        plan_of(STOP.format("['007', $n]"), {"n": 5})


@pytest.mark.parametrize(
    ("value", "sent"),
    [("['007', '5']", ["007", "5"]), ("['007', NULL]", ["007", None])],
)
def test_text_alone_is_sent_as_it_is(value: str, sent: list[str]) -> None:
    assert outcome(STOP.format(value)).calls == [{"InstanceIds": sent}]


def test_members_of_a_structure_have_types_of_their_own() -> None:
    (call,) = outcome(GROUP.format("{'zip': '00712', 'rooms': 5}")).calls
    assert "00712" in str(call)
