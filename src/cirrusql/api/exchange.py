"""Messages between CirruSQL and a provider: targets, requests, responses, errors.

Values only. The provider's codec builds requests, and ``transport`` sends them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

NEXT_URL = "@next"
"""The parameter that stands for a whole URL when the next page is requested by URL."""


@dataclass(frozen=True)
class Target:
    """Where a call is made. ``connection`` None is the session's own."""

    connection: str | None
    region: str
    """Empty if the provider has no regions."""
    account_id: str | None = None
    """Set if known; finding it out takes one call per connection."""
    context: tuple[tuple[str, str], ...] = ()
    """Values of context columns that only this provider has, by name: ``workspace``."""

    def value(self, column: str) -> str | None:
        """The value of a context column for this place; None if unknown."""
        match column:
            case "region":
                return self.region
            case "account_id":
                return self.account_id
            case "connection":
                return self.connection
            case _:
                return dict(self.context).get(column)


class Elsewhere(StrEnum):
    """What to do with a call whose bucket turns out to be in another region."""

    FOLLOW = "follow"
    """Make the call there; the rows have that region."""
    LOCATE = "locate"
    """The same where the server tells no region by itself, since the rows show it: it is looked up
    first."""
    KEEP = "keep"
    """Make the call there; the rows keep the region of the call, where their parent was found."""
    DROP = "drop"
    """Return no rows: the statement names the region."""


@dataclass(frozen=True)
class Request:
    """An HTTP request, signed or not."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""
    streams_answer: bool = False
    """The protocol does not frame the response's body: read at most ``max_body`` bytes."""


@dataclass(frozen=True)
class Response:
    """A complete HTTP response. Names in ``headers`` are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Fault:
    """An error response: the service's own code and message."""

    status: int
    code: str
    message: str
    request_id: str | None = None
    retry_trait: str | None = None
    """The model's classification for retries: ``transient``, ``throttling`` or empty."""
    advice: str | None = None
    """What to do about it, if the provider knows."""
