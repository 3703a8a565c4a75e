"""LIMIT and pages, as a service sees them that answers only what its documentation allows."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

from cirrusql.errors import CallLimit
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session.session import Session
from tests.session.conftest import rows_of
from tests.support.scripted_api import XML, Asked, Reply, ScriptedApi


def test_a_limit_is_never_below_what_a_service_takes(open_session: Callable[..., Session]) -> None:
    """RDS: "Constraints: Minimum 20, maximum 100"; the shape says nothing of it."""

    def answer(asked: Asked) -> Reply:
        size = int(asked.form.get("MaxRecords", 100))
        if not 20 <= size <= 100:
            code = "<ErrorResponse><Error><Code>InvalidParameterValue</Code><Message>Invalid value"
            return 400, XML, f"{code} {size} for MaxRecords</Message></Error></ErrorResponse>"
        names = "".join(
            f"<DBInstance><DBInstanceIdentifier>d-{n}</DBInstanceIdentifier></DBInstance>"
            for n in range(size)
        )
        result = f"<DescribeDBInstancesResult><DBInstances>{names}</DBInstances></DescribeDBInstancesResult>"  # noqa: E501
        return 200, XML, f"<DescribeDBInstancesResponse>{result}</DescribeDBInstancesResponse>"

    with ScriptedApi(answer) as api:
        session = open_session(endpoint_url=api.url)
        for limit in (1, 30, 100):
            found = rows_of(
                session, f"SELECT DBInstanceIdentifier FROM aws.rds.db_instances LIMIT {limit}"
            )
            assert len(found) == limit
    assert [a.form["MaxRecords"] for a in api.asked] == ["20", "30", "100"]


def test_a_page_of_s3_is_as_small_as_what_is_needed(open_session: Callable[..., Session]) -> None:
    def answer(asked: Asked) -> Reply:
        keys = (
            f"<Contents><Key>k{n}</Key></Contents>" for n in range(int(asked.query["max-keys"]))
        )
        listing = (
            f"<Name>b</Name><IsTruncated>true</IsTruncated><NextContinuationToken>t{len(api.asked)}"
        )
        listing += f"</NextContinuationToken>{''.join(keys)}"
        return 200, XML, f"<ListBucketResult>{listing}</ListBucketResult>"

    with ScriptedApi(answer) as api:
        session = open_session(endpoint_url=api.url)
        for limit, name in ((3, "b"), (50, "b")):
            sql = f"SELECT Key FROM aws.s3.objects WHERE Bucket = '{name}' LIMIT {limit}"
            assert len(rows_of(session, sql)) == limit
        (found,) = rows_of(
            session,
            "SELECT count(*) AS n FROM (SELECT Key FROM aws.s3.objects WHERE Bucket = $b LIMIT 2)",
            b="b",
        )
        assert found == {"n": 2}
    assert [a.query["max-keys"] for a in api.asked] == ["20", "50", "20"]


def test_a_page_is_not_shrunk_where_the_where_may_drop_its_rows(
    open_session: Callable[..., Session],
) -> None:
    def answer(asked: Asked) -> Reply:
        assert "max-keys" not in asked.query
        keys = "".join(f"<Contents><Key>k{n}</Key></Contents>" for n in range(30))
        return (
            200,
            XML,
            f"<ListBucketResult><IsTruncated>false</IsTruncated>{keys}</ListBucketResult>",
        )

    with ScriptedApi(answer) as api:
        session = open_session(endpoint_url=api.url)
        for where in (
            "Bucket = 'b' AND Key > 'k2'",
            "Bucket IN ('b', 'c') AND Bucket = 'c'",
            "Bucket <> 'c' AND Bucket = 'b'",
        ):
            assert (
                len(rows_of(session, f"SELECT Key FROM aws.s3.objects WHERE {where} LIMIT 3")) == 3
            )


def _users(token: str | None, *names: str) -> Reply:
    members = "".join(f"<member><UserName>{n}</UserName></member>" for n in names)
    more = f"<IsTruncated>true</IsTruncated><Marker>{token}</Marker>" if token else ""
    result = f"<ListUsersResult>{more}<Users>{members}</Users></ListUsersResult>"
    return 200, XML, f"<ListUsersResponse>{result}</ListUsersResponse>"


def test_a_listing_that_never_ends_is_stopped_by_max_calls(
    open_session: Callable[..., Session],
) -> None:
    numbers = count(1)

    def answer(asked: Asked) -> Reply:
        number = next(numbers)
        return _users(f"t{number}", f"u{number}")

    with ScriptedApi(answer) as api:
        session = open_session(endpoint_url=api.url, max_calls=7)
        (result,) = session.run("SELECT UserName FROM aws.iam.users")
        assert result.table().num_rows == 7
        assert [type(f.error) for f in result.failures] == [CallLimit]
        (told,) = rows_of(session, "SELECT count(*) AS n, max(page) AS page FROM cirrusql.calls")
    assert api.calls == {"ListUsers": 7}
    assert told == {"n": 7, "page": 7}


def test_as_many_pages_as_max_calls_are_no_error(open_session: Callable[..., Session]) -> None:
    numbers = count(1)

    def answer(asked: Asked) -> Reply:
        number = next(numbers)
        return _users(f"t{number}" if number < 7 else None, f"u{number}")

    with ScriptedApi(answer) as api:
        session = open_session(endpoint_url=api.url, max_calls=7)
        (result,) = session.run("SELECT UserName FROM aws.iam.users")
        assert (result.table().num_rows, result.failures) == (7, [])


def test_pages_and_keys_fed_on_count_alike(open_session: Callable[..., Session]) -> None:
    def answer(asked: Asked) -> Reply:
        if asked.operation == "ListUsers":
            return _users(None, "a", "b", "c")
        more = (
            "<IsTruncated>true</IsTruncated><Marker>m</Marker>"
            if "Marker" not in asked.form
            else ""
        )
        key = f"<member><AccessKeyId>{asked.form['UserName']}{len(more)}</AccessKeyId></member>"
        keys = f"{more}<AccessKeyMetadata>{key}</AccessKeyMetadata>"
        result = f"<ListAccessKeysResult>{keys}</ListAccessKeysResult>"
        return 200, XML, f"<ListAccessKeysResponse>{result}</ListAccessKeysResponse>"

    sql = (
        "SELECT k.AccessKeyId FROM aws.iam.users u JOIN aws.iam.access_keys k ON k.UserName = "
        "u.UserName"
    )
    for most, failures in ((7, 0), (6, 1), (2, 1)):
        with ScriptedApi(answer) as api:
            session = open_session(endpoint_url=api.url, max_calls=most)
            (result,) = session.run(sql)
            assert (result.table().num_rows, len(result.failures)) == (most - 1, failures)
            assert len(api.asked) == most


def test_a_listing_that_never_ends_feeds_no_write(open_session: Callable[..., Session]) -> None:
    numbers = count(1)

    def answer(asked: Asked) -> Reply:
        assert asked.operation == "ListUsers"
        return _users(f"t{next(numbers)}", "ann")

    with ScriptedApi(answer) as api:
        session = open_session(
            endpoint_url=api.url, max_calls=5, options=WriteOptions(assume_yes=True)
        )
        with pytest.raises(CallLimit):
            rows_of(session, "DELETE FROM aws.iam.users WHERE Path = '/x/'")
    assert api.calls == {"ListUsers": 5}
