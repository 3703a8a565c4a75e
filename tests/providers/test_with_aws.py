"""A non-AWS provider together with AWS: joins across both, connections of both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cirrusql.errors import UnknownName
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session.session import Session
from cirrusql.settings import ConnectionSettings, Settings
from tests.providers.conftest import PROVIDERS, rows
from tests.support.tracker.server import TOKEN, Tracker

Client = Callable[..., Any]


def opened(aws: str, environ: dict[str, str], **given: Any) -> Session:
    settings = Settings(providers=PROVIDERS, endpoint_url=aws, region="us-east-1", **given)
    return Session(settings, environ, options=WriteOptions(assume_yes=True))


def test_issues_are_joined_with_the_users_they_are_of(
    aws: str, client: Client, tracker: Tracker
) -> None:
    for name in ("ann", "bob", "eve"):
        client("iam").create_user(UserName=name, Path=f"/{name}/")
    tracker.project("a", owner="ann")
    tracker.project("b", owner="bob")
    environ = {"TRACKER_URL": tracker.url, "TRACKER_TOKEN": TOKEN}
    with opened(aws, environ) as session:
        found = rows(
            session,
            "SELECT p.key, u.Path FROM tracker.work.projects p "
            "JOIN aws.iam.users u ON u.UserName = p.owner ORDER BY p.key",
        )
        assert found == [{"key": "a", "Path": "/ann/"}, {"key": "b", "Path": "/bob/"}]
        found = rows(
            session,
            "SELECT u.UserName FROM aws.iam.users u "
            "WHERE NOT EXISTS (FROM tracker.work.projects p WHERE p.owner = u.UserName)",
        )
        assert found == [{"UserName": "eve"}]


def test_rows_of_aws_become_rows_of_the_other(aws: str, client: Client, tracker: Tracker) -> None:
    client("iam").create_user(UserName="ann")
    tracker.project("a")
    environ = {"TRACKER_URL": tracker.url, "TRACKER_TOKEN": TOKEN}
    with opened(aws, environ) as session:
        rows(
            session,
            "INSERT INTO tracker.work.issues (project, summary) "
            "SELECT 'a', 'key of ' || UserName FROM aws.iam.users",
        )
    assert [i["summary"] for i in tracker.issues.values()] == ["key of ann"]


def test_each_provider_has_its_own_connections(aws: str, client: Client, tracker: Tracker) -> None:
    client("iam").create_user(UserName="ann")
    other = Tracker()
    try:
        tracker.project("a")
        other.project("b")
        connections = {
            "one": ConnectionSettings(
                "one", provider="tracker", endpoint_url=tracker.url, token_env="T"
            ),
            "two": ConnectionSettings(
                "two", provider="tracker", endpoint_url=other.url, token_env="T"
            ),
            "cloud": ConnectionSettings("cloud"),
        }
        with opened(aws, {"T": TOKEN}, connections=connections, connection="one") as session:
            sql = "SELECT key, connection FROM tracker.work.projects"
            assert rows(session, sql) == [{"key": "a", "connection": "one"}]
            everywhere = rows(session, f"{sql} WHERE connection = '*' ORDER BY key")
            assert [r["connection"] for r in everywhere] == ["one", "two"]
            assert rows(session, f"{sql} WHERE connection = 'cloud'") == []
            users = rows(
                session, "SELECT UserName, connection FROM aws.iam.users WHERE connection = '*'"
            )
            assert users == [{"UserName": "ann", "connection": "cloud"}]
            # The session's own connection is the tracker's: AWS is called with what is in the
            # environment.
            assert rows(session, "SELECT UserName FROM aws.iam.users") == [{"UserName": "ann"}]
            # A place of one provider is not a place of the other.
            other.projects["b"]["owner"] = "ann"
            joined = (
                "SELECT key FROM tracker.work.projects p JOIN aws.iam.users u ON u.UserName "
                "= p.owner"
            )
            assert rows(session, f"{joined} WHERE p.connection = 'two'") == [{"key": "b"}]
            assert rows(
                session, f"{joined} WHERE p.connection = 'two' AND u.region = 'us-east-1'"
            ) == [{"key": "b"}]
            with pytest.raises(UnknownName, match="three"):
                rows(session, f"{sql} WHERE connection = 'three'")
    finally:
        other.close()


def test_the_regions_there_are_are_those_of_the_provider_that_has_some(
    aws: str, tracker: Tracker
) -> None:
    with opened(aws, {"TRACKER_URL": tracker.url, "TRACKER_TOKEN": TOKEN}) as session:
        assert {"us-east-1", "eu-west-1"} <= {r["name"] for r in rows(session, "SHOW REGIONS")}
    assert tracker.calls == []
