"""How fast an API may be called: a token bucket that learns from throttling.

It starts without a limit. The first throttle sets the rate to what got through in the last
second; each further one cuts it, each quiet second raises it. Time comes from the caller.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

_CUT = 0.7
_RAISE = 1.05
_SLOWEST = 0.5
"""Calls a second below which learning never goes."""
_PAUSE = 1.0
"""Seconds between two changes of the rate: throttles come in bursts with one cause."""


@dataclass
class Bucket:
    """Of one (connection, region, service). ``fixed``: a rate from the config, never changed."""

    fixed: float | None = None
    rate: float | None = field(default=None, init=False)
    _next_at: float = field(default=0.0, init=False)
    _changed_at: float = field(default=float("-inf"), init=False)
    _answered: deque[float] = field(default_factory=lambda: deque(maxlen=4096), init=False)

    def reserve(self, now: float) -> float:
        """Seconds to wait before the call that this reserves a place for."""
        rate = self.fixed or self.rate
        if rate is None:
            return 0.0
        at = max(now, self._next_at)
        self._next_at = at + 1.0 / rate
        return at - now

    def answered(self, now: float) -> None:
        """A call got through."""
        self._answered.append(now)
        if self.rate is not None and now - self._changed_at >= _PAUSE:
            self.rate *= _RAISE
            self._changed_at = now

    def throttled(self, now: float) -> None:
        """A call was turned away."""
        if self.fixed is not None or now - self._changed_at < _PAUSE:
            return
        if self.rate is None:
            passed = sum(1 for t in self._answered if now - t <= 1.0)
            self.rate = max(float(passed) * 0.9, _SLOWEST)
        else:
            self.rate = max(self.rate * _CUT, _SLOWEST)
        self._changed_at = now
        self._next_at = max(self._next_at, now)
