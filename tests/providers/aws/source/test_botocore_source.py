"""Services as botocore has them: names, titles, shapes, waiters, places."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cirrusql.api.model import Kind, Service
from cirrusql.providers.aws.source.botocore_source import BotocoreSource

SOURCE = BotocoreSource()


@pytest.fixture(scope="module")
def iam() -> Service:
    return SOURCE.load("iam")


def test_all_services_have_a_title_though_none_is_loaded() -> None:
    titles = {name: info.title for name, info in SOURCE.services().items()}
    assert len(titles) > 430
    assert titles["ec2"] == "Amazon Elastic Compute Cloud"
    assert titles["iam"] == "AWS Identity and Access Management"
    assert all(titles.values())


def test_title_is_what_the_whole_model_says() -> None:
    for name in ("s3", "logs", "cognito-idp", "sdb", "apigatewayv2"):
        assert SOURCE.services()[name].title == SOURCE.load(name).title


def test_importing_the_source_does_not_import_botocore() -> None:
    code = (
        "import sys, cirrusql.providers.aws.source.botocore_source; print('botocore' in "
        "sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_unknown_service_and_operation_are_key_errors(iam: Service) -> None:
    with pytest.raises(KeyError):
        SOURCE.load("no-such-service")
    with pytest.raises(KeyError):
        iam.operation("ListNothing")


def test_operation_knows_its_members_in_the_order_of_the_model(iam: Service) -> None:
    operation = iam.operation("UpdateAccessKey")
    assert operation.id == "iam:UpdateAccessKey"
    assert operation.required == ("AccessKeyId", "Status")
    assert tuple(operation.parameters) == ("UserName", "AccessKeyId", "Status")
    assert operation.parameters["Status"].shape.enum == ("Active", "Inactive", "Expired")
    assert operation.parameters["AccessKeyId"].shape.minimum == 16
    assert operation.output is None


def test_paginator_is_read(iam: Service) -> None:
    paging = iam.operation("ListAccessKeys").paging
    assert paging is not None
    assert (paging.input_tokens, paging.output_tokens) == (("Marker",), ("Marker",))
    assert (paging.limit_key, paging.more_results) == ("MaxItems", "IsTruncated")
    assert paging.result_keys == ("AccessKeyMetadata",)
    assert paging.parameters == {"Marker", "MaxItems"}


def test_sensitive_and_idempotent_and_streaming_are_known(iam: Service) -> None:
    assert iam.operation("CreateLoginProfile").parameters["Password"].shape.is_sensitive
    s3 = SOURCE.load("s3")
    body = s3.operation("GetObject").output
    assert body is not None
    assert body.members["Body"].is_streaming
    assert s3.operation("SelectObjectContent").has_event_stream
    token = SOURCE.load("ec2").operation("RunInstances").parameters["ClientToken"]
    assert token.is_idempotency_token


def test_documents_unions_and_cycles_are_known() -> None:
    attribute = SOURCE.load("dynamodb").operation("GetItem").parameters["Key"].shape.value.shape
    assert attribute.members["L"].shape.element.shape is attribute
    content = SOURCE.load("bedrock-runtime").operation("Converse").parameters["messages"].shape
    assert content.element.shape.members["content"].shape.element.shape.is_union
    runtime = SOURCE.load("bedrock-agentcore")
    kinds = {
        m.shape.kind
        for name in runtime.operation_names
        for shape in (runtime.operation(name).input, runtime.operation(name).output)
        if shape is not None
        for m in shape.members.values()
    }
    assert Kind.DOCUMENT in kinds


def test_waiters_are_read(iam: Service) -> None:
    waiter = iam.waiters["UserExists"]
    assert (waiter.operation, waiter.delay, waiter.max_attempts) == ("GetUser", 1.0, 20)
    assert [(a.state, a.matcher, a.expected) for a in waiter.acceptors] == [
        ("success", "status", 200),
        ("retry", "error", "NoSuchEntity"),
    ]


@pytest.mark.parametrize(
    "name",
    ["iam", "route53", "cloudfront", "organizations", "support", "waf", "cloudfront-keyvaluestore"],
)
def test_services_with_one_endpoint_are_global(name: str) -> None:
    assert SOURCE.load(name).is_global


@pytest.mark.parametrize("name", ["s3", "sts", "ec2", "dynamodb", "wafv2", "sdb", "health"])
def test_services_with_an_endpoint_for_each_region_are_not(name: str) -> None:
    assert not SOURCE.load(name).is_global


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("iam", "iam"),
        ("cloudwatch", "cloudwatch"),
        ("elbv2", "elasticloadbalancing"),
        ("stepfunctions", "states"),
        ("logs", "logs"),
        ("iot-data", "iot"),
        ("sesv2", "ses"),
        ("opensearch", "es"),
    ],
)
def test_permissions_begin_as_in_policies(name: str, prefix: str) -> None:
    service = SOURCE.load(name)
    operation = service.operation(service.operation_names[-1])
    assert operation.permissions == (f"{prefix}:{operation.name}",)


def test_models_beside_the_installed_ones_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "madeup" / "2026-01-01"
    folder.mkdir(parents=True)
    model = {"version": "2.0", "metadata": {"serviceFullName": "Made Up", "protocol": "json"}} | {
        "operations": {"ListThings": {"name": "ListThings", "http": {}}},
        "shapes": {},
    }
    (folder / "service-2.json").write_text(json.dumps(model))
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    assert BotocoreSource().services()["madeup"].title == "Made Up"


def test_models_are_those_that_botocore_itself_loads() -> None:
    from botocore.loaders import create_loader

    for name in ("s3", "ec2", "iam", "account"):
        for kind in ("service-2", "paginators-1"):
            assert SOURCE._read(name, kind) == create_loader().load_service_model(name, kind)


def test_a_model_of_the_users_own_changes_the_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = BotocoreSource().version
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    assert BotocoreSource().version == before
    (tmp_path / "mine" / "2020-01-01").mkdir(parents=True)
    (tmp_path / "mine" / "2020-01-01" / "service-2.json").write_text("{}")
    assert BotocoreSource().version.startswith(f"{before}+")
