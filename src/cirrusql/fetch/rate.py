"""How fast an API may be called: a token bucket that learns from throttling.

It starts without a limit. The first throttle means that the API's own bucket has run dry:
what gets through from then on is the rate that it sustains, so that is measured, and kept
a little below. Later a quiet second raises the rate by a little, a throttle sets it to what
got through last. Time comes from the caller.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

_MEASURING = 0.6
"""Seconds after the first throttle in which the sustained rate is measured."""
_PRESS = 1.3
"""While measuring, calls go out that much faster than they get through, or nothing is learnt."""
_STEP = 0.1
"""Seconds between two corrections while measuring."""
_BELOW = 0.98
_RAISE = 0.005
"""By which part a learnt rate grows in the first quiet second; the part doubles in each further one."""
_MOST_RAISE = 0.03
_PAUSE = 1.0
"""Seconds that must be quiet before a learnt rate is raised."""
_CUT_PAUSE = 0.25
"""Seconds between two cuts: throttles come in bursts with one cause."""
_SLOWEST = 4.0
"""Calls a second below which learning never goes: throttles that do not depend on the rate
(others call too, or the service is in trouble) would otherwise end in a standstill."""


@dataclass
class Bucket:
    """Of one (connection, region, service). ``fixed``: a rate from the config, never changed."""

    fixed: float | None = None
    rate: float | None = field(default=None, init=False)
    """Calls a second; None is no limit."""
    _next_at: float = field(default=0.0, init=False)
    _changed_at: float = field(default=float("-inf"), init=False)
    _dry_at: float | None = field(default=None, init=False)
    """When the first throttle came."""
    _is_learnt: bool = field(default=False, init=False)
    _raise: float = field(default=_RAISE, init=False)
    _is_full: bool = field(default=False, init=False)
    """Whether a call was turned away since the last change."""
    _answered: deque[float] = field(default_factory=lambda: deque(maxlen=4096), init=False)

    @property
    def is_unlimited(self) -> bool:
        """Whether every call may go at once, so far."""
        return self.rate is None and not self.fixed

    def wait(self, now: float) -> float:
        """0 where a call may go now, which is then counted; else seconds until the next may.

        Nothing is promised for then: the rate may be another by that time.
        """
        rate = self.fixed or self.rate
        if rate is None:
            return 0.0
        if now < self._next_at:
            return self._next_at - now
        # A waiter that wakes a little late does not slow the rate down, one that is idle saves nothing.
        self._next_at = max(self._next_at + 1.0 / rate, now)
        return 0.0

    def answered(self, now: float) -> None:
        """A call got through."""
        self._answered.append(now)
        if self.fixed is not None or self.rate is None:
            return
        if not self._is_learnt:
            self._measure(now)
        elif now - self._changed_at >= _PAUSE:
            self._set(self.rate * (1.0 + self._raise), now)
            self._raise = min(self._raise * 2, _MOST_RAISE)

    def throttled(self, now: float) -> None:
        """A call was turned away."""
        if self.fixed is not None:
            return
        if self._dry_at is None:
            self._dry_at = now
            span = min(1.0, max(now - self._answered[0], 0.05)) if self._answered else 1.0
            self._set(self._passed(now, span) / span, now)
        elif not self._is_learnt:
            self._is_full = True
            self._measure(now)
        elif now - self._changed_at >= _CUT_PAUSE:
            self._raise = _RAISE
            self._set(min(self.rate or _SLOWEST, self._sustained(now, 1.0)) * _BELOW, now)

    def _measure(self, now: float) -> None:
        """Correct the rate, by what got through where the API turned calls away meanwhile."""
        assert self._dry_at is not None
        assert self.rate is not None
        elapsed = now - self._dry_at
        if now - self._changed_at < _STEP:
            return
        if not self._is_full:
            self._set(self.rate * _PRESS, now)
            return
        passed = self._sustained(now, _MEASURING)
        self._is_learnt = elapsed >= _MEASURING
        self._set(passed * (_BELOW if self._is_learnt else _PRESS), now)

    def _set(self, rate: float, now: float) -> None:
        self.rate = max(rate, _SLOWEST)
        self._changed_at = now
        self._is_full = False
        self._next_at = max(self._next_at, now)

    def _sustained(self, now: float, seconds: float) -> float:
        """Calls a second that got through lately; not those that were on their way as it ran dry."""
        assert self._dry_at is not None
        span = max(min(seconds, now - self._dry_at - _STEP), _STEP / 2)
        return self._passed(now, span) / span

    def _passed(self, now: float, seconds: float) -> int:
        return sum(1 for at in reversed(self._answered) if at > now - seconds)
