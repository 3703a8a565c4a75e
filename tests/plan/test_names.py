"""Names as users write them: tables, columns, headings, and errors for unknown names."""

from __future__ import annotations

import pytest

from cirrusql.engine.database import Database
from cirrusql.errors import (
    Error,
    NotSupportedError,
    ProgrammingError,
    UnknownColumn,
    UnknownProvider,
    UnknownTable,
)
from cirrusql.plan.planner import plan_query
from cirrusql.sql.parse import parse
from cirrusql.sql.statements import QueryStatement
from tests.plan.oracle import plan_of, planned
from tests.support.catalog import CATALOG


def text(sql: str) -> str:
    query = plan_of(sql).query
    assert query is not None
    return query.sql


@pytest.mark.parametrize(
    ("sql", "headings"),
    [
        ("SELECT user_name, Age FROM toy.iam.users", ["user_name", "Age"]),
        ("SELECT USERNAME, u.path FROM toy.iam.users u", ["USERNAME", "path"]),
        ("SELECT user_name AS n FROM toy.iam.users WHERE user_name = 'ann'", ["n"]),
        ("SELECT user_name FROM (SELECT * FROM toy.iam.users)", ["user_name"]),
        ("SELECT x.user_name FROM (SELECT UserName FROM toy.iam.users) x", ["user_name"]),
        ("WITH q AS (FROM toy.iam.users) SELECT user_name FROM q", ["user_name"]),
        (
            "SELECT user_name FROM toy.iam.users GROUP BY user_name ORDER BY user_name",
            ["user_name"],
        ),
        ("SELECT count(DISTINCT user_name) AS n FROM toy.iam.users", ["n"]),
        ("SELECT users.user_name FROM toy.iam.users", ["user_name"]),
        ("SELECT iam.users.user_name FROM toy.iam.users", ["user_name"]),
        ("SELECT toy.iam.users.UserName FROM toy.iam.users", ["UserName"]),
        ('SELECT "user_name" FROM toy.iam.users', ["user_name"]),
        (
            "SELECT k.status FROM toy.iam.users JOIN toy.iam.access_keys k USING (user_name)",
            ["status"],
        ),
        ("SELECT * EXCLUDE (user_name, access_key_id) FROM toy.iam.access_keys", None),
        ("SELECT instance_id, state.Name FROM toy.ec2.instances", ["instance_id", "Name"]),
        ("SELECT vpc_id.upper() AS u FROM toy.ec2.instances", ["u"]),
    ],
)
def test_any_spelling_of_a_column_serves_and_heads_its_result(
    sql: str, headings: list[str] | None, database: Database
) -> None:
    found = planned(sql, database=database)
    assert found.rows
    assert headings is None or found.headings == headings


def test_an_alias_in_the_spelling_of_a_column_is_the_alias(database: Database) -> None:
    sql = (
        "SELECT upper(UserName) AS user_name FROM toy.iam.users WHERE user_name = 'ANN' ORDER "
        "BY user_name"
    )
    assert planned(sql, database=database).rows == [("ANN",)]


def test_order_by_means_the_result_before_the_table(database: Database) -> None:
    sql = (
        "SELECT Age AS UserName FROM toy.iam.users WHERE Age IS NOT NULL ORDER BY UserName LIMIT 1"
    )
    assert planned(sql, database=database).rows == [(19,)]


def test_a_name_that_a_lambda_gives_stays_as_it_is() -> None:
    sql = "SELECT list_filter(Tags, lambda vpc_id: vpc_id.Key = 'a') FROM toy.ec2.instances"
    assert "lambda vpc_id: vpc_id.Key" in text(sql)


def test_text_that_looks_like_a_name_stays_as_it_is() -> None:
    sql = "SELECT 'user_name toy.iam.users' AS t, user_name FROM toy.iam.users"
    assert "'user_name toy.iam.users' AS t" in text(sql)


def test_only_columns_that_are_used_are_read() -> None:
    (scan,) = plan_of("SELECT UserName FROM toy.iam.users WHERE Age > 1").scans
    assert [c.name for c in scan.columns] == ["UserName", "Age"]


def test_count_reads_no_column() -> None:
    (scan,) = plan_of("SELECT count(*) FROM toy.iam.users").scans
    assert scan.columns == ()


def test_a_star_reads_fields_bound_parameters_and_context() -> None:
    (scan,) = plan_of("SELECT * FROM toy.store.objects WHERE Bucket = 'logs'").scans
    assert [c.name for c in scan.columns] == [
        "Key",
        "Size",
        "Bucket",
        "region",
        "account_id",
        "connection",
    ]


@pytest.mark.parametrize(
    ("sql", "kind", "message"),
    [
        ("SELECT * FROM nope.iam.users", UnknownProvider, "unknown provider 'nope'"),
        ("SELECT * FROM toy.iam.user_s", UnknownTable, "unknown table 'user_s' in toy.iam"),
        (
            "SELECT Usrname FROM toy.iam.users",
            UnknownColumn,
            "unknown column 'Usrname' in toy.iam.users",
        ),
        ("SELECT u.Usrname FROM toy.iam.users u", UnknownColumn, "unknown column 'Usrname'"),
        (
            "SELECT 1 FROM toy.iam.groups g JOIN toy.iam.users u ON u.Nope = g.Path",
            UnknownColumn,
            "unknown column 'Nope' in toy.iam.users",
        ),
        ("TRUNCATE toy.iam.users", NotSupportedError, "TRUNCATE of a cloud table"),
        ("DROP TABLE toy.iam.users", NotSupportedError, "cannot write to a cloud table"),
        ("COPY toy.iam.users FROM 'x.csv'", NotSupportedError, "cannot write to a cloud table"),
        (
            "INSERT OR REPLACE INTO toy.iam.users VALUES (1)",
            NotSupportedError,
            "cannot write to a cloud table",
        ),
        ("CREATE VIEW main.v AS FROM toy.iam.users", ProgrammingError, "must have one part"),
    ],
)
def test_what_there_is_not_is_said(sql: str, kind: type[Error], message: str) -> None:
    with pytest.raises(kind, match=message):
        plan_of(sql)


def test_an_unknown_column_is_told_the_nearest() -> None:
    with pytest.raises(UnknownColumn) as caught:
        plan_of("SELECT Usrname FROM toy.iam.users")
    assert caught.value.near[0] == "UserName"


@pytest.mark.parametrize(
    "sql",
    [
        "COPY toy.iam.users TO 'x.csv'",
        "COPY (FROM toy.iam.users) TO 'x.csv'",
        "CREATE TABLE t AS FROM toy.iam.users",
        "INSERT INTO t SELECT UserName FROM toy.iam.users",
        "DELETE FROM t USING toy.iam.users u WHERE u.UserName = t.x",
        "UPDATE t SET a = u.Path FROM toy.iam.users u WHERE u.UserName = t.x",
        "MERGE INTO t USING toy.iam.users u ON u.UserName = t.x WHEN MATCHED THEN UPDATE SET a = "
        "u.Path",
        "DELETE FROM t WHERE x IN (SELECT UserName FROM toy.iam.users)",
    ],
)
def test_a_local_statement_may_read_cloud_tables(sql: str) -> None:
    plan = plan_of(sql)
    assert [s.table.id for s in plan.scans] == ["toy.iam.users"]
    assert "_scan_1" in text(sql)


def test_describing_a_query_makes_no_call() -> None:
    (scan,) = plan_of("DESCRIBE SELECT * FROM toy.iam.users").scans
    assert scan.calls == ()


def test_a_statement_without_cloud_tables_is_left_alone() -> None:
    for sql in ("SELECT 1", "CREATE MACRO f(a, b := 2) AS a + b", "FROM memory.main.t", "CALL f()"):
        statement = parse(sql)
        assert isinstance(statement, QueryStatement)
        assert text(sql) == sql
        assert plan_of(sql).scans == ()


def test_a_view_is_read_as_its_query_and_predicates_go_through(database: Database) -> None:
    views = {"keys": "SELECT UserName AS who, Status FROM toy.iam.access_keys"}
    found = planned("SELECT Status FROM keys k WHERE k.who = 'bob'", database=database, views=views)
    assert (found.rows, found.calls) == ([("Active",)], ["ListAccessKeys(UserName=bob)"])


def test_a_view_may_read_a_view(database: Database) -> None:
    views = {"people": "SELECT * FROM toy.iam.users", "old": "SELECT * FROM people WHERE Age > 40"}
    assert planned("SELECT user_name FROM old", database=database, views=views).rows == [("bob",)]


def test_a_cte_hides_a_view_of_its_name(database: Database) -> None:
    views = {"v": "SELECT * FROM toy.iam.users"}
    sql = "WITH v AS (SELECT 1 AS one) SELECT * FROM v"
    assert planned(sql, database=database, views=views).rows == [(1,)]


@pytest.mark.parametrize("column", ["TimeToLiveSpecification", "b.timetolivespecification"])
def test_a_structure_that_update_sets_is_said_to_be_read_as_its_columns(
    column: str,
) -> None:
    # A row has whether it is enabled as a status, so it does not have the structure.
    statement = parse(f"SELECT {column} FROM aws.dynamodb.tables b")
    assert isinstance(statement, QueryStatement)
    with pytest.raises(UnknownColumn) as raised:
        plan_query(statement.text, statement.tree, CATALOG)
    assert raised.value.hint == "UPDATE sets it as a whole; it is read as TimeToLiveAttributeName"
