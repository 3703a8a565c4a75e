"""Which services a walk over the catalog takes: a sample with one variable, all with another.

A walk over all 430 takes minutes. A sample that is new in every run finds what broke a rule soon,
and ``TESTS_ALL_TABLES=1`` finds all of it at once.
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


def sampled(number: int, always: Iterable[str] = ()) -> list[str]:
    """Schemas of services in alphabetical order: ``always`` and ``number`` others, or all that
    there are.

    ``pytest-randomly`` seeds the choice with the run's own seed, which repeats it.
    """
    known = {info.id for info in Catalog([BotocoreSource()]).services("aws")}
    kept = {name.replace("-", "_") for name in always}
    if unknown := kept - known:
        raise ValueError(f"unknown service {min(unknown)}")
    if is_whole():
        return sorted(known)
    return sorted(kept | set(random.sample(sorted(known - kept), number)))


def sampled_ids(number: int, always: Iterable[str] = ()) -> list[str]:
    """Ids of services (``cognito-idp``): ``always`` and ``number`` others, or all there are.

    For tests with a service each. Workers collect tests on their own, so the seed is what the
    workers of a run have in common. The name of a test that fails says its service.
    """
    known = set(BotocoreSource().ids())
    kept = set(always)
    if unknown := kept - known:
        raise ValueError(f"unknown service {min(unknown)}")
    if is_whole():
        return sorted(known)
    seed = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    return sorted(kept | set(random.Random(seed).sample(sorted(known - kept), number)))


def schema_of(operation: str) -> str:
    """The schema of ``cognito-idp:ListUserPools``."""
    return operation.partition(":")[0].replace("-", "_")
