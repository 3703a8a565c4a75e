"""Listings without a paginator are paged all the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cirrusql.api.model import Kind, Operation
from cirrusql.providers.aws.source.botocore_source import BotocoreSource

SOURCE = BotocoreSource()

# Their answers have a token that their requests do not take.
NO_WAY_TO_ASK = frozenset(
    """codeconnections:ListRepositorySyncDefinitions codestar-connections:ListRepositorySyncDefinitions
    directconnect:DescribeConnectionsOnInterconnect qapps:ListQAppSessionData
    servicecatalog:ListProvisioningArtifacts""".split()  # noqa: E501
)


@pytest.mark.parametrize(
    ("service", "operation", "given", "answered", "more"),
    [
        ("wafv2", "ListWebACLs", "NextMarker", "NextMarker", None),
        ("lightsail", "GetBuckets", "pageToken", "nextPageToken", None),
        (
            "s3",
            "ListBucketInventoryConfigurations",
            "ContinuationToken",
            "NextContinuationToken",
            "IsTruncated",
        ),
        ("cloudfront", "ListCachePolicies", "Marker", "CachePolicyList.NextMarker", None),
        (
            "docdb",
            "DescribeEngineDefaultClusterParameters",
            "Marker",
            "EngineDefaults.Marker",
            None,
        ),
        (
            "firehose",
            "ListDeliveryStreams",
            "ExclusiveStartDeliveryStreamName",
            "DeliveryStreamNames[-1]",
            "HasMoreDeliveryStreams",
        ),
        ("kinesis", "ListTagsForStream", "ExclusiveStartTagKey", "Tags[-1].Key", "HasMoreTags"),
        (
            "dynamodb",
            "ListGlobalTables",
            "ExclusiveStartGlobalTableName",
            "LastEvaluatedGlobalTableName",
            None,
        ),
        (
            "route53",
            "ListTrafficPolicies",
            "TrafficPolicyIdMarker",
            "TrafficPolicyIdMarker",
            "IsTruncated",
        ),
        ("iam", "ListPoliciesGrantingServiceAccess", "Marker", "Marker", "IsTruncated"),
    ],
)
def test_convention_is_recognised(
    service: str, operation: str, given: str, answered: str, more: str | None
) -> None:
    paging = SOURCE.load(service).operation(operation).paging
    assert paging is not None
    assert (paging.input_tokens, paging.output_tokens) == ((given,), (answered,))
    assert paging.more_results == more


def test_several_tokens_go_together() -> None:
    paging = SOURCE.load("route53").operation("ListGeoLocations").paging
    assert paging is not None
    assert paging.input_tokens == ("StartContinentCode", "StartCountryCode", "StartSubdivisionCode")
    assert paging.output_tokens == ("NextContinentCode", "NextCountryCode", "NextSubdivisionCode")


def test_log_is_read_back_until_its_token_repeats() -> None:
    paging = SOURCE.load("logs").operation("GetLogEvents").paging
    assert paging is not None
    assert paging.ends_on_repeat
    assert paging.output_tokens == ("nextBackwardToken",)


def test_log_that_is_asked_for_from_its_head_is_read_on() -> None:
    events = SOURCE.load("logs").operation("GetLogEvents")
    assert events.asked_with({"startFromHead": False}) is events
    turned = events.asked_with({"startFromHead": True})
    assert turned is events.asked_with({"startFromHead": "true"})
    assert turned.paging is not None
    assert turned.paging.output_tokens == ("nextForwardToken",)


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("iam", "CreateUser"),
        ("ec2", "CreateVpcEndpoint"),
        ("waf", "UpdateIPSet"),
        ("kms", "GenerateDataKey"),
    ],
)
def test_tokens_of_another_kind_are_no_pages(service: str, operation: str) -> None:
    assert SOURCE.load(service).operation(operation).paging is None


def test_tokens_of_every_paging_are_members_of_request_and_answer() -> None:
    for service_id in SOURCE.ids():
        service = SOURCE.load(service_id)
        for operation in map(service.operation, service.operation_names):
            if operation.paging is None:
                continue
            assert operation.output is not None, operation.id
            assert set(operation.paging.input_tokens) <= set(operation.parameters), operation.id
            assert operation.paging.parameters <= set(operation.parameters), operation.id
            for expression in operation.paging.output_tokens:
                first = expression.split("|")[0].split(".")[0].split("[")[0].strip()
                assert first in operation.output.members, f"{operation.id}: {expression}"


def test_no_listing_with_a_next_token_ends_after_a_page() -> None:
    cut = [
        f"{service_id}:{operation.name}"
        for service_id in SOURCE.ids()
        for operation in _listings(service_id)
        if operation.paging is None
    ]
    assert set(cut) <= NO_WAY_TO_ASK


def _listings(service_id: str) -> Iterator[Operation]:
    service = SOURCE.load(service_id)
    for operation in map(service.operation, service.operation_names):
        if operation.output is None or not operation.name.startswith(
            ("List", "Describe", "Search")
        ):
            continue
        for name, member in operation.output.members.items():
            is_token = name.lower() in ("nexttoken", "nextmarker", "nextpagetoken")
            if is_token and member.shape.kind is Kind.STRING:
                yield operation
