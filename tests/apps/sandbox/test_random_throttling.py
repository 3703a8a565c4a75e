"""``TESTS_THROTTLE`` takes effect where it should:
otherwise a suite under throttling would prove nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tests.support
from cirrusql.errors import Throttled
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from tests.session.conftest import rows_of
from tests.support.catalog import CATALOG
from tests.support.fault_proxy import FaultProxy

USERS = "SELECT UserName FROM aws.iam.users"


def session_at(url: str) -> Session:
    settings = Settings(endpoint_url=url, sandbox=True, region="us-east-1", throttle_timeout=0.0)
    return Session(settings, os.environ, catalog=CATALOG)


@pytest.mark.parametrize("share", ["0", "1"])
def test_a_sandbox_of_another_process_is_throttled_too(share: str) -> None:
    site = Path(tests.support.__file__).with_name("site")
    environ = {**os.environ, "TESTS_THROTTLE": share, "PYTHONPATH": str(site)}
    command = [sys.executable, "-m", "cirrusql", "sandbox", "--port", "0", "--empty"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, env=environ, **pipes) as process:  # type: ignore[call-overload]
        try:
            ready = process.stderr.readline()
            url = re.search(r"http://127\.0\.0\.1:\d+", ready)
            assert url, ready
            with session_at(url[0]) as session:
                if share == "0":
                    assert rows_of(session, USERS) == []
                else:
                    with pytest.raises(Throttled):
                        rows_of(session, USERS)
        finally:
            process.terminate()


def test_others_are_not_throttled_and_two_proxies_do_not_throttle_twice(aws: str) -> None:
    import boto3

    first = FaultProxy(aws, throttled=1.0).start()
    second = FaultProxy(first.url, throttled=0.0).start()
    try:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        iam = boto3.client("iam", "us-east-1", endpoint_url=first.url, **keys)
        assert iam.list_users()["Users"] == []
        iam.close()
        with session_at(first.url) as session, pytest.raises(Throttled):
            rows_of(session, USERS)
        with session_at(second.url) as session:
            assert rows_of(session, USERS) == []
    finally:
        second.stop()
        first.stop()
