"""Whether and when a call is made again. Pure: what happened in, a decision out.

The rules are those of official clients' standard mode, with a budget that the whole session
shares, so that a service in trouble is not called harder because of it. Not so for throttling,
which those count as an attempt: a throttled call did not fail, it has to wait for its turn.
How often it is turned away meanwhile is chance, so time bounds that, not a count.
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
"""Shorter: how often a throttling API is called is the learnt rate's to say, not the waits'."""


class Decision(Enum):
    """What to do after an attempt that failed."""

    GIVE_UP = auto()
    AGAIN = auto()
    REFRESH = auto()
    """Again, with new credentials."""
    RESET_CLOCK = auto()
    """Again, by the service's clock."""


@dataclass
class Budget:
    """A quota of retries: a retry costs, a success gives a little back."""

    capacity: float = 500.0
    left: float = field(default=500.0)

    def take(self, cost: float) -> bool:
        """Whether there was enough."""
        if self.left < cost:
            return False
        self.left -= cost
        return True

    def give(self, amount: float = 1.0) -> None:
        """After a success."""
        self.left = min(self.capacity, self.left + amount)


@dataclass
class Patience:
    """For how long one call is made again that is throttled: ``most`` seconds held back in all.

    Its turns in the queue of a learnt rate are not counted, as long as that queue moves: it ends
    too where nothing of that API has got through for as long.
    """

    most: float
    throttles: int = field(default=0, init=False)
    _held: float = field(default=0.0, init=False)
    _since: float = field(default=0.0, init=False)

    def hold(
        self, now: float, passed: float, headers: Mapping[str, str], jitter: random.Random
    ) -> float | None:
        """Seconds to hold the call back that was throttled at ``now``; None: it has been long
        enough.

        ``passed``: when a call of that API got through last.
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
    """Whether making a call twice does what making it once does: it reads, or its model says so."""
    operation = call.operation
    return (
        call.is_read
        or operation.is_idempotent
        or any(m.is_idempotency_token for m in operation.parameters.values())
    )


def after_fault(
    fault: Fault, failures: int, most: int, *, may_repeat: bool, was_refreshed: bool
) -> Decision:
    """After an answer that is no throttle; ``may_repeat``: repeating the call cannot do its work
    twice.

    ``failures``: the attempts that have failed, this one included; ``most`` make an end.
    """
    if fault.code in EXPIRED_CODES:
        return Decision.GIVE_UP if was_refreshed else Decision.REFRESH
    if fault.code in SKEW_CODES and fault.status in (400, 403):
        return Decision.GIVE_UP if was_refreshed else Decision.RESET_CLOCK
    if failures >= most:
        return Decision.GIVE_UP
    return Decision.AGAIN if is_transient(fault) and may_repeat else Decision.GIVE_UP


def after_error(error: Error, failures: int, most: int, *, may_repeat: bool) -> Decision:
    """After no answer, or one that was not of the protocol."""
    if failures >= most:
        return Decision.GIVE_UP
    if isinstance(error, Unreachable):
        return Decision.AGAIN if error.is_unsent or may_repeat else Decision.GIVE_UP
    if isinstance(error, BadAnswer):
        return Decision.AGAIN if may_repeat and not error.is_final else Decision.GIVE_UP
    return Decision.GIVE_UP


def delay(failures: int, headers: Mapping[str, str], jitter: random.Random) -> float:
    """Seconds to wait after so many attempts that failed; what the service asks for is obeyed."""
    wanted = jitter.uniform(0.3, 1.0) * _BASE_DELAY * 2.0 ** (failures - 1)
    return min(max(wanted, _asked_for(headers)), _LONGEST_DELAY)


def throttled_delay(throttles: int, headers: Mapping[str, str], jitter: random.Random) -> float:
    """Seconds to wait after a call was throttled so many times;
    what the service asks for is obeyed."""
    longest = min(_THROTTLED_DELAY * 2.0 ** (throttles - 1), _LONGEST_THROTTLED_DELAY)
    return min(max(jitter.uniform(0.3, 1.0) * longest, _asked_for(headers)), _LONGEST_DELAY)


def _asked_for(headers: Mapping[str, str]) -> float:
    """Seconds that the service asks for, 0 where it asks for none or cannot be understood.

    ``x-amz-retry-after`` is in milliseconds, ``Retry-After`` in seconds or
    a date (RFC 9110), which is read by the service's own clock.
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
