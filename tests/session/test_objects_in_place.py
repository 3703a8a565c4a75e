"""An object's properties are changed by a copy onto itself, which keeps the rest."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from cirrusql.errors import ProgrammingError
from cirrusql.session.session import Session
from tests.session.conftest import Ask
from tests.support.fault_proxy import FaultProxy

_KEY = "a b/ä+1.txt"


@pytest.fixture
def store(aws: str) -> object:
    """A client of the same server, whose bucket has one object with all that there may be."""
    client = boto3.client(
        "s3",
        endpoint_url=aws,
        region_name="us-east-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )
    client.create_bucket(Bucket="shop")
    client.put_object(
        Bucket="shop",
        Key=_KEY,
        Body=b"contents",
        ContentType="text/plain",
        CacheControl="no-cache",
        Metadata={"team": "web"},
        StorageClass="STANDARD_IA",
        Tagging="cost=7&env=prod",
    )
    return client


def _all(client: object) -> dict[str, object]:
    head = client.head_object(Bucket="shop", Key=_KEY)  # type: ignore[attr-defined]
    tags = client.get_object_tagging(Bucket="shop", Key=_KEY)["TagSet"]  # type: ignore[attr-defined]
    names = ("ContentType", "CacheControl", "Metadata", "StorageClass", "ContentLength")
    return {
        **{n: head.get(n) for n in names},
        "tags": {t["Key"]: t["Value"] for t in tags},
    }


def test_metadata_changes_and_all_else_stays(ask: Ask, proxy: FaultProxy, store: object) -> None:
    before = _all(store)
    done = ask("UPDATE aws.s3.objects SET ContentType = 'text/csv' WHERE Bucket = 'shop'")
    assert [(r["operation"], r["status"], r["error"]) for r in done] == [
        ("s3:CopyObject", "done", None)
    ]
    assert _all(store) == {**before, "ContentType": "text/csv"}
    ask("UPDATE aws.s3.objects SET StorageClass = 'STANDARD', CacheControl = NULL WHERE true")
    assert _all(store) == {
        **before,
        "ContentType": "text/csv",
        "StorageClass": None,  # STANDARD
        "CacheControl": None,
    }


def test_a_failed_transaction_copies_the_values_before_back(ask: Ask, store: object) -> None:
    before = _all(store)
    ask(
        "BEGIN; UPDATE aws.s3.objects SET ContentType = 'text/csv', Metadata = MAP {'a': 'b'}, "
        "CacheControl = NULL, ContentLanguage = 'de' WHERE Bucket = 'shop'"
    )
    (shown,) = ask("EXPLAIN COMMIT")
    assert shown["undo"] == "s3:CopyObject"
    ask("DELETE FROM aws.iam.users WHERE UserName = 'nobody'")
    steps = ask("COMMIT")
    assert [(s["status"], s["undo"]) for s in steps] == [
        ("undone", "s3:CopyObject"),
        ("failed", None),
    ]
    assert _all(store) == before
    head = store.head_object(Bucket="shop", Key=_KEY)  # type: ignore[attr-defined]
    assert head.get("ContentLanguage") is None


def test_a_new_object_is_removed_again(ask: Ask, store: object) -> None:
    ask("BEGIN; INSERT INTO aws.s3.objects (Bucket, Key, Body) VALUES ('shop', 'new', 'x')")
    ask("DELETE FROM aws.iam.users WHERE UserName = 'nobody'")
    assert [(s["status"], s["undo"]) for s in ask("COMMIT")] == [
        ("undone", "s3:DeleteObject"),
        ("failed", None),
    ]
    ask("BEGIN; REPLACE INTO aws.s3.objects (Bucket, Key, Body) VALUES ('shop', 'other', 'x')")
    ask("DELETE FROM aws.iam.users WHERE UserName = 'nobody'")
    assert [s["status"] for s in ask("COMMIT")] == ["not undone", "failed"]


def test_other_contents_leave_all_else_as_it_is(ask: Ask, store: object) -> None:
    before = _all(store)
    done = ask("UPDATE aws.s3.objects SET Body = 'new' WHERE Bucket = 'shop'")
    assert [r["operation"] for r in done] == ["s3:PutObject"]
    assert _all(store) == {**before, "ContentLength": 3}


ODD_KEYS = (
    *("k", "k?versionId=null", "k%3FversionId=null", "a b+c", "a%20b%2Bc", "a b c", "ü/日", "%"),
    *("/k", "q?x=1", "h#f", "k?versionId=", "k?versionId=1 2"),
)


def test_each_object_keeps_its_own_contents_whatever_its_key_is(ask: Ask, store: object) -> None:
    client: Any = store
    client.create_bucket(Bucket="odd")
    for key in ODD_KEYS:
        client.put_object(Bucket="odd", Key=key, Body=f"of {key}".encode())
    done = ask("UPDATE aws.s3.objects SET CacheControl = 'cc' WHERE Bucket = 'odd'")
    assert [(r["status"], r["error"]) for r in done] == [("done", None)] * len(ODD_KEYS)
    for key in ODD_KEYS:
        found = client.get_object(Bucket="odd", Key=key)
        assert (found["Body"].read().decode(), found["CacheControl"]) == (f"of {key}", "cc")


def test_a_version_of_another_object_is_copied_as_it_is_written(ask: Ask, store: object) -> None:
    client: Any = store
    client.put_bucket_versioning(Bucket="shop", VersioningConfiguration={"Status": "Enabled"})
    first = client.put_object(Bucket="shop", Key="v", Body=b"first")["VersionId"]
    client.put_object(Bucket="shop", Key="v", Body=b"second")
    ask(
        "EXEC aws.s3.objects.copy_object @Bucket = 'shop', @Key = 'v', "
        f"@CopySource = 'shop/v?versionId={first}'"
    )
    assert client.get_object(Bucket="shop", Key="v")["Body"].read() == b"first"


def test_what_a_copy_does_not_have_is_told(session: Session, store: object) -> None:
    (result,) = session.run("UPDATE aws.s3.objects SET ContentType = 'a/b' WHERE Bucket = 'shop'")
    result.table()
    assert any("ACL" in n for n in result.notices), result.notices


def test_tags_of_an_object_are_read_and_written(ask: Ask, store: object) -> None:
    (row,) = ask("SELECT tags(TagSet) AS t FROM aws.s3.objects WHERE Bucket = 'shop'")
    assert dict(row["t"]) == {"cost": "7", "env": "prod"}


def test_contents_are_not_read_and_sent_to_change_something_else(
    ask: Ask, proxy: FaultProxy
) -> None:
    with pytest.raises(ProgrammingError):
        ask("UPDATE aws.mediastore_data.objects SET ContentType = 'a/b' WHERE true")
    assert proxy.calls == {}


def test_the_usual_storage_class_is_read_where_a_response_leaves_it_out(
    ask: Ask, store: Any
) -> None:
    store.put_object(Bucket="shop", Key="plain", Body=b"x")
    whole = "SELECT Key, StorageClass FROM aws.s3.objects WHERE Bucket = 'shop'"
    assert {r["Key"]: r["StorageClass"] for r in ask(whole)} == {
        _KEY: "STANDARD_IA",
        "plain": "STANDARD",
    }
    for one in ("= 'plain'", "LIKE 'plain'"):
        assert ask(f"{whole} AND Key {one} AND StorageClass = 'STANDARD'") == [
            {"Key": "plain", "StorageClass": "STANDARD"}
        ]
    assert (
        ask("SELECT StorageClass FROM aws.s3.objects WHERE Bucket = 'shop' AND Key = 'none'") == []
    )
