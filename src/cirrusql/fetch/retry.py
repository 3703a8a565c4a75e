"""Whether and when a call is made again. Pure: what happened in, a decision out.

The rules are those of botocore's standard mode, with a budget that the whole session
shares, so that a service in trouble is not called harder because of it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto

from cirrusql.errors import BadAnswer, Error, Unreachable
from cirrusql.wire.fault import EXPIRED_CODES, SKEW_CODES, is_throttling, is_transient
from cirrusql.wire.model import Fault

_BASE_DELAY = 0.1
_THROTTLED_DELAY = 0.5
_LONGEST_DELAY = 20.0
"""Seconds; the longest is botocore's (retries.standard.ExponentialBackoff)."""


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
    """Tokens for retries, as botocore's quota: a retry costs, a success gives a little back."""

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


def after_fault(fault: Fault, attempt: int, most: int, *, may_repeat: bool, was_refreshed: bool) -> Decision:
    """``may_repeat``: repeating the call cannot do its work twice."""
    if fault.code in EXPIRED_CODES:
        return Decision.GIVE_UP if was_refreshed else Decision.REFRESH
    if fault.code in SKEW_CODES and fault.status in (400, 403):
        return Decision.GIVE_UP if was_refreshed else Decision.RESET_CLOCK
    if attempt >= most:
        return Decision.GIVE_UP
    if is_throttling(fault):
        # A throttled call was turned away at the door: repeating it is always safe.
        return Decision.AGAIN
    return Decision.AGAIN if is_transient(fault) and may_repeat else Decision.GIVE_UP


def after_error(error: Error, attempt: int, most: int, *, may_repeat: bool) -> Decision:
    """After no answer, or one that was not of the protocol."""
    if attempt >= most:
        return Decision.GIVE_UP
    if isinstance(error, Unreachable):
        return Decision.AGAIN if error.is_unsent or may_repeat else Decision.GIVE_UP
    if isinstance(error, BadAnswer):
        return Decision.AGAIN if may_repeat else Decision.GIVE_UP
    return Decision.GIVE_UP


def delay(attempt: int, *, is_throttled: bool, headers: Mapping[str, str], jitter: random.Random) -> float:
    """Seconds to wait before the next attempt; ``Retry-After`` is obeyed."""
    base = _THROTTLED_DELAY if is_throttled else _BASE_DELAY
    wanted = jitter.uniform(0.3, 1.0) * base * 2.0 ** (attempt - 1)
    with suppress(ValueError):
        wanted = max(wanted, float(headers.get("retry-after", "0")))
    return min(wanted, _LONGEST_DELAY)
