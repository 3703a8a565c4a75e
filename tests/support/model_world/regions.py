"""In which of the world's regions a service answers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from cirrusql.api.model import Operation, Service
from cirrusql.providers.aws.regions import MAIN_REGION, region_data, region_of_arn
from tests.support.model_world.things import REGIONS


@cache
def _endpoints() -> Mapping[str, Any]:
    """What botocore's endpoints.json says of the services of the main partition."""
    from botocore.loaders import create_loader

    (found,) = (
        p for p in create_loader().load_data("endpoints")["partitions"] if p["partition"] == "aws"
    )
    services: Mapping[str, Any] = found["services"]
    return services


def is_served(service: Service, region: str) -> bool:
    """Whether a service answers in a region, by botocore's endpoints;
    where they are silent, it does."""
    if service.is_global:
        return True
    only = only_region(service)
    if only is not None:
        return region == only
    native: Any = service.native
    mine = set(_endpoints().get(str(native.endpoint_prefix), {}).get("endpoints", {})) & set(
        REGIONS
    )
    return not mine or region in mine


def only_region(service: Service) -> str | None:
    """The one region that answers for all: what the product knows of it has tests of its own."""
    return region_data()["services"].get(service.id)


def session_region(service: Service) -> str:
    """The region of a session that asks for a service: one in which it answers,
    if it has several."""
    if only_region(service) is not None:
        return REGIONS[0]
    return next(region for region in REGIONS if is_served(service, region))


def region_of(operation: Operation) -> str | None:
    """The one region that has what an operation tells of, in a service that has several."""
    said = region_data()["operations"].get(operation.id)
    return MAIN_REGION if said == "main" else said


def is_answered(operation: Operation, region: str) -> bool:
    """Whether a region answers an operation: what is the partition's, every region tells of."""
    return region_data()["operations"].get(operation.id) in (None, "main", region)


def region_of_value(service: Service, parameter: str, value: object) -> str | None:
    """The one region that has what is asked for by a value of a parameter."""
    said = region_data()["parameters"].get(f"{service.id}.{parameter}={value}")
    return said or (region_of_arn(value) if isinstance(value, str) else None)


def regions_of_values(service: Service) -> frozenset[str]:
    """All such regions of a service."""
    known = region_data()["parameters"]
    return frozenset(region for key, region in known.items() if key.startswith(f"{service.id}."))
