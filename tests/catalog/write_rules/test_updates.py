"""Which operations an UPDATE may be made by, over all tables: a wrong one is seen in
``update_choices.txt``.

The file has every choice that is not evident (``UpdateUser`` of ``users`` is), by the word of the
operation, with the columns that it sets alone. ``python -m tests.catalog.write_rules.test_updates``
writes it again. A run looks at a sample of the services, all of them with ``TESTS_ALL_TABLES=1``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.inference.verbs import SETS, gives_values, parts, takes_away
from cirrusql.catalog.inference.words import singular, snake_case
from cirrusql.catalog.model import Method, Role, Table, Verb
from cirrusql.catalog.write_rules.copying import copies
from cirrusql.catalog.write_rules.updates import updaters
from cirrusql.errors import Error
from cirrusql.plan.updates.splitting import splitting
from cirrusql.plan.writes.write_methods import sources
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from tests.support.services import is_whole, sampled, schema_of

pytestmark = pytest.mark.timeout(900)
"""One walk over every column of every table of many services."""

ALWAYS = "apigateway cognito-idp ec2 elasticache iam lambda rds redshift s3 ssm".split()
SAMPLE = 40

GOLDEN = Path(__file__).with_name("update_choices.txt")
SOURCE = BotocoreSource()

COPYING = frozenset(copies(SOURCE.load("s3").overlay))
"""Those that change a row by a copy onto itself."""

# These verbs do more than set values, or something else.
ACTIONS = frozenset(
    """revoke restore reset reboot failover send export copy promote accept reject renew rollback start stop
    resume suspend cancel confirm complete publish retry refresh rebuild switchover deauthorize rotate claim
    transfer share upgrade unlink dispose invite submit activate deactivate""".split()  # noqa: E501
)


@dataclass(frozen=True)
class Choice:
    """One operation that an UPDATE of a table may be made by."""

    word: str
    operation: str
    table: str
    columns: tuple[str, ...]

    @property
    def is_evident(self) -> bool:
        """Whether the operation is called after the table's rows and its word only sets."""
        noun = "_".join(map(singular, parts(self.operation.partition(":")[2]).noun))
        rows = "_".join(map(singular, self.table.partition(".")[2].split("_")))
        return self.word in SETS and noun == rows

    def __str__(self) -> str:
        return f"{self.word} {self.operation} {self.table}: {', '.join(self.columns)}"


def _choices(services: list[str]) -> Iterator[Choice]:
    for service in services:
        catalog, schema = Catalog([SOURCE]), service
        for name in sorted(catalog.service_catalog("aws", schema)[0].plain):
            table = catalog.table("aws", schema, name)
            if table.reached_by(Verb.SELECT):
                yield from _of(catalog, table)


def _of(catalog: Catalog, table: Table) -> Iterator[Choice]:
    fields = {c.name for c in table.columns if c.role is Role.FIELD}
    found: dict[str, list[str]] = {}
    for column in sorted(fields.union(*(m.parameters for m in updaters(table)))):
        if (method := _chosen(catalog, table, column)) is not None:
            found.setdefault(method.operation.id, []).append(column)
    for operation, columns in sorted(found.items()):
        word = parts(operation.partition(":")[2]).verb
        yield Choice(word, operation, f"{table.schema}.{table.name}", tuple(columns))


def _chosen(catalog: Catalog, table: Table, column: str) -> Method | None:
    try:
        split = splitting(catalog, table, {column: "'x'"})
    except Error:
        return None
    ways = sorted(split[0], key=lambda p: (len(p.method.required), len(p.method.parameters)))
    return next((p.method for p in ways if sources(table, p.method, p.assigned) is not None), None)


def _written(choices: list[Choice]) -> str:
    counts = Counter(c.word for c in choices if c.is_evident)
    evident = [f"{word}: {count} evident" for word, count in sorted(counts.items())]
    return "\n".join((*evident, *sorted(str(c) for c in choices if not c.is_evident), ""))


@pytest.fixture(scope="module")
def services() -> list[str]:
    """The services checked."""
    return sampled(SAMPLE, ALWAYS)


@pytest.fixture(scope="module")
def choices(services: list[str]) -> list[Choice]:
    """All choices of these services, computed once."""
    return list(_choices(services))


def test_the_operations_that_an_update_may_be_made_by_are_as_listed(
    choices: list[Choice], services: list[str]
) -> None:
    golden = GOLDEN.read_text("utf-8").splitlines()
    found = _written(choices).splitlines()
    if not is_whole():
        # The evident ones are counted over all services.
        found = [line for line in found if not line.endswith(" evident")]
        golden = [line for line in golden if _service(line) in services]
    assert found == golden


def _service(line: str) -> str:
    """The service of a line, none of one that counts."""
    return schema_of(line.split()[1]) if not line.endswith(" evident") else ""


def test_no_update_is_made_by_what_does_another_thing(choices: list[Choice]) -> None:
    wrong = [c for c in choices if c.word in ACTIONS and c.operation not in COPYING]
    assert [str(c) for c in wrong] == []


def test_no_update_of_a_snapshot_or_version_changes_what_it_is_of(choices: list[Choice]) -> None:
    wrong = []
    for choice in choices:
        kind = singular(choice.table.split("_")[-1])
        if kind in ("snapshot", "backup", "revision") and kind not in snake_case(choice.operation):
            wrong.append(str(choice))
    assert wrong == []


def test_show_methods_prints_update_of_what_gives_or_takes_away_only() -> None:
    wrong: list[str] = []
    for service in ("acm", "ec2", "iam", "lambda", "rds", "s3", "ssm", "kms", "elb", "events"):
        catalog = Catalog([SOURCE])
        for name in catalog.service_catalog("aws", service)[0].plain:
            methods = catalog.table("aws", service, name).reached_by(Verb.UPDATE, Verb.REPLACE)
            wrong += [m.operation.id for m in methods if not _gives_or_takes(m)]
    assert wrong == []


def _gives_or_takes(method: Method) -> bool:
    return gives_values(method.operation) or takes_away(method.operation)


if __name__ == "__main__":
    GOLDEN.write_text(
        _written(list(_choices([i.id for i in Catalog([SOURCE]).services("aws")]))), "utf-8"
    )
