"""A set-valued column is changed to what SET says by adding and removing,
and nothing that stays is touched."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.plan.planned import Row, outcome, plan_of

ENDPOINT: Row = {
    "VpcEndpointId": "vpce-1",
    "SubnetIds": ["s-1", "s-2"],
    "Groups": [{"GroupId": "sg-1"}],
}

CASES: list[tuple[str, Row, str, dict[str, Any]]] = [
    (
        "UPDATE aws.ec2.vpc_endpoints SET SubnetIds = ['s-2', 's-3'] WHERE VpcEndpointId = "
        "'vpce-1'",
        ENDPOINT,
        "ec2:ModifyVpcEndpoint",
        {"VpcEndpointId": "vpce-1", "AddSubnetIds": ["s-3"], "RemoveSubnetIds": ["s-1"]},
    ),
    (
        "UPDATE aws.ec2.vpc_endpoints SET SubnetIds = NULL WHERE VpcEndpointId = 'vpce-1'",
        ENDPOINT,
        "ec2:ModifyVpcEndpoint",
        {"VpcEndpointId": "vpce-1", "RemoveSubnetIds": ["s-1", "s-2"]},
    ),
    (
        "UPDATE aws.ec2.vpc_endpoints SET SubnetIds = ['s-1', 's-2', 's-3'] "
        "WHERE VpcEndpointId = 'vpce-1'",
        ENDPOINT,
        "ec2:ModifyVpcEndpoint",
        {"VpcEndpointId": "vpce-1", "AddSubnetIds": ["s-3"]},
    ),
    (
        "UPDATE aws.ec2.vpc_endpoints SET Groups = [{'GroupId': 'sg-2'}] WHERE VpcEndpointId = "
        "'vpce-1'",
        ENDPOINT,
        "ec2:ModifyVpcEndpoint",
        {
            "VpcEndpointId": "vpce-1",
            "AddSecurityGroupIds": ["sg-2"],
            "RemoveSecurityGroupIds": ["sg-1"],
        },
    ),
]


def read(value: Any) -> Any:
    """A parameter that is JSON text as what it says."""
    return json.loads(value) if isinstance(value, str) and value[:1] in ("[", "{") else value


@pytest.mark.parametrize(("sql", "row", "operation", "call"), CASES)
def test_one_call_adds_and_takes_away(
    sql: str, row: Row, operation: str, call: dict[str, Any]
) -> None:
    found = outcome(sql, [row])
    assert found.write == operation
    assert [{n: read(v) for n, v in c.items() if v is not None} for c in found.calls] == [call]
    (write,) = plan_of(sql).writes
    assert set(write.never_null) <= set(call), "nothing is called for a row without that"
