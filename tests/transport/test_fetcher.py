"""Calls through the proxy: complete rows, faults handled, nothing left behind."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from cirrusql.errors import BadAnswer, Interrupted, Throttled, Unreachable
from cirrusql.transport.model import Answer, Batch, CallRecord, Failure
from tests.support.fault_proxy import FaultProxy, Faults, Rate, asked_for

MORE = {"max_attempts": 12}


def names(outcomes: Any) -> list[str]:
    found: list[str] = []
    for outcome in outcomes:
        assert isinstance(outcome, Batch), outcome
        found += outcome.rows.column("UserName").to_pylist()
    return sorted(found)


def one(outcomes: Any) -> Any:
    (outcome,) = outcomes
    return outcome


def test_a_listing_is_paged_to_its_end(
    fetcher: Any, proxy: FaultProxy, call: Any, client: Any
) -> None:
    for i in range(25):
        client("logs").create_log_group(logGroupName=f"group-{i:02}")
    listing = call("logs.log_groups", "DescribeLogGroups", columns=("logGroupName",), page_size=10)
    batches = list(fetcher().batches([listing]))
    assert [b.rows.num_rows for b in batches] == [10, 10, 5]
    assert proxy.calls["logs:DescribeLogGroups"] == 3


def test_no_rows_are_a_batch_without_rows(fetcher: Any, call: Any) -> None:
    assert (
        one(
            fetcher().batches([call("iam.users", "ListUsers", columns=("UserName",))])
        ).rows.num_rows
        == 0
    )


def test_a_batch_says_where_it_is_from(
    fetcher: Any, proxy: FaultProxy, call: Any, users: list[str]
) -> None:
    columns = ("UserName", "region", "account_id", "connection")
    batch = one(fetcher().batches([call("iam.users", "ListUsers", columns=columns)]))
    assert batch.rows.slice(0, 1).to_pylist() == [
        {
            "UserName": "user-00",
            "region": "us-east-1",
            "account_id": "123456789012",
            "connection": None,
        }
    ]
    assert proxy.calls["sts:GetCallerIdentity"] == 1


def test_the_account_is_not_asked_for_unless_a_column_shows_it(
    fetcher: Any, proxy: FaultProxy, call: Any
) -> None:
    list(fetcher().batches([call("iam.users", "ListUsers", columns=("UserName", "region"))]))
    assert set(proxy.calls) == {"iam:ListUsers"}


@pytest.mark.parametrize(
    "fault", ["throttle", "server_error", "reset_before", "reset_after", "truncate", "malform"]
)
def test_no_row_is_wrong_or_lost_whatever_breaks(
    fetcher: Any, proxy: FaultProxy, call: Any, users: list[str], fault: str
) -> None:
    proxy.faults = Faults(**{fault: 0.3}, seed=3)  # type: ignore[arg-type]
    listing = call("iam.users", "ListUsers", columns=("UserName",), page_size=10)
    assert names(fetcher(**MORE).batches([listing])) == users


def test_a_stalled_answer_ends_at_the_time_out(fetcher: Any, proxy: FaultProxy, call: Any) -> None:
    proxy.faults = Faults(stall=1.0)
    failure = one(
        fetcher(read_timeout=0.2, max_attempts=2).batches(
            [call("iam.users", "ListUsers", columns=("UserName",))]
        )
    )
    assert isinstance(failure.error, Unreachable)
    assert "in time" in str(failure.error)


def test_a_call_that_stays_throttled_says_so(fetcher: Any, proxy: FaultProxy, call: Any) -> None:
    proxy.faults = Faults(throttle=1.0)
    listing = call("iam.users", "ListUsers", columns=("UserName",))
    records: list[CallRecord] = []
    failure = one(fetcher(throttle_timeout=1.0, on_record=records.append).batches([listing]))
    assert isinstance(failure.error, Throttled)
    assert "throttle_timeout" in str(failure.error.hint)
    assert len(records) >= 3


def test_a_call_that_is_throttled_more_often_than_it_may_fail_is_answered(
    fetcher: Any, proxy: FaultProxy, call: Any, users: list[str]
) -> None:
    proxy.faults = Faults(throttle=1.0, most=4)
    assert (
        names(
            fetcher(max_attempts=1).batches([call("iam.users", "ListUsers", columns=("UserName",))])
        )
        == users
    )
    assert proxy.calls["iam:ListUsers"] == 5


def test_a_call_that_waits_after_a_throttle_is_cancelled_at_once(
    fetcher: Any, proxy: FaultProxy, call: Any
) -> None:
    proxy.faults = Faults(throttle=1.0)
    opened = fetcher()
    batches = opened.batches([call("iam.users", "ListUsers", columns=("UserName",))])
    threading.Timer(0.5, opened.interrupt).start()
    assert isinstance(one(batches).error, Interrupted)


def test_a_repeated_page_token_is_told_and_ends_the_listing(
    fetcher: Any, proxy: FaultProxy, call: Any
) -> None:
    proxy.faults = Faults(
        repeat_token=b"<ListUsersResponse><ListUsersResult><Users/><IsTruncated>true</IsTruncated>"
        b"<Marker>again</Marker></ListUsersResult></ListUsersResponse>"
    )
    *_, last = fetcher().batches([call("iam.users", "ListUsers", columns=("UserName",))])
    assert isinstance(last, Failure)
    assert isinstance(last.error, BadAnswer)


def test_an_expired_session_is_renewed_once_and_the_call_made_again(
    fetcher: Any, proxy: FaultProxy, call: Any, users: list[str]
) -> None:
    proxy.faults = Faults(expire_first=1)
    assert (
        names(fetcher().batches([call("iam.users", "ListUsers", columns=("UserName",))])) == users
    )
    assert proxy.calls["iam:ListUsers"] == 2


def test_credentials_that_stay_expired_are_an_error(
    fetcher: Any, proxy: FaultProxy, call: Any
) -> None:
    proxy.faults = Faults(expire_first=99)
    failure = one(fetcher().batches([call("iam.users", "ListUsers", columns=("UserName",))]))
    assert failure.error.code == "ExpiredToken"
    assert proxy.calls["iam:ListUsers"] == 2


def test_a_write_whose_answer_is_lost_is_not_made_again(
    fetcher: Any, proxy: FaultProxy, call: Any
) -> None:
    proxy.faults = Faults(reset_after=1.0)
    failure = one(fetcher().answers([call("iam.users", "CreateUser", {"UserName": "ann"})]))
    assert proxy.passed["iam:CreateUser"] == 1
    assert failure.error.outcome == "unknown"


def test_a_throttled_write_is_made_again(fetcher: Any, proxy: FaultProxy, call: Any) -> None:
    proxy.faults = Faults(throttle=0.5, seed=1)
    answer = one(fetcher(**MORE).answers([call("iam.users", "CreateUser", {"UserName": "ann"})]))
    assert isinstance(answer, Answer)
    assert proxy.passed["iam:CreateUser"] == 1


def test_answers_come_in_the_order_of_the_calls_even_of_one_made_twice(
    fetcher: Any, call: Any, users: list[str]
) -> None:
    calls = [call("iam.users", "GetUser", {"UserName": n}, tag=7) for n in users]
    given = [*calls, calls[0]]
    answers = list(fetcher().answers(given))
    assert [a.call for a in answers] == given
    assert [a.values["User"]["UserName"] for a in answers] == [*users, users[0]]


def test_no_call_is_made_after_a_failure_that_stops(
    fetcher: Any, proxy: FaultProxy, call: Any
) -> None:
    calls = [call("iam.users", "DeleteUser", {"UserName": f"nobody-{i}"}) for i in range(3)]
    assert len(list(fetcher().answers(calls, stop_on_error=True))) == 1
    assert proxy.calls["iam:DeleteUser"] == 1


def test_closing_the_iterator_stops_the_calls(
    fetcher: Any, proxy: FaultProxy, call: Any, users: list[str]
) -> None:
    proxy.faults = Faults(latency=0.05)
    one_call = call("iam.users", "ListUsers", columns=("UserName",), page_size=1)
    outcomes = fetcher(concurrency=1).batches(one_call for _ in range(10_000))
    next(outcomes)
    outcomes.close()
    time.sleep(0.2)
    made = proxy.calls["iam:ListUsers"]
    time.sleep(0.3)
    assert proxy.calls["iam:ListUsers"] == made


def test_calls_are_drawn_no_faster_than_they_are_made(fetcher: Any, call: Any) -> None:
    drawn = []
    one_call = call("iam.users", "ListUsers", columns=("UserName",))

    def calls() -> Any:
        for i in range(100_000):
            drawn.append(i)
            yield one_call

    outcomes = fetcher(concurrency=2).batches(calls())
    next(outcomes)
    outcomes.close()
    assert len(drawn) < 100


def test_a_slow_consumer_stops_the_fetching(fetcher: Any, proxy: FaultProxy, call: Any) -> None:
    one_call = call("iam.users", "ListUsers", columns=("UserName",))
    outcomes = fetcher(concurrency=64).batches(one_call for _ in range(1_000))
    next(outcomes)
    time.sleep(1.5)
    assert proxy.calls["iam:ListUsers"] < 64 * 4 + 64
    outcomes.close()


def test_no_more_calls_are_under_way_than_allowed(
    fetcher: Any, proxy: FaultProxy, call: Any
) -> None:
    proxy.faults = Faults(latency=0.02)
    one_call = call("iam.users", "ListUsers", columns=("UserName",))
    list(fetcher(concurrency=3).batches([one_call] * 12))
    assert proxy.most_at_once in (2, 3)


def test_closing_leaves_no_thread_and_may_be_done_twice(fetcher: Any, call: Any) -> None:
    before = set(threading.enumerate())
    opened = fetcher()
    list(opened.batches([call("iam.users", "ListUsers", columns=("UserName",))]))
    opened.close()
    opened.close()
    assert {
        t for t in threading.enumerate() if t.name.startswith(("cirrusql", "asyncio"))
    } <= before


def test_a_statement_whose_fetcher_is_closed_is_told(
    fetcher: Any, proxy: FaultProxy, call: Any
) -> None:
    proxy.faults = Faults(latency=0.05)
    opened = fetcher(concurrency=1)
    one_call = call("iam.users", "ListUsers", columns=("UserName",))
    outcomes = opened.batches([one_call] * 4)
    next(outcomes)
    opened.close()
    assert any(isinstance(o, Failure) and isinstance(o.error, Interrupted) for o in outcomes)


def test_every_attempt_is_recorded(fetcher: Any, proxy: FaultProxy, call: Any) -> None:
    proxy.faults = Faults(expire_first=1)
    records: list[CallRecord] = []
    list(
        fetcher(on_record=records.append).batches(
            [call("iam.users", "ListUsers", columns=("UserName",))]
        )
    )
    assert [r.attempt for r in records] == [*range(1, len(records) + 1)]
    assert [(r.status, r.error) for r in asked_for(records)] == [(400, "ExpiredToken"), (200, None)]


def test_refused_connections_are_unreachable(fetcher: Any, call: Any) -> None:
    opened = fetcher(endpoint_url="http://127.0.0.1:9", max_attempts=1)
    failure = one(opened.batches([call("iam.users", "ListUsers", columns=("UserName",))]))
    assert isinstance(failure.error, Unreachable)
    assert failure.error.is_unsent


def test_a_limit_of_the_config_is_kept(
    fetcher: Any, proxy: FaultProxy, call: Any, users: list[str]
) -> None:
    proxy.faults = Faults(rate=Rate(25, burst=4))
    opened = fetcher(limits={"iam:ListUsers": 20.0})
    one_call = call("iam.users", "ListUsers", columns=("UserName",))
    assert all(isinstance(o, Batch) for o in opened.batches([one_call] * 20))
    assert proxy.calls["iam:ListUsers"] == 20
