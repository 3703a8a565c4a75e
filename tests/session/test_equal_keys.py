"""A thing is asked for by its key under whichever name the statement has it;
no detail says a thing twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.session.conftest import Ask
from tests.support.fault_proxy import FaultProxy

DOCUMENT = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", '
    '"Resource": "*"}]}'
)
OWN = "arn:aws:iam::123456789012:policy/own"


@pytest.fixture
def policies(client: Callable[..., Any], proxy: FaultProxy) -> FaultProxy:
    """A policy of the account's, beside AWS's own."""
    client("iam").create_policy(PolicyName="own", PolicyDocument=DOCUMENT)
    proxy.reset()
    return proxy


def test_a_policy_is_got_by_its_arn(ask: Ask, policies: FaultProxy) -> None:
    assert ask("SELECT PolicyName FROM aws.iam.policies WHERE Arn = $arn", arn=OWN) == [
        {"PolicyName": "own"}
    ]
    assert policies.calls == {"iam:GetPolicy": 1}


def test_an_arn_of_nothing_is_no_row_and_no_failure(ask: Ask, policies: FaultProxy) -> None:
    assert ask("SELECT PolicyName FROM aws.iam.policies WHERE Arn = $arn", arn=OWN + "-gone") == []
    assert policies.calls == {"iam:GetPolicy": 1}


def test_what_the_parameter_cannot_take_is_left_to_the_listing(
    ask: Ask, policies: FaultProxy
) -> None:
    assert ask("SELECT PolicyName FROM aws.iam.policies WHERE Arn = 'own'") == []
    assert "iam:GetPolicy" not in policies.calls


def test_a_join_on_the_arn_that_is_said_of_the_other_side(
    ask: Ask, policies: FaultProxy, client: Callable[..., Any]
) -> None:
    client("iam").create_user(UserName="ann")
    client("iam").attach_user_policy(UserName="ann", PolicyArn=OWN)
    policies.reset()
    sql = (
        "SELECT p.PolicyName FROM aws.iam.attached_user_policies a JOIN aws.iam.policies p "
        "ON p.Arn = a.PolicyArn WHERE a.UserName = 'ann' AND a.PolicyArn IN ($arn, $gone)"
    )
    assert ask(sql, arn=OWN, gone=OWN + "-gone") == [{"PolicyName": "own"}]
    assert policies.calls == {"iam:ListAttachedUserPolicies": 1, "iam:GetPolicy": 1}


@pytest.fixture
def clusters(client: Callable[..., Any], proxy: FaultProxy) -> FaultProxy:
    """Three EKS clusters."""
    role = "arn:aws:iam::123456789012:role/eks"
    for name in ("blue", "green", "gray"):
        client("eks").create_cluster(name=name, roleArn=role, resourcesVpcConfig={})
    proxy.reset()
    return proxy


LISTED = "eks:GET /clusters"
DESCRIBED = "eks:GET /clusters/{}"


@pytest.mark.parametrize(
    ("condition", "found", "described"),
    [
        ("true", ["blue", "gray", "green"], []),
        ("name LIKE 'g%'", ["gray", "green"], []),
        ("name LIKE 'g%' AND status = 'ACTIVE'", ["gray", "green"], ["gray", "green"]),
        ("cluster > 'gray' AND status = 'ACTIVE'", ["green"], ["green"]),
    ],
)
def test_the_listing_says_a_cluster_s_name(
    ask: Ask, clusters: FaultProxy, condition: str, found: list[str], described: list[str]
) -> None:
    rows = ask(f"SELECT name FROM aws.eks.clusters WHERE {condition} ORDER BY 1")
    assert [r["name"] for r in rows] == found
    assert clusters.calls == {LISTED: 1, **{DESCRIBED.format(name): 1 for name in described}}


@pytest.mark.parametrize("name", ["name", "cluster"])
def test_a_cluster_is_described_by_either_name(ask: Ask, clusters: FaultProxy, name: str) -> None:
    (row,) = ask(f"SELECT name, cluster, status FROM aws.eks.clusters WHERE {name} = 'blue'")
    assert tuple(row.values()) == ("blue", "blue", "ACTIVE")
    assert clusters.calls == {DESCRIBED.format("blue"): 1}
