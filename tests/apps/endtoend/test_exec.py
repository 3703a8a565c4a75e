"""``cirrusql exec``: where statements come from, where rows go, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.ipc
import pyarrow.parquet
import pytest

from cirrusql.apps.sandbox.sandbox import without_aws
from tests.apps.endtoend.conftest import Cirrusql, Done, in_a_process
from tests.support.http_server import Handler, served

Execute = Callable[..., Done]

TWO = "SELECT * FROM (VALUES (1, 'a'), (2, NULL)) t(n, s) ORDER BY n"


@pytest.mark.parametrize(
    ("format_", "printed"),
    [
        ("csv", "n,s\n1,a\n2,\n"),
        ("tsv", "n\ts\n1\ta\n2\t\n"),
        ("jsonl", '{"n":1,"s":"a"}\n{"n":2,"s":null}\n'),
    ],
)
def test_rows_are_printed_in_the_format_asked_for(
    cirrusql: Cirrusql, format_: str, printed: str
) -> None:
    done = cirrusql("exec", TWO, "-o", format_)
    assert (done.status, done.out.replace(" ", "").replace("\r", "")) == (0, printed)


@pytest.mark.parametrize("format_", ["table", "vertical", "markdown", "json"])
def test_every_text_format_shows_names_and_values(cirrusql: Cirrusql, format_: str) -> None:
    done = cirrusql("exec", TWO, "-o", format_)
    assert done.status == 0
    assert all(word in done.out for word in ("n", "s", "1", "a", "2"))


def test_json_is_one_document(cirrusql: Cirrusql) -> None:
    assert json.loads(cirrusql("exec", TWO, "-o", "json").out) == [
        {"n": 1, "s": "a"},
        {"n": 2, "s": None},
    ]


def test_the_default_is_a_table_in_a_pipe_too(cirrusql: Cirrusql) -> None:
    assert cirrusql("exec", TWO).out == cirrusql("exec", TWO, "-o", "table").out


def read_stream(path: str) -> pyarrow.Table:
    with pyarrow.ipc.open_stream(path) as reader:
        return reader.read_all()


@pytest.mark.parametrize(
    ("name", "read"),
    [("r.parquet", pyarrow.parquet.read_table), ("r.arrow", read_stream)],
)
def test_a_files_ending_says_its_format(
    cirrusql: Cirrusql, tmp_path: Path, name: str, read: Callable[[str], pyarrow.Table]
) -> None:
    done = cirrusql("exec", TWO, "-f", str(tmp_path / name))
    assert (done.status, done.out) == (0, "")
    assert read(str(tmp_path / name)).to_pylist() == [{"n": 1, "s": "a"}, {"n": 2, "s": None}]


@pytest.mark.parametrize("name", ["r.xlsx", "r.cvs", "r.csv.gz"])
def test_an_ending_without_a_format_is_an_error_before_anything_is_run(
    cirrusql: Cirrusql, tmp_path: Path, name: str
) -> None:
    done = cirrusql("exec", TWO, "-f", str(tmp_path / name))
    assert done.status == 2
    assert f"no format has the file extension '{Path(name).suffix}'" in done.err
    assert ".parquet" in done.err
    assert not list(tmp_path.iterdir())
    assert cirrusql("exec", TWO, "-o", "csv", "-f", str(tmp_path / name)).status == 0


def test_text_is_a_cell_as_it_is(cirrusql: Cirrusql) -> None:
    done = cirrusql("exec", "SELECT 'a' || chr(10) || '\"b' AS t", "-o", "text", "-H")
    assert done.out == 'a\n"b\n'


def test_a_file_is_left_as_it_was_where_the_run_fails(cirrusql: Cirrusql, tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    file.write_text("before")
    done = cirrusql("exec", f"{TWO}; SELECT nosuch", "-f", str(file))
    assert done.status == 2
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]


def test_no_header_leaves_the_headings_out(cirrusql: Cirrusql) -> None:
    assert next(csv.reader(io.StringIO(cirrusql("exec", TWO, "-o", "csv", "-H").out))) == ["1", "a"]


def test_statements_come_from_a_file(cirrusql: Cirrusql, tmp_path: Path) -> None:
    file = tmp_path / "s.sql"
    file.write_text("\ufeffSELECT 'ä' AS a;", encoding="utf-8")
    assert cirrusql("exec", "-i", str(file), "-o", "jsonl").rows == [{"a": "ä"}]


@pytest.mark.parametrize("arguments", [["exec", "-i", "-"], ["exec"]])
def test_statements_come_from_standard_input(cirrusql: Cirrusql, arguments: list[str]) -> None:
    assert cirrusql(*arguments, "-o", "jsonl", stdin="SELECT 7 AS a").rows == [{"a": 7}]


def test_a_variable_is_bound_and_never_part_of_the_text(cirrusql: Cirrusql) -> None:
    evil = "x' OR '1'='1"
    done = cirrusql("exec", "SELECT $v AS v", "--var", f"v={evil}", "-o", "jsonl")
    assert done.rows == [{"v": evil}]


def test_a_variable_feeds_a_call(in_company: Execute) -> None:
    done = in_company(
        "SELECT UserName FROM aws.iam.access_keys WHERE UserName = $u", "--var", "u=alice"
    )
    assert done.rows == [{"UserName": "alice"}]


def test_the_statements_before_a_wrong_one_are_run(cirrusql: Cirrusql) -> None:
    done = cirrusql("exec", "SELECT 1 AS a; SELECT nosuch", "-o", "jsonl")
    assert (done.status, done.rows) == (2, [{"a": 1}])
    assert "nosuch" in done.err


def test_timing_and_calls_go_to_standard_error(in_company: Execute) -> None:
    done = in_company("SELECT UserName FROM aws.iam.users LIMIT 1", "--timing", "-v")
    assert len(done.rows) == 1
    assert "call: iam:ListUsers" in done.err
    assert " ms" in done.err


def test_a_dry_run_shows_the_calls_and_makes_none(in_company: Execute) -> None:
    done = in_company("INSERT INTO aws.iam.users (UserName) VALUES ('ghost')", "--dry-run")
    assert done.status == 0
    calls = [(r["operation"], r["parameters"]) for r in done.rows]
    assert calls == [("iam:CreateUser", '{"UserName": "ghost"}')]
    assert in_company("SELECT UserName FROM aws.iam.users WHERE UserName = 'ghost'").rows == []


def test_a_delete_of_many_needs_yes(in_company: Execute) -> None:
    in_company("INSERT INTO aws.iam.groups (GroupName) VALUES ('tmp-1'), ('tmp-2')")
    sql = "DELETE FROM aws.iam.groups WHERE GroupName LIKE 'tmp-%'"
    refused = in_company(sql)
    assert (refused.status, refused.out) == (2, "")
    assert "--yes" in refused.err
    done = in_company(sql, "--yes")
    assert (done.status, [r["status"] for r in done.rows]) == (0, ["done", "done"])


def test_a_write_that_fails_is_reported_and_exits_1(in_company: Execute) -> None:
    done = in_company("INSERT INTO aws.iam.users (UserName) VALUES ('alice')")
    assert done.status == 1
    assert [r["status"] for r in done.rows] == ["failed"]
    assert "EntityAlreadyExists" in done.rows[0]["error"]


def test_read_only_refuses_to_write(in_company: Execute) -> None:
    done = in_company("INSERT INTO aws.iam.users (UserName) VALUES ('x')", "--read-only")
    assert (done.status, done.out) == (2, "")


def test_an_unknown_key_is_an_empty_answer(in_company: Execute) -> None:
    done = in_company("SELECT AccessKeyId FROM aws.iam.access_keys WHERE UserName = 'nobody'")
    assert (done.status, done.rows, done.err) == (0, [], "")


@pytest.fixture
def denying(company: str) -> Iterator[str]:
    """The company's endpoint, but eu-west-1 denies everything."""

    class Proxy(Handler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            if "/eu-west-1/" in self.headers["Authorization"]:
                status, answer = 403, (
                    b"<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>No."
                    b"</Message></Error></Errors><RequestID>r-1</RequestID></Response>"
                )  # fmt: skip
            else:
                request = urllib.request.Request(company + self.path, body, dict(self.headers))
                with urllib.request.urlopen(request) as response:
                    status, answer = response.status, response.read()
            self.send_response(status)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    with served(Proxy) as url:
        yield url


TWO_REGIONS = (
    "SELECT DISTINCT region FROM aws.ec2.instances WHERE region IN ('us-east-1', 'eu-west-1')"
)


def test_a_region_that_denies_leaves_the_rest_and_exits_3(cirrusql: Cirrusql, denying: str) -> None:
    done = cirrusql("exec", TWO_REGIONS, "--sandbox", "--endpoint-url", denying, "-o", "jsonl")
    assert (done.status, done.rows) == (3, [{"region": "us-east-1"}])
    failure, hint = done.err.splitlines()
    for part in ("ec2:DescribeInstances", "eu-west-1", "UnauthorizedOperation", "r-1"):
        assert part in failure
    assert hint.startswith("hint: EXPLAIN (POLICY)")


def test_strict_makes_it_an_error(cirrusql: Cirrusql, denying: str) -> None:
    done = cirrusql("exec", TWO_REGIONS, "--sandbox", "--endpoint-url", denying, "--strict")
    assert (done.status, done.out) == (1, "")
    assert "UnauthorizedOperation" in done.err or "No." in done.err


def test_a_sandbox_for_one_run(tmp_path: Path) -> None:
    done = in_a_process(
        "exec",
        "--sandbox",
        "SELECT count(*) AS n FROM aws.iam.users",
        "-o",
        "csv",
        HOME=str(tmp_path),
        AWS_PROFILE="no-such-profile",
    )
    assert (done.returncode, done.stdout.split()) == (0, ["n", "9"]), done.stderr


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = [
        sys.executable,
        "-m",
        "cirrusql",
        "exec",
        "-o",
        "csv",
        "SELECT * FROM range(9999999)",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 128 + signal.SIGPIPE


def test_ctrl_c_stops_the_calls_and_exits_130(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        sql = "SELECT UserName FROM aws.iam.users"
        command = [sys.executable, "-m", "cirrusql", "exec", sql]
        environ = without_aws(os.environ) | {
            "HOME": str(tmp_path),
            "CIRRUSQL_SANDBOX": "on",
            "CIRRUSQL_ENDPOINT_URL": url,
        }
        with subprocess.Popen(
            command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            call, _ = silent.accept()
            with call:
                time.sleep(0.2)
                process.send_signal(signal.SIGINT)
                out, err = process.communicate(timeout=30)
        assert (process.returncode, out, err) == (130, "", "interrupted\n")


def test_a_transaction_that_is_left_open_is_rolled_back_and_said(in_company: Execute) -> None:
    done = in_company(
        "BEGIN; INSERT INTO aws.iam.users (UserName) VALUES ('left-open')", "-o", "csv"
    )
    assert done.status == 2
    assert "1 queued writes were dropped and none was made" in done.err
    assert "left-open" not in in_company("SELECT UserName FROM aws.iam.users", "-o", "csv").out


def test_a_statement_that_fails_in_a_transaction_drops_it(in_company: Execute) -> None:
    done = in_company(
        "BEGIN; INSERT INTO aws.iam.users (UserName) VALUES ('dropped'); SELECT nobody; COMMIT"
    )
    assert done.status == 2
    assert "were dropped" in done.err


def test_a_commit_whose_step_fails_ends_with_one(in_company: Execute) -> None:
    script = "BEGIN; INSERT INTO aws.iam.users (UserName) VALUES ('uno'), ('uno'); COMMIT"
    done = in_company(script, "-o", "csv")
    assert done.status == 1
    assert "iam:CreateUser,UserName=uno,undone,iam:DeleteUser" in done.out
