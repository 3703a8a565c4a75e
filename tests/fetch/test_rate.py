"""The learning bucket, stepped by a clock of the test's own."""

from __future__ import annotations

import pytest

from cirrusql.fetch.rate import Bucket


def simulated(rate: float, burst: float, latency: float, calls: int) -> tuple[float, int, int]:
    """Seconds until all got through, and the throttles within and after the first second."""
    bucket, left, at = Bucket(), burst, 0.0
    now, done, early, late = 0.0, 0, 0, 0
    free = [0.0] * 64
    while done < calls:
        free.sort()
        now = max(now, free[0])
        while wait := bucket.wait(now):
            now += wait
        left, at = min(burst, left + (now - at) * rate), now
        free[0] = now + latency
        if left >= 1:
            left -= 1
            done += 1
            bucket.answered(now)
        else:
            early, late = (early + 1, late) if now < 1 else (early, late + 1)
            bucket.throttled(now)
    return now, early, late


@pytest.mark.parametrize("burst", [10, 50, 100])
@pytest.mark.parametrize("rate", [10, 100])
def test_the_sustained_rate_is_found_and_kept(rate: int, burst: int) -> None:
    seconds, _, late = simulated(rate, burst, 0.04, rate * 20)
    assert seconds < 20 * 1.15
    assert late < rate * 20 * 0.02


def test_a_bucket_that_was_never_throttled_does_not_wait() -> None:
    bucket = Bucket()
    assert [bucket.wait(0.0) for _ in range(1000)] == [0.0] * 1000


def test_a_fixed_rate_stays() -> None:
    bucket = Bucket(fixed=10.0)
    bucket.throttled(0.0)
    assert bucket.wait(0.0) == 0.0
    assert bucket.wait(0.0) == 0.1
    assert bucket.wait(0.1) == 0.0


def test_throttling_that_does_not_depend_on_the_rate_does_not_end_in_a_standstill() -> None:
    bucket = Bucket()
    now = 0.0
    for number in range(200):
        now += bucket.wait(now)
        (bucket.throttled if number % 3 == 0 else bucket.answered)(now)
        now += 0.01
    assert bucket.rate is not None
    assert bucket.rate >= 4.0
