"""What the history keeps, and what it must not."""

import stat
from pathlib import Path

import pytest

from cirrusql.apps.shell.history import SafeHistory
from cirrusql.sql.statement_secrets import may_give_secret


@pytest.mark.parametrize(
    "statement",
    [
        "EXEC aws.secretsmanager.secrets.put @SecretString = 'canary';",
        "INSERT INTO aws.secretsmanager.secrets (Name, SecretString) VALUES ('a', 'canary')",
        "INSERT INTO aws.iam.login_profiles (UserName, Password)\nVALUES ('a', 'canary')",
        'EXEC x.y.z.m @@json = \'{"MasterUserPassword": "canary"}\'',
        "UPDATE aws.rds.db_instances SET MasterUserPassword = 'canary' WHERE true",
        "CREATE SECRET s (TYPE s3, KEY_ID 'AKIA', SECRET 'canary')",
        "EXEC aws.iam.login_profiles.create_login_profile @UserName = 'a', @Password = "
        "upper('canary')",
        "exec aws.iam.login_profiles.create_login_profile @PASSWORD:='canary'",
        "ATTACH 'db' (TYPE postgres, PASSWORD 'canary')",
        "EXEC aws.apigateway.api_keys.create_api_key @name = 'k', @value = 'canary'",
        "EXEC aws.s3.objects.put_object @Bucket = 'b', @Key = 'k', @Body = 'canary'",
        "UPDATE aws.lambda.functions SET Environment = {'Variables': MAP {'STRIPE': 'canary'}} "
        "WHERE true",
        "EXEC aws.dynamodb.items.put_item @TableName = 't', @Item = MAP {'password': {'S': "
        "'canary'}}",
        "SELECT 'AKIAIOSFODNN7EXAMPLE', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'",
    ],
)
def test_a_statement_with_a_literal_secret_is_not_kept(statement: str, tmp_path: Path) -> None:
    history = SafeHistory(tmp_path / "state" / "history")
    history.store_string(statement)
    assert history.load_history_strings() is not None
    assert "canary" not in (tmp_path / "state" / "history").read_text()
    assert may_give_secret(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT Name, LastRotatedDate FROM aws.secretsmanager.secrets",
        "SELECT * FROM aws.iam.access_keys WHERE UserName = 'alice'",
        "SELECT PasswordLastUsed FROM aws.iam.users WHERE UserName = 'alice'",
    ],
)
def test_an_ordinary_statement_is_kept(statement: str, tmp_path: Path) -> None:
    SafeHistory(tmp_path / "history").store_string(statement)
    assert list(SafeHistory(tmp_path / "history").load_history_strings()) == [statement]


def test_the_file_is_its_owners_only(tmp_path: Path) -> None:
    SafeHistory(tmp_path / "history")
    assert stat.S_IMODE((tmp_path / "history").stat().st_mode) == 0o600
