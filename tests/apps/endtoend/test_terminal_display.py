"""What ``cirrusql exec`` looks like on terminals of two sizes, and that pipes see none of it."""

from __future__ import annotations

import os
import re

import pexpect
import pytest

from cirrusql.apps.sandbox.sandbox import COMPANY, without_aws
from cirrusql.render.terminal import cells
from tests.apps.endtoend.conftest import in_a_process
from tests.support.terminal import spawn_on_terminal

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\r")


def screen(endpoint: str, columns: int, *arguments: str, pager: str = "") -> list[str]:
    """The lines on a terminal after a command has ended well."""
    environ = without_aws(os.environ) | {
        "TERM": "xterm",
        "CIRRUSQL_SANDBOX": "on",
        "CIRRUSQL_ENDPOINT_URL": endpoint,
        "CIRRUSQL_PROGRESS": "off",
        "PAGER": pager,
    }
    process = spawn_on_terminal(["-m", "cirrusql", *arguments], environ, columns=columns)
    process.expect(pexpect.EOF)
    process.close()
    assert process.exitstatus == 0, process.before
    return _ESCAPES.sub("", str(process.before)).splitlines()


def piped(endpoint: str, *arguments: str) -> tuple[str, str]:
    environ = {"CIRRUSQL_SANDBOX": "on", "CIRRUSQL_ENDPOINT_URL": endpoint}
    done = in_a_process(*arguments, **environ)
    return done.stdout, done.stderr


DEMO = COMPANY.with_name("demo.sql")
USERS = "SELECT * FROM aws.iam.users"


def test_a_wide_terminal_shows_a_table_with_the_name_first_and_says_what_is_left_out(
    company: str,
) -> None:
    lines = screen(company, 200, "exec", USERS)
    assert lines[0].startswith("┌")
    assert [h.strip() for h in lines[1].split("│")[1:3]] == ["UserName", "UserId"]
    assert "connection" not in lines[1]
    assert max(map(cells, lines)) <= 200
    assert "NULL in every row and not shown; -o vertical shows all" in lines[-2]
    assert re.fullmatch(r"\d+ rows in \d+\.\d\d s", lines[-1])


def test_a_narrow_terminal_shows_a_value_a_line_where_a_row_cannot_fit(company: str) -> None:
    lines = screen(company, 80, "exec", USERS)
    assert lines[0].startswith("─[ RECORD 1 ]")
    assert lines[1].startswith("UserName")
    assert max(map(cells, lines)) <= 80


@pytest.mark.parametrize("columns", [80, 200])
def test_long_cells_are_cut_and_names_are_not(company: str, columns: int) -> None:
    sql = "SELECT InstanceId, State, Tags FROM aws.ec2.instances WHERE region = 'us-east-1'"
    lines = screen(company, columns, "exec", sql)
    assert lines[0].startswith("┌")
    assert max(map(cells, lines)) <= columns
    assert all(re.match(r"│ i-[0-9a-f]{17} │ \{Code: \d+, Name: \w+\}", x) for x in lines[3:5])
    assert "[Name=" in lines[3]
    assert any("cut short; -o vertical shows all" in x for x in lines) == (columns == 80)


def test_a_pipe_gets_every_column_in_the_tables_order_and_nothing_cut(company: str) -> None:
    out, err = piped(company, "exec", USERS)
    heading = [h.strip() for h in out.splitlines()[1].split("│")[1:-1]]
    assert heading[:2] == ["Path", "UserName"]
    assert heading[-1] == "connection"
    assert "…" not in out
    assert err == ""


@pytest.mark.parametrize(
    ("sql", "first"),
    [
        ("SHOW INSERT INTO aws.iam.users", "INSERT INTO aws.iam.users ("),
        ("SHOW CREATE TABLE aws.iam.users", "CREATE TABLE aws.iam.users ("),
        (f"EXPLAIN (POLICY) {USERS}", "{"),
        (f"EXPLAIN (FORMAT tree) {USERS}", "1. iam:ListUsers"),
    ],
)
def test_a_statement_or_policy_is_its_text_on_a_terminal_and_in_a_pipe(
    company: str, sql: str, first: str
) -> None:
    lines = screen(company, 80, "exec", sql)
    out, _ = piped(company, "exec", sql)
    assert lines[0].startswith(first)
    assert lines == out.splitlines()
    assert "\\n" not in out
    assert piped(company, "exec", "-o", "table", sql)[0].startswith("┌")


@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize(
    "arguments",
    [("exec", "DESCRIBE EXTENDED aws.iam.access_keys"), ("cookbook", "list", "security")],
)
def test_a_list_of_the_catalog_is_text_of_whole_words(
    company: str, columns: int, arguments: tuple[str, ...]
) -> None:
    lines = screen(company, columns, *arguments)
    assert max(map(cells, lines)) <= columns
    assert not [line for line in lines if line.startswith(("┌", "│")) or "…" in line]


def test_more_rows_than_lines_go_through_the_pager(company: str) -> None:
    tall = "SELECT range AS n FROM range(100)"
    assert "paged: │ 99 │" in screen(company, 80, "exec", tall, pager="sed 's/^/paged: /'")
    tall = "SELECT range AS n FROM range(100000000)"
    left = screen(company, 80, "exec", tall, pager="head -2")
    assert re.fullmatch(r"the first [\d,]+ rows in \d+\.\d\d s", left[-1])


def test_an_export_needs_no_pager_on_a_terminal_where_it_fits(company: str) -> None:
    shown = screen(company, 80, "exec", "-o", "csv", "SELECT 1 AS n", pager="sed 's/^/paged: /'")
    assert shown[:2] == ["n", "1"]


def test_the_first_query_of_the_readme_is_a_table_on_eighty_columns(company: str) -> None:
    lines = screen(company, 80, "exec", "-i", str(DEMO))
    assert lines[0].startswith("┌")
    assert max(map(cells, lines)) <= 80
    keys = [re.match(r"│ (AKIA\w{16}) │ (\d{4}-\d\d-\d\dT\d\d:\d\d\S*) ", x) for x in lines[3:-3]]
    assert len(keys) == 10
    assert all(keys)


def test_a_long_type_stands_below_its_row_and_widens_no_other(company: str) -> None:
    lines = screen(company, 80, "exec", "DESCRIBE EXTENDED aws.iam.users")
    assert max(map(cells, lines)) <= 95
    (at,) = [i for i, line in enumerate(lines) if line.startswith("PermissionsBoundary ")]
    assert "STRUCT(" in lines[at]
    assert lines[at + 1].startswith('    STRUCT("PermissionsBoundaryType" VARCHAR, ')
