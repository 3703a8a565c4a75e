"""Statements that store or change something based on an incomplete answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cirrusql.errors import AccessDenied
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session.session import Session
from tests.session.conftest import rows_of
from tests.support.scripted_api import JSON, Asked, Reply, ScriptedApi

HALF = "SELECT TableName, ItemCount FROM aws.dynamodb.tables"
UNREAD = f"SELECT TableName FROM ({HALF}) WHERE ItemCount IS NULL"
READ = f"SELECT TableName FROM ({HALF}) WHERE ItemCount IS NOT NULL"


class Tables:
    """Tables ``a`` and ``b``;
    of ``b`` nothing but its name may be read, as long as it is locked."""

    def __init__(self) -> None:
        self.is_locked = True

    def answer(self, asked: Asked) -> Reply:
        if asked.operation == "ListTables":
            return 200, JSON, {"TableNames": ["a", "b"]}
        assert asked.operation == "DescribeTable", f"{asked.operation} was called"
        name = asked.json["TableName"]
        if name == "b" and self.is_locked:
            return 400, JSON, {"__type": "AccessDeniedException", "message": "not b"}
        return 200, JSON, {"Table": {"TableName": name, "ItemCount": 7}}


@pytest.fixture
def tables() -> Tables:
    return Tables()


@pytest.fixture
def api(tables: Tables) -> Iterator[ScriptedApi]:
    with ScriptedApi(tables.answer) as api:
        yield api


@pytest.fixture
def session(open_session: Callable[..., Session], api: ScriptedApi) -> Session:
    return open_session(endpoint_url=api.url, options=WriteOptions(assume_yes=True))


@pytest.fixture
def strict(open_session: Callable[..., Session], api: ScriptedApi) -> Session:
    return open_session(endpoint_url=api.url, options=WriteOptions(assume_yes=True), strict=True)


KEEPERS = (
    f"CREATE TABLE t AS {HALF}",
    f"CREATE TABLE t (n VARCHAR, c BIGINT); INSERT INTO t {HALF}",
    f"CREATE TABLE t (n VARCHAR, c BIGINT); WITH x AS ({HALF}) INSERT INTO t FROM x",
    f"CREATE MATERIALIZED VIEW t AS {HALF}",
)


@pytest.mark.parametrize("script", KEEPERS)
def test_what_is_kept_of_a_partial_answer_says_so_at_once(session: Session, script: str) -> None:
    for result in session.run(script):
        result.table()
    assert [f.call.operation.name for f in result.failures] == ["DescribeTable"]
    assert any("1 call failed, so the stored rows are incomplete" in n for n in result.notices)
    assert len(rows_of(session, "FROM t")) == 2


@pytest.mark.parametrize("script", KEEPERS)
def test_nothing_is_kept_of_a_partial_answer_where_that_is_fatal(
    strict: Session, script: str
) -> None:
    with pytest.raises(AccessDenied):
        rows_of(strict, script)
    assert rows_of(
        strict,
        "SELECT count(*) AS n FROM duckdb_tables() WHERE table_name = 't' AND estimated_size > 0",
    ) == [{"n": 0}]


def test_a_copy_of_a_partial_answer_says_so_or_is_not_made(
    session: Session, strict: Session, tmp_path: Path
) -> None:
    (result,) = session.run(f"COPY ({HALF}) TO '{tmp_path / 'a.csv'}'")
    assert result.failures
    assert "incomplete" in result.notices[0]
    with pytest.raises(AccessDenied):
        rows_of(strict, f"COPY ({HALF}) TO '{tmp_path / 'b.csv'}'")
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]


def test_a_whole_answer_is_kept_without_a_word(session: Session, tables: Tables) -> None:
    tables.is_locked = False
    (result,) = session.run(f"CREATE TABLE t AS {HALF}")
    assert (result.failures, result.notices) == ([], [])


def test_a_refresh_keeps_what_was_whole(session: Session, tables: Tables) -> None:
    tables.is_locked = False
    rows_of(session, f"CREATE MATERIALIZED VIEW v AS {HALF}")
    tables.is_locked = True
    with pytest.raises(AccessDenied) as raised:
        rows_of(session, "REFRESH MATERIALIZED VIEW v")
    assert "nothing was changed" in (raised.value.hint or "")
    assert rows_of(session, "SELECT count(ItemCount) AS n FROM v") == [{"n": 2}]
    tables.is_locked = False
    rows_of(session, "REFRESH MATERIALIZED VIEW v")


@pytest.mark.parametrize(
    "change",
    [
        f"DELETE FROM kept WHERE n NOT IN ({READ})",
        f"UPDATE kept SET n = 'x' WHERE n IN ({UNREAD})",
        f"MERGE INTO kept USING ({UNREAD}) AS s ON s.TableName = n WHEN MATCHED THEN DELETE",
    ],
)
def test_local_rows_are_not_changed_by_what_could_not_be_read(
    session: Session, change: str
) -> None:
    rows_of(session, "CREATE TABLE kept AS SELECT unnest(['a', 'b', 'c']) AS n")
    with pytest.raises(AccessDenied) as raised:
        rows_of(session, change)
    assert "nothing was changed" in (raised.value.hint or "")
    assert [r["n"] for r in rows_of(session, "FROM kept")] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "write",
    [
        f"DELETE FROM aws.dynamodb.tables WHERE TableName NOT IN ({READ})",
        "UPDATE aws.dynamodb.tables SET BillingMode = 'PAY_PER_REQUEST' WHERE TableName IN "
        f"({UNREAD})",
        f"INSERT INTO aws.dynamodb.tables (TableName) SELECT TableName || '-2' FROM ({UNREAD})",
        f"EXEC aws.dynamodb.tables.delete_table @TableName = ({UNREAD})",
    ],
)
def test_nothing_is_written_that_a_value_decides_which_could_not_be_read(
    session: Session, api: ScriptedApi, write: str
) -> None:
    with pytest.raises(AccessDenied) as raised:
        rows_of(session, write)
    assert "nothing was changed: 1 call failed" in (raised.value.hint or "")
    assert set(api.calls) <= {"ListTables", "DescribeTable"}


@pytest.mark.parametrize(
    ("write", "done"),
    [
        ("DELETE FROM aws.dynamodb.tables WHERE ItemCount IS NULL", []),
        ("DELETE FROM aws.dynamodb.tables WHERE coalesce(ItemCount, 0) < 8", ["a"]),
        (
            "UPDATE aws.dynamodb.tables SET BillingMode = 'PAY_PER_REQUEST' WHERE ItemCount IS "
            "NULL",
            [],
        ),
        (
            "UPDATE aws.dynamodb.tables SET BillingMode = 'PAY_PER_REQUEST' WHERE ItemCount > 1",
            ["a"],
        ),
        ("DELETE FROM aws.dynamodb.tables WHERE (ItemCount = 7) IS NOT FALSE", ["a"]),
    ],
)
def test_a_row_that_could_not_be_read_whole_is_refused_and_the_others_are_written(
    session: Session, tables: Tables, api: ScriptedApi, write: str, done: list[str]
) -> None:
    answer, written = tables.answer, []

    def writing(asked: Asked) -> Reply:
        if asked.operation in ("DeleteTable", "UpdateTable"):
            written.append(asked.json["TableName"])
            return 200, JSON, {"TableDescription": {}}
        return answer(asked)

    api.answer = writing
    (result,) = session.run(write)
    rows = result.table().to_pylist()
    assert written == done
    assert [(r["target"], r["status"]) for r in rows] == [
        *((f"TableName={name}", "done") for name in done),
        ("TableName=b", "refused"),
    ]
    assert "could not be read completely: " in rows[-1]["error"]
    assert (result.exit_status, len(result.failures)) == (1, 1)
    assert "1 row could not be read completely and is not written: TableName=b" in " ".join(
        result.notices
    )


def test_in_a_transaction_nothing_is_queued_of_what_was_read_in_part(session: Session) -> None:
    rows_of(session, "BEGIN")
    with pytest.raises(AccessDenied):
        rows_of(session, "DELETE FROM aws.dynamodb.tables WHERE coalesce(ItemCount, 0) < 8")


def test_under_strict_no_row_is_written_where_one_could_not_be_read(strict: Session) -> None:
    with pytest.raises(AccessDenied):
        rows_of(strict, "DELETE FROM aws.dynamodb.tables WHERE coalesce(ItemCount, 0) < 8")


def test_what_needs_none_of_what_failed_is_written(
    session: Session, tables: Tables, api: ScriptedApi
) -> None:
    """A condition on the listing's own columns leaves out the row that cannot be described."""
    answer = tables.answer

    def deleting(asked: Asked) -> Reply:
        return (
            (200, JSON, {"TableDescription": {}})
            if asked.operation == "DeleteTable"
            else answer(asked)
        )

    api.answer = deleting
    (report,) = session.run(
        "DELETE FROM aws.dynamodb.tables WHERE ItemCount = 7 AND TableName < 'b'"
    )
    assert report.table().num_rows == 1
    assert api.calls["DeleteTable"] == 1


def _queries(asked: Asked) -> Reply:
    """Two queries of Athena, of which one is refused beside the other."""
    if asked.operation == "ListQueryExecutions":
        return 200, JSON, {"QueryExecutionIds": ["good", "bad"]}
    if asked.operation == "ListWorkGroups":
        return 200, JSON, {"WorkGroups": [{"Name": "primary"}]}
    assert asked.operation == "BatchGetQueryExecution", f"{asked.operation} was called"
    refused = {"QueryExecutionId": "bad", "ErrorCode": "AccessDenied", "ErrorMessage": "not yours"}
    good = {"QueryExecutionId": "good", "Query": "SELECT 1"}
    return 200, JSON, {"QueryExecutions": [good], "UnprocessedQueryExecutionIds": [refused]}


def test_a_key_that_is_refused_beside_others_is_told(
    open_session: Callable[..., Session],
) -> None:
    sql = "SELECT QueryExecutionId, Query FROM aws.athena.query_executions ORDER BY Query"
    with ScriptedApi(_queries) as api:
        (result,) = open_session(endpoint_url=api.url).run(sql)
        rows = result.table().to_pylist()
    assert {(r["QueryExecutionId"], r["Query"]) for r in rows} == {
        ("good", "SELECT 1"),
        ("bad", None),
    }
    (failure,) = result.failures
    assert isinstance(failure.error, AccessDenied)
    assert "not yours (bad)" in failure.error.message


def test_what_was_refused_beside_others_is_not_taken_for_null(
    open_session: Callable[..., Session],
) -> None:
    with ScriptedApi(_queries) as api:
        session = open_session(endpoint_url=api.url)
        rows_of(session, "CREATE TABLE kept AS SELECT unnest(['good', 'bad']) AS id")
        unread = "SELECT QueryExecutionId FROM aws.athena.query_executions WHERE Query IS NULL"
        with pytest.raises(AccessDenied):
            rows_of(session, f"DELETE FROM kept WHERE id IN ({unread})")
