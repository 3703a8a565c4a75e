"""The two tests behind the adaptive rate, on seeded random outcomes."""

from __future__ import annotations

import random

import pytest

from cirrusql.transport.throttling.throttle_detector import Excess, Trial, TrialVerdict


def until_above(excess: Excess, share: float, seed: int, most: int) -> int:
    chance = random.Random(seed)
    for number in range(most):
        excess.seen(chance.random() < share)
        if excess.is_above:
            return number
    return most


@pytest.mark.parametrize("baseline", [0.02, 0.1, 0.3])
def test_chance_is_not_taken_for_a_change(baseline: float) -> None:
    runs = [until_above(Excess(baseline), baseline, seed, 5_000) for seed in range(20)]
    assert sum(run < 5_000 for run in runs) <= 2


@pytest.mark.parametrize(("baseline", "share"), [(0.0, 0.1), (0.1, 0.3), (0.3, 0.6)])
def test_a_change_is_noticed_within_some_hundred_calls(baseline: float, share: float) -> None:
    assert max(until_above(Excess(baseline), share, seed, 1_000) for seed in range(20)) < 300


def test_a_baseline_that_falls_is_noticed() -> None:
    excess = Excess(0.3)
    for _ in range(200):
        excess.seen(False)
        excess = excess.cleared() or excess
    assert excess.baseline == 0.0


def verdict(before: float, now: float, seed: int) -> TrialVerdict:
    trial, chance = Trial(before, 0.0), random.Random(seed)
    while (found := trial.seen(chance.random() < now)) is TrialVerdict.OPEN:
        pass
    return found


@pytest.mark.parametrize("share", [0.02, 0.1, 0.3, 0.5])
def test_a_trial_tells_a_cut_that_helps_from_one_that_does_not(share: float) -> None:
    same = [verdict(share, share, seed) for seed in range(100)]
    less = [verdict(share, share / 10, seed) for seed in range(100)]
    assert same.count(TrialVerdict.NO_LESS) >= 90
    assert less.count(TrialVerdict.LESS) >= 97
