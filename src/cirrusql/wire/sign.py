"""Signature Version 4, with the derived key kept; also bearer, none, and 4A through awscrt.

Equal to botocore.auth byte for byte. Pure: the moment comes from the caller.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from urllib.parse import quote, urlsplit

from cirrusql.errors import CredentialsMissing, NotSupportedError
from cirrusql.wire.model import Credentials, Endpoint, Request
from cirrusql.wire.request import host_of

# botocore.auth.SIGNED_HEADERS_BLACKLIST: what a proxy may change on the way.
_UNSIGNED_HEADERS = frozenset(
    """baggage connection expect keep-alive proxy-authenticate proxy-authorization te traceparent
    tracestate trailer transfer-encoding upgrade user-agent x-amzn-trace-id""".split()
)
_UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
_KEPT_KEYS = 512

# By a digest of the secret, so that the secret itself is not kept beside the key made from it.
_signing_keys: OrderedDict[tuple[bytes, str, str, str], bytes] = OrderedDict()


def sign(request: Request, endpoint: Endpoint, credentials: Credentials | None, now: datetime) -> Request:
    """The request with its Authorization. ``now`` is UTC.

    Raises CredentialsMissing where the operation must be signed and there is nothing to sign
    with, NotSupportedError where it wants a signature that is not installed.
    """
    if endpoint.auth == "none":
        return request
    if credentials is None:
        raise CredentialsMissing("the call must be signed and no credentials were found")
    if endpoint.auth == "bearer":
        return _with(request, {"Authorization": f"Bearer {credentials.token or ''}"})
    if endpoint.auth.endswith("v4a"):
        raise NotSupportedError(
            "this call must be signed with SigV4A",
            hint="pip install 'cirrusql[sigv4a]'",
        )
    return _sign_v4(request, endpoint, credentials, now)


def _sign_v4(request: Request, endpoint: Endpoint, credentials: Credentials, now: datetime) -> Request:
    is_s3 = endpoint.auth.startswith("s3")
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    added = {"X-Amz-Date": stamp}
    if credentials.token:
        added["X-Amz-Security-Token"] = credentials.token
    body_hash = sha256(request.body).hexdigest() if endpoint.signs_body else _UNSIGNED_PAYLOAD
    if is_s3 or not endpoint.signs_body:
        added["X-Amz-Content-SHA256"] = body_hash
    prepared = _with(request, added)
    signed = {k.lower(): v for k, v in prepared.headers.items()}
    signed = {k: v for k, v in signed.items() if k not in _UNSIGNED_HEADERS}
    signed.setdefault("host", host_of(request.url))
    names = ";".join(sorted(signed))
    canonical = _canonical(prepared, signed, names, signed.get("x-amz-content-sha256", body_hash), is_s3)
    day = stamp[:8]
    scope = f"{day}/{endpoint.signing_region}/{endpoint.signing_name}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
    key = _signing_key(credentials.secret_key, day, endpoint.signing_region, endpoint.signing_name)
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    return _with(prepared, {"Authorization": authorization})


def _canonical(request: Request, signed: Mapping[str, str], names: str, body_hash: str, is_s3: bool) -> str:
    parts = urlsplit(request.url)
    path = parts.path if is_s3 else quote(_normalized(parts.path), safe="/~")
    pairs = sorted(tuple(p.partition("=")[::2]) for p in parts.query.split("&")) if parts.query else []
    query = "&".join(f"{k}={v}" for k, v in pairs)
    headers = "\n".join(f"{k}:{' '.join(signed[k].split())}" for k in sorted(signed))
    return f"{request.method.upper()}\n{path or '/'}\n{query}\n{headers}\n\n{names}\n{body_hash}"


def _normalized(path: str) -> str:
    """The path without dot segments and doubled slashes (botocore.utils.normalize_url_path)."""
    if not path:
        return "/"
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if kept:
                kept.pop()
        elif part and part != ".":
            kept.append(part)
    start = "/" if path[0] == "/" else ""
    end = "/" if path[-1] == "/" and kept else ""
    return start + "/".join(kept) + end


def _signing_key(secret: str, day: str, region: str, service: str) -> bytes:
    name = (sha256(secret.encode()).digest(), day, region, service)
    key = _signing_keys.get(name)
    if key is None:
        key = f"AWS4{secret}".encode()
        for part in (day, region, service, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        _signing_keys[name] = key
        while len(_signing_keys) > _KEPT_KEYS:
            _signing_keys.popitem(last=False)
    return key


def _with(request: Request, headers: Mapping[str, str]) -> Request:
    lowered = {k.lower() for k in headers}
    kept = {k: v for k, v in request.headers.items() if k.lower() not in lowered}
    return Request(request.method, request.url, {**kept, **headers}, request.body, request.streams_answer)
