"""Invalid parameters, all reported at once."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from cirrusql.encode.validation import faults
from tests.support.operations import operation_of
from tests.support.values import value_of


def of(name: str, **parameters: Any) -> list[str]:
    return faults(operation_of(name), parameters)


def test_what_fits_the_model_has_no_fault() -> None:
    assert of("iam:CreateUser", UserName="ann", Tags=[{"Key": "team", "Value": "x"}]) == []


def test_json_text_is_read_before_it_is_judged() -> None:
    assert of("iam:CreateUser", UserName="ann", Tags='[{"Key": "team", "Value": "x"}]') == []


def test_every_fault_is_found_at_once() -> None:
    found = of("iam:CreateUser", UserNam="ann", Path=1, Tags=[{"Key": "k"}, {"Value": "v", "x": 1}])
    assert found == [
        "UserName is required",
        "UserNam is unknown (did you mean UserName?)",
        "Path must match (\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F), which '1' does not",
        "Tags[1].Value is required",
        "Tags[2].Key is required",
        "Tags[2].x is unknown",
    ]


@pytest.mark.parametrize(
    ("name", "parameters", "fault"),
    [
        (
            "iam:CreateUser",
            {"UserName": "a" * 65},
            "the length of UserName must be at most 64, not 65",
        ),
        ("iam:ListUsers", {"MaxItems": 1001}, "MaxItems must be at most 1000, not 1001"),
        ("iam:ListUsers", {"MaxItems": "many"}, "MaxItems must be a whole number, not 'many'"),
        ("iam:ListUsers", {"MaxItems": True}, "MaxItems must be a whole number, not True"),
        ("iam:ListUsers", {"MaxItems": 1.5}, "MaxItems must be a whole number, not 1.5"),
        ("ec2:RunInstances", {"DryRun": "perhaps"}, "DryRun must be true or false, not 'perhaps'"),
        (
            "ec2:StopInstances",
            {"InstanceIds": {"a": 1}},
            "InstanceIds must be a list, not {'a': 1}",
        ),
        (
            "cloudtrail:LookupEvents",
            {"StartTime": "soon"},
            "StartTime must be a timestamp, not 'soon'",
        ),
        (
            "sqs:ReceiveMessage",
            {"QueueUrl": "q", "WaitTimeSeconds": 2**31},
            "WaitTimeSeconds must be a 32-bit integer",
        ),
        ("lambda:DeleteFunction", {"FunctionName": ""}, "FunctionName must not be empty"),
    ],
)
def test_a_fault_says_what_would_have_been_right(
    name: str, parameters: dict[str, Any], fault: str
) -> None:
    required = {n: "i-1" for n in operation_of(name).required if n not in parameters}
    assert any(found.startswith(fault) for found in of(name, **parameters, **required))


def test_an_enum_names_the_nearest() -> None:
    (found,) = of(
        "ec2:DescribeInstanceStatus", Operator=None, Filters=None, IncludeAllInstances="x"
    )
    assert found == "IncludeAllInstances must be true or false, not 'x'"
    (found,) = of("dynamodb:Scan", TableName="t", Select="COUNTS")
    assert found.startswith("Select must be one of COUNT")


@pytest.mark.parametrize(("given", "shown"), [({}, "none"), ({"S": "a", "N": "1"}, "S, N")])
def test_a_union_has_exactly_one_member(given: dict[str, str], shown: str) -> None:
    operation = operation_of("bedrock-runtime:Converse")
    content = {
        **({"text": "hi"} if given else {}),
        **({"cachePoint": {"type": "default"}} if given else {}),
    }
    (found,) = faults(
        operation, {"modelId": "m", "messages": [{"role": "user", "content": [content]}]}
    )
    names = "none" if shown == "none" else "text, cachePoint"
    assert found.startswith("messages[1].content[1] must have exactly one of text, ")
    assert found.endswith(f"not {names}")


def test_an_idempotency_token_need_not_be_given() -> None:
    assert "ClientToken" not in " ".join(of("ec2:CreateNatGateway", SubnetId="s"))


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("iam:CreateLoginProfile", {"UserName": "u", "Password": "hunter2" * 40}),
        ("iam:CreateLoginProfile", {"UserName": "u", "PasswordResetRequired": "hunter2"}),
        ("secretsmanager:CreateSecret", {"Name": "n", "SecretString": "hunter2" * 20_000}),
        ("secretsmanager:CreateSecret", {"Name": "n", "SecretBinary": {"hunter2": 1}}),
        (
            "lambda:CreateFunction",
            {"Environment": {"Variables": {"x y": "hunter2", "P": ["hunter2"]}}},
        ),
        ("rds:CreateDBInstance", {"MasterUserPassword": {"hunter2": 1, "n": ["hunter2"]}}),
    ],
)
def test_a_secret_is_never_repeated(name: str, parameters: dict[str, Any]) -> None:
    found = of(name, **parameters)
    assert found
    assert "hunter2" not in " ".join(found)


def test_the_key_of_a_map_is_a_name_and_is_shown() -> None:
    variables = {"DB_PASSWORD": "hunter2", "A": "1", "B-C": "2"}
    found = of("lambda:UpdateFunctionConfiguration", Environment={"Variables": variables})
    keys = [f for f in found if f.startswith("the key of Environment.Variables[")]
    assert [k.partition(" must match")[0] for k in keys] == [
        "the key of Environment.Variables['A']",
        "the key of Environment.Variables['B-C']",
    ]
    assert [k.rpartition(", which ")[2] for k in keys] == ["'A' does not", "'B-C' does not"]


def test_route53_ids_may_be_those_of_its_answers() -> None:
    assert of("route53:GetHostedZone", Id="/hostedzone/Z0123456789ABCDEFGHIJ") == []


@pytest.mark.parametrize(
    "name", ["ec2:RunInstances", "s3:PutBucketLifecycleConfiguration", "dynamodb:PutItem"]
)
def test_types_that_the_model_allows_are_allowed(name: str) -> None:
    operation = operation_of(name)
    assert operation.input is not None
    given = value_of(operation.input, Random(name))
    wrong = [
        f
        for f in faults(operation, given)
        if " must be a" in f and "at least" not in f and "at most" not in f
    ]
    assert wrong == []
