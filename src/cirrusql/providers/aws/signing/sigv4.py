"""Signature Version 4 with a cached signing key; delegates 2, 4A, bearer and none.

Byte-identical to botocore.auth. Pure: the caller provides the time. ``sigv2`` implements Signature
Version 2, ``sigv4a`` the one that needs awscrt.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from urllib.parse import quote, quote_plus, urlsplit

from cirrusql.api.http_messages import Credentials, Endpoint, Presigned, Request
from cirrusql.errors import ConfigError, CredentialsMissing
from cirrusql.providers.aws.protocol.s3 import UNSIGNED_PAYLOAD
from cirrusql.providers.aws.signing.signed_headers import UNSIGNED_HEADERS, host_of
from cirrusql.providers.aws.signing.sigv2 import sign_v2
from cirrusql.providers.aws.signing.sigv4a import sign_v4a

# Headers that each signature replaces.
_SET_HERE = frozenset("authorization x-amz-date x-amz-security-token x-amz-s3session-token".split())
_STAMP = "%Y%m%dT%H%M%SZ"
_EMPTY_HASH = sha256(b"").hexdigest()
_EXPIRES = 3600
_KEPT_KEYS = 512
_KEPT_URLS = 256

# By a digest of the secret, so that the secret is not stored beside the key derived from it.
_signing_keys: OrderedDict[tuple[bytes, str, str, str], hmac.HMAC] = OrderedDict()


def sign(
    request: Request, endpoint: Endpoint, credentials: Credentials | None, now: datetime
) -> Request:
    """The request with its Authorization header. ``now`` is in UTC.

    Raises CredentialsMissing if the operation must be signed without credentials, NotSupportedError
    if it requires a signature version that is not installed.
    """
    if endpoint.auth == "none":
        return request
    if credentials is None:
        raise CredentialsMissing("the call must be signed, but no credentials were found")
    if endpoint.presigned is not None:
        request = _with_presigned(request, endpoint, endpoint.presigned, credentials, now)
    match endpoint.auth:
        case "bearer":
            return _sign_bearer(request, credentials)
        case "v2":
            return sign_v2(request, credentials, now)
        case "v4a" | "s3v4a":
            return sign_v4a(request, endpoint, credentials, now)
        case _:
            return _sign_v4(request, endpoint, credentials, now)


def _sign_bearer(request: Request, credentials: Credentials) -> Request:
    if not request.url.startswith("https:"):
        raise ConfigError(
            f"{host_of(request.url)} is called without TLS, and the call carries a bearer token",
            hint="use an endpoint URL that starts with https://",
        )
    if not credentials.bearer:
        raise CredentialsMissing(
            "the call requires a bearer token, but none was found",
            hint="run `aws sso login`, or set the service's AWS_BEARER_TOKEN_… variable",
        )
    return replace(
        request, headers={**request.headers, "Authorization": f"Bearer {credentials.bearer}"}
    )


def _sign_v4(
    request: Request, endpoint: Endpoint, credentials: Credentials, now: datetime
) -> Request:
    is_express = endpoint.auth == "s3express"
    is_s3 = endpoint.auth == "s3v4" or is_express
    stamp = now.strftime(_STAMP)
    body_hash = endpoint.body_hash or (
        sha256(request.body).hexdigest() if request.body else _EMPTY_HASH
    )
    own = {"X-Amz-Date": stamp}
    if credentials.token:
        own["x-amz-s3session-token" if is_express else "X-Amz-Security-Token"] = credentials.token
    if is_s3 or body_hash == UNSIGNED_PAYLOAD:
        own["X-Amz-Content-SHA256"] = body_hash
    headers: dict[str, str] = {}
    signed: dict[str, str] = {}
    for given in (request.headers, own):
        for name, value in given.items():
            folded = name.lower()
            if given is own or folded not in _SET_HERE:
                headers[name] = value
                if folded not in UNSIGNED_HEADERS:
                    signed[folded] = " ".join(value.split())
    body_hash = signed.get("x-amz-content-sha256", body_hash)
    names, signature, scope = _signature(
        request.method,
        _kept_target(request.url, is_s3),
        signed,
        body_hash,
        stamp,
        endpoint,
        credentials.secret_key,
    )
    headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    return Request(request.method, request.url, headers, request.body, request.streams_answer)


def _signature(
    method: str,
    target: tuple[str, str],
    signed: dict[str, str],
    body_hash: str,
    stamp: str,
    endpoint: Endpoint,
    secret: str,
) -> tuple[str, str, str]:
    """The names of the signed headers, the signature, and its scope; ``target`` comes from
    ``_target``."""
    day, region, service = stamp[:8], endpoint.signing_region, endpoint.signing_name
    scope = f"{day}/{region}/{service}/aws4_request"
    host, path_and_query = target
    signed.setdefault("host", host)
    in_order = sorted(signed)
    names = ";".join(in_order)
    written = "\n".join([f"{name}:{signed[name]}" for name in in_order])
    canonical = f"{method}\n{path_and_query}\n{written}\n\n{names}\n{body_hash}"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
    signer = _signing_key(secret, day, region, service).copy()
    signer.update(text.encode())
    return names, signer.hexdigest(), scope


def _target(url: str, is_s3: bool) -> tuple[str, str]:
    """The host of a URL, and its canonical path and query."""
    parts = urlsplit(url)
    path = parts.path if is_s3 else quote(normalized(parts.path), safe="/~")
    return host_of(url), f"{path}\n{_sorted_query(parts.query)}"


# Cached, since most calls of a service have the same URL. Not for presigned URLs, which contain a
# token.
_kept_target = lru_cache(_KEPT_URLS)(_target)


def _sorted_query(query: str) -> str:
    if "&" not in query:
        return query if not query or "=" in query else f"{query}="
    pairs = sorted([(k, v) for k, _, v in [p.partition("=") for p in query.split("&")]])
    return "&".join([f"{k}={v}" for k, v in pairs])


def normalized(path: str) -> str:
    """The path without dot segments and double slashes (botocore.utils.normalize_url_path)."""
    if path in ("", "/"):
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


def _signing_key(secret: str, day: str, region: str, service: str) -> hmac.HMAC:
    """An HMAC with the derived key; copy it before use, because it is consumed by one text."""
    name = (sha256(secret.encode()).digest(), day, region, service)
    signer = _signing_keys.get(name)
    if signer is None:
        key = f"AWS4{secret}".encode()
        for part in (day, region, service, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        signer = _signing_keys[name] = hmac.new(key, None, "sha256")
        while len(_signing_keys) > _KEPT_KEYS:
            _signing_keys.popitem(last=False)
    return signer


def _with_presigned(
    request: Request,
    endpoint: Endpoint,
    presigned: Presigned,
    credentials: Credentials,
    now: datetime,
) -> Request:
    """The request with the signed URL of its second request in the form."""
    url = _presigned_url(presigned, endpoint.signing_name, credentials, now)
    field = f"&{presigned.parameter}={quote_plus(url)}{presigned.also}"
    return replace(request, body=request.body + field.encode())


def _presigned_url(
    presigned: Presigned, service: str, credentials: Credentials, now: datetime
) -> str:
    """A GET signed in its query (botocore.auth.SigV4QueryAuth)."""
    stamp = now.strftime(_STAMP)
    scope = f"{stamp[:8]}/{presigned.region}/{service}/aws4_request"
    auth = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{credentials.access_key}/{scope}",
        "X-Amz-Date": stamp,
        "X-Amz-Expires": str(_EXPIRES),
        "X-Amz-SignedHeaders": "host",
    }
    if credentials.token:
        auth["X-Amz-Security-Token"] = credentials.token
    url = presigned.url + "".join(f"&{k}={quote(v, safe='-._~')}" for k, v in auth.items())
    there = Endpoint(url=url, signing_name=service, signing_region=presigned.region)
    target = _target(url, False)
    _, signature, _ = _signature(
        "GET", target, {}, _EMPTY_HASH, stamp, there, credentials.secret_key
    )
    return f"{url}&X-Amz-Signature={signature}"
