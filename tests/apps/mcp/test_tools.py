"""The work behind the tools, without the protocol."""

from __future__ import annotations

import asyncio
from contextlib import closing, nullcontext

import pytest
from mcp.server.mcpserver.exceptions import ToolError

from cirrusql.apps.mcp import open_results
from cirrusql.apps.mcp.client_sessions import SerialExecutor
from cirrusql.apps.mcp.open_results import shortened
from cirrusql.apps.mcp.tool_outputs import RowPage
from cirrusql.apps.mcp.tools import TOKEN_LIFE, Tools
from cirrusql.errors import Error, InvalidParameter, PolicyDenied, ProgrammingError, UnknownTable
from cirrusql.session.session import Session
from cirrusql.sql.split import Piece
from cirrusql.sql.statements import Statement
from tests.support.fault_proxy import asked_for

USERS = "SELECT UserName FROM aws.iam.users ORDER BY 1"


def test_a_search_finds_tables_by_words(mcp_tools: Tools) -> None:
    assert "aws.iam.access_keys" in [f.name for f in mcp_tools.search("access keys", 20).found]


@pytest.mark.parametrize(
    ("text", "table", "question"),
    [
        ("who can log in without mfa", "aws.iam.users", "people-without-mfa"),
        ("security group open to the world", "aws.ec2.security_groups", "open-security-groups"),
        ("old snapshots", "aws.ec2.snapshots", "old-snapshots"),
    ],
)
def test_a_search_in_ones_own_words_finds_a_table_and_a_question_with_its_sql(
    mcp_tools: Tools, text: str, table: str, question: str
) -> None:
    found = {f.name: f for f in mcp_tools.search(text, 8).found}
    assert found[table].kind == "resource"
    assert "SELECT" in (found[question].sql or "")


def test_a_search_that_finds_nothing_says_what_to_try(mcp_tools: Tools) -> None:
    nothing = mcp_tools.search("zyzzyva", 20)
    assert nothing.found == []
    assert "other words" in (nothing.hint or "")


@pytest.mark.parametrize("name", ["aws.iam.users", "iam.users", '"iam"."users"'])
def test_a_table_is_described_by_either_name(mcp_tools: Tools, name: str) -> None:
    found = mcp_tools.describe(name)
    assert found.name == "aws.iam.users"
    assert {"UserName", "CreateDate", "region"} <= {c.name for c in found.columns}
    (create,) = [m for m in found.methods if m.name == "create_user"]
    assert (create.sql_verb, create.required) == ("INSERT", ["UserName"])


def test_a_table_that_is_not_there_names_the_nearest(mcp_tools: Tools) -> None:
    with pytest.raises(UnknownTable, match="users"):
        mcp_tools.describe("aws.iam.usres")
    with pytest.raises(ProgrammingError, match="is not a table"):
        mcp_tools.describe("users")


def test_an_explanation_has_calls_and_permissions(mcp_tools: Tools) -> None:
    found = mcp_tools.explain(USERS, None)
    assert [s["operation"] for s in found.steps] == ["iam:ListUsers"]
    assert found.policy["Statement"][0]["Action"] == "iam:ListUsers" or "iam:ListUsers" in str(
        found.policy
    )


def test_rows_come_as_json_values_with_the_calls_they_took(
    mcp_tools: Tools, session: Session
) -> None:
    page = mcp_tools.query(
        "SELECT UserName, CreateDate, {'a': 1} AS s FROM aws.iam.users ORDER BY 1", None, None
    )
    assert [row[0] for row in page.rows] == ["ann", "bob", "eve"]
    assert page.rows[0][2] == {"a": 1}
    assert [c.name for c in page.columns] == ["UserName", "CreateDate", "s"]
    turned_away = len(session.records) - len(asked_for(session.records))
    assert (page.cursor, page.failures, page.calls - turned_away) == (None, [], 1)


def test_parameters_are_bound_not_pasted(mcp_tools: Tools) -> None:
    sql = "SELECT UserName FROM aws.iam.users WHERE UserName = $u"
    assert mcp_tools.query(sql, {"u": "ann"}, None).rows == [["ann"]]
    assert mcp_tools.query(sql, {"u": "x' OR true --"}, None).rows == []


class Between(Session):
    """Its client cancels when a statement was read and is not yet planned."""

    def parse(self, piece: Piece | str) -> Statement:
        found = super().parse(piece)
        self.cancel()
        return found


def test_a_cancel_between_reading_and_planning_stops_the_statement(session: Session) -> None:
    with closing(Between(session.settings, {}, catalog=session.catalog)) as between:
        tools = Tools(between, allows_writes=False)
        executor = SerialExecutor(lambda: nullcontext(tools))
        for ask in (Tools.query, Tools.explain):
            arguments = ("SELECT UserName FROM aws.iam.users", None, None)
            with pytest.raises(ToolError, match="the statement was cancelled"):
                asyncio.run(
                    executor.ask(ask, *(arguments if ask == Tools.query else arguments[:2]))
                )
        executor.close()


def test_a_cursor_goes_on_to_the_end_and_each_is_good_once(mcp_tools: Tools) -> None:
    page = mcp_tools.query("SELECT * FROM range(10)", None, 4)
    second = mcp_tools.next_rows(page.cursor or "", 4)
    assert [*page.rows, *second.rows, *to_the_end(mcp_tools, second)] == [[i] for i in range(10)]
    with pytest.raises(InvalidParameter, match="unknown cursor"):
        mcp_tools.next_rows(page.cursor or "", None)


def test_a_cursor_outlives_other_statements(mcp_tools: Tools) -> None:
    page = mcp_tools.query("SELECT * FROM range(50000)", None, 1)
    assert mcp_tools.query("SELECT 42", None, None).rows == [[42]]
    page = mcp_tools.next_rows(page.cursor or "", 5000)
    assert page.rows[0] == [1]
    assert page.rows[-1] == [5000]


def test_what_was_too_large_to_keep_says_so(
    mcp_tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_results, "_MOST_KEPT", 100_000)
    page = mcp_tools.query("SELECT i, repeat('x', 100) FROM range(100000) t(i)", None, 1)
    mcp_tools.query("SELECT 1", None, None)
    with pytest.raises(ProgrammingError, match="too large to keep"):
        to_the_end(mcp_tools, page)


def to_the_end(mcp_tools: Tools, page: RowPage) -> list[list[object]]:
    """The rows of the pages after this one."""
    found: list[list[object]] = []
    while page.cursor is not None:
        page = mcp_tools.next_rows(page.cursor, 5000)
        found += page.rows
    return found


def test_only_so_many_cursors_are_held(mcp_tools: Tools) -> None:
    cursors = [mcp_tools.query("SELECT * FROM range(3)", None, 1).cursor or "" for _ in range(9)]
    with pytest.raises(InvalidParameter):
        mcp_tools.next_rows(cursors[0], None)
    assert mcp_tools.next_rows(cursors[-1], None).rows == [[1], [2]]


def test_a_page_is_bounded_in_bytes(session: Session) -> None:
    mcp_tools = Tools(session, allows_writes=False, max_bytes=10_000)
    page = mcp_tools.query("SELECT repeat('x', 1000) FROM range(100)", None, 100)
    assert 5 < len(page.rows) < 11
    assert page.cursor is not None
    mcp_tools.close()


def test_a_row_that_is_larger_than_a_page_is_shortened(session: Session) -> None:
    mcp_tools = Tools(session, allows_writes=False, max_bytes=10_000)
    page = mcp_tools.query("SELECT 1, repeat('x', 50000), [repeat('y', 50000)]", None, None)
    assert page.is_shortened
    assert page.rows[0][0] == 1
    assert page.rows[0][1].endswith("(50000 characters)")


def test_a_short_value_is_not_shortened() -> None:
    assert shortened({"a": 1}) == {"a": 1}


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO aws.iam.users (UserName) VALUES ('x')",
        "DELETE FROM aws.iam.users WHERE UserName = 'ann'",
        "UPDATE aws.iam.users SET NewPath = '/x/' WHERE UserName = 'ann'",
        "EXEC aws.iam.users.create_user @UserName = 'x'",
        "EXPLAIN ANALYZE DELETE FROM aws.iam.users WHERE UserName = 'ann'",
        "CREATE TABLE t AS SELECT 1",
        "SET region = 'eu-west-1'",
        "COPY (SELECT 1) TO '/tmp/x'",
        "ATTACH '/tmp/x' AS y",
        "SELECT 1; DELETE FROM aws.iam.users WHERE true",
        "SELECT * FROM read_text('/etc/passwd')",
        "BEGIN",
    ],
)
def test_a_read_cannot_write_or_reach_this_machine(mcp_tools: Tools, sql: str) -> None:
    with pytest.raises(Error):
        mcp_tools.query(sql, None, None)
    assert mcp_tools.query("SELECT count(*) FROM aws.iam.users", None, None).rows == [[3]]


@pytest.mark.parametrize(
    "sql", ["SHOW SERVICES IN aws", "DESCRIBE aws.iam.users", f"EXPLAIN {USERS}", "FROM range(2)",
            "EXEC aws.iam.users.get_user @UserName = 'ann'", "WITH a AS (SELECT 1) SELECT * FROM a"]
)  # fmt: skip
def test_whatever_reads_is_run(mcp_tools: Tools, sql: str) -> None:
    assert mcp_tools.query(sql, None, None).rows


def test_a_previewed_write_runs_once_by_its_token(mcp_tools: Tools) -> None:
    preview = mcp_tools.preview("INSERT INTO aws.iam.users (UserName) VALUES ($n)", {"n": "zoe"})
    assert [(c.operation, c.target) for c in preview.calls] == [("iam:CreateUser", "UserName=zoe")]
    assert (
        mcp_tools.query("SELECT * FROM aws.iam.users WHERE UserName = 'zoe'", None, None).rows == []
    )
    done = mcp_tools.write(preview.token or "")
    assert (done.done, done.failed, done.calls[0].status) == (1, 0, "done")
    with pytest.raises(InvalidParameter, match="unknown preview"):
        mcp_tools.write(preview.token or "")
    again = mcp_tools.preview("DELETE FROM aws.iam.users WHERE UserName = 'zoe' RETURNING *", None)
    assert mcp_tools.write(again.token or "").done == 1


def test_a_write_that_fails_says_so(mcp_tools: Tools) -> None:
    preview = mcp_tools.preview("INSERT INTO aws.iam.users (UserName) VALUES ('ann')", None)
    done = mcp_tools.write(preview.token or "")
    assert (done.done, done.failed) == (0, 1)
    assert "EntityAlreadyExists" in (done.calls[0].error or "")


def test_what_has_changed_since_the_preview_is_not_written(mcp_tools: Tools) -> None:
    keys = (
        "UPDATE aws.iam.access_keys SET Status = 'Inactive' "
        "WHERE Status = 'Active' AND UserName IN ('ann', 'bob')"
    )
    first = mcp_tools.preview(keys, None)
    assert first.count == 2
    ann = "UPDATE aws.iam.access_keys SET Status = '{}' WHERE UserName = 'ann' AND Status = '{}'"
    mcp_tools.write(mcp_tools.preview(ann.format("Inactive", "Active"), None).token or "")
    with pytest.raises(PolicyDenied, match="has changed"):
        mcp_tools.write(first.token or "")
    mcp_tools.write(mcp_tools.preview(ann.format("Active", "Inactive"), None).token or "")


def test_a_token_goes_stale(session: Session) -> None:
    now = [0.0]
    mcp_tools = Tools(session, allows_writes=True, clock=lambda: now[0])
    preview = mcp_tools.preview("INSERT INTO aws.iam.users (UserName) VALUES ('late')", None)
    now[0] = TOKEN_LIFE + 1
    with pytest.raises(InvalidParameter, match="ten minutes"):
        mcp_tools.write(preview.token or "")
    mcp_tools.close()


def test_without_leave_a_write_is_shown_and_gets_no_token(session: Session) -> None:
    mcp_tools = Tools(session, allows_writes=False)
    preview = mcp_tools.preview("INSERT INTO aws.iam.users (UserName) VALUES ('x')", None)
    assert (preview.count, preview.token) == (1, None)
    with pytest.raises(PolicyDenied, match="read-only"):
        mcp_tools.write("anything")
    mcp_tools.close()


def test_a_preview_of_a_read_is_refused(mcp_tools: Tools) -> None:
    for sql in (USERS, "EXEC aws.iam.users.get_user @UserName = 'ann'"):
        with pytest.raises(ProgrammingError, match="run_query"):
            mcp_tools.preview(sql, None)


def test_the_services_are_listed_without_their_models(mcp_tools: Tools) -> None:
    assert ("aws.iam", "AWS Identity and Access Management") in mcp_tools.services()


def test_no_agent_gets_the_credentials_of_the_process(mcp_tools: Tools) -> None:
    sql = "EXEC aws.sts.session_tokens.get_session_token"
    with pytest.raises(PolicyDenied, match="returns credentials"):
        mcp_tools.preview(sql, None)
    with pytest.raises(Error):
        mcp_tools.query(sql, None, None)


@pytest.mark.parametrize(
    "sql", ["SELECT * FROM enable_logging(storage = 'stdout')", "FROM enable_profiling()"]
)
def test_an_agent_cannot_make_the_engine_print_on_standard_output(
    sql: str, mcp_tools: Tools
) -> None:
    with pytest.raises(PolicyDenied, match="cannot be changed here"):
        mcp_tools.query(sql, None, None)


def test_an_agent_cannot_ask_for_more_rows_than_the_operator_gives(session: Session) -> None:
    mcp_tools = Tools(session, allows_writes=False, max_rows=2)
    page = mcp_tools.query("SELECT i FROM range(10) t(i)", None, 5_000)
    assert len(page.rows) == 2
    assert page.cursor is not None
    assert len(mcp_tools.next_rows(page.cursor, 5_000).rows) == 2
    mcp_tools.close()
