"""Partitions of AWS, by botocore's files: which one a region is of,
and where its global services live."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from cirrusql.providers.aws.source.botocore_source import new_loader

COMMERCIAL = "aws"
_IAM = {"aws-cn": "cn-north-1"}
"""Where requests to IAM are signed for, by endpoints.json,
if not in the region said to be global."""


@dataclass(frozen=True)
class Partition:
    """``aws``, ``aws-cn``, ``aws-us-gov`` …"""

    name: str
    """As ARNs have it."""
    main_region: str
    """In which its global services live."""
    regions: frozenset[str]
    pattern: str
    """What its regions are called, those too that the files do not know yet."""


@cache
def partitions() -> tuple[Partition, ...]:
    """All of them, the commercial one first."""
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
    """The partition of a region; the commercial one where none knows it."""
    for partition in partitions():
        if region in partition.regions:
            return partition
    return next((p for p in partitions() if re.match(p.pattern, region)), partitions()[0])
