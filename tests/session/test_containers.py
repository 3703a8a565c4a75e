"""No row of a container is removed or changed by an operation that acts on all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.errors import ProgrammingError
from tests.session.conftest import Ask
from tests.support.fault_proxy import FaultProxy


@pytest.fixture
def bucket(client: Callable[..., Any]) -> Any:
    """A client of a server with a bucket that has two tags and two CORS rules."""
    made = client("s3")
    made.create_bucket(Bucket="box")
    made.put_bucket_tagging(
        Bucket="box", Tagging={"TagSet": [{"Key": "k", "Value": "1"}, {"Key": "l", "Value": "2"}]}
    )
    rules = [
        {"ID": name, "AllowedMethods": ["GET"], "AllowedOrigins": [f"https://{name}.example"]}
        for name in ("x", "y")
    ]
    made.put_bucket_cors(Bucket="box", CORSConfiguration={"CORSRules": rules})
    return made


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("DELETE FROM aws.s3.bucket_taggings WHERE Bucket = 'box' AND Key = 'k'", "Key"),
        ("DELETE FROM aws.s3.bucket_taggings WHERE Key = 'k'", "Key"),
        ("DELETE FROM aws.s3.bucket_cors WHERE Bucket = 'box' AND ID LIKE 'x%'", "ID"),
        ("DELETE FROM aws.s3.bucket_cors c WHERE Bucket = 'box' AND upper(c.ID) = 'X'", "ID"),
    ],
)
def test_one_row_of_a_container_is_not_removed_with_all(
    ask: Ask, proxy: FaultProxy, bucket: Any, sql: str, told: str
) -> None:
    with pytest.raises(ProgrammingError, match=f"all rows with the same Bucket.*{told}") as error:
        ask(sql)
    assert "without other conditions" in (error.value.hint or "")
    assert not [name for name in proxy.calls if name.startswith("s3:Delete")]
    assert len(bucket.get_bucket_tagging(Bucket="box")["TagSet"]) == 2


def test_all_rows_of_a_container_are_removed_by_its_name(ask: Ask, bucket: Any) -> None:
    done = ask("DELETE FROM aws.s3.bucket_cors WHERE Bucket = 'box'")
    assert [r["operation"] for r in done] == ["s3:DeleteBucketCors"]
    assert ask("SELECT ID FROM aws.s3.bucket_cors WHERE Bucket = 'box'") == []


def test_an_optional_parameter_that_says_which_row_is_sent(ask: Ask) -> None:
    steps = ask(
        "EXPLAIN DELETE FROM aws.sagemaker.image_versions WHERE ImageName = 'i' AND Version = 2"
    )
    assert "Version" in steps[-1]["parameters"]
    steps = ask(
        "EXPLAIN UPDATE aws.sagemaker.image_versions SET ReleaseNotes = 'n' "
        "WHERE ImageName = 'i' AND Version = 2"
    )
    assert "Version" in steps[-1]["parameters"]
