"""Search in everyday words: what people look for is among the first three hits."""

from __future__ import annotations

from pathlib import Path

import pytest

from cirrusql.catalog.catalog import Catalog
from cirrusql.catalog.index.index import CatalogIndex
from cirrusql.catalog.index.listing import CatalogListing, listing_of, read, write
from cirrusql.catalog.index.search import Hit
from cirrusql.providers.aws.source.botocore_source import DIGEST, BotocoreSource
from tests.catalog.few import FewServices
from tests.support.catalog import CATALOG

RIGHT_AT_LEAST = 65
"""Of the seventy in ``search_words.txt``."""

QUESTIONS = (
    Hit("question", "old-snapshots", "Old snapshots of ours. Which are older than three weeks?"),
    Hit("question", "apis", "REST APIs. Which REST APIs do we offer?"),
)


def _sought() -> list[tuple[str, frozenset[str]]]:
    lines = Path(__file__).with_name("search_words.txt").read_text("utf-8").splitlines()
    pairs = [line.partition(": ") for line in lines if line and not line.startswith("#")]
    return [(words, frozenset(f"aws.{t}" for t in tables.split())) for words, _, tables in pairs]


SOUGHT = _sought()
SERVICES = [info.id for info in CATALOG.services("aws")]


@pytest.fixture(scope="module")
def index() -> CatalogIndex:
    """The whole AWS index, with no cache folder, and without reading a model."""
    return Catalog([BotocoreSource()]).index()


def first(index: CatalogIndex, text: str, count: int = 3) -> list[str]:
    return [hit.name for hit in index.search(text, count)]


def test_what_people_look_for_is_among_the_first_three(index: CatalogIndex) -> None:
    assert len(SOUGHT) == len({words for words, _ in SOUGHT}) == 70
    wrong = [
        f"{words}: {found}"
        for words, right in SOUGHT
        if not right & {*(found := first(index, words))}
    ]
    assert len(SOUGHT) - len(wrong) >= RIGHT_AT_LEAST, "\n".join(wrong)


def test_what_they_look_for_is_there() -> None:
    known = {f"aws.{t.service}.{t.name}" for t in read(DIGEST, "aws", SERVICES).tables}
    for words, right in SOUGHT:
        assert right & known, words


def test_words_are_of_tables_that_there_are() -> None:
    tables = {f"{t.service}.{t.name}" for t in read(DIGEST, "aws", SERVICES).tables}
    assert BotocoreSource().other_names.words.keys() - tables == set()


def test_a_question_of_the_cookbook_is_found_by_its_words(index: CatalogIndex) -> None:
    found = index.search("old snapshots", 3, QUESTIONS)
    assert ("question", "old-snapshots") in [(h.kind, h.name) for h in found]
    assert "question" not in {h.kind for h in index.search("nat gateway", 20, QUESTIONS)}


@pytest.mark.parametrize("name", ["aws.iam.users.create_user", "iam.users", "AWS.IAM.Users"])
def test_a_name_finds_what_is_called_so(index: CatalogIndex, name: str) -> None:
    (found,) = first(index, name, 1)
    assert found == f"aws.{name.lower().removeprefix('aws.')}"


def test_a_column_leads_to_its_tables(index: CatalogIndex) -> None:
    hits = index.search("AllocationId", 5)
    assert ("field", "aws.ec2.addresses.AllocationId") in [(h.kind, h.name) for h in hits]


def test_words_that_say_nothing_do_not_count(index: CatalogIndex) -> None:
    assert first(index, "which of the buckets are there") == first(index, "buckets")
    assert index.search("the") != []


def test_no_model_is_read() -> None:
    source = FewServices("iam", "sqs")
    source.other_names = BotocoreSource().other_names
    hits = Catalog([source]).index().search("queue")
    assert hits[0].name == "aws.sqs.queues"
    assert {h.name.split(".")[1] for h in hits} <= {"iam", "sqs"}
    assert source.loaded == []


def test_a_listing_is_read_as_it_was_written(tmp_path: Path) -> None:
    source = FewServices("iam", "sqs")
    whole = listing_of(Catalog([source]).index().table)
    write(tmp_path / "a.zip", whole)
    assert read(tmp_path / "a.zip", "aws", source.ids()) == whole
    alone = read(tmp_path / "a.zip", "aws", ["sqs"])
    assert {t.service for t in alone.tables} == {m.service for m in alone.methods} == {"sqs"}


@pytest.mark.parametrize("services", [("iam", "ec2"), ("s3", "sqs", "rds"), ("logs", "ecs")])
def test_the_listing_of_aws_is_not_old(services: tuple[str, ...]) -> None:
    """Where it is: ``python -m cirrusql.providers.aws.search.make_digest``."""
    listed = names_of(read(DIGEST, "aws", services))
    tables = {
        (service, name)
        for service in services
        for name in CATALOG.loaded("aws", service)[0].resources(False)
    }
    assert len(listed & tables) >= 0.97 * max(len(listed), len(tables))


def names_of(listing: CatalogListing) -> set[tuple[str, str]]:
    return {(t.service, t.name) for t in listing.tables}
