"""Partitions of AWS, from botocore's files: which one a region belongs to, and where its global
services are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from cirrusql.providers.aws.source.botocore_source import new_loader

COMMERCIAL = "aws"
_IAM = {"aws-cn": "cn-north-1"}
"""Signing regions for IAM in endpoints.json, if different from the global services' region."""


@dataclass(frozen=True)
class Partition:
    """``aws``, ``aws-cn``, ``aws-us-gov`` …"""

    name: str
    """As in ARNs."""
    main_region: str
    """The region of its global services."""
    regions: frozenset[str]
    pattern: str
    """Pattern of its region names, including regions that the files do not list yet."""


@cache
def partitions() -> tuple[Partition, ...]:
    """All partitions, the commercial one first."""
    found = [
        Partition(
            name=raw["id"],
            main_region=_IAM.get(raw["id"], raw["outputs"]["implicitGlobalRegion"]),
            regions=frozenset(raw["regions"]),
            pattern=raw["regionRegex"],
        )
        for raw in new_loader().load_data("partitions")["partitions"]
    ]
    return tuple(sorted(found, key=lambda p: p.name != COMMERCIAL))


@cache
def partition_of(region: str) -> Partition:
    """The partition of a region; the commercial one if unknown."""
    for partition in partitions():
        if region in partition.regions:
            return partition
    return next((p for p in partitions() if re.match(p.pattern, region)), partitions()[0])
