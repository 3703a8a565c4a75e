"""SET after calls: the fetch layer uses the new settings from the next statement on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cirrusql.errors import BadAnswer, CallFailed, Throttled, Unreachable
from cirrusql.session.session import Session
from cirrusql.settings import ConnectionSettings
from tests.session.conftest import rows_of
from tests.support.fault_proxy import FaultProxy, Faults

VPCS = "SELECT region, VpcId FROM aws.ec2.vpcs"


@pytest.fixture
def session(open_session: Callable[..., Session]) -> Session:
    """A session that has made a call."""
    connections = {"there": ConnectionSettings("there", regions=("eu-west-3",))}
    session = open_session(connections=connections)
    assert [row["region"] for row in rows_of(session, VPCS)] == ["us-east-1"]
    return session


def test_the_region(session: Session) -> None:
    rows_of(session, "SET region = 'eu-west-1'")
    assert [row["region"] for row in rows_of(session, VPCS)] == ["eu-west-1"]
    rows_of(session, "RESET region")
    assert [row["region"] for row in rows_of(session, VPCS)] == ["us-east-1"]


def test_the_connection(session: Session) -> None:
    rows_of(session, "SET connection = 'there'")
    assert [row["region"] for row in rows_of(session, VPCS)] == ["eu-west-3"]


def test_the_patience_with_throttling(session: Session, proxy: FaultProxy) -> None:
    rows_of(session, "SET throttle_timeout = 0")
    proxy.faults = Faults(throttle=1.0)
    with pytest.raises(Throttled, match="throttle_timeout"):
        rows_of(session, VPCS)


def test_the_attempts(session: Session, proxy: FaultProxy) -> None:
    rows_of(session, "SET max_attempts = 2")
    proxy.faults, before = Faults(server_error=1.0), proxy.calls["ec2:DescribeVpcs"]
    with pytest.raises(CallFailed):
        rows_of(session, VPCS)
    assert proxy.calls["ec2:DescribeVpcs"] - before == 2


def test_the_size_of_an_answer(session: Session) -> None:
    rows_of(session, "SET max_body = 10")
    with pytest.raises(BadAnswer, match=r"larger than max_body \(10 bytes\)"):
        rows_of(session, VPCS)
    rows_of(session, "RESET max_body")
    assert len(rows_of(session, VPCS)) == 1


def test_the_time_for_an_answer(session: Session, proxy: FaultProxy) -> None:
    rows_of(session, "SET read_timeout = 0.2; SET max_attempts = 1")
    proxy.faults = Faults(stall=1.0)
    with pytest.raises(Unreachable, match="in time"):
        rows_of(session, VPCS)


@pytest.mark.parametrize("places", [1, 2])
def test_the_calls_under_way_at_once(session: Session, proxy: FaultProxy, places: int) -> None:
    rows_of(session, f"SET concurrency = {places}")
    proxy.faults, proxy.most_at_once = Faults(latency=0.02), 0
    assert len(rows_of(session, f"{VPCS} WHERE region = '*'")) > 10
    assert proxy.most_at_once == places
