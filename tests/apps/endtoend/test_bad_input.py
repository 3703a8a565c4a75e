"""Bad input: a line or two of explanation, the right exit status, and never a traceback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.apps.endtoend.conftest import Cirrusql, Done, in_a_process
from tests.support.http_server import Handler, served

Execute = Callable[..., Done]


def assert_clear(done: Done, status: int, *parts: str) -> None:
    """One or two lines (a statement's own line and caret aside), that say these things."""
    assert done.status == status, done.err
    assert done.out == ""
    assert done.err.startswith("error: ")
    assert "Traceback" not in done.err
    assert len(done.err.splitlines()) <= 5
    for part in parts:
        assert part in done.err


@pytest.mark.parametrize(
    ("sql", "parts"),
    [
        ("SELECT * FROM awz.iam.users", ("provider", "'awz'", "aws")),
        ("SELECT * FROM aws.imm.users", ("service", "'imm'", "iam")),
        ("SELECT * FROM aws.iam.userz", ("table", "'userz'", "users")),
        ("SELECT UserNam FROM aws.iam.users", ("column", "UserNam", "UserName")),
        ("EXEC aws.iam.users.lst_users", ("method", "'lst_users'", "list_users")),
        ("INSERT INTO aws.iam.users (UserNam) VALUES ('a')", ("UserNam", "UserName")),
        ("INSERT INTO aws.iam.users (Path) VALUES ('/')", ("UserName",)),
        (
            "UPDATE aws.iam.access_keys SET Status = 'Off' WHERE AccessKeyId = "
            "'AKIAIOSFODNN7EXAMPLE'",
            ("Status", "Active", "Inactive"),
        ),
        ("DELETE FROM aws.iam.users", ("WHERE",)),
        ("SET max_calz = 1", ("setting", "'max_calz'", "max_calls")),
    ],
)
def test_a_wrong_name_or_value_is_an_error_with_the_nearest(
    in_company: Execute, sql: str, parts: tuple[str, ...]
) -> None:
    assert_clear(in_company(sql), 2, *parts)


def test_malformed_sql_has_a_caret_below_its_place(in_company: Execute) -> None:
    done = in_company("SELECT UserName\nFROM aws.iam.users WHERE WHERE 1")
    assert_clear(done, 2, "LINE 2")
    lines = done.err.splitlines()
    caret = next(line for line in lines if line.strip().startswith("^"))
    above = lines[lines.index(caret) - 1]
    assert above[caret.index("^") :].startswith("WHERE 1")
    assert "sqlglot" not in done.err


def test_a_missing_parameter_comes_with_the_query_that_lists_its_values(
    in_company: Execute,
) -> None:
    done = in_company("SET parents = 'off'; SELECT * FROM aws.ecs.services")
    assert_clear(done, 2, "cluster", "SELECT", "aws.ecs.clusters")


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("exce", "SELECT 1"), ("exce", "exec")),
        (("exec", "SELECT 1", "--regoin", "x"), ("--regoin", "--region")),
        (("exec", "SELECT 1", "-o", "jsn"), ("format", "'jsn'", "json")),
        (("exec", "SELECT 1", "-f", "/nosuch/folder/x.csv"), ("/nosuch/folder",)),
        (("exec", "SELECT 1", "-i", "x.sql"), ("-i",)),
        (("exec", "-i", "/nosuch.sql"), ("/nosuch.sql",)),
        (("exec", "SELECT 1", "--config", "/nosuch.toml"), ("/nosuch.toml",)),
        (("exec", "SELECT 1", "--var", "novalue"), ("--var", "NAME=VALUE")),
        (("exec", "SELECT 1", "--sandbox", "--profile", "x"), ("--profile", "--sandbox")),
        (
            ("exec", "SELECT 1", "--sandbox", "--endpoint-url", "https://iam.amazonaws.com"),
            ("https://iam.amazonaws.com", "127.0.0.1"),
        ),
        (("sandbox", "--empty", "--seed", "x.sql"), ("--empty", "--seed")),
        (("sandbox", "--seed", "/nosuch.sql"), ("/nosuch.sql",)),
        (("sandbox", "--port", "99999"), ("99999",)),
    ],
)
def test_a_wrong_option_is_an_error_that_says_so(
    cirrusql: Cirrusql, arguments: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    assert_clear(cirrusql(*arguments), 2, *parts)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("max_calls = ", ("not TOML",)),
        ("max_calz = 1", ("'max_calz'", "max_calls")),
        ("max_calls = 'many'", ("max_calls", "whole number")),
        ("[connections.prod]\nprofil = 'x'", ("'profil'", "profile")),
        ("connections = 1", ("connections", "table")),
    ],
)
def test_a_config_file_that_cannot_be_used_says_where(
    cirrusql: Cirrusql, tmp_path: Path, text: str, parts: tuple[str, ...]
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    assert_clear(cirrusql("exec", "SELECT 1", "--config", str(file)), 2, str(file), *parts)


def test_a_config_file_that_is_not_text_says_so(cirrusql: Cirrusql, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b"\xff\xfe\x00")
    assert_clear(cirrusql("exec", "SELECT 1", "--config", str(file)), 2, str(file))


def test_no_credentials_says_what_to_do(tmp_path: Path) -> None:
    done = in_a_process(
        "exec",
        "SELECT UserName FROM aws.iam.users",
        HOME=str(tmp_path),
        AWS_EC2_METADATA_DISABLED="true",
        CIRRUSQL_REGION="us-east-1",
    )
    assert_clear(
        Done(done.returncode, done.stdout, done.stderr), 1, "credentials", "setting sandbox"
    )


def test_an_endpoint_that_is_not_there_says_which(
    cirrusql: Cirrusql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    url = "http://127.0.0.1:9"
    done = cirrusql("exec", "SELECT UserName FROM aws.iam.users", "--endpoint-url", url)
    assert_clear(done, 1, "127.0.0.1:9")


@pytest.fixture
def html() -> Iterator[str]:
    """A server that answers everything with a page."""

    class Page(Handler):
        def do_POST(self) -> None:
            body = b"<!doctype html><html><body>Sign in to the hotel's network</body></html>"
            self.rfile.read(int(self.headers["Content-Length"] or 0))
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with served(Page) as url:
        yield url


def test_an_endpoint_that_answers_html_says_so(cirrusql: Cirrusql, html: str) -> None:
    done = cirrusql(
        "exec", "SELECT UserName FROM aws.iam.users", "--sandbox", "--endpoint-url", html
    )
    assert_clear(done, 1, "HTML")


def test_a_sandbox_on_a_taken_port_says_so(cirrusql: Cirrusql, html: str) -> None:
    port = html.rsplit(":", 1)[1]
    assert_clear(cirrusql("sandbox", "--port", port), 2, f"127.0.0.1:{port}", "--port")


def test_an_empty_script_is_nothing_to_do(cirrusql: Cirrusql) -> None:
    done = cirrusql("exec", "-i", "-", stdin="-- only a comment\n")
    assert (done.status, done.out) == (0, "")


def test_what_no_error_foresaw_is_called_a_bug(
    cirrusql: Cirrusql, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> str:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("cirrusql.apps.cli.commands.exec_command.read_script", fail)
    done = cirrusql("exec", "SELECT 1")
    assert_clear(done, 1, "ZeroDivisionError: by zero", "bug", "-v")
