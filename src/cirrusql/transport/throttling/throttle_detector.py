"""Whether calls are throttled because of us: two tests over outcomes, one at a time.

Some throttling does not depend on how fast we call: others use the quota up, or the service is
in trouble. Its share is called the baseline. ``Excess`` notices when more (or less) is throttled
than the baseline explains; ``Trial`` finds out whether a cut of our rate made it less. What
follows from either is ``adaptive_limiter``'s to say. Time comes from the caller.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from math import log, sqrt


@dataclass
class Tally:
    """Calls that were admitted since a moment, as far as they were answered."""

    since: float
    count: int = field(default=0, init=False)
    throttled: int = field(default=0, init=False)
    _last: float = field(init=False)
    """When the last of them was admitted."""

    def __post_init__(self) -> None:
        self._last = self.since

    def add(self, admitted: float, is_throttled: bool) -> None:
        """One more, admitted at that moment."""
        self.count += 1
        self.throttled += is_throttled
        self._last = max(self._last, admitted)

    @property
    def seconds(self) -> float:
        """In which they were admitted: those under way do not count,
        so their latency does not either."""
        return self._last - self.since

    @property
    def passed(self) -> int:
        """Those that got through."""
        return self.count - self.throttled

    @property
    def share(self) -> float:
        """Of them that was throttled."""
        return self.throttled / self.count

    def may_be(self, share: float) -> bool:
        """Whether no more was throttled than chance makes of
        that share (2.5 standard deviations)."""
        return self.share <= share + 2.5 * sqrt(share * (1.0 - share) / self.count)


_SLACK, _SLACK_SPREAD = 0.01, 0.3
"""By how much the share may miss the baseline, plainly and per variance of one outcome: a test that
runs after every call must not take chance for a change."""
_PATIENCE = 1.5
"""Throttles too many that it takes where none is expected: two out of the blue."""
_SURE_OF_EXCESS = 4.0
"""Where some are expected it takes so much more that chance alone brings it once in e^8 tries."""
_SETTLED = 400
"""Outcomes after which the baseline is no longer an average that each one more corrects."""


@dataclass
class Excess:
    """Page's cumulative sums (Biometrika 41, 1954), both ways, around the share ``baseline``.

    That is the share in ``count`` outcomes; as long as these are few, what comes is averaged in.
    """

    baseline: float = 0.0
    count: int = _SETTLED
    _above: float = field(default=0.0, init=False)
    _below: float = field(default=0.0, init=False)
    _run: int = field(default=0, init=False)
    _throttled: int = field(default=0, init=False)
    """Of the run in which the share has been below."""

    def seen(self, is_throttled: bool) -> None:
        """One more outcome."""
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
        """Whether a share is no more than chance makes of the baseline."""
        return share <= self.baseline + _SLACK_SPREAD * self._variance

    @property
    def is_calm(self) -> bool:
        """Whether there is no baseline and no sign of any:
        another call that gets through changes nothing."""
        return not self.baseline and not self._above

    @property
    def is_above(self) -> bool:
        """Whether clearly more is throttled than the baseline explains."""
        return self._above > self._most

    def again(self, more: Tally | None = None) -> Excess:
        """The same baseline, corrected by what ``more`` tells of it, and nothing seen yet."""
        if more is None:
            return Excess(self.baseline, self.count)
        count = self.count + more.count
        return Excess((self.baseline * self.count + more.throttled) / count, min(count, _SETTLED))

    def cleared(self) -> Excess | None:
        """What is to be watched from now on,
        where clearly less is throttled than the baseline explains."""
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
    """What a trial has found."""

    OPEN = auto()
    LESS = auto()
    """The cut made it less: the throttling was of our making."""
    NO_LESS = auto()


_SURE = 4.0
"""Of the likelihood ratio's logarithm: wrong in about one of fifty."""
_LESS = 0.25
"""A cut that is right leaves no more than this part of what was above the baseline."""
_MOST_SHARE = 0.8
"""Where nearly all was throttled, some of it was sent at once: that is no share to expect again."""
_LEAST_TRIED = 12
"""Outcomes before a cut is said to be of no use:
the first still meet what the calls before it left."""
_LONGEST = 20.0
"""Throttles expected, had nothing changed, after which a trial ends with what is likelier."""


@dataclass
class Trial:
    """Wald's sequential test, after a cut: still the ``share`` of before,
    or near the ``baseline``?"""

    share: float
    baseline: float
    _count: int = field(default=0, init=False)
    _evidence: float = field(default=0.0, init=False)
    """Above 0: for the share of before."""

    def seen(self, is_throttled: bool) -> TrialVerdict:
        """One more outcome of a call that was admitted after the cut."""
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
