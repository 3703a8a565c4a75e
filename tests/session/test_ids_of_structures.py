"""Lists that a row shows as structures and a request takes as ids."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from cirrusql.errors import DataError, ProgrammingError
from cirrusql.execution.writes.write_runner import WriteOptions
from cirrusql.session.session import Session
from tests.session.conftest import Ask, rows_of
from tests.support.fault_proxy import FaultProxy

_GROUPS = "SELECT list_sort([g.GroupId FOR g IN SecurityGroups]) AS ids FROM aws.ec2.instances"

_LAYER = "arn:aws:lambda:us-east-1:123456789012:layer:l:1"


@pytest.fixture
def groups(ask: Ask) -> tuple[str, str]:
    """The ids of two security groups in the subnet's VPC, ``one`` and ``two``."""
    (vpc,) = ask("INSERT INTO aws.ec2.vpcs (CidrBlock) VALUES ('10.7.0.0/16') RETURNING VpcId")
    made = ask(
        "INSERT INTO aws.ec2.security_groups (GroupName, Description, VpcId) VALUES "
        f"('one', 'd', '{vpc['VpcId']}'), ('two', 'd', '{vpc['VpcId']}') RETURNING GroupId"
    )
    ask(f"INSERT INTO aws.ec2.subnets (VpcId, CidrBlock) VALUES ('{vpc['VpcId']}', '10.7.1.0/24')")
    one, two = (row["GroupId"] for row in made)
    return one, two


def _instance(ask: Ask, groups: str) -> str:
    (made,) = ask(
        "INSERT INTO aws.ec2.instances (ImageId, MinCount, MaxCount, SubnetId, SecurityGroups) "
        f"SELECT 'ami-12c6146b', 1, 1, SubnetId, {groups} FROM aws.ec2.subnets "
        "WHERE CidrBlock = '10.7.1.0/24' RETURNING InstanceId"
    )
    return str(made["InstanceId"])


@pytest.mark.parametrize(
    "written",
    [
        "['{two}']",
        "[{{'GroupId': '{two}', 'GroupName': 'two'}}]",
        """'[{{"GroupId": "{two}"}}]'::JSON""",
    ],
    ids=["ids", "structures", "JSON"],
)
def test_an_instance_is_given_its_groups_under_the_name_that_it_shows_them_by(
    ask: Ask, groups: tuple[str, str], proxy: FaultProxy, written: str
) -> None:
    one, two = groups
    instance = _instance(ask, f"[{{'GroupId': '{one}'}}]")
    assert ask(f"{_GROUPS} WHERE InstanceId = '{instance}'") == [{"ids": [one]}]
    done = ask(
        f"UPDATE aws.ec2.instances SET SecurityGroups = {written.format(two=two)} "
        f"WHERE InstanceId = '{instance}'"
    )
    assert [(r["operation"], r["status"]) for r in done] == [
        ("ec2:ModifyInstanceAttribute", "done")
    ]
    assert ask(f"{_GROUPS} WHERE InstanceId = '{instance}'") == [{"ids": [two]}]
    assert proxy.calls["ec2:ModifyInstanceAttribute"] == 1


def test_what_encloses_a_row_is_not_set_by_what_sets_the_row(ask: Ask, proxy: FaultProxy) -> None:
    told = r"Groups is not of the instance itself, but of what encloses it"
    with pytest.raises(ProgrammingError, match=told) as caught:
        ask("UPDATE aws.ec2.instances SET Groups = ['sg-1'] WHERE InstanceId = 'i-1'")
    assert caught.value.hint == "SET SecurityGroups"
    assert proxy.calls == {}


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("['default']", {"SecurityGroups": ["default"]}),
        ("[{'GroupId': 'sg-1', 'GroupName': 'default'}]", {"SecurityGroupIds": ["sg-1"]}),
    ],
)
def test_names_of_groups_are_taken_as_the_request_has_them(
    open_session: Callable[..., Session], written: str, sent: dict[str, list[str]]
) -> None:
    (call,) = rows_of(
        open_session(options=WriteOptions(is_dry_run=True)),
        "INSERT INTO aws.ec2.instances (ImageId, MinCount, MaxCount, SecurityGroups) "
        f"VALUES ('ami-1', 1, 1, {written})",
    )
    groups = {k: v for k, v in json.loads(call["parameters"]).items() if "Group" in k}
    assert groups == sent


def test_layers_of_a_function_are_listed_by_their_arns(
    open_session: Callable[..., Session],
) -> None:
    (call,) = rows_of(
        open_session(options=WriteOptions(is_dry_run=True)),
        f"UPDATE aws.lambda.functions SET Layers = [{{'Arn': '{_LAYER}', 'CodeSize': 7}}] "
        "WHERE FunctionName = 'f'",
    )
    assert json.loads(call["parameters"]) == {
        "FunctionName": "f",
        "Layers": [_LAYER],
    }


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "UPDATE aws.ec2.instances SET SecurityGroups = [{'GroupName': 'one'}] WHERE true",
            "an item of SecurityGroups has no GroupId",
        ),
        (
            "UPDATE aws.ec2.instances SET SecurityGroups = ['sg-1', NULL] WHERE true",
            "an item of SecurityGroups has no GroupId",
        ),
        (
            "UPDATE aws.ec2.network_interfaces SET Groups = [{'GroupName': 'one'}] "
            "WHERE NetworkInterfaceId LIKE 'eni-%'",
            "an item of Groups has no GroupId",
        ),
        (
            "UPDATE aws.lambda.functions SET Layers = [{'CodeSize': 5}] WHERE FunctionName = 'f'",
            "an item of Layers has no Arn",
        ),
    ],
)
def test_an_item_without_its_id_is_an_error_before_any_call(
    ask: Ask, proxy: FaultProxy, statement: str, told: str
) -> None:
    with pytest.raises(DataError, match=told) as caught:
        ask(statement)
    assert "Invalid Input" not in str(caught.value)
    assert proxy.calls == {}


def test_an_item_of_each_row_without_its_id_is_an_error_before_any_write(
    ask: Ask, groups: tuple[str, str], proxy: FaultProxy
) -> None:
    one, _ = groups
    instance = _instance(ask, f"['{one}']")
    proxy.reset()
    with pytest.raises(DataError, match="an item of SecurityGroups has no GroupId"):
        ask(
            "UPDATE aws.ec2.instances SET SecurityGroups = [{'GroupName': ImageId}] "
            f"WHERE InstanceId = '{instance}'"
        )
    assert "ec2:ModifyInstanceAttribute" not in proxy.calls
    assert ask(f"{_GROUPS} WHERE InstanceId = '{instance}'") == [{"ids": [one]}]


def test_a_new_instance_takes_no_structures_without_their_ids(ask: Ask, proxy: FaultProxy) -> None:
    told = r"an item of SecurityGroups has no GroupId: .* a name is written as text"
    with pytest.raises(DataError, match=told):
        ask(
            "INSERT INTO aws.ec2.instances (ImageId, MinCount, MaxCount, SecurityGroups) "
            "VALUES ('ami-1', 1, 1, [{'GroupName': 'default'}])"
        )
    assert proxy.calls == {}


def test_no_items_are_no_error(open_session: Callable[..., Session]) -> None:
    (call,) = rows_of(
        open_session(options=WriteOptions(is_dry_run=True)),
        "UPDATE aws.lambda.functions SET Layers = [] WHERE FunctionName = 'f'",
    )
    assert json.loads(call["parameters"]) == {"FunctionName": "f", "Layers": []}
