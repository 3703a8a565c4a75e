"""S3 specifics: payload hashes in signatures, and checksums of responses.

The endpoint rules address buckets; ``error_answers`` handles errors in a 200 response.
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

# CRC32C, CRC64NVME and XXHASH are not in the standard library, so such bodies are not checked.
_CHECKSUMS: Mapping[str, Callable[[bytes], bytes]] = {
    "x-amz-checksum-crc32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    "x-amz-checksum-sha256": lambda body: hashlib.sha256(body).digest(),
    "x-amz-checksum-sha1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
}


def body_hash(
    url: str, headers: Mapping[str, str], context: Mapping[str, Any], *, is_s3: bool
) -> str | None:
    """What is signed in place of the body's SHA-256; None for the hash itself.

    A body followed by its checksum is not hashed twice. S3 leaves a streaming body unsigned if TLS
    and a checksum protect it (botocore.auth.S3SigV4Auth); other services do if their model says so.
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
    """Raise BadAnswer if the body does not match the checksum that the service sent.

    DynamoDB sends one with every response (botocore.retries.special.RetryDDBChecksumError), S3 on
    request.

    Some operations request it (``x-amz-checksum-mode``); a checksum of an object's parts (``…-3``)
    does not apply to the whole (botocore.httpchecksum.handle_checksum_body).
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
    # For a compressed response it is that of the compressed bytes, which the transport has
    # decompressed.
    if not expected.isdigit() or "content-encoding" in response.headers:
        return
    found = zlib.crc32(response.body)
    if found != int(expected):
        raise BadAnswer(
            f"{operation.id}: the body's crc32 is {found}, but the service sent {expected}",
            hint="the body was damaged in transit: run the statement again",
        )
