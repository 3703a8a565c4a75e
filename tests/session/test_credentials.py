"""Credentials and stored secrets are handed out only on explicit permission."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cirrusql.errors import Error, NotSupportedError, PolicyDenied
from cirrusql.execution.writes.write_runner import WriteOptions
from cirrusql.session.session import Session
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
    with pytest.raises(NotSupportedError, match="returns credentials"):
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
        rows_of(
            served,
            "SELECT Value FROM aws.ssm.parameters WHERE Name = 'p' AND WithDecryption = true",
        )


def test_a_grant_lets_a_read_only_session_have_them_and_still_write_nothing(
    open_session: Open, proxy: FaultProxy, tmp_path: Path
) -> None:
    granted = policy(tmp_path, 'allow = ["aws.sts.*:credentials", "aws.*.*:*"]')
    session = open_session(options=YES, read_only=True, policy=granted)
    assert rows_of(session, SHOWN)[0]["Credentials"]["AccessKeyId"]
    reset = "aws.iam.service_specific_credentials.reset_service_specific_credential"
    for sql in (
        "EXEC aws.iam.users.create_user @UserName = 'ann'",
        f"EXEC {reset} @ServiceSpecificCredentialId = 'ACCA1234567890123456'",
    ):
        with pytest.raises(PolicyDenied, match="read-only"):
            rows_of(session, sql)
    assert proxy.calls["iam:CreateUser"] == 0


def test_a_made_key_is_a_write_and_its_secret_needs_the_grant(
    open_session: Open, client: Callable[..., object], proxy: FaultProxy, tmp_path: Path
) -> None:
    client("iam").create_user(UserName="ann")  # type: ignore[attr-defined]
    make = "INSERT INTO aws.iam.access_keys (UserName) VALUES ('ann')"
    served = open_session(options=YES, credentials=False)
    for sql in (
        f"{make} RETURNING SecretAccessKey",
        f"{make} RETURNING concat(secret_access_key, '') AS x",
        "SELECT SecretAccessKey FROM (EXEC aws.iam.access_keys.create_access_key @UserName = "
        "'ann')",
    ):
        with pytest.raises(PolicyDenied, match="iam:CreateAccessKey"):
            rows_of(served, sql)
    assert proxy.calls["iam:CreateAccessKey"] == 0
    (row,) = rows_of(served, f"{make} RETURNING *")
    assert row["SecretAccessKey"] == "****"
    rules = policy(
        tmp_path, 'allow = ["aws.iam.access_keys:insert", "aws.iam.access_keys:credentials"]'
    )
    (row,) = rows_of(open_session(options=YES, policy=rules), f"{make} RETURNING SecretAccessKey")
    assert len(row["SecretAccessKey"]) > 20


def test_a_policy_that_lets_all_be_read_lets_no_stored_secret_be(
    open_session: Open, client: Callable[..., object], proxy: FaultProxy, tmp_path: Path
) -> None:
    client("secretsmanager").create_secret(Name="db", SecretString="sesame")  # type: ignore[attr-defined]
    proxy.calls.clear()
    session = open_session(policy=policy(tmp_path, 'allow = ["aws.*.*:read"]'))
    with pytest.raises(PolicyDenied, match=r"secret_values:credentials"):
        rows_of(session, SECRET)
    assert proxy.calls == {}


def test_only_the_column_that_holds_a_credential_is_guarded(open_session: Open) -> None:
    served = open_session(credentials=False)
    assert rows_of(served, "SELECT * FROM aws.lambda.functions") == []
    assert rows_of(served, "SELECT FunctionName, Runtime FROM aws.lambda.functions") == []
    with pytest.raises(PolicyDenied, match="lambda:GetFunction"):
        rows_of(served, "SELECT Code FROM aws.lambda.functions")
