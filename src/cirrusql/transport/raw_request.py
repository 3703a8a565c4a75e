"""aiohttp's request without the headers that it makes up: what was signed is what is sent."""

from __future__ import annotations

from collections.abc import Iterable

import aiohttp
from aiohttp import hdrs
from multidict import CIMultiDict

_ENCODINGS = aiohttp.ClientRequest.DEFAULT_HEADERS[hdrs.ACCEPT_ENCODING]


class PlainRequest(aiohttp.ClientRequest):
    """Adds Host, what frames the body, and which encodings of an answer can be read."""

    # Of the type that it would give a body of bytes.
    _skip_auto_headers = CIMultiDict[None]([("Content-Type", None)])

    def update_auto_headers(self, skip_auto_headers: Iterable[str] | None) -> None:
        """Leave User-Agent and Accept as they are given, or away."""
        if "Accept-Encoding" not in self.headers:
            self.headers["Accept-Encoding"] = _ENCODINGS
