"""How much of the catalog a plain ``SELECT * FROM …`` can read: ``python -m benchmarks.coverage``.

A resource counts as readable if one of its SELECT methods gets every required parameter from
parents, over any number of hops, or from each kind of an enum. Prints the shares of resources and
of reading operations, and the parameters that most often prevent reading.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass, field

from cirrusql.catalog.catalog import Catalog, schema_name
from cirrusql.catalog.inference.corrections import parent_given
from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.catalog.relations.parent_paths import ParentRows, Route, route
from cirrusql.catalog.relations.parents import parents_of
from cirrusql.providers.aws.source.botocore_source import BotocoreSource


@dataclass
class Counts:
    """Resources and operations, and what prevents reading the others."""

    resources: Counter[str] = field(default_factory=Counter)
    operations: Counter[str] = field(default_factory=Counter)
    hops: Counter[int] = field(default_factory=Counter)
    """Resources by the number of listings before their own."""
    in_the_way: Counter[str] = field(default_factory=Counter)
    """For unreadable resources, the parameters that nothing lists."""

    def add(self, catalog: Catalog, table: Table) -> None:
        """Count one resource, if anything reads it."""
        readers = [m for m in table.reached_by(Verb.SELECT) if m.rows is not None]
        if not readers:
            return
        found = [(m, route(catalog, table, m)) for m in readers]
        read = [steps for _, steps in found if steps is not None]
        self.resources.update(all=1, read=bool(read))
        self.operations.update(all=len(found), read=len(read))
        if read:
            self.hops[min(map(hops_of, read))] += 1
            return
        names = {n for m, _ in found for n in m.keys if not _is_given(catalog, table, m, n)}
        self.in_the_way.update(names or {"(listed, but not together)"})


def _is_given(catalog: Catalog, table: Table, method: Method, name: str) -> bool:
    """Whether a parameter has values, alone or together with the others."""
    told = parent_given(method.operation, name)
    return (told is not None and (told.is_each or bool(told.values))) or bool(
        parents_of(catalog, table, method, name)
    )


def hops_of(steps: Route) -> int:
    """The longest path of listings before a method; 0 if there is none."""
    listings = [x for step in steps if isinstance(step, ParentRows) for x in step.listings]
    return max((1 + hops_of(x.route) for x in listings), default=0)


def counted(services: list[str]) -> Counts:
    """The counts of some services; a catalog for each, so that few models are in memory at once."""
    source, counts = BotocoreSource(), Counts()
    for service in services:
        catalog, schema = Catalog([source]), schema_name(service)
        for name in catalog.resources("aws", schema):
            counts.add(catalog, catalog.table("aws", schema, name))
    return counts


def main() -> None:
    """Print the figures of all services, or of those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("services", nargs="*", help="botocore's names; all if none is given")
    parser.add_argument("--most", type=int, default=30, help="how many parameters to print")
    options = parser.parse_args()
    services = options.services or list(BotocoreSource().ids())
    counts = counted(services)
    print(f"{len(services)} services")
    for what, found in (("resources", counts.resources), ("operations", counts.operations)):
        print(f"{what}: {found['read']} of {found['all']} read, {found['read'] / found['all']:.1%}")
    print(
        "resources by hops:", ", ".join(f"{hops}: {n}" for hops, n in sorted(counts.hops.items()))
    )
    print("in the way, by resources:")
    for name, number in counts.in_the_way.most_common(options.most):
        print(f"  {number:4} {name}")


if __name__ == "__main__":
    main()
