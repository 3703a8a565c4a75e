"""Regions and the services available in each, from botocore's endpoint files.

A service (or an operation, or a particular parameter value) with a single region is called there,
whatever the session's region: ``regions.toml`` lists them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache, cached_property
from typing import Any

from cirrusql.api.model import Operation, Service
from cirrusql.data_files import data_file
from cirrusql.errors import InvalidParameter, nearest
from cirrusql.providers.aws.partitions import partition_of, partitions

MAIN_REGION = "us-east-1"
_PSEUDO = re.compile(r"aws-([a-z]+-)*global")
"""Pseudo-regions of endpoints that stand for a whole partition."""


def main_region(region: str) -> str:
    """The region of the global services in the region's partition."""
    return partition_of(region).main_region


@cache
def region_data() -> Mapping[str, Mapping[str, str]]:
    """``regions.toml``."""

    return data_file("cirrusql.providers.aws", "regions.toml")


class Regions:
    """The regions of all partitions. ``session`` is botocore's."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._of: dict[str, tuple[str, ...]] = {}

    @cached_property
    def named(self) -> frozenset[str]:
        """The regions of all partitions from botocore's partitions.json, the shortest
        of its files."""
        return frozenset(region for partition in partitions() for region in partition.regions)

    @cached_property
    def every(self) -> tuple[str, ...]:
        """The regions of EC2."""
        return self._listed("ec2")

    def of(self, service: Service) -> tuple[str, ...]:
        """The regions of the service in all partitions; EC2's regions if unknown."""
        native: Any = service.native
        return self._listed(str(native.endpoint_prefix)) or self.every

    def _listed(self, endpoint_prefix: str) -> tuple[str, ...]:
        found = self._of.get(endpoint_prefix)
        if found is None:
            # By name, botocore would first look for the service's model, whose name may differ.
            found = self._of[endpoint_prefix] = tuple(
                sorted(
                    region
                    for partition in self._session.get_data("endpoints")["partitions"]
                    for region in partition["services"]
                    .get(endpoint_prefix, {})
                    .get("endpoints", {})
                    if region in partition["regions"]
                )
            )
        return found

    def only(self, service: Service, operation: str, region: str) -> str | None:
        """The only region of the service in the partition of ``region``; None if there
        are several."""
        data = region_data()
        said = data["operations"].get(f"{service.id}:{operation}") or data["services"].get(
            service.id
        )
        if said == "main":
            return main_region(region)
        if said is not None and main_region(said) == main_region(region):
            return said
        if main_region(region) == MAIN_REGION:
            return None
        native: Any = service.native
        listed = self._listed(str(native.endpoint_prefix))
        here = [r for r in listed if main_region(r) == main_region(region)]
        return here[0] if len(here) == 1 else None


def region_of_parameters(operation: Operation, parameters: Mapping[str, object]) -> str | None:
    """The only region that answers a call with these parameters, if any."""
    known = region_data()["parameters"]
    for name, value in parameters.items():
        if isinstance(value, str):
            found = known.get(f"{operation.service.id}.{name}={value}") or region_of_arn(value)
            if found is not None:
                return found
    return None


def region_of_arn(text: str) -> str | None:
    """The region that answers for the resource of an ARN that says it is global."""
    if not text.startswith("arn:"):
        return None
    return next(
        (r for pattern, r in region_data()["arns"].items() if fnmatchcase(text, pattern)), None
    )


def must_exist(region: str, known: Sequence[str]) -> None:
    """Raise InvalidParameter if no partition has a region of that name."""
    if region in known or _PSEUDO.fullmatch(region):
        return
    near = nearest(region, known)
    raise InvalidParameter(
        f"unknown region {region!r}",
        hint=f"did you mean {', '.join(near)}?" if near else "SHOW REGIONS lists the regions",
    )
