"""Where services answer: botocore's endpoints and ``regions.toml`` agree,
and name what there is."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest

from cirrusql.plan.model import CallScope
from cirrusql.providers.aws.regions import Regions, main_region, region_data, region_of_parameters
from cirrusql.providers.aws.source.botocore_source import BotocoreSource

SOURCE = BotocoreSource()
REGIONS = Regions(botocore.session.Session())


def regions(targets: Any) -> list[str]:
    return [t.region for t in targets]


def test_every_service_that_the_endpoints_list_in_one_region_is_called_there() -> None:
    missing = {}
    for name in SOURCE.ids():
        service = SOURCE.load(name)
        native: Any = service.native
        listed = REGIONS._listed(str(native.endpoint_prefix))
        here = [region for region in listed if main_region(region) == "us-east-1"]
        if (
            len(here) == 1
            and not service.is_global
            and REGIONS.only(service, "", "eu-west-1") is None
        ):
            missing[name] = here[0]
    assert not missing


@pytest.mark.parametrize("name", sorted(region_data()["services"]))
def test_a_service_of_one_region_exists_and_is_not_global(name: str) -> None:
    assert not SOURCE.load(name).is_global
    assert region_data()["services"][name] in REGIONS.named


@pytest.mark.parametrize("name", sorted(region_data()["operations"]))
def test_an_operation_of_one_region_exists(name: str) -> None:
    service, _, operation = name.partition(":")
    assert SOURCE.load(service).operation(operation)
    assert region_data()["operations"][name] in {"main", *REGIONS.named}


@pytest.mark.parametrize("name", sorted(region_data()["parameters"]))
def test_a_parameter_of_one_region_exists(name: str) -> None:
    service, _, rest = name.partition(".")
    parameter, _, value = rest.partition("=")
    model = SOURCE.load(service)
    members = [
        operation.parameters[parameter]
        for operation in map(model.operation, model.operation_names)
        if parameter in operation.parameters
    ]
    assert members
    assert all(value in member.shape.enum for member in members)
    assert region_data()["parameters"][name] in REGIONS.named


def test_the_regions_of_a_service_are_found_by_its_endpoints_name() -> None:
    assert set(REGIONS.of(SOURCE.load("ecr-public"))) == {"us-east-1", "us-west-2"}


@pytest.mark.parametrize(
    ("scope", "called"),
    [
        (CallScope(), ["us-west-2"]),
        (CallScope(regions=("%",)), ["us-west-2"]),
        (CallScope(regions=("us-west-2",)), ["us-west-2"]),
        (CallScope(regions=("eu-west-1",)), []),
        (CallScope(regions=("eu-%",)), []),
        (CallScope(regions=("%",), excluded_regions=("us-west-2",)), []),
        (CallScope(regions=("eu-west-1",), is_exact=True), ["eu-west-1"]),
    ],
)
def test_a_service_of_one_region_is_called_there_alone(
    fetcher: Any, scope: CallScope, called: list[str]
) -> None:
    opened = fetcher(region="eu-west-1")
    assert regions(opened.targets(scope, SOURCE.load("globalaccelerator"))) == called


def test_one_operation_of_a_regional_service_may_have_one_region(fetcher: Any) -> None:
    opened = fetcher(region="eu-west-1")
    rds = SOURCE.load("rds")
    assert regions(opened.targets(CallScope(), rds, "DescribeGlobalClusters")) == ["us-east-1"]
    assert regions(opened.targets(CallScope(), rds, "DescribeDBClusters")) == ["eu-west-1"]


def test_a_partition_of_its_own_has_its_own_region(fetcher: Any) -> None:
    opened = fetcher(region="cn-northwest-1")
    assert regions(opened.targets(CallScope(), SOURCE.load("rds"), "DescribeGlobalClusters")) == [
        "cn-north-1"
    ]
    assert regions(opened.targets(CallScope(), SOURCE.load("globalaccelerator"))) == [
        "cn-northwest-1"
    ]


def test_what_is_asked_for_by_a_parameter_may_have_one_region() -> None:
    listing = SOURCE.load("wafv2").operation("ListWebACLs")
    assert region_of_parameters(listing, {"Scope": "CLOUDFRONT"}) == "us-east-1"
    assert region_of_parameters(listing, {"Scope": "REGIONAL"}) is None


@pytest.mark.parametrize(
    ("arn", "region"),
    [
        ("arn:aws:wafv2:us-east-1:111111111111:global/webacl/a/1", "us-east-1"),
        ("arn:aws:wafv2:us-east-1:111111111111:regional/webacl/a/1", None),
        ("arn:aws:iam::111111111111:global/x", None),
    ],
)
def test_what_an_arn_says_is_of_all_regions_is_asked_for_in_the_one_that_answers(
    arn: str, region: str | None
) -> None:
    operation = SOURCE.load("wafv2").operation("GetLoggingConfiguration")
    assert region_of_parameters(operation, {"ResourceArn": arn}) == region
