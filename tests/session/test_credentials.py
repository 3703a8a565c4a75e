"""Credentials and stored secrets are handed out only where somebody said so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cirrusql.errors import Error, NotSupportedError, PolicyDenied
from cirrusql.session.session import Session
from cirrusql.session.writes import WriteOptions
from tests.session.conftest import rows_of
from tests.session.test_policy import policy
from tests.support.fault_proxy import FaultProxy

Open = Callable[..., Session]

TOKEN = "EXEC aws.sts.session_tokens.get_session_token"
SHOWN = f"SELECT Credentials FROM ({TOKEN})"
DECRYPT = "EXEC aws.kms.decrypts.decrypt @CiphertextBlob = 'x'::BLOB"
SECRET = "SELECT SecretString FROM aws.secretsmanager.secret_values WHERE SecretId = 'db'"
YES = WriteOptions(assume_yes=True)


@pytest.mark.parametrize("schema", ["sts", "sts_api"])
def test_no_select_mints_credentials(open_session: Open, proxy: FaultProxy, schema: str) -> None:
    with pytest.raises(NotSupportedError, match="hands out credentials"):
        rows_of(open_session(), f"SELECT Credentials FROM aws.{schema}.session_tokens")
    assert proxy.calls == {}


def test_exec_gives_them_to_who_runs_it_himself(open_session: Open) -> None:
    (row,) = rows_of(open_session(options=YES), SHOWN)
    assert row["Credentials"]["SessionToken"]


@pytest.mark.parametrize(
    "sql", [TOKEN, SHOWN, "EXEC aws.kms.decrypts.decrypt @CiphertextBlob = 'x'::BLOB", SECRET]
)
@pytest.mark.parametrize("settings", [{"read_only": True}, {"credentials": False}], ids=str)
def test_a_read_only_session_and_a_served_one_are_refused(
    open_session: Open, proxy: FaultProxy, settings: dict[str, bool], sql: str
) -> None:
    with pytest.raises(Error) as caught:
        rows_of(open_session(options=YES, **settings), sql)
    assert isinstance(caught.value, PolicyDenied)
    assert proxy.calls == {}


@pytest.mark.parametrize("rule", ["aws.*.*:read", "aws.*.*:*", "aws.sts.*:exec", "aws.sts"])
def test_no_rule_but_its_own_lets_them_out(
    open_session: Open, proxy: FaultProxy, tmp_path: Path, rule: str
) -> None:
    session = open_session(options=YES, policy=policy(tmp_path, f'allow = ["{rule}"]'))
    with pytest.raises(PolicyDenied, match="sts:GetSessionToken"):
        rows_of(session, TOKEN)
    assert proxy.calls == {}


def test_a_grant_lets_a_served_session_have_them(open_session: Open, tmp_path: Path) -> None:
    granted = policy(tmp_path, 'allow = ["aws.sts.session_tokens:credentials"]')
    session = open_session(options=YES, credentials=False, policy=granted)
    assert rows_of(session, SHOWN)[0]["Credentials"]["AccessKeyId"]


def test_a_stored_secret_needs_the_grant_in_a_served_session_only(
    open_session: Open, client: Callable[..., object], tmp_path: Path
) -> None:
    client("secretsmanager").create_secret(Name="db", SecretString="sesame")  # type: ignore[attr-defined]
    assert rows_of(open_session(), SECRET) == [{"SecretString": "sesame"}]
    allowed = 'allow = ["aws.secretsmanager.*:read", "aws.secretsmanager.*:credentials"]'
    served = open_session(credentials=False, policy=policy(tmp_path, allowed))
    assert rows_of(served, SECRET) == [{"SecretString": "sesame"}]


def test_a_parameter_is_read_as_long_as_it_stays_encrypted(
    open_session: Open, client: Callable[..., object]
) -> None:
    client("ssm").put_parameter(Name="p", Value="sesame", Type="SecureString")  # type: ignore[attr-defined]
    served = open_session(credentials=False)
    sql = "SELECT Name FROM aws.ssm.parameters WHERE Name = 'p'"
    assert rows_of(served, sql) == [{"Name": "p"}]
    with pytest.raises(PolicyDenied, match="stored secret"):
        rows_of(served, "SELECT Value FROM aws.ssm.parameters WHERE Name = 'p' AND WithDecryption = true")
