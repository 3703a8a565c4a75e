"""An aiohttp request without generated headers, so that exactly what was signed is sent."""

from __future__ import annotations

from collections.abc import Iterable

import aiohttp
from aiohttp import hdrs
from multidict import CIMultiDict

_ENCODINGS = aiohttp.ClientRequest.DEFAULT_HEADERS[hdrs.ACCEPT_ENCODING]


class RawRequest(aiohttp.ClientRequest):
    """Adds only Host, the framing of the body, and the accepted content encodings."""

    # Of the type that aiohttp uses for bodies of bytes.
    _skip_auto_headers = CIMultiDict[None]([("Content-Type", None)])

    def update_auto_headers(self, skip_auto_headers: Iterable[str] | None) -> None:
        """Leave User-Agent and Accept as given, or out."""
        if "Accept-Encoding" not in self.headers:
            self.headers["Accept-Encoding"] = _ENCODINGS
