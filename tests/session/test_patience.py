"""How long a statement waits for an API that throttles, as SET says."""

from __future__ import annotations

import pytest

from cirrusql.errors import Throttled
from cirrusql.session.session import Session
from tests.session.conftest import rows_of
from tests.support.fault_proxy import FaultProxy, Faults


def test_patience_can_be_set_after_calls_were_made(session: Session, proxy: FaultProxy) -> None:
    rows_of(session, "SELECT UserName FROM aws.iam.users")
    rows_of(session, "SET throttle_timeout = 0")
    proxy.faults = Faults(throttle=1.0)
    with pytest.raises(Throttled, match="throttle_timeout"):
        rows_of(session, "SELECT GroupName FROM aws.iam.groups")
