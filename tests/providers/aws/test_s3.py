"""S3 specifics: a bucket's endpoint, the signer, and response checksums."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3ExpressAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from cirrusql.api.http_messages import Credentials, Endpoint, Request, Response
from cirrusql.errors import BadAnswer, InvalidParameter
from cirrusql.providers.aws.protocol import request
from cirrusql.providers.aws.protocol.s3 import check_body
from cirrusql.providers.aws.signing.sigv4 import sign
from tests.support.operations import operation_of

GET = operation_of("s3:GetObject")
# Of b"hello", by `openssl dgst -sha256 -binary | base64` and gzip's CRC.
SHA256 = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="
CRC32 = "NhCmhg=="


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-amz-checksum-sha256", SHA256),
        ("x-amz-checksum-crc32", CRC32),
        ("x-amz-checksum-crc32", "AAAAAA==-3"),
        ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA="),
        ("etag", "x"),
    ],
)
def test_a_whole_body_passes(name: str, value: str) -> None:
    check_body(GET, Response(200, {name: value}, b"hello"))


@pytest.mark.parametrize(
    "name", ["x-amz-checksum-sha256", "x-amz-checksum-sha1", "x-amz-checksum-crc32"]
)
def test_a_damaged_body_is_a_bad_answer(name: str) -> None:
    with pytest.raises(BadAnswer, match="s3:GetObject: the body's "):
        check_body(GET, Response(200, {name: "AAAAAA=="}, b"hell0"))


def test_what_asked_for_no_checksum_is_not_checked() -> None:
    put = operation_of("s3:PutObject")
    check_body(put, Response(200, {"x-amz-checksum-crc32": "AAAAAA=="}, b""))


def built(
    name: str, *, region: str = "eu-west-1", url: str | None = None, **given: object
) -> tuple[Request, Endpoint]:
    return request.build(operation_of(f"s3:{name}"), given, region=region, endpoint_url=url)


@pytest.mark.parametrize(
    ("bucket", "region", "expected"),
    [
        ("plain", "eu-west-1", "https://plain.s3.eu-west-1.amazonaws.com/k%20ey"),
        ("plain", "us-east-1", "https://plain.s3.amazonaws.com/k%20ey"),
        ("with.dots", "eu-west-1", "https://s3.eu-west-1.amazonaws.com/with.dots/k%20ey"),
        ("plain", "cn-north-1", "https://plain.s3.cn-north-1.amazonaws.com.cn/k%20ey"),
        (
            "arn:aws:s3:us-west-2:123456789012:accesspoint/mine",
            "eu-west-1",
            "https://mine-123456789012.s3-accesspoint.us-west-2.amazonaws.com/k%20ey",
        ),
    ],
)
def test_a_bucket_is_called_where_it_is(bucket: str, region: str, expected: str) -> None:
    sent, _ = built("GetObject", region=region, Bucket=bucket, Key="k ey")
    assert sent.url == expected


def test_a_custom_endpoint_has_no_host_for_every_bucket() -> None:
    sent, _ = built("GetObject", url="http://127.0.0.1:5000", Bucket="plain", Key="k")
    assert sent.url == "http://127.0.0.1:5000/plain/k"


def test_an_access_point_is_signed_for_its_own_region() -> None:
    arn = "arn:aws:s3:us-west-2:123456789012:accesspoint/mine"
    assert built("ListObjectsV2", Bucket=arn)[1].signing_region == "us-west-2"


def test_a_name_that_no_bucket_can_have_is_refused() -> None:
    with pytest.raises(InvalidParameter, match="s3:ListObjectsV2"):
        built("ListObjectsV2", Bucket="no bucket/../x")


def test_an_object_is_asked_for_with_its_checksum() -> None:
    headers = {
        k.lower(): v for k, v in built("GetObject", Bucket="plain", Key="k")[0].headers.items()
    }
    assert headers["x-amz-checksum-mode"] == "ENABLED"


EXPRESS = "fast--use1-az4--x-s3"


def test_a_directory_bucket_is_called_in_its_zone_with_a_session() -> None:
    sent, endpoint = built("GetObject", region="us-east-1", Bucket=EXPRESS, Key="k")
    assert urlsplit(sent.url).netloc == f"{EXPRESS}.s3express-use1-az4.us-east-1.amazonaws.com"
    assert (endpoint.auth, endpoint.signing_name) == ("s3express", "s3express")


def test_a_session_is_made_with_an_ordinary_signature() -> None:
    _, endpoint = built("CreateSession", region="us-east-1", Bucket=EXPRESS)
    assert (endpoint.auth, endpoint.signing_name) == ("s3v4", "s3express")


def test_emulators_know_no_sessions() -> None:
    _, endpoint = built(
        "GetObject", region="us-east-1", url="http://127.0.0.1:5000", Bucket=EXPRESS, Key="k"
    )
    assert endpoint.auth == "s3v4"


def test_a_session_signs_as_botocore_does(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: now.replace(tzinfo=None))
    sent, endpoint = built("GetObject", region="us-east-1", Bucket=EXPRESS, Key="k")
    ours = sign(sent, endpoint, Credentials("AKID", "secret", "session"), now)
    theirs = AWSRequest(sent.method, sent.url, headers=dict(sent.headers), data=b"")
    theirs.context["payload_signing_enabled"] = True
    S3ExpressAuth(
        BotocoreCredentials("AKID", "secret", "session"),
        "s3express",
        "us-east-1",
        identity_cache=None,
    ).add_auth(theirs)
    assert ours.headers["Authorization"] == theirs.headers["Authorization"]
    assert ours.headers["x-amz-s3session-token"] == "session"
    assert "X-Amz-Security-Token" not in ours.headers


def test_a_table_of_dynamodb_guards_its_answers_too() -> None:
    scan = operation_of("dynamodb:Scan")
    check_body(scan, Response(200, {"x-amz-crc32": str(0x3610A686)}, b"hello"))
    check_body(scan, Response(200, {"x-amz-crc32": "1", "content-encoding": "gzip"}, b"hello"))
    with pytest.raises(BadAnswer, match="dynamodb:Scan: the body's crc32 is"):
        check_body(scan, Response(200, {"x-amz-crc32": "1"}, b"hello"))
