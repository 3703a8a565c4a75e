"""Page sizes: what the documentation says, and that none exceeds it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pytest

from cirrusql.api.model import Service
from cirrusql.catalog.behaviour.page_sizes import (
    PageBounds,
    page_bounds,
    page_parameter,
    said,
    sentences,
)
from cirrusql.catalog.model import Verb
from cirrusql.plan.reads.page_size import page_size
from cirrusql.providers.aws.source.botocore_source import BotocoreSource
from tests.support.catalog import CATALOG

# Sentences with a number that is no page's, by how they go on after "If … specified" and the like.
OF_OTHER_THINGS = re.compile(
    r"^For example|^Although|\b(?:Route 53|S3)\b|\bMB\b|\bmonths\b|\b20\d\d\b|\bvalue of "
    r".?0|specify 0"
    r"|\b0 items|\bNumberOfLines|\bfile paths|\bcharacters|\bDNSSEC|\bto get the next \d+|\bAMIs\b"
    r"|by paginating|Marker is specified|two cases|a row has many|MaxRows is not|automatically "
    r"set to|When --"
)
# Whose numbers say what the shape says too, or a filter's.
SAME_AS_THE_SHAPE = frozenset({"s3outposts:ListOutpostsWithS3", "s3:ListMultipartUploads"})


@dataclass(frozen=True)
class Listing:
    """What is known of the pages of an operation;
    the operation itself would hold its service's model."""

    id: str
    documentation: str
    shape: tuple[float | None, float | None]
    bounds: PageBounds


@cache
def listings() -> tuple[Listing, ...]:
    source = BotocoreSource()
    return tuple(found for name in source.ids() for found in _listings(source.load(name)))


def _listings(service: Service) -> Iterator[Listing]:
    for name in service.operation_names:
        operation = service.operation(name)
        member = page_parameter(operation)
        if member is not None:
            said_of_it = member.documentation or member.shape.documentation
            shape = (member.shape.minimum, member.shape.maximum)
            yield Listing(operation.id, said_of_it, shape, page_bounds(operation))


@pytest.mark.parametrize(
    ("sentence", "least", "most"),
    [
        ("Constraints: Minimum 20, maximum 100.", 20, 100),
        ("Default: 100 Constraints: minimum 20; maximum 100.", 20, 100),
        ("This value can be between 5 and 1,000.", 5, 1000),
        ("Valid Range: 1-100.", 1, 100),
        ("Valid values are 1\u2013100.", 1, 100),
        ("The default value is 25 and the maximum value is 500.", None, 500),
        ("Can't exceed 100.", None, 100),
        (
            "If you specify a value greater than 1000, a maximum of 1000 results is returned.",
            None,
            1000,
        ),
        ("The value you specify has to be at least 0, and can be no more than 1000.", 1, 1000),
        ("If you omit this parameter, up to 50 results are returned.", None, None),
        ("By default, the action returns up to 1,000 key names.", None, None),
        ("The maximum number of hosted zones that you want Route 53 to return.", None, None),
    ],
)
def test_a_sentence_says_the_bounds_of_a_page(
    sentence: str, least: int | None, most: int | None
) -> None:
    found = said(sentence)
    assert (found.least, found.most) == (least, most)


@pytest.mark.parametrize(
    ("sentence", "rows"),
    [
        ("If you don't specify a value, the default is up to 50 items.", 50),
        ("By default, the action returns up to 1,000 key names.", 1000),
        ("When no value is provided, 25 is the default.", 25),
        ("The maximum value is 25.", None),
    ],
)
def test_the_page_that_nobody_asks_for_is_known_to_be_taken(
    sentence: str, rows: int | None
) -> None:
    assert said(sentence).usual == rows


def test_every_number_that_documentation_says_of_a_page_is_read() -> None:
    unread = [
        f"{listing.id}: {sentence}"
        for listing in listings()
        if listing.id not in SAME_AS_THE_SHAPE
        for sentence in sentences(listing.documentation)
        if re.search(r"\d", sentence)
        and said(sentence) == PageBounds()
        and not OF_OTHER_THINGS.search(sentence)
    ]
    assert unread == []


def test_no_listing_has_bounds_that_leave_nothing() -> None:
    bounds = {listing.id: listing.bounds for listing in listings()}
    assert [i for i, b in bounds.items() if b.least and b.most and b.least > b.most] == []


def test_shapes_alone_would_be_refused_by_hundreds_of_listings() -> None:
    told = Counter[str]()
    for listing in listings():
        (least, most), bounds = listing.shape, listing.bounds
        told["least"] += bounds.least is not None and bounds.least > max(least or 1, 1)
        told["most"] += bounds.most is not None and not (most and most <= bounds.most)
    assert told["least"] >= 111
    assert told["most"] >= 192


def sizes() -> Iterator[tuple[str, PageBounds, int]]:
    for service in ("rds", "redshift", "elasticache", "dms", "docdb", "neptune", "dax"):
        for name in CATALOG.resources("aws", service):
            table = CATALOG.table("aws", service, name)
            for method in table.methods:
                if method.verb is Verb.SELECT:
                    asked = (page_size(table, method, n) for n in (1, 7, 50, 500))
                    bounds = page_bounds(method.operation)
                    yield from (
                        (method.operation.id, bounds, size) for size in asked if size is not None
                    )


def test_the_family_of_rds_is_asked_for_what_it_takes() -> None:
    found = list(sizes())
    assert [
        f for f in found if not (f[1].least or 0) <= f[2] <= (f[1].most or f[1].usual or 0)
    ] == []
    few = {i for i, bounds, size in found if size < 20 and bounds.usual != size}
    assert few == {"rds:DescribeServerlessV2PlatformVersions"}
    assert len(found) > 400


@pytest.mark.parametrize(
    ("service", "name", "limit", "size"),
    [
        ("rds", "db_instances", 1, 20),
        ("rds", "db_instances", 50, 50),
        ("rds", "db_instances", 5000, 100),
        ("s3", "objects", 1, 20),
        ("s3", "objects", 300, 300),
        ("iam", "users", 1, 5),
        ("ec2", "instances", 7, 7),
        ("ec2", "instances", 5000, 1000),
        # Its page size is undocumented, so none is requested.
        ("memorydb", "acls", 3, None),
    ],
)
def test_a_page_is_of_the_rows_needed_within_what_is_taken(
    service: str, name: str, limit: int, size: int | None
) -> None:
    table = CATALOG.table("aws", service, name)
    found = {
        page_size(table, method, limit)
        for method in table.methods
        if method.verb is Verb.SELECT
        and method.operation.paging is not None
        and not method.keys[1:]
    }
    assert size in found
