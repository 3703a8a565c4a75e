"""Parameters that a read method requires, whatever its model says."""

from __future__ import annotations

import re

import pytest

from cirrusql.api.model import Kind
from cirrusql.catalog.catalog import schema_name
from cirrusql.catalog.inference.verbs import parts
from cirrusql.catalog.model import Method, Verb
from cirrusql.catalog.relations.projection import row_source
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from tests.support.catalog import CATALOG

# Batch reads that, by their documentation, return everything when called without keys.
LISTING_ALL = {
    "codecommit:BatchDescribeMergeConflicts",
    "quicksight:BatchDescribeUserLimits",
    # The profiling group is its key.
    "codeguruprofiler:BatchGetFrameMetricData",
}


def method(operation: str) -> Method:
    service, _, name = operation.partition(":")
    return CATALOG.service_catalog("aws", schema_name(service))[0].method(name)


def test_no_batch_stands_in_for_the_listing() -> None:
    found = set()
    for service in BotocoreSource().ids():
        loaded, _ = CATALOG.loaded("aws", schema_name(service))
        for name in loaded.service.operation_names:
            if not parts(name).is_batch:
                continue
            reader = loaded.method(name)
            kinds = {reader.operation.parameters[k].shape.kind for k in reader.keys}
            takes_lists = Kind.LIST in {m.shape.kind for m in reader.parameters.values()}
            if reader.verb is Verb.SELECT and not kinds & {Kind.LIST, Kind.MAP} and takes_lists:
                found.add(reader.operation.id)
    assert found == LISTING_ALL


@pytest.mark.parametrize(
    ("operation", "keys"),
    [
        ("opensearchserverless:BatchGetCollection", ("ids",)),
        ("macie2:BatchGetCustomDataIdentifiers", ("ids",)),
        ("secretsmanager:BatchGetSecretValue", ("SecretIdList",)),
        ("codebuild:BatchGetProjects", ("names",)),
        ("elbv2:DescribeListeners", ("LoadBalancerArn",)),
        ("ec2:DescribeInstances", ()),
        ("kinesis:ListShards", ("StreamName",)),
        ("iotsitewise:GetAssetPropertyValue", ("assetId", "propertyId")),
    ],
)
def test_keys_are_what_it_needs(operation: str, keys: tuple[str, ...]) -> None:
    assert method(operation).keys == keys


def test_another_parameter_stands_in_the_stead_of_a_key() -> None:
    listeners = method("elbv2:DescribeListeners")
    assert listeners.unbound({"ListenerArns"}) == ()
    assert listeners.unbound({"LoadBalancerArn"}) == ()
    assert listeners.unbound({"PageSize"}) == ("LoadBalancerArn",)


def test_what_is_required_nothing_stands_in_the_stead_of() -> None:
    assert method("sqs:GetQueueAttributes").unbound({"AttributeNames"}) == ("QueueUrl",)


_ONE_IS_REQUIRED = re.compile(
    r"must (?:specify|provide|use) (?:either|at least one)"
    r"|(?:either|one of)[^.]{0,80} must be (?:specified|provided)",
    re.IGNORECASE,
)
# Their documentation is about optional extras, or about parameters used together.
ASKED_WITH_NOTHING = {
    "geo-places:SearchText",  # a key or a signature
    "redshift:DescribeClusterSecurityGroups",  # a name or a page
    "redshift-data:ListSessions",  # only of sessions of IAM Identity Center
    "redshift-data:ListStatements",
}


def test_no_rows_come_from_a_call_of_which_the_words_say_that_one_of_several_is_required() -> None:
    found = set()
    for service in BotocoreSource().ids():
        schema = schema_name(service)
        loaded, _ = CATALOG.loaded("aws", schema)
        for name in loaded.resources(is_api=False):
            readers = loaded.table(schema, name, False).reached_by(Verb.SELECT)
            source = row_source(readers)
            if source is None or source.keys:
                continue
            said = [
                source.operation.documentation,
                *(m.documentation for m in source.parameters.values()),
            ]
            if any(_ONE_IS_REQUIRED.search(re.sub(r"<[^>]*>", "", text)) for text in said):
                found.add(source.operation.id)
    assert found == ASKED_WITH_NOTHING
