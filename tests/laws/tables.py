"""Which tables a run checks: a seeded sample, or with ``LAWS=all`` every one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from random import Random

from cirrusql.catalog.model import Verb
from cirrusql.providers.registry import default_catalog
from tests.laws.bench import Bench
from tests.laws.laws import LAWS, Case, NotReadable, Violation

CORE = ("ec2", "ecs", "events", "iam", "lambda", "rds", "s3")
"""Services that every run looks at."""


@dataclass(frozen=True)
class Extent:
    """How much a run tries."""

    services: int | None
    """Services beside the core; None: all."""
    tables: int
    columns: int
    conditions: int
    spellings: int


SAMPLE = Extent(services=33, tables=4, columns=3, conditions=1, spellings=5)
ALL = Extent(services=None, tables=1_000_000, columns=40, conditions=2, spellings=12)


def is_whole() -> bool:
    """Whether the environment asks for every table."""
    return os.environ.get("LAWS") == "all"


def extent() -> Extent:
    """What this run tries."""
    return ALL if is_whole() else SAMPLE


def seed() -> int:
    """The seed of world and sample; ``LAWS_SEED``."""
    return int(os.environ.get("LAWS_SEED", "0"))


@cache
def services() -> tuple[str, ...]:
    """The services of this run, by the names of their schemas; ``LAWS_SERVICES`` names them."""
    named = os.environ.get("LAWS_SERVICES")
    if named:
        return tuple(named.split(","))
    known = [info.id for info in default_catalog().services("aws")]
    most = extent().services
    if most is None:
        return tuple(known)
    drawn = Random(seed()).sample([k for k in known if k not in CORE], most)
    return tuple(sorted({*CORE, *drawn}))


def check_service(
    service: str,
    laws: tuple[str, ...] = LAWS,
    *,
    only: tuple[str, ...] = (),
    of: Extent | None = None,
) -> list[Violation]:
    """The violations in a service's tables, by a catalog and session of their own.

    ``only``: patterns of the tables to check.
    """
    much = of or extent()
    bench = Bench(service, seed())
    try:
        catalog = bench.catalog
        tables = [catalog.table("aws", service, name) for name in catalog.resources("aws", service)]
        readable = [t for t in tables if t.reached_by(Verb.SELECT)]
        if only:
            readable = [t for t in readable if any(fnmatchcase(t.id, pattern) for pattern in only)]
        random = Random(f"{seed()}:{service}")
        if len(readable) > much.tables:
            readable = random.sample(readable, much.tables)
        found: list[Violation] = []
        for table in readable:
            case = Case(bench, table, seed(), much.columns, much.conditions, much.spellings)
            try:
                found += case.check(laws)
            except NotReadable:
                continue
        return found
    finally:
        bench.close()
