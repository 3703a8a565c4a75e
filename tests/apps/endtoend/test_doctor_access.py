"""``cirrusql doctor``: where calls go, with which credentials, and what can be read."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from tests.apps.endtoend.conftest import in_a_process
from tests.support.fault_proxy import FaultProxy

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}


def doctor(**environ: str) -> str:
    """What it says; nothing of the machine's own configuration is read."""
    empty = {"AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere"}
    done = in_a_process("doctor", **empty, **environ)
    assert done.stderr == ""
    return re.sub(r" +", " ", done.stdout)


def test_the_region_and_endpoints_of_the_environment_are_told_with_their_variables(
    company: str,
) -> None:
    told = doctor(
        **KEYS,
        AWS_DEFAULT_REGION="eu-west-1",
        AWS_ENDPOINT_URL=company,
        AWS_ENDPOINT_URL_S3=f"{company}/",
    )
    assert "ok region eu-west-1 (from AWS_DEFAULT_REGION)" in told
    assert f"ok endpoint {company} (from AWS_ENDPOINT_URL)" in told
    assert f"ok endpoint of s3 {company}/ (from AWS_ENDPOINT_URL_S3)" in told
    assert "ok credentials from environment variables, do not expire" in told
    assert re.search(r"ok regions \d+ enabled: .*eu-west-1", told)
    assert "ok table aws.ec2.instances can be read (needs ec2:DescribeInstances)" in told
    assert f"{company}\n" in told.partition("ok clock ")[2]


def test_region_wins_over_default_region_as_for_every_call(company: str) -> None:
    told = doctor(
        **KEYS, AWS_REGION="eu-north-1", AWS_DEFAULT_REGION="eu-west-1", AWS_ENDPOINT_URL=company
    )
    assert "ok region eu-north-1 (from AWS_REGION)" in told


def test_credentials_that_expire_are_told_with_their_end_and_a_warning_when_it_is_near(
    company: str,
) -> None:
    end = (datetime.now(UTC) + timedelta(minutes=12)).replace(microsecond=0)
    told = doctor(
        **KEYS,
        AWS_SESSION_TOKEN="token",
        AWS_CREDENTIAL_EXPIRATION=end.isoformat(),
        AWS_ENDPOINT_URL=company,
        AWS_REGION="us-east-1",
    )
    found = re.search(r"warn credentials from environment variables, expire at (\S+) \(in", told)
    assert found is not None, told
    assert abs(datetime.fromisoformat(found[1]) - end) <= timedelta(seconds=2)
    assert "get new ones before they expire" in told


def test_what_may_not_be_read_is_told_with_the_permission_that_it_needs(
    proxy: FaultProxy,
) -> None:
    proxy.denied = frozenset({"iam:ListUsers"})
    told = doctor(**KEYS, AWS_ENDPOINT_URL=proxy.url, AWS_REGION="us-east-1")
    assert re.search(
        r"warn table aws.iam.users cannot be read: .*\n -> it needs iam:ListUsers", told
    )
    assert "ok table aws.s3.buckets can be read" in told
