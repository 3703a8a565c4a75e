"""Parameters that a reading method cannot do without, whatever its model says."""

from __future__ import annotations

import pytest

from cirrusql.api.botocore_source import BotocoreSource
from cirrusql.api.model import Kind
from cirrusql.catalog.catalog import Catalog, schema_name
from cirrusql.catalog.inference.verbs import parts
from cirrusql.catalog.model import Method, Verb

CATALOG = Catalog([BotocoreSource()])
# What reads a batch, and gives all there is where it is given no keys, by its documentation.
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
