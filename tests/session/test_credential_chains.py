"""Profiles with a failing credential chain: the error message,
which never looks like a bug of ours."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from cirrusql.errors import ConfigError, CredentialsMissing, InvalidParameter
from cirrusql.session.session import Session
from tests.session.conftest import rows_of
from tests.support.fault_proxy import FaultProxy

ROLE = "role_arn = arn:aws:iam::123456789012:role/x"
KEYS = "aws_access_key_id = testing\naws_secret_access_key = testing"
EXPIRED = (
    '{"Version":1,"AccessKeyId":"a","SecretAccessKey":"b",'
    '"SessionToken":"x","Expiration":"2020-01-01T00:00:00Z"}'
)

CONFIG = f"""
[profile ring-1]
source_profile = ring-2
{ROLE}
[profile ring-2]
source_profile = ring-3
{ROLE}
[profile ring-3]
source_profile = ring-1
{ROLE}
[profile self]
source_profile = self
{ROLE}
[profile orphan]
source_profile = missing
{ROLE}
[profile base]
{KEYS}
[profile mfa]
source_profile = base
{ROLE}
mfa_serial = arn:aws:iam::123456789012:mfa/me
[profile fails]
credential_process = sh -c "echo oops >&2; exit 3"
[profile junk]
credential_process = echo hello
[profile version]
credential_process = echo '{{"Version":2,"AccessKeyId":"a","SecretAccessKey":"b"}}'
[profile expired]
credential_process = echo '{EXPIRED}'
[profile no-program]
credential_process = /no/such/program --x
[profile partial]
aws_access_key_id = testing
[profile no-token]
{ROLE}
web_identity_token_file = /no/such/token
[profile no-source]
{ROLE}
[profile sso]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
sso_account_id = 123456789012
sso_role_name = Admin
[profile sso-session]
sso_session = dev
sso_account_id = 123456789012
sso_role_name = Admin
[sso-session dev]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
sso_registration_scopes = sso:account:access
[profile "quoted name"]
{KEYS}
[profile no-region]
{KEYS}
region = us-east-1a b
[profile services]
{KEYS}
region = us-east-1
services = local
[services local]
ec2 =
  endpoint_url = ENDPOINT
[profile process]
credential_process = echo '{{"Version":1,"AccessKeyId":"testing","SecretAccessKey":"testing"}}'
"""

SAID = {
    "ring-1": "Infinite loop",
    "ring-2": "Infinite loop",
    "ring-3": "Infinite loop",
    "self": "Infinite loop",
    "orphan": 'source_profile "missing"',
    "mfa": "MFA code",
    "fails": "oops",
    "junk": "JSONDecodeError",
    "version": "Unsupported version",
    "expired": "still expired",
    "no-program": "/no/such/program",
    "partial": "aws_secret_access_key",
    "no-token": "/no/such/token",
    "no-source": "source_profile or credential_source",
    "sso": "aws sso login",
    "sso-session": "aws sso login",
}


def _no_terminal(*asked: object) -> int:
    raise OSError


@pytest.fixture
def of_profile(
    open_session: Callable[..., Session],
    proxy: FaultProxy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[str], Session]:
    """A session of one of the profiles, at an AWS that takes any credentials."""
    (tmp_path / "config").write_text(CONFIG.replace("ENDPOINT", proxy.url), "utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    # Nobody can type a code: no terminal, and nothing on standard input.
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setattr("getpass.os", SimpleNamespace(open=_no_terminal, O_RDWR=0, O_NOCTTY=0))
    return lambda name: open_session(endpoint_url=proxy.url, sandbox=False, profile=name)


@pytest.mark.parametrize(("name", "said"), SAID.items())
@pytest.mark.filterwarnings("ignore::getpass.GetPassWarning")
def test_a_chain_that_fails_is_missing_credentials_and_says_why(
    name: str, said: str, of_profile: Callable[[str], Session], proxy: FaultProxy
) -> None:
    with pytest.raises(CredentialsMissing) as failed:
        rows_of(of_profile(name), "SELECT UserName FROM aws.iam.users")
    assert said in str(failed.value)
    assert not proxy.calls["iam:ListUsers"]


@pytest.mark.parametrize("name", ["base", "quoted name", "process"])
def test_a_chain_that_holds_gives_the_rows(name: str, of_profile: Callable[[str], Session]) -> None:
    assert rows_of(of_profile(name), "SELECT UserName FROM aws.iam.users") == []


def test_a_profiles_region_that_there_is_not_is_an_error_before_any_call(
    of_profile: Callable[[str], Session], proxy: FaultProxy
) -> None:
    with pytest.raises(InvalidParameter, match="unknown region 'us-east-1a b'") as failed:
        rows_of(of_profile("no-region"), "SELECT VpcId FROM aws.ec2.vpcs")
    assert "us-east-1, us-west-1, us-east-2" in str(failed.value.hint)
    assert not proxy.calls


def test_a_services_section_of_the_profile_says_where_a_service_is(
    of_profile: Callable[[str], Session], open_session: Callable[..., Session], proxy: FaultProxy
) -> None:
    of_profile("services")
    session = open_session(endpoint_url=None, sandbox=False, profile="services")
    assert rows_of(session, "SELECT count(*) > 0 AS are FROM aws.ec2.vpcs") == [{"are": True}]
    assert proxy.calls["ec2:DescribeVpcs"] == 1


def test_an_unknown_profile_names_those_there_are(of_profile: Callable[[str], Session]) -> None:
    with pytest.raises(ConfigError, match="ring-1, ring-2"):
        rows_of(of_profile("nosuch"), "SELECT UserName FROM aws.iam.users")
