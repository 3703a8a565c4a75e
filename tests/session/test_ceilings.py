"""Limits of a statement: endless pages, endless bodies, retries, rows."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

from cirrusql.errors import BadAnswer, CallFailed, CallLimit, Error, PolicyDenied
from cirrusql.session.session import Session
from cirrusql.settings import ConnectionSettings, Settings
from tests.session.conftest import rows_of
from tests.support.fault_proxy import FaultProxy, Faults
from tests.support.scripted_api import JSON, XML, Asked, Reply, ScriptedApi

Open = Callable[..., Session]


def users(rows: int) -> Callable[[Asked], Reply]:
    """A listing whose every page names another one, with so many rows."""
    numbers = count()

    def answer(asked: Asked) -> Reply:
        number = next(numbers)
        found = "".join(f"<member><UserName>u{number}-{i}</UserName></member>" for i in range(rows))
        more = f"<IsTruncated>true</IsTruncated><Marker>m{number}</Marker>"
        return (
            200,
            XML,
            f"<ListUsersResponse><ListUsersResult><Users>{found}</Users>{more}</ListUsersResult></ListUsersResponse>",
        )

    return answer


@pytest.mark.parametrize("rows", [0, 1, 50])
def test_a_listing_that_never_ends_is_ended_and_told(rows: int, open_session: Open) -> None:
    with ScriptedApi(users(rows)) as api:
        session = open_session(endpoint_url=api.url, max_calls=20)
        (result,) = session.run("SELECT UserName FROM aws.iam.users", {})
        assert result.table().num_rows == 20 * rows
    assert api.calls["ListUsers"] == 20
    (failure,) = result.failures
    assert isinstance(failure.error, CallLimit)
    assert "max_calls" in failure.error.message


def test_a_listing_that_never_ends_changes_nothing(open_session: Open) -> None:
    with ScriptedApi(users(5)) as api:
        session = open_session(endpoint_url=api.url, max_calls=20)
        with pytest.raises(Error, match="max_calls"):
            rows_of(session, "DELETE FROM aws.iam.users WHERE UserName LIKE 'u%'")
    assert set(api.calls) <= {"ListUsers"}


def test_parents_without_end_have_the_same_bound(open_session: Open) -> None:
    with ScriptedApi(users(3)) as api:
        session = open_session(endpoint_url=api.url, max_calls=20)
        (result,) = session.run("SELECT AccessKeyId FROM aws.iam.access_keys", {})
        result.table()
    assert len(api.asked) <= 20
    assert any(isinstance(f.error, CallLimit) for f in result.failures)


def test_rows_have_a_bound(open_session: Open) -> None:
    with ScriptedApi(users(50)) as api:
        session = open_session(endpoint_url=api.url, max_rows=120)
        (result,) = session.run("SELECT UserName FROM aws.iam.users", {})
        assert 120 <= result.table().num_rows <= 150
    assert api.calls["ListUsers"] == 3
    (failure,) = result.failures
    assert "max_rows" in failure.error.message


def test_an_organization_whose_accounts_never_end_is_an_error(open_session: Open) -> None:
    numbers = count()

    def answer(asked: Asked) -> Reply:
        if asked.operation == "ListAccounts":
            return 200, JSON, {"Accounts": [], "NextToken": str(next(numbers))}
        return 400, JSON, {"__type": "Nothing"}

    with ScriptedApi(answer) as api:
        session = open_session(
            endpoint_url=api.url,
            max_calls=20,
            connections={"org": ConnectionSettings("org", organization=True)},
        )
        with pytest.raises(CallLimit, match="more pages"):
            rows_of(session, "SELECT UserName FROM aws.iam.users WHERE connection LIKE 'org/%'")
    assert api.calls["ListAccounts"] == 20


@pytest.mark.parametrize("says_length", [True, False])
def test_an_answer_that_is_too_large_is_asked_for_once(
    says_length: bool, open_session: Open
) -> None:
    def answer(asked: Asked) -> Reply:
        return 200, XML, "x" * 200_000

    with ScriptedApi(answer) as api:
        session = open_session(endpoint_url=api.url, max_body=100_000 if says_length else 1000)
        with pytest.raises(BadAnswer, match="max_body"):
            rows_of(session, "SELECT UserName FROM aws.iam.users")
    assert len(api.asked) == 1


def test_the_time_of_a_call_s_attempts_has_a_bound(open_session: Open, proxy: FaultProxy) -> None:
    proxy.faults = Faults(server_error=1.0, latency=0.2)
    session = open_session(max_attempts=1000, retry_timeout=1.0)
    with pytest.raises(CallFailed):
        rows_of(session, "SELECT UserName FROM aws.iam.users")
    # Ten would be a second of answers alone.
    assert 1 < proxy.calls["iam:ListUsers"] <= 6


@pytest.mark.parametrize(
    ("name", "more", "less"),
    [("max_calls", 11, 9), ("max_rows", 0, 9), ("retry_timeout", 0, 5), ("concurrency", 100, 1)],
)
def test_a_guarded_session_lowers_and_does_not_raise(name: str, more: int, less: int) -> None:
    start = Settings(max_calls=10, max_rows=10, retry_timeout=10.0, concurrency=10).guarded()
    with pytest.raises(PolicyDenied, match="the maximum is 10"):
        start.with_set(name, str(more))
    lowered = start.with_set(name, str(less))
    assert getattr(lowered, name) == less
    assert getattr(lowered.with_reset(name, start), name) == 10
    assert getattr(lowered.with_set(name, "10"), name) == 10
    assert getattr(Settings().with_set(name, str(more)), name) == more
