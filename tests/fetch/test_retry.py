"""Whether and when a call is made again."""

from __future__ import annotations

import random
from typing import Any

import pytest

from cirrusql.errors import BadAnswer, ConfigError, Unreachable
from cirrusql.fetch.retry import Budget, Decision, after_error, after_fault, delay
from cirrusql.wire.fault import EXPIRED_CODES, SKEW_CODES, THROTTLING_CODES
from cirrusql.wire.model import Fault


def decision(code: str, status: int = 400, attempt: int = 1, **facts: Any) -> Decision:
    given = {"may_repeat": True, "was_refreshed": False} | facts
    return after_fault(Fault(status, code, ""), attempt, 3, **given)


@pytest.mark.parametrize("code", sorted(THROTTLING_CODES))
@pytest.mark.parametrize("may_repeat", [True, False])
def test_what_was_turned_away_at_the_door_is_made_again_even_a_write(code: str, may_repeat: bool) -> None:
    assert decision(code, may_repeat=may_repeat) is Decision.AGAIN


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_in_trouble_is_asked_again_only_where_that_cannot_do_it_twice(status: int) -> None:
    assert decision("InternalFailure", status) is Decision.AGAIN
    assert decision("InternalFailure", status, may_repeat=False) is Decision.GIVE_UP


def test_a_mistake_of_the_caller_is_not_repeated() -> None:
    assert decision("ValidationError") is Decision.GIVE_UP
    assert decision("AccessDenied", 403) is Decision.GIVE_UP


@pytest.mark.parametrize(
    ("trait", "may_repeat", "expected"),
    [
        ("throttling", False, Decision.AGAIN),
        ("transient", True, Decision.AGAIN),
        ("transient", False, Decision.GIVE_UP),
        (None, True, Decision.GIVE_UP),
    ],
)
def test_the_models_word_on_trying_again_is_obeyed(
    trait: str | None, may_repeat: bool, expected: Decision
) -> None:
    fault = Fault(409, "ConflictException", "", retry_trait=trait)
    assert after_fault(fault, 1, 3, may_repeat=may_repeat, was_refreshed=False) is expected


@pytest.mark.parametrize("code", ["Throttling", "InternalFailure"])
def test_the_last_attempt_is_the_last(code: str) -> None:
    assert decision(code, 500, attempt=3) is Decision.GIVE_UP


@pytest.mark.parametrize("code", sorted(EXPIRED_CODES))
def test_an_expired_session_is_renewed_once(code: str) -> None:
    assert decision(code) is Decision.REFRESH
    assert decision(code, was_refreshed=True) is Decision.GIVE_UP


@pytest.mark.parametrize("code", sorted(SKEW_CODES - EXPIRED_CODES))
def test_a_clock_that_is_wrong_is_set_once(code: str) -> None:
    assert decision(code, 403) is Decision.RESET_CLOCK
    assert decision(code, 403, was_refreshed=True) is Decision.GIVE_UP


def test_what_never_left_is_sent_again_even_a_write() -> None:
    unsent = Unreachable("cannot connect")
    unsent.is_unsent = True
    assert after_error(unsent, 1, 3, may_repeat=False) is Decision.AGAIN
    assert after_error(unsent, 3, 3, may_repeat=True) is Decision.GIVE_UP


@pytest.mark.parametrize("error", [Unreachable("broke"), BadAnswer("cut short")])
def test_a_lost_answer_is_asked_for_again_only_where_that_cannot_do_it_twice(error: Any) -> None:
    assert after_error(error, 1, 3, may_repeat=True) is Decision.AGAIN
    assert after_error(error, 1, 3, may_repeat=False) is Decision.GIVE_UP


def test_an_error_of_ours_is_not_repeated() -> None:
    assert after_error(ConfigError("no such bundle"), 1, 3, may_repeat=True) is Decision.GIVE_UP


def test_waits_double_with_jitter_and_have_an_end() -> None:
    jitter = random.Random(1)
    for attempt in range(1, 12):
        seconds = delay(attempt, is_throttled=False, headers={}, jitter=jitter)
        assert min(20.0, 0.03 * 2.0 ** (attempt - 1)) <= seconds <= min(20.0, 0.1 * 2.0 ** (attempt - 1))


def test_who_was_throttled_waits_longer() -> None:
    slow, fast = (delay(1, is_throttled=t, headers={}, jitter=random.Random(3)) for t in (True, False))
    assert slow == pytest.approx(5 * fast)


@pytest.mark.parametrize(("header", "least"), [("3", 3.0), ("900", 20.0), ("soon", 0.03)])
def test_retry_after_is_obeyed_within_reason(header: str, least: float) -> None:
    assert delay(1, is_throttled=False, headers={"retry-after": header}, jitter=random.Random(0)) >= least


def test_a_budget_is_spent_by_retries_and_earned_by_successes() -> None:
    budget = Budget(capacity=10.0, left=10.0)
    assert budget.take(10.0)
    assert not budget.take(5.0)
    for _ in range(20):
        budget.give()
    assert budget.left == 10.0
