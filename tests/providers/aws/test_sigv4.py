"""Signatures that the differential test does not cover, and what they must not do."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest

from cirrusql.api.http_messages import Credentials, Endpoint, Request
from cirrusql.errors import ConfigError, CredentialsMissing, InvalidParameter, NotSupportedError
from cirrusql.providers.aws.protocol.request import build
from cirrusql.providers.aws.signing import sigv4 as module
from cirrusql.providers.aws.signing.sigv4 import normalized, sign
from tests.support.operations import operation_of

# The example of AWS's own documentation, "Create a signed AWS API request".
KEY = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
NOW = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
IAM = Endpoint("https://iam.amazonaws.com", signing_name="iam", signing_region="us-east-1")
LIST_USERS = Request(
    "GET",
    "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
    {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
)


def test_signs_the_example_of_the_documentation() -> None:
    authorization = sign(LIST_USERS, IAM, KEY, NOW).headers["Authorization"]
    assert authorization == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date, "
        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    )


def test_signing_again_replaces_the_signature() -> None:
    once = sign(LIST_USERS, IAM, KEY, NOW)
    assert sign(once, IAM, KEY, NOW) == once


def test_a_request_is_not_changed_by_signing() -> None:
    before = dict(LIST_USERS.headers)
    sign(LIST_USERS, IAM, KEY, NOW)
    assert LIST_USERS.headers == before


def test_an_unsigned_operation_needs_no_credentials() -> None:
    given = {"RoleArn": "r", "RoleSessionName": "s", "WebIdentityToken": "t"}
    request, endpoint = build(
        operation_of("sts:AssumeRoleWithWebIdentity"), given, region="us-east-1"
    )
    assert sign(request, endpoint, None, NOW) == request


def test_without_credentials_nothing_is_signed() -> None:
    with pytest.raises(CredentialsMissing):
        sign(LIST_USERS, IAM, None, NOW)


def bearing(url: str) -> tuple[Request, Endpoint]:
    return Request("POST", url, {}), Endpoint(url, auth="bearer")


def test_a_bearer_token_is_sent_as_one() -> None:
    credentials = Credentials("a", "s", "session", bearer="b")
    signed = sign(*bearing("https://codecatalyst.global.api.aws/"), credentials, NOW)
    assert signed.headers["Authorization"] == "Bearer b"


def test_a_session_token_is_no_bearer_token() -> None:
    with pytest.raises(CredentialsMissing, match="bearer"):
        sign(
            *bearing("https://codecatalyst.global.api.aws/"), Credentials("a", "s", "session"), NOW
        )


def test_a_bearer_token_is_never_sent_in_the_clear() -> None:
    with pytest.raises(ConfigError, match="without TLS"):
        sign(*bearing("http://codecatalyst.example.com/"), Credentials("a", "s", bearer="b"), NOW)


def test_a_copy_between_regions_carries_a_signed_url() -> None:
    given = {"SourceRegion": "eu-west-1", "SourceSnapshotId": "snap-1"}
    request, endpoint = build(operation_of("ec2:CopySnapshot"), given, region="us-east-1")
    form = parse_qs(sign(request, endpoint, KEY, NOW).body.decode())
    assert form["PresignedUrl"][0].startswith(
        "https://ec2.eu-west-1.amazonaws.com/?Action=CopySnapshot&"
    )
    assert "X-Amz-Signature=" in form["PresignedUrl"][0]


def test_a_copy_within_a_region_carries_none() -> None:
    given = {"SourceDBSnapshotIdentifier": "a", "TargetDBSnapshotIdentifier": "b"}
    _, endpoint = build(operation_of("rds:CopyDBSnapshot"), given, region="us-east-1")
    assert endpoint.presigned is None


@pytest.mark.parametrize("region", ["evil.example.com/", "&fL0kyN:", "x"])
def test_a_url_is_signed_for_a_region_only(region: str) -> None:
    given = {"SourceRegion": region, "SourceSnapshotId": "snap-1"}
    with pytest.raises(InvalidParameter, match="SourceRegion must be a region"):
        build(operation_of("ec2:CopySnapshot"), given, region="us-east-1")


V4A: dict[str, Any] = {"KvsARN": "arn:aws:cloudfront::123456789012:key-value-store/abc"}


def test_without_awscrt_version_4a_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    request, endpoint = Request("GET", "https://x.example.com/", {}), Endpoint("", auth="v4a")
    monkeypatch.setitem(sys.modules, "awscrt", None)
    with pytest.raises(NotSupportedError, match=r"cirrusql\[sigv4a\]"):
        sign(request, endpoint, KEY, NOW)


def test_version_4a_signs_for_a_set_of_regions() -> None:
    pytest.importorskip("awscrt")
    request, endpoint = build(
        operation_of("cloudfront-keyvaluestore:ListKeys"), V4A, region="us-east-1"
    )
    headers = {k.lower(): v for k, v in sign(request, endpoint, KEY, NOW).headers.items()}
    assert headers["authorization"].startswith(
        "AWS4-ECDSA-P256-SHA256 Credential=AKIDEXAMPLE/20150830/"
    )
    assert headers["x-amz-region-set"] == "*"


def test_derived_keys_are_bounded_and_hold_no_secret() -> None:
    for i in range(module._KEPT_KEYS + 10):
        sign(LIST_USERS, IAM, Credentials("a", f"secret-{i}"), NOW)
    assert len(module._signing_keys) == module._KEPT_KEYS
    assert "secret-" not in repr(module._signing_keys)


def test_a_secret_is_in_no_repr() -> None:
    assert "EXAMPLEKEY" not in repr(KEY)
    assert "tok" not in repr(Credentials("a", "s", "tok", "tok"))


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("", "/"),
        ("/", "/"),
        ("//a//b/", "/a/b/"),
        ("/a/./b/../c", "/a/c"),
        ("/..", "/"),
        ("/a/..", "/"),
    ],
)
def test_a_path_is_signed_without_its_detours(path: str, plain: str) -> None:
    assert normalized(path) == plain
