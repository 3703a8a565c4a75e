"""Where a call goes: the queries to botocore's endpoint rules, and the cache of their answers."""

from __future__ import annotations

from typing import Any

import pytest

from cirrusql.providers.aws.protocol.endpoint import EndpointInput, Resolver, discovery_operation
from tests.support.operations import operation_of, service_of


def resolved(name: str, place: EndpointInput, **parameters: object) -> Any:
    operation: Any = operation_of(name).native
    context = {"auth_type": operation.resolved_auth_type, "client_region": place.region}
    return Resolver(service_of(name.partition(":")[0])).resolve(
        place, operation, parameters, context
    )


@pytest.mark.parametrize(
    ("name", "region", "url", "signed_for"),
    [
        ("iam:ListUsers", "eu-west-1", "https://iam.amazonaws.com", "us-east-1"),
        ("iam:ListUsers", "cn-north-1", "https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("iam:ListUsers", "us-gov-west-1", "https://iam.us-gov.amazonaws.com", "us-gov-west-1"),
        ("ec2:DescribeInstances", "eu-west-1", "https://ec2.eu-west-1.amazonaws.com", "eu-west-1"),
        ("sts:GetCallerIdentity", "eu-west-1", "https://sts.eu-west-1.amazonaws.com", "eu-west-1"),
        (
            "health:DescribeEvents",
            "eu-west-1",
            "https://health.eu-west-1.amazonaws.com",
            "us-east-1",
        ),
    ],
)
def test_a_call_goes_to_its_region_and_is_signed_for_it(
    name: str, region: str, url: str, signed_for: str
) -> None:
    found = resolved(name, EndpointInput(region))
    assert (found.url, found.signing_region) == (url, signed_for)


def test_a_custom_endpoint_keeps_the_region_of_the_signature() -> None:
    found = resolved("ec2:DescribeInstances", EndpointInput("eu-west-1", "http://localhost:5000"))
    assert (found.url, found.signing_region) == ("http://localhost:5000", "eu-west-1")


@pytest.mark.parametrize(
    ("endpoint_url", "url"),
    [
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("http://[::1]:5000", "http://[::1]:5000"),
        ("http://localhost:5000", "http://123456789012.localhost:5000"),
    ],
)
def test_an_account_is_a_label_of_a_host_name_and_not_of_an_address(
    endpoint_url: str, url: str
) -> None:
    place = EndpointInput("eu-west-1", endpoint_url)
    found = resolved("s3control:GetPublicAccessBlock", place, AccountId="123456789012")
    assert found.url == url


def test_rules_that_read_no_parameters_are_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver, operation = Resolver(service_of("iam")), operation_of("iam:ListUsers").native
    asked = []
    real = resolver._resolved
    monkeypatch.setattr(resolver, "_resolved", lambda *given: asked.append(1) or real(*given))  # type: ignore[func-returns-value]
    for _ in range(3):
        resolver.resolve(EndpointInput("us-east-1"), operation, {}, {"auth_type": None})
    resolver.resolve(EndpointInput("cn-north-1"), operation, {}, {"auth_type": None})
    assert len(asked) == 2


def test_regions_do_not_leak_into_each_other() -> None:
    resolver, operation = Resolver(service_of("ec2")), operation_of("ec2:DescribeInstances").native
    urls = [
        resolver.resolve(EndpointInput(region), operation, {}, {"auth_type": None}).url
        for region in ("eu-west-1", "us-east-1", "eu-west-1")
    ]
    assert urls[0] == urls[2] != urls[1]


@pytest.mark.parametrize(
    ("name", "auth"),
    [
        ("iam:ListUsers", "v4"),
        ("s3:ListBuckets", "s3v4"),
        ("sdb:ListDomains", "v2"),
        ("cognito-identity:GetId", "none"),
        ("codecatalyst:ListSpaces", "bearer"),
    ],
)
def test_the_rules_say_how_to_sign(name: str, auth: str) -> None:
    assert resolved(name, EndpointInput("us-east-1")).auth == auth


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("timestream-query:Query", "DescribeEndpoints"),
        ("timestream-write:ListDatabases", "DescribeEndpoints"),
        ("timestream-query:DescribeEndpoints", None),
        ("dynamodb:Scan", None),
        ("iam:ListUsers", None),
    ],
)
def test_some_services_are_asked_first_where_to_go(name: str, first: str | None) -> None:
    found = discovery_operation(operation_of(name))
    assert (found.name if found is not None else None) == first
