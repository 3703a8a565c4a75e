"""Secrets planted on every path, then looked for in everything shown and written."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from mcp import Client, StdioServerParameters

import cirrusql
from cirrusql.apps.cli.main import run
from tests.support.fault_proxy import FaultProxy
from tests.support.terminal import spawn_on_terminal

BIRD = "Siskin"
"""Part of the secret, and a word that AWS never says: Synthetics has canaries,
which a kept catalog names."""
CANARY = f"{BIRD}#1Sesame"
LONG = CANARY * 20
"""Too long for a password: what is wrong with it must be said without saying it."""

ROLE = '{"Version": "2012-10-17", "Statement": []}'
SETUP = """
INSERT INTO aws.iam.users (UserName) VALUES ('ann'), ('bob');
INSERT INTO aws.secretsmanager.secrets (Name, Description) VALUES ('s0', 'nothing');
"""
TEMPLATES = [
    "INSERT INTO aws.secretsmanager.secrets (Name, SecretString) VALUES ('s1', {c})",
    "INSERT INTO aws.secretsmanager.secrets (Name, SecretString) VALUES ('s2', {c}) RETURNING *",
    "EXEC aws.secretsmanager.secrets.create_secret @Name = 's3', @SecretString = {c}",
    "EXEC aws.secretsmanager.secret_values.put_secret_value @SecretId = 's0', @SecretString = {c}",
    "UPDATE aws.secretsmanager.secrets SET SecretString = {c} WHERE Name LIKE 's%'",
    "INSERT INTO aws.ssm.parameters (Name, Value, Type) VALUES ('p', {c}, 'SecureString')",
    "INSERT INTO aws.iam.login_profiles (UserName, Password) VALUES ('ann', {c})",
    "INSERT INTO aws.iam.login_profiles (UserName, Password) VALUES ('nobody', {c})",
    "INSERT INTO aws.iam.login_profiles (UserName, Password) VALUES ('bob', {c} || {c} || {c} || "
    "{c} || {c} || {c} || {c} || {c} || {c} || {c} || {c})",
    "INSERT INTO aws.rds.db_instances (DBInstanceIdentifier, DBInstanceClass, Engine, "
    "AllocatedStorage, "
    "MasterUsername, MasterUserPassword) VALUES ('d', 'db.t3.micro', 'mysql', 20, 'u', {c})",
    "UPDATE aws.rds.db_instances SET MasterUserPassword = {c} WHERE DBInstanceIdentifier = 'd'",
    "EXPLAIN INSERT INTO aws.iam.login_profiles (UserName, Password) VALUES ('ann', {c})",
    "INSERT INTO aws.iam.login_profiles (UserName, Passwort) VALUES ('ann', {c})",
    "INSERT INTO aws.iam.login_profiles (UserName, Password) SELECT 'ann', CAST({c} AS INTEGER) "
    "AS Password",
    "SELECT * FROM aws.secretsmanager.secret_values WHERE SecretId = 's1'",
    "SELECT v.* FROM aws.secretsmanager.secret_values v WHERE SecretId = 's1'",
    "SELECT * EXCLUDE (Name) FROM aws.secretsmanager.secret_values WHERE SecretId = 's1'",
    "SELECT COLUMNS(*) FROM aws.secretsmanager.secret_values WHERE SecretId = 's1'",
    "SELECT v FROM aws.secretsmanager.secret_values v WHERE SecretId = 's1'",
    "WITH v AS (SELECT * FROM aws.secretsmanager.secret_values WHERE SecretId = 's1') SELECT * "
    "FROM v",
    "FROM aws.secretsmanager.secret_values WHERE SecretId = 's1'",
    "SUMMARIZE SELECT * FROM aws.secretsmanager.secret_values WHERE SecretId = 's1'",
    "SELECT * FROM aws.ssm.parameters WHERE Name = 'p'",
    "EXEC aws.secretsmanager.secret_values.get_secret_value @SecretId = 's1'",
    "SELECT * FROM (EXEC aws.secretsmanager.secret_values.get_secret_value @SecretId = 's1')",
    "EXEC aws.ssm.parameters.get_parameter @Name = 'p', @WithDecryption = true",
    "SELECT CAST(SecretString AS INTEGER) AS n FROM aws.secretsmanager.secret_values WHERE "
    "SecretId = 's1'",
    "SELECT error(SecretString) AS n FROM aws.secretsmanager.secret_values WHERE SecretId = 's1'",
    "SELECT json_extract(SecretString, '$') AS n FROM aws.secretsmanager.secret_values WHERE "
    "SecretId='s1'",
    "SELECT strptime(Value, '%Y') AS n FROM aws.ssm.parameters WHERE Name = 'p' AND WithDecryption",
    "EXEC aws.apigateway.api_keys.create_api_key @name = 'k', @value = {c}",
    "EXEC aws.dynamodb.items.put_item @TableName = 'none', @Item = MAP {'password': {'S': {c}}}",
    "EXEC aws.dynamodb.items.update_item @TableName = 'none', @Key = MAP {'id': {'S': 'a'}}, "
    "@UpdateExpression = 'SET api_token = :t', @ExpressionAttributeValues = MAP {':t': {'S': {c}}}",
    "EXEC aws.s3.objects.put_object @Bucket = 'none', @Key = 'k', @Body = {c}",
    "EXEC aws.iam.users.tag_user @UserName = 'nobody', @Tags = [{'Key': 'DB_PASSWORD', 'Value': "
    "{c}}]",
    "EXEC aws.lambda.functions.update_function_configuration @FunctionName = 'none', "
    "@Environment = {'Variables': MAP {'STRIPE_KEY': {c}}}",
    "CREATE SECRET s (TYPE s3, KEY_ID 'AKIA', SECRET {c})",
    "SELECT * FROM cirrusql.calls",
    "SELECT * FROM cirrusql.errors",
]
LITERAL = [t.replace("{c}", f"'{CANARY}'") for t in TEMPLATES] + [
    "EXEC aws.secretsmanager.secrets.create_secret "
    f"""@@json = '{{"Name": "s9", "SecretString": "{CANARY}"}}'""",
    f"INSERT INTO aws.iam.login_profiles (UserName, Password) VALUES ('ann', '{CANARY}' oops",
    f"INSERT INTO aws.iam.login_profiles (UserName, Password) VALUES ('ann', '{LONG}')",
]
BOUND = [t.replace("{c}", "$c") for t in TEMPLATES]
SHOWS = "SELECT SecretString FROM aws.secretsmanager.secret_values WHERE SecretId = 's1'"


@pytest.fixture
def environ(hermetic: Path, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A separate home folder, with a sandbox that has two users."""
    monkeypatch.setenv("CIRRUSQL_SANDBOX", "on")
    monkeypatch.setenv("CIRRUSQL_ENDPOINT_URL", proxy.url)
    monkeypatch.setenv("CIRRUSQL_REGION", "us-east-1")
    monkeypatch.setenv("CIRRUSQL_DATABASE", "")
    assert run(["exec", SETUP]) == 0
    return dict(os.environ)


def written(home: Path) -> Iterator[tuple[Path, str]]:
    """Every file of the home with what is in it."""
    for file in home.rglob("*"):
        if file.is_file():
            yield file, file.read_bytes().decode("utf-8", "replace")


def assert_nothing(home: Path, shown: str) -> None:
    lines = [line[:400] for line in shown.splitlines() if BIRD in line]
    assert "\n".join(lines) == ""
    found = [
        (f.name, line[:600])
        for f, text in written(home)
        for line in text.splitlines()
        if BIRD in line
    ]
    assert found == []


@pytest.mark.parametrize(
    "flags", [(), ("--dry-run",), ("-v", "--yes"), ("--yes", "-o", "json")], ids=str
)
def test_exec_shows_none(
    environ: dict[str, str],
    hermetic: Path,
    capfd: pytest.CaptureFixture[str],
    flags: tuple[str, ...],
) -> None:
    shown = ""
    for sql in LITERAL:
        run(["exec", sql, *flags])
        shown += "".join(capfd.readouterr())
    for sql in BOUND:
        run(["exec", sql, "--var", f"c={CANARY}", *flags])
        shown += "".join(capfd.readouterr())
    assert_nothing(hermetic, shown)


def test_transactions_and_their_journal_show_none(
    environ: dict[str, str], hermetic: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    writes = (
        f"INSERT INTO aws.secretsmanager.secrets (Name, SecretString) VALUES ('t1', '{CANARY}'); "
        f"INSERT INTO aws.ssm.parameters (Name, Value, Type) VALUES ('t2', '{CANARY}', "
        "'SecureString'); "
        f"UPDATE aws.secretsmanager.secrets SET SecretString = '{CANARY}' WHERE Name = 's0'; "
    )
    failing = (
        f"INSERT INTO aws.iam.login_profiles (UserName, Password) VALUES ('nobody', '{CANARY}'); "
    )
    for script in (
        f"BEGIN; {writes} COMMIT",
        f"BEGIN; {writes.replace('t1', 't3')} {failing} COMMIT",
    ):
        run(["exec", script, "--yes"])
        run(["exec", f"EXPLAIN {script}", "--yes"])
    run(["recover", "list"])
    assert_nothing(hermetic, "".join(capfd.readouterr()))


def test_a_star_over_presigned_urls_and_tokens_shows_none(
    environ: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    call = "EXEC aws.ecr.authorization_tokens.get_authorization_token"
    assert run(["exec", call, "-o", "jsonl"]) == 0
    shown = capfd.readouterr().out
    assert '"authorizationToken":"****"' in shown
    assert run(["exec", f"SELECT authorizationToken FROM ({call})", "-o", "jsonl"]) == 0
    assert "****" not in capfd.readouterr().out


def test_what_is_named_is_shown(environ: dict[str, str], capfd: pytest.CaptureFixture[str]) -> None:
    run(["exec", LITERAL[0]])
    capfd.readouterr()
    assert run(["exec", SHOWS]) == 0
    assert CANARY in capfd.readouterr().out


def test_python_shows_none(environ: dict[str, str], hermetic: Path) -> None:
    shown = ""
    with cirrusql.connect(yes=True) as connection:
        for sql in LITERAL:
            shown += python_says(connection, sql, None)
        for sql in BOUND:
            shown += python_says(connection, sql, {"c": CANARY})
    assert_nothing(hermetic, shown)


def python_says(connection: Any, sql: str, parameters: dict[str, str] | None) -> str:
    """Rows, representations, and errors with all that hangs on them."""
    try:
        relation = connection.sql(sql, parameters) if parameters else connection.sql(sql)
        return f"{relation!r} {relation.fetchall()}\n"
    except cirrusql.Error as error:
        chain: BaseException | None = error
        said = ""
        while chain is not None:
            said += f"{chain!r} {chain} {vars(chain)}\n"
            chain = chain.__cause__ or (None if chain.__suppress_context__ else chain.__context__)
        return said


def test_agents_are_shown_none(environ: dict[str, str], hermetic: Path) -> None:
    parameters = StdioServerParameters(
        command=sys.executable, args=["-m", "cirrusql", "mcp", "--allow-writes"], env=environ
    )

    async def ask() -> str:
        said = ""
        async with Client(parameters) as client:
            for sql, given in [(s, {}) for s in LITERAL] + [(s, {"c": CANARY}) for s in BOUND]:
                for tool in ("run_query", "explain_query", "preview_write"):
                    answer: Any = await client.call_tool(tool, {"sql": sql, "parameters": given})
                    said += f"{answer}\n"
                    token = (
                        (answer.structured_content or {}).get("token")
                        if not answer.is_error
                        else None
                    )
                    if token:
                        said += f"{await client.call_tool('run_write', {'token': token})}\n"
        return said

    assert_nothing(hermetic, asyncio.run(ask()))


def test_clients_of_the_server_and_its_log_show_none(
    environ: dict[str, str], hermetic: Path
) -> None:
    log = hermetic / "log"
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "cirrusql",
                "srv",
                "--port",
                "0",
                "--auth",
                "trust",
                "--allow-writes",
                "-v",
            ],
            env=environ,
            stderr=stderr,
        )
    try:
        found = None
        while found is None:
            found = re.search(r"listening on ([\d.]+):(\d+)", log.read_text())
        shown = ""
        dsn = f"host={found[1]} port={found[2]} dbname=aws user=ann"
        with psycopg.connect(dsn, autocommit=True) as connection:
            for sql in LITERAL:
                shown += client_says(connection, sql, ())
            for template in TEMPLATES:
                count = template.count("{c}")
                sql = template.replace("%", "%%") if count else template
                shown += client_says(connection, sql.replace("{c}", "%s"), (CANARY,) * count)
    finally:
        process.kill()
        process.wait()
    assert_nothing(hermetic, shown)


def client_says(connection: Any, sql: str, parameters: tuple[str, ...]) -> str:
    try:
        found = connection.execute(sql, parameters or None)
        return f"{found.fetchall() if found.description else found.statusmessage}\n"
    except psycopg.Error as error:
        return (
            f"{error} {error.diag.message_detail} {error.diag.message_hint} "
            f"{error.diag.statement_position}\n"
        )


def test_the_shell_writes_none_down(environ: dict[str, str], hermetic: Path) -> None:
    shell = spawn_on_terminal(
        ["-m", "cirrusql", "shell"],
        os.environ | environ | {"TERM": "dumb", "PROMPT_TOOLKIT_NO_CPR": "1"},
        columns=400,
    )
    try:
        shell.expect_exact("cirrusql>")
        # A long answer must not wait in a pager.
        shell.send("\\pset pager off\r")
        for number, sql in enumerate(LITERAL):
            # What is typed is echoed: only what is written down is looked at here.
            end = ");" if sql.endswith("oops") else ";"
            shell.send(f"{sql}{end}\r")
            if sql.startswith("UPDATE") and "LIKE" in sql:
                shell.expect_exact("[yes/no]")
                shell.send("yes\r")
            shell.send(f"SELECT 'was' || {number} AS a;\r")
            shell.expect_exact(f"was{number}")
    finally:
        shell.close(force=True)
    assert (hermetic / "state" / "cirrusql" / "history").exists()
    assert_nothing(hermetic, "")
