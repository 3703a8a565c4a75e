"""Two generations of an API in one service: which of them provides a table's rows.

ListClustersV2 lists the clusters of ListClusters and more; ListAutomationRulesV2 lists rules that
ListAutomationRules does not know. Only the documentation tells, so ``versions.toml`` does; without
an entry, the generations are assumed to have different rows, which loses none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache

from cirrusql.api.model import Service
from cirrusql.api.overlay import Overlay

KINDS = ("more", "other", "same")
_VERSION = re.compile(r"(?P<base>.*\D)V(?P<number>[2-9])$")


@cache
def versions(overlay: Overlay) -> Mapping[str, str]:
    """The entries for resources with two generations, by ``service:resource``."""
    found: Mapping[str, str] = overlay.section("versions.toml", "versions")
    for key, kind in found.items():
        if kind not in KINDS:
            raise ValueError(f"versions.toml: {key}: {kind!r} is not one of {', '.join(KINDS)}")
    return found


def base_of(name: str) -> tuple[str, str] | None:
    """``ListClustersV2`` → ListClusters, 2; None for a name without a version."""
    found = _VERSION.match(name)
    return (found["base"], found["number"]) if found is not None else None


def apart(
    service: Service, homes: Mapping[str, str], is_reader: Callable[[str], bool]
) -> dict[str, str]:
    """The resource of each operation; generations with different rows are separate tables."""
    moved = dict(homes)
    for resource in sorted({homes[name] for name in homes if base_of(name) is not None}):
        later = {
            name: found for name in homes if homes[name] == resource and (found := base_of(name))
        }
        earlier = [
            base for base, _ in later.values() if homes.get(base) == resource and is_reader(base)
        ]
        if not earlier:
            continue
        match versions(service.overlay).get(f"{service.key}:{resource}", "other"):
            case "other":
                moved |= {name: f"{resource}_v{number}" for name, (_, number) in later.items()}
            case "more":
                moved |= dict.fromkeys(earlier, f"{resource}_v1")
    return moved
