"""Detects whether our call rate causes throttling: two tests over outcomes, used one at a time.

Some throttling does not depend on our rate: other clients use up the quota, or the service has a
problem. Its share is the baseline. ``Excess`` detects when more (or less) is throttled than the
baseline explains; ``Trial`` detects whether a cut of our rate reduced throttling.
``adaptive_limiter`` acts on the results. The caller provides the time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from math import log, sqrt


@dataclass
class Tally:
    """Counts calls admitted since a given time, once they are answered."""

    since: float
    count: int = field(default=0, init=False)
    throttled: int = field(default=0, init=False)
    _last: float = field(init=False)
    """When the last of them was admitted."""

    def __post_init__(self) -> None:
        self._last = self.since

    def add(self, admitted: float, is_throttled: bool) -> None:
        """Count one more call, admitted at that time."""
        self.count += 1
        self.throttled += is_throttled
        self._last = max(self._last, admitted)

    @property
    def seconds(self) -> float:
        """Time span of admissions: calls in progress do not count, so their latency does not
        either."""
        return self._last - self.since

    @property
    def passed(self) -> int:
        """The number that got through."""
        return self.count - self.throttled

    @property
    def share(self) -> float:
        """The share that was throttled."""
        return self.throttled / self.count

    def may_be(self, share: float) -> bool:
        """Whether the throttled share is within 2.5 standard deviations of the given one."""
        return self.share <= share + 2.5 * sqrt(share * (1.0 - share) / self.count)


_SLACK, _SLACK_SPREAD = 0.01, 0.3
"""Tolerated deviation from the baseline, absolute and per variance of one outcome: the test runs
after every call and must not mistake chance for a change."""
_PATIENCE = 1.5
"""Excess throttles required if none are expected: two."""
_SURE_OF_EXCESS = 4.0
"""If some are expected, the additional evidence required for a false alarm rate of e^-8."""
_SETTLED = 400
"""Outcomes after which the baseline is no longer averaged with new ones."""


@dataclass
class Excess:
    """Page's cumulative sum test (Biometrika 41, 1954), in both directions, around the share
    ``baseline``.

    The baseline is the share of throttled calls in ``count`` outcomes; while these are few, new
    outcomes are averaged in.
    """

    baseline: float = 0.0
    count: int = _SETTLED
    _above: float = field(default=0.0, init=False)
    _below: float = field(default=0.0, init=False)
    _run: int = field(default=0, init=False)
    _throttled: int = field(default=0, init=False)
    """The part of the run in which the share was below the baseline."""

    def seen(self, is_throttled: bool) -> None:
        """Add an outcome."""
        if self.count < _SETTLED:
            self.count += 1
            self.baseline += (is_throttled - self.baseline) / self.count
        slack = self._slack
        self._above = max(0.0, self._above + is_throttled - self.baseline - slack)
        self._below = max(0.0, self._below + self.baseline - slack - is_throttled)
        if self._below:
            self._throttled, self._run = self._throttled + is_throttled, self._run + 1
        else:
            self._throttled = self._run = 0

    def explains(self, share: float) -> bool:
        """Whether the baseline explains a share, allowing for chance."""
        return share <= self.baseline + _SLACK_SPREAD * self._variance

    @property
    def is_calm(self) -> bool:
        """Whether the baseline is zero and nothing suggests otherwise: another success changes
        nothing."""
        return not self.baseline and not self._above

    @property
    def is_above(self) -> bool:
        """Whether clearly more is throttled than the baseline explains."""
        return self._above > self._most

    def again(self, more: Tally | None = None) -> Excess:
        """Start over with the same baseline, corrected by ``more``."""
        if more is None:
            return Excess(self.baseline, self.count)
        count = self.count + more.count
        return Excess((self.baseline * self.count + more.throttled) / count, min(count, _SETTLED))

    def cleared(self) -> Excess | None:
        """The test to continue with if clearly less is throttled than the baseline explains."""
        return Excess(self._throttled / self._run, self._run) if self._below > self._most else None

    @property
    def _variance(self) -> float:
        return self.baseline * (1.0 - self.baseline)

    @property
    def _slack(self) -> float:
        return _SLACK + _SLACK_SPREAD * self._variance

    @property
    def _most(self) -> float:
        return _PATIENCE + _SURE_OF_EXCESS * self._variance / self._slack


class TrialVerdict(Enum):
    """The result of a trial."""

    OPEN = auto()
    LESS = auto()
    """The cut reduced throttling, so our rate was the cause."""
    NO_LESS = auto()


_SURE = 4.0
"""Threshold of the log likelihood ratio: an error rate of about one in fifty."""
_LESS = 0.25
"""After a correct cut, at most this part of the excess over the baseline remains."""
_MOST_SHARE = 0.8
"""Maximum share to expect without the cut: if nearly everything was throttled, part of it was a
burst."""
_LEAST_TRIED = 12
"""Outcomes required before a cut is called useless: the first ones still see the effect of earlier
calls."""
_LONGEST = 20.0
"""Throttles expected without the cut after which the trial ends with the likelier result."""


@dataclass
class Trial:
    """Wald's sequential test after a cut: is the share still ``share``, or near ``baseline``?"""

    share: float
    baseline: float
    _count: int = field(default=0, init=False)
    _evidence: float = field(default=0.0, init=False)
    """Positive: the share is unchanged."""

    def seen(self, is_throttled: bool) -> TrialVerdict:
        """Add the outcome of a call that was admitted after the cut."""
        share = min(max(self.share, self.baseline + 0.01), _MOST_SHARE)
        less = max(self.baseline + (share - self.baseline) * _LESS, 0.001)
        self._count += 1
        self._evidence += log(share / less) if is_throttled else log((1.0 - share) / (1.0 - less))
        if self._evidence >= _SURE and self._count >= _LEAST_TRIED:
            return TrialVerdict.NO_LESS
        if self._evidence <= -_SURE:
            return TrialVerdict.LESS
        if self._count * share < _LONGEST:
            return TrialVerdict.OPEN
        return TrialVerdict.NO_LESS if self._evidence > 0 else TrialVerdict.LESS
