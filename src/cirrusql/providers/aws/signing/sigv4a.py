"""Signature Version 4A, valid in several regions at once; awscrt implements the cryptography."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from cirrusql.api.http_messages import Credentials, Endpoint, Request
from cirrusql.errors import NotSupportedError
from cirrusql.providers.aws.signing.signed_headers import UNSIGNED_HEADERS, host_of

_SET_HERE = frozenset("authorization x-amz-date x-amz-security-token x-amz-region-set".split())


def sign_v4a(
    request: Request, endpoint: Endpoint, credentials: Credentials, now: datetime
) -> Request:
    """The request signed for the endpoint's set of regions (botocore.crt.auth.CrtSigV4AsymAuth).

    Raises NotSupportedError if awscrt is not installed.
    """
    try:
        from awscrt import auth, http
    except ImportError:
        raise NotSupportedError(
            f"{urlsplit(request.url).hostname} requires Signature Version 4A, which needs awscrt",
            hint="pip install 'cirrusql[sigv4a]'",
        ) from None
    is_s3 = endpoint.auth == "s3v4a"
    headers = {k: v for k, v in request.headers.items() if k.lower() not in _SET_HERE}
    headers["host"] = host_of(request.url)
    parts = urlsplit(request.url)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    message = http.HttpRequest(
        method=request.method,
        path=target,
        headers=http.HttpHeaders(headers.items()),
        body_stream=BytesIO(request.body) if request.body else None,
    )
    auth.aws_sign_request(message, _config(auth, endpoint, credentials, now, is_s3=is_s3)).result()
    signed: Mapping[str, str] = {k: v for k, v in message.headers if k.lower() != "host"}
    return replace(request, headers=dict(signed))


def _config(
    auth: Any, endpoint: Endpoint, credentials: Credentials, now: datetime, *, is_s3: bool
) -> Any:
    kinds = auth.AwsSignedBodyHeaderType
    sends_hash = is_s3 or endpoint.body_hash is not None
    return auth.AwsSigningConfig(
        algorithm=auth.AwsSigningAlgorithm.V4_ASYMMETRIC,
        signature_type=auth.AwsSignatureType.HTTP_REQUEST_HEADERS,
        credentials_provider=auth.AwsCredentialsProvider.new_static(
            credentials.access_key, credentials.secret_key, credentials.token
        ),
        region=endpoint.signing_region,
        service=endpoint.signing_name,
        date=now.replace(tzinfo=UTC) if now.tzinfo is None else now,
        should_sign_header=lambda name, **_: name.lower() not in UNSIGNED_HEADERS,
        use_double_uri_encode=not is_s3,
        should_normalize_uri_path=not is_s3,
        signed_body_value=endpoint.body_hash,
        signed_body_header_type=kinds.X_AMZ_CONTENT_SHA_256 if sends_hash else kinds.NONE,
    )
