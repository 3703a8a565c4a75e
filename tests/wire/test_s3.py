"""The checksums of what S3 answers."""

from __future__ import annotations

import pytest

from cirrusql.errors import BadAnswer
from cirrusql.wire.model import Response
from cirrusql.wire.s3 import check_body
from tests.wire.conftest import operation_of

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


@pytest.mark.parametrize("name", ["x-amz-checksum-sha256", "x-amz-checksum-sha1", "x-amz-checksum-crc32"])
def test_a_damaged_body_is_a_bad_answer(name: str) -> None:
    with pytest.raises(BadAnswer, match="s3:GetObject: the body has the "):
        check_body(GET, Response(200, {name: "AAAAAA=="}, b"hell0"))


def test_what_asked_for_no_checksum_is_not_checked() -> None:
    put = operation_of("s3:PutObject")
    check_body(put, Response(200, {"x-amz-checksum-crc32": "AAAAAA=="}, b""))
