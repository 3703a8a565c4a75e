"""S3's own ways: when a body is left out of a signature, and the checksums of what it answers.

Where a bucket is addressed is the endpoint rules' to say; errors in a 200 are ``service_error``'s.
"""

from __future__ import annotations

import hashlib
import zlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

from cirrusql.api.http_messages import Response
from cirrusql.api.model import Operation
from cirrusql.errors import BadAnswer

UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
STREAMING_UNSIGNED_PAYLOAD_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

# CRC32C, CRC64NVME and XXHASH are not of the standard library: such a body goes unchecked.
_CHECKSUMS: Mapping[str, Callable[[bytes], bytes]] = {
    "x-amz-checksum-crc32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    "x-amz-checksum-sha256": lambda body: hashlib.sha256(body).digest(),
    "x-amz-checksum-sha1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
}


def body_hash(
    url: str, headers: Mapping[str, str], context: Mapping[str, Any], *, is_s3: bool
) -> str | None:
    """What is signed in place of the body's SHA-256, or None for the hash itself.

    A body with its checksum behind it is never hashed twice; S3 leaves a streamed one unsigned
    where TLS and a checksum guard it (botocore.auth.S3SigV4Auth), other services where their
    model says so.
    """
    algorithm = context.get("checksum", {}).get("request_algorithm")
    where = algorithm.get("in") if isinstance(algorithm, dict) else None
    is_unsigned = (
        bool(context.get("unsigned_payload")) or context.get("auth_type") == "v4-unsigned-body"
    )
    if where == "trailer":
        return UNSIGNED_PAYLOAD if is_unsigned and not is_s3 else STREAMING_UNSIGNED_PAYLOAD_TRAILER
    if not is_s3:
        return UNSIGNED_PAYLOAD if is_unsigned else None
    checksum = algorithm["name"] if where == "header" else "content-md5"
    is_guarded = url.startswith("https:") and checksum.lower() in {name.lower() for name in headers}
    if is_guarded and (context.get("has_streaming_input") or is_unsigned):
        return UNSIGNED_PAYLOAD
    return None


def check_body(operation: Operation, response: Response) -> None:
    """Raises BadAnswer where the body is not the one whose checksum the service sent along.

    DynamoDB sends one with every answer (botocore.retries.special.RetryDDBChecksumError), S3 when
    asked.

    That is asked for by some operations (``x-amz-checksum-mode``); a checksum of the parts of
    an object (``…-3``) says nothing of the whole (botocore.httpchecksum.handle_checksum_body).
    """
    if operation.service.id == "dynamodb":
        _check_crc32(operation, response)
        return
    native: Any = operation.native
    if "requestValidationModeMember" not in native.http_checksum or response.status != 200:
        return
    for name, checksum in _CHECKSUMS.items():
        expected = response.headers.get(name)
        if not expected or "-" in expected:
            continue
        found = b64encode(checksum(response.body)).decode()
        if found != expected:
            raise BadAnswer(
                f"{operation.id}: the body's {name.removeprefix('x-amz-checksum-')} is {found}, "
                f"but the service sent {expected}",
                hint="the body was damaged in transit: run the statement again",
            )
        return


def _check_crc32(operation: Operation, response: Response) -> None:
    expected = response.headers.get("x-amz-crc32", "")
    # That of a compressed answer is of its compressed form, which the transport has undone.
    if not expected.isdigit() or "content-encoding" in response.headers:
        return
    found = zlib.crc32(response.body)
    if found != int(expected):
        raise BadAnswer(
            f"{operation.id}: the body's crc32 is {found}, but the service sent {expected}",
            hint="the body was damaged in transit: run the statement again",
        )
