"""Signature Version 2, which SimpleDB still requires: the signature is a form field."""

from __future__ import annotations

import hmac
from base64 import b64encode
from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from cirrusql.api.http_messages import Credentials, Request


def sign_v2(request: Request, credentials: Credentials, now: datetime) -> Request:
    """Sign the form of a request (botocore.auth.SigV2Auth). ``now`` is in UTC."""
    form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
    form["AWSAccessKeyId"] = credentials.access_key
    form["SignatureVersion"] = "2"
    form["SignatureMethod"] = "HmacSHA256"
    form["Timestamp"] = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    if credentials.token:
        form["SecurityToken"] = credentials.token
    parts = urlsplit(request.url)
    query = "&".join(f"{quote(k, safe='')}={quote(form[k], safe='-_~')}" for k in sorted(form))
    text = f"{request.method}\n{parts.netloc}\n{parts.path or '/'}\n{query}"
    digest = hmac.digest(credentials.secret_key.encode(), text.encode(), "sha256")
    form["Signature"] = b64encode(digest).decode()
    return replace(request, body=urlencode(form).encode())
