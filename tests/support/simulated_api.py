"""A rate-limited client and an API that throttles it, on a simulated clock.

The client is ``transport.request_runner`` in small: calls wait for the bucket, then for a place,
and those that were throttled come again after ``transport.throttling.retry``'s delay.
Deterministic: the seed decides all.
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from cirrusql.transport.throttling.adaptive_limiter import Bucket
from cirrusql.transport.throttling.retry import throttled_delay

_READS_AHEAD = 4


@dataclass
class Api:
    """``rate`` calls a second, ``burst`` of them at once (None: no limit); both may be changed
    midway.

    ``throttled``: the share it throttles at random, before its own limit looks.
    """

    rate: float | None = None
    burst: float = 1.0
    throttled: float = 0.0
    seed: int = 0
    _left: float = field(default=0.0, init=False)
    _at: float = field(default=float("-inf"), init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def allows(self, now: float) -> bool:
        """Whether a call at that time is allowed."""
        if self._random.random() < self.throttled:
            return False
        if self.rate is None:
            return True
        self._left = min(self.burst, self._left + (now - self._at) * self.rate)
        self._at = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True


@dataclass
class Client:
    """Makes calls of ``latency`` seconds, at most ``places`` at once, through a bucket."""

    api: Api
    places: int = 256
    latency: float = 0.05
    refusal: float | None = None
    """Seconds of a call that is throttled; None: as many as of one that gets through."""
    seed: int = 0
    bucket: Bucket = field(default_factory=Bucket)
    log: list[tuple[float, bool]] = field(default_factory=list)
    """When each was sent, and whether it got through."""
    rates: list[tuple[float, float | None]] = field(default_factory=list)
    """The bucket's rate after each answer."""

    def run(self, calls: int, at: Callable[[float, Api], None] = lambda now, api: None) -> float:
        """Seconds until so many got through. ``at`` may change the API before each call."""
        jitter = random.Random(self.seed)
        numbers = count()
        events: list[tuple[float, int, str, int, bool]] = []
        pacing: deque[int] = deque()
        placing: deque[int] = deque()
        throttles = [0] * calls
        admitted = [0.0] * calls
        now, free, drawn, done, wake = 0.0, self.places, 0, 0, -1.0

        def put(when: float, kind: str, call: int = -1, passed: bool = False) -> None:
            heapq.heappush(events, (when, next(numbers), kind, call, passed))

        def enter(call: int) -> None:
            admitted[call] = now
            (placing if self.bucket.is_unlimited and not pacing else pacing).append(call)

        while done < calls:
            while drawn < calls and drawn - done < self.places * _READS_AHEAD:
                enter(drawn)
                drawn += 1
            while pacing:
                if wait := self.bucket.wait(now):
                    if wake <= now:
                        wake = now + wait
                        put(wake, "wake")
                    break
                admitted[pacing[0]] = now
                placing.append(pacing.popleft())
            while free and placing:
                call = placing.popleft()
                if self.bucket.is_stale(admitted[call]):
                    enter(call)
                    continue
                free -= 1
                at(now, self.api)
                passed = self.api.allows(now)
                self.log.append((now, passed))
                put(
                    now + (self.latency if passed else self.refusal or self.latency),
                    "answer",
                    call,
                    passed,
                )
            now, _, kind, call, passed = heapq.heappop(events)
            if kind == "again":
                enter(call)
            elif kind == "answer":
                free += 1
                if passed:
                    done += 1
                    self.bucket.answered(now, admitted[call])
                else:
                    throttles[call] += 1
                    self.bucket.throttled(now, admitted[call])
                    put(now + throttled_delay(throttles[call], {}, jitter), "again", call)
                self.rates.append((now, self.bucket.rate))
        return now

    def sent(self, since: float, until: float = float("inf")) -> int:
        """Calls sent in that time."""
        return sum(since <= at < until for at, _ in self.log)

    def throttled(self, since: float, until: float = float("inf")) -> int:
        """How many of them were throttled."""
        return sum(since <= at < until and not passed for at, passed in self.log)

    def passed_a_second(self, since: float, until: float) -> float:
        """Successful calls per second."""
        return (self.sent(since, until) - self.throttled(since, until)) / (until - since)
