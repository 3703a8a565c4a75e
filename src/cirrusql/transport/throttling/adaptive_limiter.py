"""How fast an API may be called: a token bucket that learns from throttling.

It starts without a limit. Where more is throttled than the baseline explains, the API's own bucket
has run dry: what gets through from then on is the rate that it sustains, so that is measured, and
kept a little below. Such a cut is a trial, too: if the share of throttled calls is no less
afterwards, it was not of our making; the cut is taken back and that share is the baseline. A quiet
second raises the rate by a little. Time comes from the caller; the statistics are
``throttle_detector``'s.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto

from cirrusql.transport.throttling.throttle_detector import Excess, Tally, Trial, TrialVerdict

_MEASURING = 0.8
"""Seconds in which the sustained rate is measured."""
_GLANCE, _GLANCED, _GLANCED_THROUGH = 0.1, 24, 8
"""Seconds, calls, and calls let through, that do for a first cut where much is throttled."""
_MUCH = 0.25
"""That share, of what the baseline lets through."""
_LEAST_COUNTED = 12
"""Calls that must have been answered in that time."""
_FAST = 100.0
"""Calls a second that are made while measuring at least: from fewer little is learnt."""
_PRESS, _PRESS_LESS = 1.3, 1.1
"""While a first cut is refined calls go out that much faster,
less where it is known what gets through."""
_ROUGHLY = 0.5
"""What a first cut came to may be that much too high."""
_BELOW = 0.98
"""The part of what an API sustains that is asked of it."""
_RAISE = 0.005
"""By which part a learnt rate grows in the first quiet second;
the part doubles in each further one."""
_MOST_RAISE = 0.06
_EASY = 3
"""Raises after which it is likely that the last one was too much: a small cut will do."""
_PAUSE = 1.0
"""Seconds that must be quiet before a learnt rate is raised."""
_USED = 0.5
"""The part of a rate that must have been called: of one that nobody reaches nothing is learnt."""
_PROBED = 40
"""Calls that the first raises must have been good for, too: slow APIs have few in a second."""
_SLOWEST = 1.0
"""Calls a second below which learning never goes:
what is throttled altogether must still be tried."""
_HIGHEST_BASELINE = 0.8
"""A share of throttled calls above which it is no baseline: a service that answers next to nothing
is called slowly, whoever's fault it is."""
_DOUBT, _MOST_DOUBT = 10.0, 160.0
"""Seconds after which a high baseline is put on trial again;
they double each time it is confirmed."""
_LATELY = 0.2
"""The weight of a call among those before it, as to how long they take."""
_LONGEST_SETTLING = 1.0
"""Seconds after a cut in which calls of before may still be under way,
as far as that is waited for."""
_MOOT = 30.0
"""Seconds for which a cut may still be taken back when the baseline is found out later."""


class _Phase(Enum):
    WATCHING = auto()
    MEASURING = auto()
    """More is throttled than the baseline explains: how much gets through?"""
    TRIED = auto()
    """The rate was cut, and it is open whether that helps."""
    REFINING = auto()
    """It does, but the cut was a rough one."""
    OUT = auto()
    """Next to nothing gets through, however slowly we call."""


@dataclass(frozen=True)
class _Cut:
    """One that was kept: the rate before it, and the calls that were the reason."""

    before: float | None
    measured: Tally
    at: float


@dataclass
class Bucket:
    """Of one (connection, region, service). ``fixed``: a rate from the config, never changed."""

    fixed: float | None = None
    rate: float | None = field(default=None, init=False)
    """Calls a second; None is no limit."""
    _next_at: float = field(default=0.0, init=False)
    _changed_at: float = field(default=float("-inf"), init=False)
    _cut_at: float = field(default=float("-inf"), init=False)
    """When the rate was last cut to less than half:
    what was admitted before would come as a flood."""
    _unchanged: int = field(default=0, init=False)
    """Calls seen at this rate."""
    _raises: int = field(default=0, init=False)
    """How often the rate was raised since the last cut."""
    _phase: _Phase = field(default=_Phase.WATCHING, init=False)
    _tally: Tally = field(default_factory=lambda: Tally(float("-inf")), init=False)
    """Of the phase: calls admitted before it say nothing of it."""
    _before: float | None = field(default=None, init=False)
    """The rate before the cut, which a trial that fails brings back."""
    _excess: Excess = field(default_factory=Excess, init=False)
    _trial: Trial = field(default_factory=lambda: Trial(0.0, 0.0), init=False)
    _measured: Tally = field(default_factory=lambda: Tally(0.0), init=False)
    """What the last cut was made by."""
    _kept: deque[_Cut] = field(default_factory=lambda: deque(maxlen=8), init=False)
    _settling: float = field(default=0.0, init=False)
    """Seconds that a call took at most while measuring."""
    _is_rough: bool = field(default=False, init=False)
    _doubt: float = field(default=_DOUBT, init=False)
    _doubt_at: float = field(default=float("inf"), init=False)
    _answered: deque[float] = field(default_factory=lambda: deque(maxlen=4096), init=False)
    """When calls got through."""
    _refused: deque[float] = field(default_factory=deque, init=False)
    """When calls were admitted that were turned away, and do not count yet."""
    _latency: float = field(default=_LONGEST_SETTLING, init=False)
    """Seconds that calls take which get through, about; for want of one, none."""

    @property
    def baseline(self) -> float:
        """The share of calls that is throttled whatever the rate."""
        return self._excess.baseline

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
        # A waiter that wakes a little late does not slow the rate down, one that is idle saves
        # nothing.
        self._next_at = max(self._next_at + 1.0 / rate, now)
        return 0.0

    def is_stale(self, admitted: float) -> bool:
        """Whether a call that may have gone at that moment must wait once more:
        the rate was cut since."""
        return admitted < self._cut_at

    def answered(self, now: float, admitted: float) -> None:
        """A call got through for which ``wait`` was 0 at that moment."""
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
        """A call was turned away for which ``wait`` was 0 at that moment."""
        if self.fixed is None:
            self._refused.append(admitted)
            self._let_count(now)

    def _let_count(self, now: float) -> None:
        """Refusals come sooner than answers:
        each counts when an answer to such a call would be there."""
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
        """After a quiet second in which the rate was made use of."""
        elapsed = now - self._changed_at
        if self.rate is None or elapsed < _PAUSE:
            return
        if self._unchanged < self.rate * elapsed * _USED:
            self._changed_at, self._unchanged = now, 0
        elif self._unchanged >= _PROBED or self._raises > _EASY:
            self._set(self.rate * (1.0 + min(_RAISE * 2.0**self._raises, _MOST_RAISE)), now)
            self._raises += 1

    def _of_late(self, now: float) -> float:
        """Calls a second that may be sent, by what got through in the last one."""
        if not self._answered:
            return 0.0
        span = min(1.0, max(now - self._answered[0], 0.05))
        return sum(at > now - span for at in self._answered) / span / (1.0 - self.baseline)

    def _begin_measuring(self, now: float) -> None:
        self._before = self.rate
        self._settling = 0.0
        if self._before is None:
            self._enter(_Phase.MEASURING, max(self._of_late(now), _FAST), now)
            # Not what the API still had in hand as it began to turn calls away.
            self._tally = Tally(now + _GLANCE)
        else:
            self._enter(_Phase.MEASURING, self._before, now)

    def _measure(self, now: float) -> None:
        """Cut the rate to what gets through: at a glance where that is much less,
        else with care."""
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
        # Those under way keep the API's bucket dry as long as they are.
        self._tally = Tally(now + self._settling)

    def _conclude(self, verdict: TrialVerdict, now: float) -> None:
        """Keep the cut, or take it back and call the share the baseline."""
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
        """Cuts that were kept lately go too,
        where no more than this baseline was the reason for them."""
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
        """A service that answers again is called as before."""
        if verdict is TrialVerdict.LESS:
            self._excess = self._excess.again()
            self._enter(_Phase.WATCHING, self._before, now)
        else:
            self._trial = Trial(1.0, self.baseline)

    def _refine(self, now: float) -> None:
        """Set the rate to what gets through where a little more is sent."""
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
        """A rate that does no harm: is there a higher one? Where nobody reaches it,
        it need not be known."""
        assert self.rate is not None
        is_used = self._tally.count >= self.rate * self._tally.seconds * _USED
        if is_used:
            self._enter(_Phase.REFINING, self.rate * _PRESS, now)
        else:
            self._enter(_Phase.WATCHING, self._before and self.rate, now)

    def _sustained(self) -> float:
        """Calls a second that may be sent, by what got through of those admitted in this phase.

        Half a call less: between the first and the last of them there is one step less than calls.
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
