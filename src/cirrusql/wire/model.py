"""What goes over the wire and comes back. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Request:
    """An HTTP request, signed or not."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""
    streams_answer: bool = False
    """The answer's body is not framed by the protocol: read it bounded."""


@dataclass(frozen=True)
class Response:
    """An HTTP response read whole. ``headers`` are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Credentials:
    """What signs a request; ``token`` is the session token."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Endpoint:
    """Where an operation is called, as the endpoint rules say."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    signing_name: str = ""
    signing_region: str = ""
    auth: str = "v4"
    """``v4``, ``s3v4``, ``v4a``, ``s3v4a``, ``bearer`` or ``none``."""
    signs_body: bool = True
    """Whether the body's hash is part of the signature; else UNSIGNED-PAYLOAD."""


@dataclass(frozen=True)
class Page:
    """One decoded answer of a listing.

    ``rows`` has the columns asked for, in that order; ``tokens`` are the input members that
    ask for the next page, None at the end.
    """

    rows: pa.RecordBatch
    tokens: Mapping[str, object] | None
    request_id: str | None = None


@dataclass(frozen=True)
class Fault:
    """An error answer in the service's own words."""

    status: int
    code: str
    message: str
    request_id: str | None = None
    fields: Mapping[str, object] = field(default_factory=dict)
