"""S3's own ways of a signature: when the body is left out of it, and what stands for its hash."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
STREAMING_UNSIGNED_PAYLOAD_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


def body_hash(url: str, headers: Mapping[str, str], context: Mapping[str, Any], *, is_s3: bool) -> str | None:
    """What is signed in place of the body's SHA-256, or None for the hash itself.

    A body with its checksum behind it is never hashed twice; S3 leaves a streamed one unsigned
    where TLS and a checksum guard it (botocore.auth.S3SigV4Auth), other services where their
    model says so.
    """
    algorithm = context.get("checksum", {}).get("request_algorithm")
    where = algorithm.get("in") if isinstance(algorithm, dict) else None
    is_unsigned = bool(context.get("unsigned_payload")) or context.get("auth_type") == "v4-unsigned-body"
    if where == "trailer":
        return UNSIGNED_PAYLOAD if is_unsigned and not is_s3 else STREAMING_UNSIGNED_PAYLOAD_TRAILER
    if not is_s3:
        return UNSIGNED_PAYLOAD if is_unsigned else None
    checksum = algorithm["name"] if where == "header" else "content-md5"
    is_guarded = url.startswith("https:") and checksum.lower() in {name.lower() for name in headers}
    if is_guarded and (context.get("has_streaming_input") or is_unsigned):
        return UNSIGNED_PAYLOAD
    return None
