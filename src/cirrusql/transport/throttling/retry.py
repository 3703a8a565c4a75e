"""Decides whether and when a call is retried. Pure: outcomes in, decisions out.

The rules are those of the official clients' standard retry mode, with a budget that the whole
session shares, so that retries do not overload a failing service. Throttling is different: the
official clients count it as an attempt, but a throttled call did not fail, it only has to wait. How
often it is rejected in the meantime is chance, so the limit is a time, not a count.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from enum import Enum, auto

from cirrusql.api.http_messages import Fault
from cirrusql.decode.service_error import EXPIRED_CODES, SKEW_CODES, is_transient
from cirrusql.errors import BadAnswer, Error, Unreachable
from cirrusql.transport.model import Call

_BASE_DELAY = 0.1
_THROTTLED_DELAY = 0.5
_LONGEST_DELAY = 20.0
"""Seconds."""
_LONGEST_THROTTLED_DELAY = 5.0
"""Shorter than for failures: the learned rate, not this wait, decides how often a throttling API is
called."""


class Decision(Enum):
    """What to do after a failed attempt."""

    GIVE_UP = auto()
    AGAIN = auto()
    REFRESH = auto()
    """Retry with new credentials."""
    RESET_CLOCK = auto()
    """Retry with the service's clock."""


@dataclass
class Budget:
    """A retry quota: a retry takes from it, a success returns a little."""

    capacity: float = 500.0
    left: float = field(default=500.0)

    def take(self, cost: float) -> bool:
        """Whether the quota covered the retry."""
        if self.left < cost:
            return False
        self.left -= cost
        return True

    def give(self, amount: float = 1.0) -> None:
        """Called after a success."""
        self.left = min(self.capacity, self.left + amount)


@dataclass
class ThrottleTimeout:
    """How long one throttled call is retried: held back for at most ``most`` seconds in total.

    Time in the queue of a learned rate does not count as long as that queue moves; it counts once
    no call to that API has got through for as long.
    """

    most: float
    throttles: int = field(default=0, init=False)
    _held: float = field(default=0.0, init=False)
    _since: float = field(default=0.0, init=False)

    def hold(
        self, now: float, passed: float, headers: Mapping[str, str], jitter: random.Random
    ) -> float | None:
        """Seconds to hold back a call that was throttled at ``now``; None once it has been retried
        long enough.

        ``passed``: when a call to that API last got through.
        """
        self.throttles += 1
        if self.throttles == 1:
            self._since = now
        if self._held >= self.most or now - max(self._since, passed) > self.most:
            return None
        seconds = throttled_delay(self.throttles, headers, jitter)
        self._held += seconds
        return seconds


def may_repeat(call: Call) -> bool:
    """Whether a call is idempotent: it reads, or its model says so."""
    operation = call.operation
    return (
        call.is_read
        or operation.is_idempotent
        or any(m.is_idempotency_token for m in operation.parameters.values())
    )


def after_fault(
    fault: Fault, failures: int, most: int, *, may_repeat: bool, was_refreshed: bool
) -> Decision:
    """Decide after an error response other than throttling. ``may_repeat``: repeating the call
    cannot do its work twice.

    ``failures``: failed attempts including this one; at most ``most``.
    """
    if fault.code in EXPIRED_CODES:
        return Decision.GIVE_UP if was_refreshed else Decision.REFRESH
    if fault.code in SKEW_CODES and fault.status in (400, 403):
        return Decision.GIVE_UP if was_refreshed else Decision.RESET_CLOCK
    if failures >= most:
        return Decision.GIVE_UP
    return Decision.AGAIN if is_transient(fault) and may_repeat else Decision.GIVE_UP


def after_error(error: Error, failures: int, most: int, *, may_repeat: bool) -> Decision:
    """Decide after a missing or malformed response."""
    if failures >= most:
        return Decision.GIVE_UP
    if isinstance(error, Unreachable):
        return Decision.AGAIN if error.is_unsent or may_repeat else Decision.GIVE_UP
    if isinstance(error, BadAnswer):
        return Decision.AGAIN if may_repeat and not error.is_final else Decision.GIVE_UP
    return Decision.GIVE_UP


def delay(failures: int, headers: Mapping[str, str], jitter: random.Random) -> float:
    """Seconds to wait after this many failed attempts; respects the service's Retry-After."""
    wanted = jitter.uniform(0.3, 1.0) * _BASE_DELAY * 2.0 ** (failures - 1)
    return min(max(wanted, _asked_for(headers)), _LONGEST_DELAY)


def throttled_delay(throttles: int, headers: Mapping[str, str], jitter: random.Random) -> float:
    """Seconds to wait after a call was throttled this many times; respects the service's
    Retry-After."""
    longest = min(_THROTTLED_DELAY * 2.0 ** (throttles - 1), _LONGEST_THROTTLED_DELAY)
    return min(max(jitter.uniform(0.3, 1.0) * longest, _asked_for(headers)), _LONGEST_DELAY)


def _asked_for(headers: Mapping[str, str]) -> float:
    """The wait in seconds that the service requests; 0 if it requests none or cannot be parsed.

    ``x-amz-retry-after`` is in milliseconds, ``Retry-After`` in seconds or a date (RFC 9110),
    compared with the service's own clock.
    """
    with suppress(ValueError, OverflowError):
        if "x-amz-retry-after" in headers:
            return int(headers["x-amz-retry-after"]) / 1000.0
    asked = headers.get("retry-after", "0")
    with suppress(ValueError):
        return float(asked)
    with suppress(ValueError, KeyError, TypeError):
        return (
            parsedate_to_datetime(asked) - parsedate_to_datetime(headers["date"])
        ).total_seconds()
    return 0.0
