"""Statements through a network that throttles 30 % of the calls and breaks 5 %: every row, once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from cirrusql.session.session import Session
from cirrusql.settings import Settings
from tests.support.fault_proxy import FaultProxy, Faults
from tests.transport.conftest import catalog

USERS = [f"user-{i:02}" for i in range(12)]


@pytest.fixture
def session(proxy: FaultProxy) -> Iterator[Session]:
    settings = Settings(endpoint_url=proxy.url, region="us-east-1", max_attempts=12)
    with Session(settings, os.environ, catalog=catalog()) as opened:
        yield opened


@pytest.fixture(params=[1, 2, 3])
def faulty(request: Any, proxy: FaultProxy, client: Any) -> FaultProxy:
    """Twelve users, every second with a key, and log groups in two regions; then the faults."""
    iam = client("iam")
    for number, name in enumerate(USERS):
        iam.create_user(UserName=name)
        if number % 2:
            iam.create_access_key(UserName=name)
    for region in ("us-east-1", "eu-west-1"):
        for number in range(8):
            client("logs", region).create_log_group(logGroupName=f"{region}-{number}")
    proxy.faults = Faults(throttle=0.3, reset_before=0.025, reset_after=0.025, seed=request.param)
    return proxy


def rows(session: Session, sql: str) -> list[tuple[Any, ...]]:
    (result,) = session.run(sql)
    found = result.table()
    assert not result.failures
    return [tuple(row.values()) for row in found.to_pylist()]


def test_a_listing_is_whole(session: Session, faulty: FaultProxy) -> None:
    assert rows(session, "SELECT UserName FROM aws.iam.users ORDER BY 1") == [
        (name,) for name in USERS
    ]


def test_a_join_that_feeds_keys_is_whole(session: Session, faulty: FaultProxy) -> None:
    sql = (
        "SELECT u.UserName, count(k.AccessKeyId) FROM aws.iam.users u "
        "LEFT JOIN aws.iam.access_keys k ON k.UserName = u.UserName GROUP BY 1 ORDER BY 1"
    )
    assert rows(session, sql) == [(name, number % 2) for number, name in enumerate(USERS)]


def test_listings_in_two_regions_are_whole(session: Session, faulty: FaultProxy) -> None:
    sql = (
        "SELECT logGroupName FROM aws.logs.log_groups "
        "WHERE region IN ('us-east-1', 'eu-west-1') ORDER BY region DESC, 1"
    )
    wanted = [(f"{region}-{n}",) for region in ("us-east-1", "eu-west-1") for n in range(8)]
    assert rows(session, sql) == wanted


def test_the_faults_did_strike(session: Session, faulty: FaultProxy) -> None:
    rows(
        session, "SELECT count(*) FROM aws.iam.users u JOIN aws.iam.access_keys k USING (UserName)"
    )
    assert {"Throttling"} <= {what for _, _, what in faulty.log}
