"""``statement_timeout``: from the first call to the last row; the session survives it."""

from __future__ import annotations

import threading
from collections import deque

import pytest

from cirrusql.errors import Interrupted
from cirrusql.session.session import Session
from tests.session.conftest import rows_of
from tests.support.fault_proxy import FaultProxy, Faults

LATE = r"longer than statement_timeout \(0.3 s\)"


@pytest.fixture
def session(session: Session) -> Session:
    rows_of(session, "SET statement_timeout = 0.3")
    return session


def _watches() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name == "cirrusql-deadline"]


def test_a_call_without_an_answer_is_stopped(session: Session, proxy: FaultProxy) -> None:
    proxy.faults = Faults(latency=30)
    with pytest.raises(Interrupted, match=LATE) as raised:
        rows_of(session, "SELECT UserName FROM aws.iam.users")
    assert "SET statement_timeout" in str(raised.value.hint)


def test_the_wait_for_an_api_that_throttles_is_stopped(session: Session, proxy: FaultProxy) -> None:
    proxy.faults = Faults(throttle=1.0)
    with pytest.raises(Interrupted, match=LATE):
        rows_of(session, "SELECT UserName FROM aws.iam.users")


@pytest.mark.parametrize(
    "table", ["range(100_000_000_000)", "(SELECT * FROM range(100_000_000_000))"]
)
def test_the_engine_is_stopped(session: Session, table: str) -> None:
    with pytest.raises(Interrupted, match=LATE):
        rows_of(session, f"SELECT sum(sqrt(range)) FROM {table}")


def test_rows_that_come_too_late_are_not_given(session: Session) -> None:
    (result,) = session.run("SELECT range FROM range(100_000_000_000)")
    with pytest.raises(Interrupted, match=LATE):
        deque(result.batches, maxlen=0)


def test_a_write_that_is_stopped_may_have_been_done(session: Session, proxy: FaultProxy) -> None:
    proxy.faults = Faults(latency=30)
    with pytest.raises(Interrupted, match=LATE):
        rows_of(session, "INSERT INTO aws.iam.users (UserName) VALUES ('late')")


def test_the_session_goes_on_and_nothing_watches_it(session: Session, proxy: FaultProxy) -> None:
    proxy.faults = Faults(latency=30)
    with pytest.raises(Interrupted):
        rows_of(session, "SELECT UserName FROM aws.iam.users")
    proxy.faults = Faults()
    rows_of(session, "SET statement_timeout = 0")
    assert rows_of(session, "SELECT UserName FROM aws.iam.users") == []
    assert not _watches()


def test_a_statement_in_time_is_given_whole(session: Session) -> None:
    rows_of(session, "SET statement_timeout = '1min'")
    assert rows_of(session, "SELECT count(*) AS n FROM range(1000)") == [{"n": 1000}]
    assert not _watches()
