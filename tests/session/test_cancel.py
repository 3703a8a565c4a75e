"""``cancel`` at any moment of any statement: it ends as cancelled or as if not,
and the session goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from cirrusql.errors import Interrupted
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session.session import Session
from tests.session.conftest import rows_of
from tests.support.fault_proxy import FaultProxy, Faults

MOMENTS = (0.0, 0.001, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16)
"""Seconds after a statement began; each call takes at least 0.01."""

STATEMENTS = (
    "SELECT u.UserName, k.Status FROM aws.iam.users u LEFT JOIN aws.iam.access_keys k USING "
    "(UserName)",
    "SELECT region, VpcId FROM aws.ec2.vpcs WHERE region = '*'",
    "SELECT arn_parse(Arn).account_id, account_id FROM aws.iam.users",
    "SELECT Name, VersioningStatus FROM aws.s3.buckets",
    "SELECT sum(range) FROM range(20_000_000)",
    "INSERT INTO aws.iam.users (UserName) SELECT gen_random_uuid()::VARCHAR FROM range(5)",
    "UPDATE aws.iam.users SET NewPath = '/a/' WHERE UserName LIKE 'a%'",
    "DELETE FROM aws.iam.users WHERE UserName = 'nobody' OR UserName LIKE 'b%'",
    "EXEC aws.iam.users.list_users",
    "EXPLAIN ANALYZE SELECT VpcId FROM aws.ec2.vpcs",
    "CREATE OR REPLACE TABLE kept AS SELECT UserName FROM aws.iam.users",
    "CREATE OR REPLACE MATERIALIZED VIEW seen AS SELECT UserName FROM aws.iam.users",
    "SELECT service, operation FROM cirrusql.calls",
    "BEGIN; INSERT INTO aws.iam.groups (GroupName) VALUES (gen_random_uuid()::VARCHAR); COMMIT",
)


@pytest.fixture
def session(open_session: Callable[..., Session], proxy: FaultProxy) -> Session:
    proxy.faults = Faults(latency=0.01)
    return open_session(options=WriteOptions(assume_yes=True))


@pytest.fixture
def cancels(session: Session) -> Iterator[Callable[[float], None]]:
    """Cancels the session after that many seconds."""
    timers: list[threading.Timer] = []

    def later(seconds: float) -> None:
        timers.append(threading.Timer(seconds, session.cancel))
        timers[-1].start()

    yield later
    for timer in timers:
        timer.join()


@pytest.mark.parametrize("sql", STATEMENTS)
def test_a_statement_is_cancelled_at_any_moment(
    session: Session, cancels: Callable[[float], None], sql: str
) -> None:
    for seconds in MOMENTS:
        cancels(seconds)
        with suppress(Interrupted):
            rows_of(session, sql)
        if session.transaction_status != "idle":
            with suppress(Interrupted):
                rows_of(session, "ROLLBACK")


@pytest.mark.parametrize("sql", STATEMENTS)
def test_the_session_goes_on_after_it(
    session: Session, cancels: Callable[[float], None], sql: str
) -> None:
    cancels(0.005)
    with suppress(Interrupted):
        rows_of(session, sql)
    threading.Event().wait(0.05)  # what was cancelled late has been by now
    if session.transaction_status != "idle":
        rows_of(session, "ROLLBACK")
    assert rows_of(session, "SELECT 1 AS n") == [{"n": 1}]
    assert rows_of(session, "SELECT count(*) AS n FROM aws.sqs.queues") == [{"n": 0}]
