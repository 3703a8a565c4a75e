"""Learns the rate at which an API may be called: a token bucket driven by throttling.

It starts without a limit. If more calls are throttled than the baseline explains, the API's own
bucket is empty: the rate that gets through is then the rate that the API sustains, so it is
measured, and the limit is set a little below. Each cut is tested: if the share of throttled calls
does not drop, our rate was not the cause; the cut is reverted, and that share becomes the baseline.
Each quiet second raises the rate a little. The caller provides the time; the statistics are in
``throttle_detector``.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto

from cirrusql.transport.throttling.throttle_detector import Excess, Tally, Trial, TrialVerdict

_MEASURING = 0.8
"""Seconds over which the sustained rate is measured."""
_GLANCE, _GLANCED, _GLANCED_THROUGH = 0.1, 24, 8
"""Seconds, calls, and calls that got through, required for a first cut under heavy throttling."""
_MUCH = 0.25
"""Heavy throttling: calls that get through are below this part of what the baseline lets through.
"""
_LEAST_COUNTED = 12
"""Calls that must have been answered in that time."""
_FAST = 100.0
"""Minimum calls per second while measuring: fewer give no information."""
_PRESS, _PRESS_LESS = 1.3, 1.1
"""Factor above the measured rate while a first cut is refined; smaller once the rate is known."""
_ROUGHLY = 0.5
"""Factor by which the result of a first cut may be too high."""
_BELOW = 0.98
"""The part of the sustained rate that is used."""
_RAISE = 0.005
"""Relative increase of a learned rate in the first quiet second; doubles in each further one."""
_MOST_RAISE = 0.06
_EASY = 3
"""Number of raises after which the last one was probably too much, so a small cut is enough."""
_PAUSE = 1.0
"""Quiet seconds required before a learned rate is raised."""
_USED = 0.5
"""The part of the rate that must have been used: nothing can be learned about a rate that is never
reached."""
_PROBED = 40
"""Calls that the first raises must cover, too: slow APIs have few calls per second."""
_SLOWEST = 1.0
"""Minimum learned rate in calls per second: a fully throttled API must still be tried."""
_HIGHEST_BASELINE = 0.8
"""Maximum baseline: a service that rejects nearly everything is called slowly, whatever the cause.
"""
_DOUBT, _MOST_DOUBT = 10.0, 160.0
"""Seconds after which a high baseline is tested again; doubles each time it is confirmed."""
_LATELY = 0.2
"""Weight of a call in the moving average of latencies."""
_LONGEST_SETTLING = 1.0
"""Maximum seconds to wait after a cut for earlier calls to end."""
_MOOT = 30.0
"""Seconds in which a cut may still be reverted if the baseline becomes known later."""


class _Phase(Enum):
    WATCHING = auto()
    MEASURING = auto()
    """More calls are throttled than the baseline explains: measure how many get through."""
    TRIED = auto()
    """The rate was cut: test whether that helps."""
    REFINING = auto()
    """It helps, but the cut was a rough one."""
    OUT = auto()
    """Almost nothing gets through, however slowly we call."""


@dataclass(frozen=True)
class _Cut:
    """A cut that was kept: the rate before it, and the calls that caused it."""

    before: float | None
    measured: Tally
    at: float


@dataclass
class Bucket:
    """The token bucket of one (connection, region, service). ``fixed``: a rate from the config
    file, never adapted."""

    fixed: float | None = None
    rate: float | None = field(default=None, init=False)
    """Calls per second; None: unlimited."""
    _next_at: float = field(default=0.0, init=False)
    _changed_at: float = field(default=float("-inf"), init=False)
    _cut_at: float = field(default=float("-inf"), init=False)
    """When the rate was last cut to less than half: calls admitted before that would arrive as a
    burst."""
    _unchanged: int = field(default=0, init=False)
    """Calls observed at this rate."""
    _raises: int = field(default=0, init=False)
    """Number of raises since the last cut."""
    _phase: _Phase = field(default=_Phase.WATCHING, init=False)
    _tally: Tally = field(default_factory=lambda: Tally(float("-inf")), init=False)
    """Start of the phase: calls admitted before it say nothing about it."""
    _before: float | None = field(default=None, init=False)
    """The rate before the cut, restored if the test fails."""
    _excess: Excess = field(default_factory=Excess, init=False)
    _trial: Trial = field(default_factory=lambda: Trial(0.0, 0.0), init=False)
    _measured: Tally = field(default_factory=lambda: Tally(0.0), init=False)
    """The calls that caused the last cut."""
    _kept: deque[_Cut] = field(default_factory=lambda: deque(maxlen=8), init=False)
    _settling: float = field(default=0.0, init=False)
    """The maximum latency in seconds while measuring."""
    _is_rough: bool = field(default=False, init=False)
    _doubt: float = field(default=_DOUBT, init=False)
    _doubt_at: float = field(default=float("inf"), init=False)
    _answered: deque[float] = field(default_factory=lambda: deque(maxlen=4096), init=False)
    """When calls got through."""
    _refused: deque[float] = field(default_factory=deque, init=False)
    """Admission times of throttled calls that are not counted yet."""
    _latency: float = field(default=_LONGEST_SETTLING, init=False)
    """Average latency in seconds of calls that get through; 0 if unknown."""

    @property
    def baseline(self) -> float:
        """The share of calls that is throttled at any rate."""
        return self._excess.baseline

    @property
    def is_unlimited(self) -> bool:
        """Whether every call may go immediately, so far."""
        return self.rate is None and not self.fixed

    def wait(self, now: float) -> float:
        """Return 0 and count the call if it may go now; otherwise the seconds until the next call
        may.

        The wait is not a reservation: the rate may change in the meantime.
        """
        rate = self.fixed or self.rate
        if rate is None:
            return 0.0
        if now < self._next_at:
            return self._next_at - now
        # A waiter that wakes slightly late must not slow down the rate; an idle bucket saves up
        # nothing.
        self._next_at = max(self._next_at + 1.0 / rate, now)
        return 0.0

    def is_stale(self, admitted: float) -> bool:
        """Whether a call admitted at that time must wait again, because the rate was cut since."""
        return admitted < self._cut_at

    def answered(self, now: float, admitted: float) -> None:
        """Record that a call admitted at that time got through."""
        if self.fixed is None:
            self._answered.append(now)
            self._latency += (now - admitted - self._latency) * (
                _LATELY if len(self._answered) > 1 else 1.0
            )
            if self._refused:
                self._let_count(now)
            if self.rate is not None or not self._excess.is_calm:
                self._seen(now, admitted, is_throttled=False)

    def throttled(self, now: float, admitted: float) -> None:
        """Record that a call admitted at that time was throttled."""
        if self.fixed is None:
            self._refused.append(admitted)
            self._let_count(now)

    def _let_count(self, now: float) -> None:
        """Rejections arrive sooner than responses: count each when the response to such a call
        would arrive."""
        while self._refused and now - self._refused[0] >= self._latency * 0.8:
            self._seen(now, self._refused.popleft(), is_throttled=True)

    def _seen(self, now: float, admitted: float, *, is_throttled: bool) -> None:
        if admitted < self._tally.since:
            return
        self._tally.add(admitted, is_throttled)
        if self._phase is _Phase.WATCHING:
            self._watch(now, is_throttled)
        elif self._phase is _Phase.MEASURING:
            self._settling = max(self._settling, min(now - admitted, _LONGEST_SETTLING))
            self._measure(now)
        elif self._phase is _Phase.REFINING:
            self._refine(now)
        else:
            verdict = self._trial.seen(is_throttled)
            if verdict is not TrialVerdict.OPEN:
                (self._wait_for_it if self._phase is _Phase.OUT else self._conclude)(verdict, now)

    def _watch(self, now: float, is_throttled: bool) -> None:
        self._excess.seen(is_throttled)
        self._unchanged += 1
        if is_throttled and now >= self._doubt_at:
            self._excess = Excess()
            self._begin_measuring(now)
        elif self._excess.is_above and self.rate is not None and self._raises >= _EASY:
            self._excess = self._excess.again()
            self._enter(_Phase.WATCHING, min(self.rate, self._of_late(now)) * _BELOW, now)
            self._raises = 0
        elif self._excess.is_above:
            self._begin_measuring(now)
        else:
            self._excess = self._excess.cleared() or self._excess
            self._raise(now)

    def _raise(self, now: float) -> None:
        """Raise the rate after a quiet second in which it was used."""
        elapsed = now - self._changed_at
        if self.rate is None or elapsed < _PAUSE:
            return
        if self._unchanged < self.rate * elapsed * _USED:
            self._changed_at, self._unchanged = now, 0
        elif self._unchanged >= _PROBED or self._raises > _EASY:
            self._set(self.rate * (1.0 + min(_RAISE * 2.0**self._raises, _MOST_RAISE)), now)
            self._raises += 1

    def _of_late(self, now: float) -> float:
        """Calls per second that may be sent, from what got through in the last second."""
        if not self._answered:
            return 0.0
        span = min(1.0, max(now - self._answered[0], 0.05))
        return sum(at > now - span for at in self._answered) / span / (1.0 - self.baseline)

    def _begin_measuring(self, now: float) -> None:
        self._before = self.rate
        self._settling = 0.0
        if self._before is None:
            self._enter(_Phase.MEASURING, max(self._of_late(now), _FAST), now)
            # Without the burst that the API's bucket still held when throttling began.
            self._tally = Tally(now + _GLANCE)
        else:
            self._enter(_Phase.MEASURING, self._before, now)

    def _measure(self, now: float) -> None:
        """Cut the rate to what gets through: at once if that is much less, otherwise after careful
        measurement."""
        tally = self._tally
        is_much = tally.share >= self.baseline + _MUCH * (1.0 - self.baseline)
        is_enough = tally.count >= _GLANCED and tally.passed >= _GLANCED_THROUGH
        is_glanced = is_much and is_enough and tally.seconds >= _GLANCE
        if not is_glanced and (tally.seconds < _MEASURING or tally.count < _LEAST_COUNTED):
            if (
                is_much
                and tally.seconds >= _GLANCE
                and tally.count >= _GLANCED
                and self.rate is not None
            ):
                self._set(min(self.rate, max(self._sustained() * 2, _FAST)), now)
            return
        if self._excess.explains(tally.share):
            self._excess = self._excess.again(tally) if self.baseline else self._excess.again()
            if self._before is None:
                self._press_on(now)
            else:
                self._enter(_Phase.WATCHING, self._before * _BELOW, now)
            return
        self._measured = tally
        self._is_rough = tally.seconds < _MEASURING / 2
        self._trial = Trial(tally.share, self.baseline)
        self._enter(_Phase.TRIED, self._sustained() * _BELOW, now)
        # Calls in progress keep the API's bucket empty until they end.
        self._tally = Tally(now + self._settling)

    def _conclude(self, verdict: TrialVerdict, now: float) -> None:
        """Keep the cut, or revert it and adopt the share as the baseline."""
        count = self._measured.count + self._tally.count
        share = (self._measured.throttled + self._tally.throttled) / count
        if verdict is TrialVerdict.NO_LESS:
            if share <= _HIGHEST_BASELINE:
                self._raise_baseline(share, count, now)
            else:
                self._trial = Trial(share, self.baseline)
                self._enter(_Phase.OUT, _SLOWEST, now)
            return
        assert self.rate is not None
        self._kept.append(_Cut(self._before, self._measured, now))
        self._excess = self._excess.again()
        self._doubt = _DOUBT
        self._doubt_at = now + _DOUBT if self.baseline else float("inf")
        self._raises = 0
        self._before = self.rate
        if self._is_rough:
            self._enter(_Phase.REFINING, self.rate * _PRESS, now)
        else:
            self._enter(_Phase.WATCHING, self.rate, now)

    def _raise_baseline(self, share: float, count: int, now: float) -> None:
        """Recent cuts are reverted too if this baseline alone explains them."""
        before = self._before
        while (
            self._kept
            and now - self._kept[-1].at <= _MOOT
            and self._kept[-1].measured.may_be(share)
        ):
            before = self._kept.pop().before
        self._kept.clear()
        self._excess = Excess(share, count)
        self._doubt_at = now + self._doubt
        self._doubt = min(self._doubt * 2, _MOST_DOUBT)
        self._enter(_Phase.WATCHING, before, now)

    def _wait_for_it(self, verdict: TrialVerdict, now: float) -> None:
        """When a service answers again, return to the previous rate."""
        if verdict is TrialVerdict.LESS:
            self._excess = self._excess.again()
            self._enter(_Phase.WATCHING, self._before, now)
        else:
            self._trial = Trial(1.0, self.baseline)

    def _refine(self, now: float) -> None:
        """Set the rate to what gets through while sending slightly more."""
        assert self.rate is not None
        tally = self._tally
        if tally.seconds < 2 * _GLANCE or tally.count < _LEAST_COUNTED:
            return
        if self._excess.explains(tally.share):
            self._press_on(now)
        elif tally.seconds < _MEASURING:
            self._set(min(self.rate, self._sustained() * _PRESS_LESS), now)
        else:
            least = self.rate / _PRESS * _ROUGHLY
            self._enter(_Phase.WATCHING, max(self._sustained() * _BELOW, least), now)

    def _press_on(self, now: float) -> None:
        """The current rate does no harm: probe a higher one, unless the current one is never
        reached."""
        assert self.rate is not None
        is_used = self._tally.count >= self.rate * self._tally.seconds * _USED
        if is_used:
            self._enter(_Phase.REFINING, self.rate * _PRESS, now)
        else:
            self._enter(_Phase.WATCHING, self._before and self.rate, now)

    def _sustained(self) -> float:
        """Calls per second that may be sent, from those admitted in this phase that got through.

        Minus half a call, because n calls span n - 1 intervals.
        """
        rate = (
            max(self._tally.passed - 0.5, 0.0)
            / max(self._tally.seconds, _GLANCE)
            / (1.0 - self.baseline)
        )
        return min(rate, self.rate or rate)

    def _enter(self, phase: _Phase, rate: float | None, now: float) -> None:
        self._phase = phase
        self._tally = Tally(now)
        if rate is None:
            self.rate = None
        else:
            self._set(rate, now)

    def _set(self, rate: float, now: float) -> None:
        rate = max(rate, _SLOWEST)
        if self.rate is None or rate < self.rate / 2:
            self._cut_at = now
        if rate != self.rate:
            self.rate, self._changed_at, self._unchanged = rate, now, 0
        self._next_at = max(self._next_at, now)
