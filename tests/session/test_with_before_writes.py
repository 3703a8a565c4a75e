"""WITH before INSERT, REPLACE, UPDATE and DELETE, as in PostgreSQL and DuckDB."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.errors import ConfirmationRequired, Error, NotSupportedError, SqlSyntaxError
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session.session import Session
from tests.session.conftest import Ask, rows_of
from tests.support.fault_proxy import FaultProxy

Open = Callable[..., Session]
Client = Callable[..., Any]

_OLD = "WITH old AS (SELECT UserName FROM aws.iam.users WHERE Path = '/old/')"


@pytest.fixture(autouse=True)
def users(client: Client, proxy: FaultProxy) -> None:
    """Two under /old/, one elsewhere."""
    for name, path in (("ann", "/old/"), ("bob", "/old/"), ("eve", "/new/")):
        client("iam").create_user(UserName=name, Path=path)
    proxy.reset()


def left(client: Client) -> list[str]:
    return sorted(u["UserName"] for u in client("iam").list_users()["Users"])


@pytest.mark.parametrize(
    "where",
    [
        "UserName IN (SELECT UserName FROM old)",
        "UserName IN (FROM old)",
        "EXISTS (SELECT 1 FROM old o WHERE o.UserName = users.UserName)",
        "UserName = ANY(SELECT UserName FROM old)",
        "UserName IN (SELECT o.UserName FROM old o JOIN aws.iam.users u ON u.UserName = "
        "o.UserName)",
    ],
)
def test_a_delete_ends_what_its_with_finds(where: str, ask: Ask, client: Client) -> None:
    ask(f"{_OLD} DELETE FROM aws.iam.users WHERE {where}")
    assert left(client) == ["eve"]


def test_an_update_sets_by_its_with_and_what_it_says(ask: Ask, client: Client) -> None:
    ask(
        "WITH wanted(name, path) AS (VALUES ('ann', '/a/'), ('eve', '/e/')) "
        "UPDATE aws.iam.users u SET NewPath = (SELECT path FROM wanted w WHERE w.name = "
        "u.UserName) "
        "WHERE UserName IN (SELECT name FROM wanted)"
    )
    paths = {u["UserName"]: u["Path"] for u in client("iam").list_users()["Users"]}
    assert paths == {"ann": "/a/", "bob": "/old/", "eve": "/e/"}


def test_an_update_in_several_operations(ask: Ask, client: Client) -> None:
    ask(
        f"{_OLD} UPDATE aws.iam.users SET Tags = MAP {{'team': 'x'}}, NewPath = '/older/' "
        "WHERE UserName IN (FROM old)"
    )
    found = {u["UserName"]: u["Path"] for u in client("iam").list_users()["Users"]}
    assert found == {"ann": "/older/", "bob": "/older/", "eve": "/new/"}
    assert client("iam").list_user_tags(UserName="bob")["Tags"] == [{"Key": "team", "Value": "x"}]


@pytest.mark.parametrize("verb", ["INSERT", "insert"])
def test_an_insert_takes_its_rows_from_its_with(verb: str, ask: Ask, client: Client) -> None:
    rows = ask(
        f"{_OLD}, twice AS (SELECT UserName || '-2' AS UserName FROM old) "
        f"{verb} INTO aws.iam.users (UserName) SELECT UserName FROM twice RETURNING UserName"
    )
    assert sorted(r["UserName"] for r in rows) == ["ann-2", "bob-2"]
    assert left(client) == ["ann", "ann-2", "bob", "bob-2", "eve"]


def test_a_recursive_with(ask: Ask, client: Client) -> None:
    ask(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) "
        "INSERT INTO aws.iam.users (UserName) SELECT 'n-' || i FROM n"
    )
    assert left(client)[-3:] == ["n-1", "n-2", "n-3"]


def test_a_replace(ask: Ask, client: Client) -> None:
    allowed = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    rows = ask(
        f"{_OLD} REPLACE INTO aws.iam.user_policies (UserName, PolicyName, PolicyDocument) "
        "SELECT UserName, 'p', $document FROM old",
        document=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}),
    )
    assert [r["status"] for r in rows] == ["done", "done"]
    assert client("iam").list_user_policies(UserName="ann")["PolicyNames"] == ["p"]
    assert client("iam").list_user_policies(UserName="eve")["PolicyNames"] == []


def test_what_it_finds_is_counted(open_session: Open, client: Client, proxy: FaultProxy) -> None:
    for rest in (
        "DELETE FROM aws.iam.users WHERE UserName IN (FROM old)",
        "UPDATE aws.iam.users SET NewPath = '/x/' WHERE UserName IN (SELECT UserName FROM old)",
        "INSERT INTO aws.iam.access_keys (UserName) SELECT UserName FROM old",
    ):
        with pytest.raises(ConfirmationRequired, match="2 things"):
            rows_of(open_session(), f"{_OLD} {rest}")
    assert set(proxy.calls) <= {"iam:ListUsers", "sts:GetCallerIdentity"}


def test_a_with_of_values_names_nothing_literally(open_session: Open) -> None:
    sql = (
        "WITH x(n) AS (VALUES ('ann'), ('bob')) DELETE FROM aws.iam.users WHERE UserName IN "
        "(SELECT n FROM x)"
    )
    with pytest.raises(ConfirmationRequired, match="2 things"):
        rows_of(open_session(), sql)


def test_a_dry_run_and_explain(open_session: Open, proxy: FaultProxy) -> None:
    sql = f"{_OLD} DELETE FROM aws.iam.users WHERE UserName IN (FROM old)"
    rows = rows_of(open_session(options=WriteOptions(is_dry_run=True)), sql)
    assert sorted(json.loads(r["parameters"])["UserName"] for r in rows) == ["ann", "bob"]
    proxy.reset()
    steps = rows_of(open_session(), f"EXPLAIN {sql}")
    assert [s["operation"] for s in steps][-1] == "iam:DeleteUser"
    assert not proxy.calls


def test_in_a_transaction(ask: Ask, client: Client) -> None:
    ask(f"BEGIN; {_OLD} DELETE FROM aws.iam.users WHERE UserName IN (FROM old); COMMIT")
    assert left(client) == ["eve"]


def test_parameters_reach_it(ask: Ask, client: Client) -> None:
    ask(
        "WITH old AS (SELECT UserName FROM aws.iam.users WHERE Path = $p) "
        "DELETE FROM aws.iam.users WHERE UserName IN (FROM old)",
        p="/old/",
    )
    assert left(client) == ["eve"]


def test_a_with_that_is_not_used_reads_nothing(ask: Ask, client: Client, proxy: FaultProxy) -> None:
    ask(
        "WITH x AS (SELECT * FROM aws.ec2.instances) DELETE FROM aws.iam.users WHERE UserName = "
        "'ann'"
    )
    assert not [c for c in proxy.calls if c.startswith("ec2:")]
    assert left(client) == ["bob", "eve"]


def test_nothing_is_written_by_a_with_that_could_not_be_read(
    ask: Ask, client: Client, proxy: FaultProxy
) -> None:
    with pytest.raises(Error):
        ask(
            "WITH x AS (SELECT UserName FROM aws.iam.access_keys WHERE UserName = 'nobody-at-all' "
            "UNION ALL SELECT Description FROM aws.ec2.no_such_table) "
            "DELETE FROM aws.iam.users WHERE UserName NOT IN (FROM x)"
        )
    assert left(client) == ["ann", "bob", "eve"]


def test_local_tables_are_the_engines_own(ask: Ask, proxy: FaultProxy) -> None:
    rows = ask(
        "CREATE TABLE t AS SELECT * FROM range(5) r(n); "
        "WITH x AS (SELECT 3 AS n) DELETE FROM t WHERE n > (SELECT n FROM x); "
        "WITH x AS (SELECT 9 AS n) INSERT INTO t SELECT n FROM x; SELECT list(n ORDER BY n) AS n "
        "FROM t"
    )
    assert rows == [{"n": [0, 1, 2, 3, 9]}]
    assert not proxy.calls


@pytest.mark.parametrize(
    "sql",
    [
        "WITH x AS (DELETE FROM aws.iam.users WHERE true RETURNING UserName) SELECT * FROM x",
        "WITH x AS (DELETE FROM aws.iam.users WHERE true RETURNING UserName) "
        "DELETE FROM aws.iam.access_keys WHERE UserName IN (FROM x)",
        "WITH x AS (UPDATE aws.iam.users SET NewPath = '/x/' WHERE true) SELECT 1",
        "WITH x AS (EXEC aws.iam.users.delete_user @UserName = 'ann') SELECT * FROM x",
        "WITH x AS (EXEC aws.iam.users.delete_user @UserName = 'ann') "
        "DELETE FROM aws.iam.users WHERE UserName IN (FROM x)",
        "WITH x AS (SELECT * FROM (EXEC aws.iam.users.delete_user @UserName = 'ann')) "
        "DELETE FROM aws.iam.users WHERE UserName = 'bob'",
    ],
)
def test_a_write_within_with_is_refused_and_makes_no_call(
    sql: str, ask: Ask, client: Client
) -> None:
    with pytest.raises((NotSupportedError, SqlSyntaxError)):
        ask(sql)
    assert left(client) == ["ann", "bob", "eve"]


@pytest.mark.parametrize(
    "sql",
    [
        "WITH x AS (SELECT 1 DELETE FROM aws.iam.users WHERE true",
        "WITH x AS SELECT 1 DELETE FROM aws.iam.users WHERE true",
        "WITH x AS (SELEC 1) DELETE FROM aws.iam.users WHERE true",
        "WITH DELETE FROM aws.iam.users WHERE true",
        "WITH x AS (SELECT 1), DELETE FROM aws.iam.users WHERE true",
        "WITH x AS (SELECT 1) DELETE FROM aws.iam.users",
    ],
)
def test_a_with_that_is_wrong_is_an_error_and_makes_no_call(
    sql: str, ask: Ask, client: Client
) -> None:
    with pytest.raises(Error):
        ask(sql)
    assert left(client) == ["ann", "bob", "eve"]
