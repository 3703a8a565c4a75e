"""Reading: rows, and the calls they cost."""

from __future__ import annotations

import gc
import re
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.errors import CallFailed, UnknownColumn
from cirrusql.session.session import Session
from tests.session.conftest import Ask, rows_of
from tests.support.fault_proxy import FaultProxy, Faults, asked_for


@pytest.fixture
def company(client: Callable[..., Any], proxy: FaultProxy) -> FaultProxy:
    """Ann with a key, Bob without, two buckets of which one says how it is encrypted."""
    iam, s3 = client("iam"), client("s3")
    for name in ("ann", "bob"):
        iam.create_user(UserName=name)
    iam.create_access_key(UserName="ann")
    for bucket in ("first-bucket", "second-bucket"):
        s3.create_bucket(Bucket=bucket)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    s3.put_bucket_encryption(
        Bucket="first-bucket", ServerSideEncryptionConfiguration={"Rules": [rule]}
    )
    return proxy


def test_a_join_on_a_parameter_makes_one_call_per_key(ask: Ask, company: FaultProxy) -> None:
    found = ask(
        "SELECT u.UserName, k.Status FROM aws.iam.users u LEFT JOIN aws.iam.access_keys k "
        "ON k.UserName = u.UserName ORDER BY 1"
    )
    assert [(r["UserName"], r["Status"]) for r in found] == [("ann", "Active"), ("bob", None)]
    assert company.calls == {"iam:ListUsers": 1, "iam:ListAccessKeys": 2}


def test_not_found_for_a_key_is_no_row_and_no_failure(
    session: Session, company: FaultProxy
) -> None:
    (result,) = session.run(
        "SELECT Name FROM aws.s3.buckets WHERE Name NOT IN (SELECT Bucket FROM "
        "aws.s3.bucket_encryptions "
        "WHERE Bucket IN (SELECT Name FROM aws.s3.buckets))"
    )
    assert result.table().to_pylist() == [{"Name": "second-bucket"}]
    assert result.failures == []
    assert [r.operation for r in asked_for(session.records)] == ["ListBuckets"] + [
        "GetBucketEncryption"
    ] * 2


def test_an_identical_call_is_made_once(ask: Ask, company: FaultProxy) -> None:
    ask(
        "SELECT (SELECT count(*) FROM aws.iam.users) AS a, (SELECT count(*) FROM aws.iam.users) "
        "AS b"
    )
    assert company.calls == {"iam:ListUsers": 1}


def test_a_key_in_the_where_needs_no_listing(ask: Ask, company: FaultProxy) -> None:
    found = ask("SELECT user_name FROM aws.iam.users WHERE UserName = $name", name="ann")
    assert found == [{"user_name": "ann"}]
    assert company.calls == {"iam:GetUser": 1}


def test_a_region_filter_calls_nowhere_else(
    ask: Ask, company: FaultProxy, session: Session
) -> None:
    ask("SELECT VpcId FROM aws.ec2.vpcs WHERE region IN ('eu-west-1', 'us-east-1')")
    assert sorted(r.region for r in asked_for(session.records)) == ["eu-west-1", "us-east-1"]


def test_a_wrong_statement_calls_nothing(ask: Ask, company: FaultProxy) -> None:
    for wrong in ("SELECT Nam FROM aws.iam.users", "SELECT sum(UserName, 1) FROM aws.iam.users"):
        with pytest.raises(Exception, match=r"Nam|sum"):
            ask(wrong)
    with pytest.raises(UnknownColumn, match="UserNam"):
        ask("SELECT u.UserNam FROM aws.iam.users u")
    assert company.calls == {}


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        (
            "SELECT Tags FROM (SELECT * FROM aws.iam.users)",
            r"SELECT \* on aws\.iam\.users leaves it out",
        ),
        (
            "SELECT UserName FROM (SELECT Path FROM aws.iam.users)",
            "does not select it: add it to the select list",
        ),
    ],
)
def test_a_column_that_a_subquery_does_not_pass_on_is_no_misspelt_one(
    sql: str, why: str, ask: Ask, company: FaultProxy
) -> None:
    with pytest.raises(UnknownColumn) as caught:
        ask(sql)
    assert re.search(why, caught.value.hint or "")
    assert company.calls == {}


def test_a_region_that_fails_leaves_the_others_and_is_told(
    session: Session, company: FaultProxy
) -> None:
    company.faults.deny = frozenset({"ec2:DescribeVpcs@eu-west-1"})
    (result,) = session.run(
        "SELECT region FROM aws.ec2.vpcs WHERE region IN ('eu-west-1', 'us-east-1')"
    )
    assert {r["region"] for r in result.table().to_pylist()} == {"us-east-1"}
    assert [f.call.target.region for f in result.failures] == ["eu-west-1"]
    told = rows_of(session, "SELECT region, operation, code FROM cirrusql.errors")
    assert [(t["region"], t["operation"]) for t in told] == [("eu-west-1", "DescribeVpcs")]


def test_a_statement_whose_every_call_fails_is_an_error(
    session: Session, company: FaultProxy
) -> None:
    company.faults.deny = frozenset({"iam:ListUsers"})
    with pytest.raises(CallFailed):
        rows_of(session, "SELECT * FROM aws.iam.users")


def test_max_calls_stops_with_what_was_read(session: Session, company: FaultProxy) -> None:
    rows_of(session, "SET max_calls = 2")
    (result,) = session.run(
        "SELECT UserName, AccessKeyId FROM aws.iam.users LEFT JOIN aws.iam.access_keys USING "
        "(UserName)"
    )
    assert len(result.table()) == 2
    assert "max_calls" in str(result.failures[0].error)


def test_views_are_read_through(ask: Ask, company: FaultProxy) -> None:
    ask("CREATE VIEW people AS SELECT UserName, Arn FROM aws.iam.users")
    assert [r["UserName"] for r in ask("SELECT * FROM people WHERE UserName = 'bob'")] == ["bob"]
    assert company.calls == {"iam:GetUser": 1}


def test_a_materialized_view_is_read_without_calls_until_refreshed(
    ask: Ask, company: FaultProxy
) -> None:
    ask("CREATE MATERIALIZED VIEW people AS SELECT UserName FROM aws.iam.users")
    assert len(ask("SELECT * FROM people")) == 2
    assert company.calls == {"iam:ListUsers": 1}
    ask("REFRESH MATERIALIZED VIEW people")
    assert company.calls == {"iam:ListUsers": 2}


def test_identical_reads_come_from_memory_until_a_write(
    open_session: Callable[..., Session], company: FaultProxy
) -> None:
    session = open_session(has_cache=True)
    for _ in range(3):
        rows_of(session, "SELECT UserName FROM aws.iam.users")
    assert company.calls == {"iam:ListUsers": 1}
    rows_of(session, "SELECT /*+ FRESH */ UserName FROM aws.iam.users")
    assert company.calls == {"iam:ListUsers": 2}
    rows_of(session, "INSERT INTO aws.iam.users (UserName) VALUES ('chen')")
    assert len(rows_of(session, "SELECT UserName FROM aws.iam.users")) == 3


def test_calls_are_a_table_that_holds_no_values(ask: Ask, company: FaultProxy) -> None:
    ask("SELECT * FROM aws.iam.access_keys WHERE UserName = 'ann'")
    found = ask("SELECT * FROM cirrusql.calls")
    assert {r["operation"] for r in found} >= {"ListAccessKeys"}
    assert "ann" not in str(found)


def test_columns_of_the_listing_and_of_its_detail_stand_in_one_row(
    session: Session, proxy: FaultProxy, client: Callable[..., Any]
) -> None:
    made = client("kms").create_key(Description="one")["KeyMetadata"]
    (result,) = session.run("SELECT KeyArn, Description FROM aws.kms.keys")
    assert result.table().to_pylist() == [{"KeyArn": made["Arn"], "Description": "one"}]
    assert not result.notices


def test_what_is_kept_of_a_failure_is_its_words_once(
    open_session: Callable[..., Session], proxy: FaultProxy, client: Callable[..., Any]
) -> None:
    """The error itself holds the signed request and the whole answer,
    for as long as the session lives."""
    for name in ("ann", "bob"):
        client("iam").create_user(UserName=name)
    session = open_session(max_attempts=1)
    sql = (
        "SELECT k.AccessKeyId FROM aws.iam.users u JOIN aws.iam.access_keys k ON k.UserName = "
        "u.UserName"
    )
    proxy.faults = Faults(deny=frozenset({"iam:ListAccessKeys"}))
    (result,) = session.run("SELECT UserName FROM aws.iam.users UNION ALL " + sql)
    result.table()
    errors = [weakref.ref(failure.error) for failure in result.failures]
    result.close()
    del result
    (kept,) = session.run("SELECT code, operation FROM cirrusql.errors")
    assert kept.table().to_pylist() == [{"code": "AccessDenied", "operation": "ListAccessKeys"}] * 2
    gc.collect()
    assert [error() for error in errors] == [None, None]
