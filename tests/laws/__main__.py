"""``python -m tests.laws aws.iam.users [aws.ec2 …]``: the laws of tables,
or of all of a service's."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Verb
from cirrusql.providers.registry import default_catalog
from tests.laws.bench import Bench
from tests.laws.laws import LAWS, Case, NotReadable, sample


def main() -> int:
    """1 where a law does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="aws.iam.users, aws.iam; none: everything")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--law", action="append", choices=LAWS)
    parser.add_argument("--columns", type=int, default=1000)
    parser.add_argument("--conditions", type=int, default=3)
    parser.add_argument("--spellings", type=int, default=100)
    parser.add_argument(
        "--tables", type=int, default=1_000_000, help="tables of a service, drawn by the seed"
    )
    parser.add_argument("--shard", default="0/1", help="i/n: every n-th service")
    parser.add_argument("--out", type=Path, help="a file of violations, one JSON object a line")
    options = parser.parse_args()
    found = 0
    catalog = default_catalog()
    out = options.out.open("w") if options.out else None
    for service, tables in services(catalog, options.names, options.shard):
        started = time.monotonic()
        bench = Bench(service, options.seed)
        read = 0
        random = Random(f"{options.seed}:{service}")
        for name in sample(random, tables, options.tables):
            table = bench.catalog.table("aws", service, name)
            if not table.reached_by(Verb.SELECT):
                continue
            case = Case(
                bench, table, options.seed, options.columns, options.conditions, options.spellings
            )
            try:
                for violation in case.check(tuple(options.law or LAWS)):
                    found += 1
                    if out is not None:
                        out.write(json.dumps(vars(violation)) + "\n")
                    else:
                        print(violation, flush=True)
                read += 1
            except NotReadable as error:
                if len(tables) == 1:
                    print(error)
        if out is not None:
            out.flush()
        took = time.monotonic() - started
        print(
            f"{service}: {read} tables, {bench.statements} statements, {took:.1f} s",
            file=sys.stderr,
            flush=True,
        )
        bench.close()
    return 1 if found else 0


def services(catalog: Catalog, names: list[str], shard: str) -> Iterator[tuple[str, list[str]]]:
    """Each service with the tables to check."""
    if names:
        chosen: dict[str, list[str]] = {}
        for name in names:
            _, service, *table = name.split(".")
            chosen.setdefault(service, []).extend(table or catalog.resources("aws", service))
        yield from chosen.items()
        return
    place, of = map(int, shard.split("/"))
    for number, info in enumerate(catalog.services("aws")):
        if number % of == place:
            yield info.id, list(catalog.loaded("aws", info.id)[0].resources(False))


if __name__ == "__main__":
    sys.exit(main())
