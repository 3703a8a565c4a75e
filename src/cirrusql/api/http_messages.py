"""HTTP requests and decoded pages. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cirrusql.api.exchange import Fault as Fault
from cirrusql.api.exchange import Request as Request
from cirrusql.api.exchange import Response as Response

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Credentials:
    """Credentials that sign a request; ``token`` is the session token, ``bearer`` an OAuth bearer
    token."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    bearer: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Presigned:
    """A second request whose signed URL is added to the form body of the first.

    Used for copies between regions: it authenticates the caller to the source region.
    """

    parameter: str
    """The form field for the URL."""
    url: str = field(repr=False)
    """The request to the source region, unsigned."""
    region: str
    also: str = ""
    """The part of the form-encoded body that follows the field."""


@dataclass(frozen=True)
class Endpoint:
    """The endpoint of an operation, according to the endpoint rules."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    signing_name: str = ""
    signing_region: str = ""
    auth: str = "v4"
    """``v4``, ``s3v4``, ``v4a``, ``s3v4a``, ``v2``, ``bearer``, ``none``, or ``s3express`` for a
    bucket session (CreateSession)."""
    body_hash: str | None = None
    """Signed in place of the body's hash (``UNSIGNED-PAYLOAD``); None: its SHA-256."""
    presigned: Presigned | None = None


@dataclass(frozen=True)
class DecodedPage:
    """One decoded response of a listing.

    ``rows`` has the selected columns, in order; ``tokens`` are the input members that request the
    next page, None at the end.
    """

    rows: pa.RecordBatch
    tokens: Mapping[str, object] | None
    request_id: str | None = None
    unread: tuple[str, ...] = ()
    """Descriptions of values that do not match their type; they are NULL in ``rows``."""
    refused: tuple[Fault, ...] = ()
    """Why requested keys are not among the rows."""
