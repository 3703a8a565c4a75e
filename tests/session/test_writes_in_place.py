"""A condition on region applies to a write as to SELECT,
also of things that are seen from other regions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.session.session import Session
from tests.session.conftest import Ask
from tests.session.test_hydration import calls_of

Client = Callable[..., Any]
ELSEWHERE = ("= 'eu-west-1'", "IN ('eu-west-1', 'eu-west-2')", "LIKE 'eu-w%'", "<> 'us-east-1'")
HERE = ("= 'us-east-1'", "IN ('us-east-1', 'eu-west-1')", "LIKE 'us-east-1'", "LIKE '%'", "= '*'")


@pytest.fixture(autouse=True)
def bucket(client: Client) -> Any:
    s3 = client("s3")
    s3.create_bucket(Bucket="bucket-w3")
    s3.put_object(Bucket="bucket-w3", Key="k1", Body=b"1")
    s3.create_bucket(Bucket="empty-w3")
    return s3


@pytest.mark.parametrize("region", ELSEWHERE)
def test_what_is_in_another_region_is_no_row(region: str, ask: Ask, bucket: Any) -> None:
    where = f"WHERE Bucket = 'bucket-w3' AND Key = 'k1' AND region {region}"
    assert ask(f"SELECT Key, region FROM aws.s3.objects {where}") == []
    ask(f"DELETE FROM aws.s3.objects {where}")
    ask(f"DELETE FROM aws.s3.buckets WHERE Bucket = 'empty-w3' AND region {region}")
    assert len(bucket.list_buckets()["Buckets"]) == 2
    assert bucket.list_objects_v2(Bucket="bucket-w3")["KeyCount"] == 1


@pytest.mark.parametrize("region", HERE)
def test_what_is_in_the_region_is_one_row(
    region: str, ask: Ask, session: Session, bucket: Any
) -> None:
    where = f"WHERE Bucket = 'bucket-w3' AND Key = 'k1' AND region {region}"
    assert ask(f"SELECT Key, region FROM aws.s3.objects {where}") == [
        {"Key": "k1", "region": "us-east-1"}
    ]
    ask(f"DELETE FROM aws.s3.objects {where}")
    assert calls_of(session)["DeleteObject"] == 1
    ask(f"DELETE FROM aws.s3.buckets WHERE Bucket = 'empty-w3' AND region {region}")
    assert [b["Name"] for b in bucket.list_buckets()["Buckets"]] == ["bucket-w3"]
    assert "Contents" not in bucket.list_objects_v2(Bucket="bucket-w3")


def test_a_delete_that_names_no_region_reads_nothing(ask: Ask, session: Session) -> None:
    ask("DELETE FROM aws.s3.objects WHERE Bucket = 'bucket-w3' AND Key = 'k1'")
    assert calls_of(session) == {"DeleteObject": 1}
