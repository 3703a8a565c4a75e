"""The adaptive token bucket, on the test's own clock."""

from __future__ import annotations

import math
import random

import pytest

from cirrusql.transport.throttling.adaptive_limiter import Bucket
from tests.support.simulated_api import Api, Client


@pytest.mark.parametrize("burst", [10, 50, 100])
@pytest.mark.parametrize("rate", [10, 100])
def test_the_sustained_rate_is_found_and_kept(rate: int, burst: int) -> None:
    client = Client(Api(rate, burst), places=64, latency=0.04)
    assert client.run(rate * 20) < 20 * 1.15
    assert client.throttled(1.0) < rate * 20 * 0.02


def test_two_thousand_calls_at_a_hundred_a_second_take_little_more_than_they_must() -> None:
    """Row 6 of the issue: 2,000 calls, 40 ms, 100 calls a second with a burst of 100."""
    client = Client(Api(100, 100), latency=0.04)
    assert client.run(2_000) < 20 * 1.15
    assert client.throttled(1.0) < 2_000 * 0.02


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("baseline", [0.02, 0.1, 0.3])
def test_throttling_at_random_leaves_the_rate_that_concurrency_gives(
    baseline: float, seed: int
) -> None:
    client = Client(Api(throttled=baseline, seed=seed), places=256, latency=0.05, seed=seed)
    client.run(45_000)
    most = 256 / 0.05 * (1 - baseline)
    assert client.passed_a_second(4.0, 8.0) > 0.5 * most


def test_with_thirty_percent_thrown_away_the_rate_is_that_of_concurrency() -> None:
    shares = []
    for seed in range(8):
        client = Client(Api(throttled=0.3, seed=seed), places=256, latency=0.05, seed=seed)
        client.run(40_000)
        shares.append(client.passed_a_second(4.0, 9.0) / (256 / 0.05 * 0.7))
    assert sorted(shares)[3] > 0.95, shares
    assert min(shares) > 0.6, shares


@pytest.mark.parametrize("baseline", [0.1, 0.3])
def test_a_limit_is_found_under_random_throttling_too(baseline: float) -> None:
    client = Client(Api(100, 100, throttled=baseline), places=64, latency=0.04)
    client.run(6_000)
    assert client.passed_a_second(30.0, 50.0) > 80
    assert client.throttled(30.0, 50.0) / client.sent(30.0, 50.0) < baseline + 0.15


@pytest.mark.parametrize("to", [50, 200])
def test_a_limit_that_changes_is_found_again(to: int) -> None:
    def change(now: float, api: Api) -> None:
        api.rate = to if now > 10 else 100

    client = Client(Api(100, 100), latency=0.04)
    client.run(1_000 + to * 30, change)
    assert client.passed_a_second(25.0, 35.0) > to * 0.9
    assert client.throttled(25.0, 35.0) < to * 10 * 0.02


def test_random_throttling_that_ends_is_forgotten() -> None:
    def clear(now: float, api: Api) -> None:
        api.throttled = 0.3 if now < 5 else 0.0

    client = Client(Api(throttled=0.3), places=64)
    client.run(12_000, clear)
    assert client.bucket.baseline < 0.02


def test_a_limit_that_begins_under_random_throttling_is_not_taken_for_it() -> None:
    def change(now: float, api: Api) -> None:
        api.rate = None if now < 5 else 100

    client = Client(Api(burst=100, throttled=0.3), places=64)
    client.run(8_000, change)
    assert client.throttled(40.0, 55.0) / client.sent(40.0, 55.0) < 0.45


def test_an_api_that_answers_nothing_is_called_slowly_and_found_again() -> None:
    def outage(now: float, api: Api) -> None:
        api.throttled = 1.0 if 2 < now < 20 else 0.0

    client = Client(Api(), places=64)
    client.run(100_000, outage)
    assert client.sent(10.0, 20.0) < 100
    assert client.passed_a_second(60.0, 70.0) > 1_000


def test_a_slow_caller_is_not_slowed_down_by_random_throttling() -> None:
    """One call at a time, 100 ms each: 1,000 of them in 30 % take little more than 100 s / 0.7."""
    client = Client(Api(throttled=0.3, seed=5), places=1, latency=0.1, seed=5)
    assert client.run(1_000) < 1_000 * 0.1 / 0.7 * 1.25


def test_a_lone_throttle_changes_nothing() -> None:
    bucket = Bucket()
    for number in range(500):
        (bucket.throttled if number % 250 == 100 else bucket.answered)(number * 0.01, number * 0.01)
    assert bucket.is_unlimited


def test_a_bucket_that_was_never_throttled_does_not_wait() -> None:
    bucket = Bucket()
    assert [bucket.wait(0.0) for _ in range(1000)] == [0.0] * 1000


def test_a_fixed_rate_stays() -> None:
    bucket = Bucket(fixed=10.0)
    for _ in range(100):
        bucket.throttled(0.0, 0.0)
    assert bucket.wait(0.0) == 0.0
    assert bucket.wait(0.0) == 0.1
    assert bucket.wait(0.1) == 0.0


@pytest.mark.parametrize("seed", range(20))
def test_whatever_happens_there_is_a_rate_that_can_be_waited_for(seed: int) -> None:
    chance, bucket, now = random.Random(seed), Bucket(), 0.0
    for _ in range(4_000):
        if chance.random() < 0.01:
            now += chance.choice([0.0, 0.5, 30.0])
        share = 0.5 + 0.5 * math.sin(now / 20 + seed)
        now += min(bucket.wait(now), 2.0) + chance.random() / 50
        answer = bucket.throttled if chance.random() < share else bucket.answered
        answer(now, now - chance.random() / 10)
        assert bucket.rate is None or 1.0 <= bucket.rate < math.inf
        assert 0.0 <= bucket.baseline <= 1.0
        assert 0.0 <= bucket.wait(now) <= 1.0


@pytest.mark.parametrize("seed", range(4))
def test_refusals_that_come_sooner_than_answers_are_not_taken_for_all(seed: int) -> None:
    """2,500 calls of a second each, refused within 5 ms:
    at a rate of 1 they would take 40 minutes."""
    client = Client(
        Api(throttled=0.3, seed=seed), places=256, latency=1.0, refusal=0.005, seed=seed
    )
    assert client.run(2_500) < 150
