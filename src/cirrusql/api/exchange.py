"""What goes to a provider and what comes back, whoever it is: targets, requests, responses, faults.

Values only. What a request looks like is the provider's codec's to say, who sends it ``fetch``'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

NEXT_URL = "@next"
"""Stands among the parameters of a page that is asked for by a whole URL,
as the page before gave it."""


@dataclass(frozen=True)
class Target:
    """Where a call is made. ``connection`` None is the session's own."""

    connection: str | None
    region: str
    """Empty where the provider has no regions."""
    account_id: str | None = None
    """Filled where it is known; finding it costs one call per connection."""
    context: tuple[tuple[str, str], ...] = ()
    """By name the values of those context columns that are the provider's own: ``workspace``."""

    def value(self, column: str) -> str | None:
        """What a context column says of the place; None where it is not known."""
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
    """What becomes of a call whose bucket turns out to be in another region than the call."""

    FOLLOW = "follow"
    """It is made there, and its rows are of there."""
    KEEP = "keep"
    """It is made there; its rows belong to one that was found where the call was to be made."""
    DROP = "drop"
    """It has no rows: the statement says where they are to be."""


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
class Fault:
    """An error answer in the service's own words."""

    status: int
    code: str
    message: str
    request_id: str | None = None
    retry_trait: str | None = None
    """What the model says of trying again after it: ``transient``, ``throttling`` or nothing."""
    advice: str | None = None
    """What to do about it, where the provider knows."""
