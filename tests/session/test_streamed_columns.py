"""Streamed contents are a column like any other, for each row of the listing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.session.session import Session
from tests.session.conftest import Ask
from tests.session.test_hydration import calls_of

Client = Callable[..., Any]


@pytest.fixture(autouse=True)
def objects(client: Client) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="bucket")
    for key, body in (("o", b"other"), ("p", b"hello"), ("q", b"abc")):
        s3.put_object(Bucket="bucket", Key=key, Body=body)


P = {"Key": "p", "Size": 5, "StorageClass": "STANDARD", "Body": b"hello"}


@pytest.mark.parametrize(
    "condition",
    [
        "Bucket = 'bucket' AND Key = 'p'",
        "Bucket = 'bucket' AND Key = 'p' AND Size = 5",
        "Bucket = 'bucket' AND Key IN ('p', 'x')",
        "Bucket = 'bucket' AND Key LIKE 'p%'",
        "Bucket = 'bucket' AND Body = 'hello'::BLOB",
        "Key = 'p'",
    ],
)
def test_a_row_has_its_contents_beside_what_the_listing_says(condition: str, ask: Ask) -> None:
    assert ask(f"SELECT Key, Size, StorageClass, Body FROM aws.s3.objects WHERE {condition}") == [P]


def test_each_row_of_a_listing_has_its_contents(ask: Ask) -> None:
    rows = ask("SELECT Key, Size, Body FROM aws.s3.objects WHERE Bucket = 'bucket' ORDER BY Key")
    assert [tuple(r.values()) for r in rows] == [
        ("o", 5, b"other"),
        ("p", 5, b"hello"),
        ("q", 3, b"abc"),
    ]


@pytest.mark.parametrize(
    ("columns", "condition", "calls"),
    [
        ("Body", "Key = 'p'", {"GetObject": 1}),
        ("Key, Size, Body", "Size = 3", {"ListObjectsV2": 1, "GetObject": 1}),
        ("Key, Size, ETag", "Key IN ('o', 'p')", {"ListObjectsV2": 1}),
        ("Key, Size, ContentType", "Size = 3", {"ListObjectsV2": 1, "HeadObject": 1}),
        (
            "Key, Size, ContentType, Body",
            "Size = 3",
            {"ListObjectsV2": 1, "HeadObject": 1, "GetObject": 1},
        ),
        # A star shows the bucket's region.
        ("*", "Size = 3", {"HeadBucket": 1, "ListObjectsV2": 1}),
    ],
)
def test_contents_are_asked_for_where_they_are_named_alone(
    columns: str, condition: str, calls: dict[str, int], session: Session, ask: Ask
) -> None:
    assert ask(f"SELECT {columns} FROM aws.s3.objects WHERE Bucket = 'bucket' AND {condition}")
    assert calls_of(session) == calls


@pytest.mark.parametrize("column", ["Body", "ContentType"])
def test_what_an_object_is_asked_for_is_found_though_no_bucket_is_named(
    column: str, ask: Ask
) -> None:
    """The bucket listing need not include their regions."""
    rows = ask(f"SELECT Key, {column} FROM aws.s3.objects")
    assert sorted(r["Key"] for r in rows) == ["o", "p", "q"]
    assert all(r[column] for r in rows)
