"""Whether and when a call is retried."""

from __future__ import annotations

import random
from typing import Any

import pytest

from cirrusql.api.http_messages import Fault
from cirrusql.decode.service_error import EXPIRED_CODES, SKEW_CODES
from cirrusql.errors import BadAnswer, ConfigError, Unreachable
from cirrusql.transport.throttling.retry import (
    Budget,
    Decision,
    ThrottleTimeout,
    after_error,
    after_fault,
    delay,
    throttled_delay,
)


def decision(code: str, status: int = 400, failures: int = 1, **facts: Any) -> Decision:
    given = {"may_repeat": True, "was_refreshed": False} | facts
    return after_fault(Fault(status, code, ""), failures, 3, **given)


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


def test_the_last_attempt_is_the_last() -> None:
    assert decision("InternalFailure", 500, failures=3) is Decision.GIVE_UP


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
    for failures in range(1, 12):
        seconds = delay(failures, {}, jitter)
        assert (
            min(20.0, 0.03 * 2.0 ** (failures - 1))
            <= seconds
            <= min(20.0, 0.1 * 2.0 ** (failures - 1))
        )


def test_who_was_throttled_waits_longer_at_first_and_shorter_in_the_end() -> None:
    slow, fast = (wait(1, {}, random.Random(3)) for wait in (throttled_delay, delay))
    assert slow == pytest.approx(5 * fast)
    assert throttled_delay(30, {}, random.Random(3)) <= 5.0


@pytest.mark.parametrize(("header", "least"), [("3", 3.0), ("900", 20.0), ("soon", 0.03)])
@pytest.mark.parametrize("wait", [delay, throttled_delay])
def test_retry_after_is_obeyed_within_reason(wait: Any, header: str, least: float) -> None:
    assert wait(1, {"retry-after": header}, random.Random(0)) >= least


def held(patience: ThrottleTimeout, now: float, passed: float) -> float | None:
    return patience.hold(now, passed, {}, random.Random(0))


def test_a_throttled_call_is_held_back_for_its_time_and_no_longer() -> None:
    patience, waits = ThrottleTimeout(120.0), []
    while (seconds := held(patience, 0.0, passed=0.0)) is not None:
        waits.append(seconds)
    assert 120.0 <= sum(waits) < 125.0
    assert len(waits) >= 30, "at 30 % by chance, one in 10^15"


def test_the_queue_of_a_learnt_rate_takes_nothing_from_that_time_while_it_moves() -> None:
    patience = ThrottleTimeout(120.0)
    assert held(patience, 0.0, passed=-1.0) is not None
    assert held(patience, 4000.0, passed=3999.0) is not None
    assert held(patience, 8000.0, passed=7870.0) is None, "nothing got through for 130 s"


def test_without_patience_the_first_throttle_is_the_last() -> None:
    assert held(ThrottleTimeout(0.0), 0.0, passed=0.0) is None


def test_a_budget_is_spent_by_retries_and_earned_by_successes() -> None:
    budget = Budget(capacity=10.0, left=10.0)
    assert budget.take(10.0)
    assert not budget.take(5.0)
    for _ in range(20):
        budget.give()
    assert budget.left == 10.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-amz-retry-after": "7000"}, 7.0),
        ({"x-amz-retry-after": "7000", "retry-after": "1"}, 7.0),
        ({"x-amz-retry-after": "soon", "retry-after": "8"}, 8.0),
        (
            {
                "retry-after": "Tue, 24 Nov 2026 10:00:09 GMT",
                "date": "Tue, 24 Nov 2026 10:00:00 GMT",
            },
            9.0,
        ),
    ],
)
def test_the_services_own_words_are_obeyed_in_every_spelling(
    headers: dict[str, str], seconds: float
) -> None:
    assert delay(1, headers, random.Random(0)) == seconds
    assert throttled_delay(1, headers, random.Random(0)) == seconds


@pytest.mark.parametrize(
    "headers",
    [
        {"retry-after": "Tue, 24 Nov 2026 10:00:09 GMT"},
        {"retry-after": "Tue, 24 Nov 2026 10:00:00 GMT", "date": "Tue, 24 Nov 2026 10:00:09 GMT"},
        {"retry-after": "Tue, 24 Nov 2026 10:00:09", "date": "Tue, 24 Nov 2026 10:00:00 GMT"},
        {"x-amz-retry-after": "-5"},
        {"retry-after": "nan"},
    ],
)
def test_words_without_sense_are_passed_over(headers: dict[str, str]) -> None:
    assert 0 < delay(1, headers, random.Random(0)) <= 0.1
