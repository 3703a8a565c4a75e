"""Bound values in a WHERE: NULL equals nothing, and a list is not a name."""

from __future__ import annotations

import pytest

from cirrusql.errors import InvalidParameter
from tests.session.conftest import Ask
from tests.support.fault_proxy import FaultProxy

_KEY = "AKIAAAAAAAAAAAAAAAAA"

OF_NO_ROW = [
    "UPDATE aws.iam.users SET NewPath = '/x/' WHERE UserName = $v",
    "DELETE FROM aws.iam.users WHERE UserName = $v",
    "DELETE FROM aws.iam.users WHERE UserName IN ($v)",
    "DELETE FROM aws.iam.users WHERE UserName = ANY($v)",
    "DELETE FROM aws.iam.users WHERE UserName = (SELECT $v)",
    "DELETE FROM aws.iam.users WHERE Path = $v",
    "DELETE FROM aws.iam.users WHERE Path <> $v AND UserName LIKE 'a%'",
    "DELETE FROM aws.iam.users WHERE NOT (UserName = $v)",
    f"DELETE FROM aws.iam.access_keys WHERE UserName = $v AND AccessKeyId = '{_KEY}'",
    "SELECT UserName FROM aws.iam.users WHERE UserName = $v",
    "SELECT UserName FROM aws.iam.users WHERE CreateDate > $v",
    "SELECT AccessKeyId FROM aws.iam.access_keys WHERE UserName = $v",
    "SELECT AccessKeyId FROM aws.iam.access_keys WHERE Status = $v",
    "SELECT u.Arn FROM aws.iam.users u JOIN aws.iam.access_keys k ON k.UserName = u.UserName "
    "WHERE u.UserName = $v",
    "SELECT UserName FROM aws.iam.users WHERE UserName = NULL",
]


@pytest.mark.parametrize("sql", OF_NO_ROW)
def test_no_row_equals_null_and_none_is_called(sql: str, ask: Ask, proxy: FaultProxy) -> None:
    ask("INSERT INTO aws.iam.users (UserName) VALUES ('ann')")
    proxy.calls.clear()
    assert ask(sql, v=None) == []
    assert proxy.calls == {}


def test_a_null_among_values_matches_none_of_the_rows(ask: Ask, proxy: FaultProxy) -> None:
    ask("INSERT INTO aws.iam.users (UserName) VALUES ('ann'), ('bob')")
    done = ask("DELETE FROM aws.iam.users WHERE UserName IN ($v, 'bob')", v=None)
    assert [(r["target"], r["status"]) for r in done] == [("UserName=bob", "done")]
    assert ask("SELECT UserName FROM aws.iam.users") == [{"UserName": "ann"}]


def test_null_is_of_no_consequence_beside_another_condition(ask: Ask) -> None:
    ask("INSERT INTO aws.iam.users (UserName) VALUES ('ann'), ('bob')")
    found = ask(
        "SELECT UserName FROM aws.iam.users WHERE UserName = $v OR UserName = 'ann'", v=None
    )
    assert found == [{"UserName": "ann"}]
    counted = ask("SELECT count(*) AS n FROM aws.iam.users WHERE $v IS NULL", v=None)
    assert counted == [{"n": 2}]
    outer = ask(
        "SELECT u.UserName, k.AccessKeyId FROM aws.iam.users u LEFT JOIN aws.iam.access_keys k "
        "ON k.UserName = u.UserName AND k.Status = $v ORDER BY 1",
        v=None,
    )
    assert [r["UserName"] for r in outer] == ["ann", "bob"]


@pytest.mark.parametrize("value", [["ann", "bob"], ("ann",), [], {"name": "ann"}])
@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM aws.iam.users WHERE UserName = $v",
        "DELETE FROM aws.iam.users WHERE UserName IN ($v)",
        "DELETE FROM aws.iam.users WHERE UserName = 'ann' OR UserName = $v",
        "DELETE FROM aws.iam.users WHERE Path = $v",
        "UPDATE aws.iam.users SET NewPath = '/x/' WHERE $v = UserName",
        f"DELETE FROM aws.iam.access_keys WHERE UserName = $v AND AccessKeyId = '{_KEY}'",
        "SELECT UserName FROM aws.iam.users WHERE UserName = $v",
        "SELECT AccessKeyId FROM aws.iam.access_keys WHERE UserName = $v",
        "INSERT INTO aws.iam.users (UserName) VALUES ($v)",
        "EXEC aws.iam.users.delete_user @UserName = $v",
        "DELETE FROM aws.iam.users WHERE UserName = (SELECT $v)",
        "SELECT AccessKeyId FROM aws.iam.access_keys WHERE UserName = (SELECT $v)",
    ],
)
def test_a_list_is_not_sent_as_a_name(sql: str, value: object, ask: Ask, proxy: FaultProxy) -> None:
    with pytest.raises(InvalidParameter, match=r"is a single value|must be text") as raised:
        ask(sql, v=value)
    if "single" in str(raised.value) and not isinstance(value, dict):
        assert ("unnest" if "(SELECT $v)" in sql else "= ANY($v)") in str(raised.value.hint)
    assert proxy.calls == {}


def test_any_compares_with_each_value_of_a_list(ask: Ask, proxy: FaultProxy) -> None:
    ask("INSERT INTO aws.iam.users (UserName) VALUES ('ann'), ('bob'), ('eve')")
    for form in ("= ANY($v)", "IN $v"):
        found = ask(
            f"SELECT UserName FROM aws.iam.users WHERE UserName {form} ORDER BY 1", v=["ann", "bob"]
        )
        assert found == [{"UserName": "ann"}, {"UserName": "bob"}]
    ask("DELETE FROM aws.iam.users WHERE UserName = ANY($v)", v=["ann", "bob"])
    assert ask("SELECT UserName FROM aws.iam.users") == [{"UserName": "eve"}]


def test_a_document_may_be_given_as_a_structure(ask: Ask) -> None:
    policy = {"Version": "2012-10-17", "Statement": []}
    done = ask(
        "INSERT INTO aws.iam.roles (RoleName, AssumeRolePolicyDocument) VALUES ('r', $v)", v=policy
    )
    assert [r["status"] for r in done] == ["done"]
