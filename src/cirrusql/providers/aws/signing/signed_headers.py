"""The headers that a signature covers, and the Host header used in it."""

from __future__ import annotations

from urllib.parse import urlsplit

# botocore.auth.SIGNED_HEADERS_BLACKLIST: headers that a proxy may change.
UNSIGNED_HEADERS = frozenset(
    """baggage connection expect keep-alive proxy-authenticate proxy-authorization te traceparent
    tracestate trailer transfer-encoding upgrade user-agent x-amzn-trace-id""".split()
)


def host_of(url: str) -> str:
    """The Host header of a URL, without the scheme's default port."""
    parts = urlsplit(url)
    port = {"http": 80, "https": 443}.get(parts.scheme)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return host if parts.port in (None, port) else f"{host}:{parts.port}"
