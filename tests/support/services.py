"""Which services a walk over the catalog covers: a sample, or all (environment variables).

A walk over all 430 takes minutes. A sample is the same in every run, so that a test fails because
of a change and not by chance; ``TESTS_SEED=7`` takes another, and ``TESTS_ALL_TABLES=1`` every
service.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterable

from cirrusql.catalog.catalog import Catalog
from cirrusql.providers.aws.source.botocore_source import BotocoreSource


def is_whole() -> bool:
    """Whether walks take every service."""
    return "TESTS_ALL_TABLES" in os.environ


def chance() -> random.Random:
    """The samples' random generator: the same in every run, or seeded by ``TESTS_SEED``."""
    return random.Random(os.environ.get("TESTS_SEED", "1"))


def sampled(number: int, always: Iterable[str] = ()) -> list[str]:
    """Schemas of services in alphabetical order: ``always`` and ``number`` others, or all that
    there are.
    """
    known = {info.id for info in Catalog([BotocoreSource()]).services("aws")}
    kept = {name.replace("-", "_") for name in always}
    if unknown := kept - known:
        raise ValueError(f"unknown service {min(unknown)}")
    if is_whole():
        return sorted(known)
    return sorted(kept | set(chance().sample(sorted(known - kept), number)))


def sampled_ids(number: int, always: Iterable[str] = ()) -> list[str]:
    """Ids of services (``cognito-idp``): ``always`` and ``number`` others, or all there are.

    For tests with a service each. The name of a test that fails says its service.
    """
    known = set(BotocoreSource().ids())
    kept = set(always)
    if unknown := kept - known:
        raise ValueError(f"unknown service {min(unknown)}")
    if is_whole():
        return sorted(known)
    return sorted(kept | set(chance().sample(sorted(known - kept), number)))


def schema_of(operation: str) -> str:
    """The schema of ``cognito-idp:ListUserPools``."""
    return operation.partition(":")[0].replace("-", "_")
