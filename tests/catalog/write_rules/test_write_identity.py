"""Which row a write acts on, over all services: what is sent for a row, what a WHERE must give.

``write_identities.txt`` has every write whose row is said by more, or by something else, than what
its API requires. One walk over a sample of the services (all with ``TESTS_ALL_TABLES=1``), and over
those that the data file names; the tests look at what it found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.model import Method, Table, Verb
from cirrusql.catalog.write_rules.write_identity import (
    WriteIdentity,
    identities_given,
    identity_of,
    is_open,
    source_of,
)
from cirrusql.providers.aws.overlay import OVERLAY
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from tests.support.services import sampled, schema_of

GOLDEN = Path(__file__).with_name("write_identities.txt")
SOURCE = BotocoreSource()
ALWAYS = {
    "ec2",
    "iam",
    "rds",
    "s3",
    *(schema_of(operation) for operation, _ in identities_given(OVERLAY)),
}
SAMPLE = 60


@dataclass(frozen=True)
class Found:
    """What is known of one write of one table that can be read."""

    verb: Verb
    operation: str
    table: str
    parameters: frozenset[str]
    required: tuple[str, ...]
    identity: WriteIdentity
    without_column: tuple[str, ...]
    """Of what is sent for a row, that which no column has."""
    unsure: tuple[str, ...]
    """Ways to say the row that more things than one may answer to."""

    def __str__(self) -> str:
        ways = [self.identity.needed, *(sorted(way) for way in self.identity.instead)]
        also = f" (sent too: {', '.join(self.identity.also)})" if self.identity.also else ""
        return (
            f"{self.verb} {self.operation} {self.table}: "
            f"{' | '.join(', '.join(w) for w in ways)}{also}"
        )


def _tables(services: list[str]) -> Iterator[Table]:
    for service in services:
        catalog = Catalog([SOURCE])
        for name in catalog.service_catalog("aws", service)[0].plain:
            yield catalog.table("aws", service, name)


def _found(table: Table, method: Method) -> Found:
    identity = identity_of(table, method)
    sent = (n for n in identity.sent if n not in method.required)
    return Found(
        method.verb,
        method.operation.id,
        table.name,
        frozenset(method.parameters),
        method.required,
        identity,
        # No call is made for the rows of a relation that do not show the other side.
        ()
        if is_open(table, method)
        else tuple(n for n in sent if source_of(table, method, n) is None),
        ()
        if method.required
        else tuple(" ".join(w) for w in identity.instead if not _is_sure(table, w)),
    )


def _is_sure(table: Table, way: Collection[str]) -> bool:
    """Whether one thing answers to these names: an id, an ARN,
    or what a reader gives one row for."""
    return any(n.lower().endswith(("id", "arn", "identifier")) for n in way) or any(
        r.rows is not None and not r.rows.lists and set(way) <= r.parameters.keys()
        for r in table.reached_by(Verb.SELECT)
    )


@pytest.fixture(scope="module")
def services() -> list[str]:
    """The services checked."""
    return sampled(SAMPLE, ALWAYS)


@pytest.fixture(scope="module")
def writes(services: list[str]) -> list[Found]:
    """Each write of a table that can be read."""
    verbs = (Verb.UPDATE, Verb.REPLACE, Verb.DELETE)
    return [
        _found(t, m)
        for t in _tables(services)
        if t.reached_by(Verb.SELECT)
        for m in t.reached_by(*verbs)
    ]


def test_what_says_the_row_beside_what_is_required_is_as_listed(
    writes: list[Found], services: list[str]
) -> None:
    told = [str(w) for w in writes if w.identity != WriteIdentity(w.required)]
    listed = GOLDEN.read_text("utf-8").splitlines()
    assert sorted(told) == [line for line in listed if schema_of(line.split()[1]) in services]


def test_a_row_has_what_is_sent_for_it(writes: list[Found]) -> None:
    assert [(w.operation, w.table, w.without_column) for w in writes if w.without_column] == []


def test_a_name_that_several_things_may_bear_stands_for_none(writes: list[Found]) -> None:
    """Where the API requires no name,
    what a WHERE gives instead of the surest is of one thing too."""
    given = {operation for operation, _ in identities_given(OVERLAY)}
    assert [
        (w.operation, w.table, w.unsure) for w in writes if w.unsure and w.operation not in given
    ] == []


def test_the_data_file_names_what_there_is(writes: list[Found]) -> None:
    known = {w.operation: w for w in writes}
    wrong = [
        f"{o} {n}"
        for o, n in identities_given(OVERLAY)
        if o not in known or n not in known[o].parameters
    ]
    assert wrong == []
    assert [f"{o} {n}" for o, n in identities_given(OVERLAY) if n in known[o].required] == []


def test_under_the_apis_own_names_what_it_requires_suffices() -> None:
    table = Catalog([SOURCE]).table("aws", "ec2_api", "security_groups")
    (method,) = table.reached_by(Verb.DELETE)
    assert identity_of(table, method) == WriteIdentity(())
