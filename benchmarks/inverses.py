"""How many writing operations can be undone in a transaction: ``python -m benchmarks.inverses``.

Asks the catalog for the inverse of each writing operation of each table, as if all required
parameters (``--all``: all parameters) were sent. Counts by SQL verb and by the operation's word,
and the reasons of those without an inverse. ``--missing WORD`` prints those of one word.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator

from cirrusql.catalog.catalog import Catalog, schema_name
from cirrusql.catalog.inference.verbs import parts
from cirrusql.catalog.inverses.inverse import Inverse
from cirrusql.catalog.inverses.inverses import inverse_of
from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.providers.aws.source.botocore_source import BotocoreSource


def writing(catalog: Catalog, schema: str) -> Iterator[tuple[Table, Method]]:
    """The operations of a service that write, each with its table."""
    service, _ = catalog.service_catalog("aws", schema)
    for resource in service.plain:
        table = service.table(schema, resource, False)
        yield from ((table, m) for m in table.methods if not m.is_read and not m.is_further)


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="every parameter is sent")
    parser.add_argument("--missing", metavar="WORD", help="print those without an inverse")
    parser.add_argument("services", nargs="*", help="all, where none is named")
    given = parser.parse_args()
    words, undone, reasons = Counter[str](), Counter[str](), Counter[str]()
    verbs, undone_verbs = Counter[Verb](), Counter[Verb]()
    for service_id in given.services or sorted(BotocoreSource().ids()):
        catalog = Catalog([BotocoreSource()])
        for table, method in writing(catalog, schema_name(service_id)):
            word = parts(method.operation.name).verb
            names = method.parameters if given.all else method.required
            found = inverse_of(catalog, table, method, dict.fromkeys(names, "x"))
            words[word] += 1
            verbs[method.verb] += 1
            if isinstance(found, Inverse):
                undone[word] += 1
                undone_verbs[method.verb] += 1
                if given.missing == "-":
                    print(f"{method.operation.id}: {found.told}")
                continue
            reasons[_kind(found.reason)] += 1
            if given.missing == word:
                print(f"{method.operation.id}: {found.reason}")
    total = sum(words.values())
    share = sum(undone.values()) / total
    print(f"{total} writing operations, {sum(undone.values())} with an inverse: {share:.1%}")
    for verb, count in verbs.most_common():
        print(f"{verb:8} {count:5} {undone_verbs[verb]:5} {undone_verbs[verb] / count:6.1%}")
    for word, count in words.most_common(40):
        print(f"{word:14} {count:5} {undone[word]:5} {undone[word] / count:6.1%}")
    for reason, count in reasons.most_common(25):
        print(f"{count:5} {reason}")


def _kind(reason: str) -> str:
    """A reason without the names in it."""
    kept = (w for w in reason.split() if not (":" in w or any(c.isupper() for c in w[1:])))
    return " ".join(kept)


if __name__ == "__main__":
    main()
