"""What goes over the wire and comes back. Values only."""

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
    """What signs a request; ``token`` is the session token, ``bearer`` what OAuth calls one."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    bearer: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Presigned:
    """A second request whose signed URL goes into the form body of the first.

    A service copies between regions with it: the source region believes the caller by it.
    """

    parameter: str
    """The form field that the URL becomes."""
    url: str = field(repr=False)
    """The request to the source region, unsigned."""
    region: str
    also: str = ""
    """What follows the field in the body, form-encoded."""


@dataclass(frozen=True)
class Endpoint:
    """Where an operation is called, as the endpoint rules say."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    signing_name: str = ""
    signing_region: str = ""
    auth: str = "v4"
    """``v4``, ``s3v4``, ``v4a``, ``s3v4a``, ``v2``, ``bearer``, ``none``, or ``s3express``: by a
    session made for the bucket (CreateSession)."""
    body_hash: str | None = None
    """What is signed in place of the body's hash (``UNSIGNED-PAYLOAD``); None: its SHA-256."""
    presigned: Presigned | None = None


@dataclass(frozen=True)
class DecodedPage:
    """One decoded answer of a listing.

    ``rows`` has the columns asked for, in that order; ``tokens`` are the input members that
    ask for the next page, None at the end.
    """

    rows: pa.RecordBatch
    tokens: Mapping[str, object] | None
    request_id: str | None = None
    unread: tuple[str, ...] = ()
    """Values that are not of their type, in words: they are NULL in ``rows``."""
    refused: tuple[Fault, ...] = ()
    """Why things that were asked for are not among the rows."""
