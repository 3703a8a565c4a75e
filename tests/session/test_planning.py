"""Parsing and planning can be cancelled, and large statements wait for each other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing

import pytest

from cirrusql.errors import Interrupted
from cirrusql.session.planning import LARGE, Planning
from cirrusql.session.session import Session
from cirrusql.sql.split import Piece
from cirrusql.sql.statements import Statement
from tests.session.conftest import rows_of

Open = Callable[..., Session]

LONG = "SELECT UserName FROM aws.iam.users WHERE " + " OR ".join(
    f"Path = '{i}'" for i in range(20_000)
)
"""Some ten seconds of planning."""


def forever() -> None:
    while True:
        sum(range(100))


def test_what_loops_is_stopped_and_the_thread_goes_on() -> None:
    planning, started = Planning(), threading.Event()

    def stop() -> None:
        started.wait()
        planning.stop()

    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(Interrupted, match="cancelled"):
        planning.do(_until(started))
    thread.join()
    assert planning.do(lambda: 1) == 1
    planning.stop()
    assert planning.do(lambda: planning.do(lambda: 2)) == 2


def test_what_ends_while_it_is_stopped_leaves_nothing_behind() -> None:
    planning, ended = Planning(), threading.Event()

    def stops() -> None:
        while not ended.is_set():
            planning.stop()
            time.sleep(0)

    thread = threading.Thread(target=stops)
    thread.start()
    stopped = 0
    for _ in range(300):
        try:
            planning.do(lambda: sum(range(20_000)))
        except Interrupted:
            stopped += 1
    ended.set()
    thread.join()
    assert stopped
    assert sum(range(1000)) == 499_500


def test_cancel_stops_a_statement_that_is_planned(session: Session) -> None:
    rows_of(session, "SELECT UserName FROM aws.iam.users WHERE Path = '/'")
    cancel = threading.Timer(0.5, session.cancel)
    cancel.start()
    with pytest.raises(Interrupted):
        rows_of(session, LONG)
    cancel.join()
    assert rows_of(session, "SELECT 1 AS n") == [{"n": 1}]


class Between(Session):
    """Cancelled by somebody else when a statement was read and is not yet planned."""

    is_cancelled = False

    def parse(self, piece: Piece | str) -> Statement:
        found = super().parse(piece)
        if self.is_cancelled:
            self.cancel()
        return found


def test_a_cancel_between_two_phases_is_of_the_statement_and_not_of_the_next(
    session: Session,
) -> None:
    with closing(Between(session.settings, {})) as between:
        between.is_cancelled = True
        for sql in ("SELECT * FROM range(3)", "SHOW SERVICES IN aws; SELECT * FROM range(3)"):
            with pytest.raises(Interrupted, match="cancelled"):
                rows_of(between, sql)
        between.is_cancelled = False
        assert len(rows_of(between, "SELECT * FROM range(3)")) == 3
        between.cancel()
        assert len(rows_of(between, "SELECT * FROM range(3)")) == 3


def test_statement_timeout_counts_the_planning(open_session: Open) -> None:
    session = open_session()
    rows_of(session, "SELECT UserName FROM aws.iam.users WHERE Path = '/'")
    rows_of(session, "SET statement_timeout = '1s'")
    with pytest.raises(Interrupted, match="statement_timeout"):
        rows_of(session, LONG)
    rows_of(session, "SET statement_timeout = 0")
    assert rows_of(session, "SELECT 1 AS n") == [{"n": 1}]


def test_large_statements_are_planned_one_at_a_time() -> None:
    under_way, most = 0, 0
    lock = threading.Lock()

    def work() -> None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.02)
        with lock:
            under_way -= 1

    def several(size: int) -> int:
        nonlocal most
        most = 0
        threads = [threading.Thread(target=lambda: Planning().do(work, size)) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return most

    assert several(LARGE + 1) == 1
    assert several(LARGE) > 1


def test_whoever_waits_for_a_turn_can_be_stopped() -> None:
    first, second = Planning(), Planning()
    started = threading.Event()

    def hold() -> None:
        with pytest.raises(Interrupted):
            first.do(_until(started), LARGE + 1)

    thread = threading.Thread(target=hold)
    thread.start()
    started.wait()
    threading.Timer(0.2, second.stop).start()
    with pytest.raises(Interrupted):
        second.do(lambda: None, LARGE + 1)
    first.stop()
    thread.join()


def _until(started: threading.Event) -> Callable[[], None]:
    def work() -> None:
        started.set()
        forever()

    return work
