"""A context column that only one provider has: read, compared, joined and written by,
whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import cirrusql
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session.session import Session
from cirrusql.settings import ConnectionSettings, Settings
from tests.providers.conftest import rows
from tests.support.tracker.server import TOKEN, Tracker

PROVIDERS = {"tracker": "tests.support.tracker:of_workspaces"}


@pytest.fixture
def other() -> Iterator[Tracker]:
    """The tracker of another workspace."""
    started = Tracker()
    yield started
    started.close()


@pytest.fixture
def session(tracker: Tracker, other: Tracker) -> Iterator[Session]:
    """A session that knows two workspaces, of which ``red`` is its own."""
    tracker.project("a", owner="ann")
    tracker.project("both", owner="ann")
    other.project("b", owner="bob")
    other.project("both", owner="bob")
    with opened(tracker, other) as found:
        yield found


def opened(tracker: Tracker, other: Tracker, **given: Any) -> Session:
    connections = {
        name: ConnectionSettings(
            name, provider="tracker", endpoint_url=place.url, variables={"workspace": workspace}
        )
        for name, place, workspace in (("one", tracker, "red"), ("two", other, "blue"))
    }
    settings = Settings(providers=PROVIDERS, connections=connections, connection="one", **given)
    return Session(settings, {"TRACKER_TOKEN": TOKEN}, options=WriteOptions(assume_yes=True))


def test_a_row_says_of_which_workspace_it_is(session: Session, other: Tracker) -> None:
    found = rows(
        session, "SELECT key, workspace, connection FROM tracker.work.projects ORDER BY key"
    )
    assert found == [
        {"key": "a", "workspace": "red", "connection": "one"},
        {"key": "both", "workspace": "red", "connection": "one"},
    ]
    assert not other.calls


@pytest.mark.parametrize(
    ("condition", "keys", "is_called"),
    [
        ("workspace = 'blue'", ["b", "both"], (False, True)),
        ("workspace = 'red'", ["a", "both"], (True, False)),
        ("workspace IN ('red', 'blue')", ["a", "b", "both", "both"], (True, True)),
        ("workspace <> 'red'", ["b", "both"], (False, True)),
        ("workspace LIKE 'b%'", ["b", "both"], (False, True)),
        ("upper(workspace) = 'BLUE'", ["b", "both"], (False, True)),
        ("workspace = 'blue' AND connection = 'one'", [], (False, False)),
        ("workspace = 'blue' AND key = 'both'", ["both"], (False, True)),
        ("workspace = '*'", ["a", "b", "both", "both"], (True, True)),
        ("workspace IS NULL", [], (False, False)),
        ("workspace = 'none'", [], (False, False)),
        ("NOT (workspace = 'red')", ["b", "both"], (False, True)),
    ],
)
def test_a_condition_says_where_to_read(
    session: Session,
    tracker: Tracker,
    other: Tracker,
    condition: str,
    keys: list[str],
    is_called: tuple[bool, bool],
) -> None:
    found = rows(session, f"SELECT key FROM tracker.work.projects WHERE {condition} ORDER BY key")
    assert [r["key"] for r in found] == keys
    assert (bool(tracker.calls), bool(other.calls)) == is_called


def test_two_tables_are_joined_by_it(session: Session, tracker: Tracker, other: Tracker) -> None:
    tracker.issue("both", "of red")
    other.issue("both", "of blue")
    found = rows(
        session,
        "SELECT p.workspace, p.owner, i.summary FROM tracker.work.projects p JOIN "
        "tracker.work.issues i "
        "ON i.project = p.key AND i.workspace = p.workspace WHERE p.workspace IN ('red', 'blue') "
        "ORDER BY 1",
    )
    assert found == [
        {"workspace": "blue", "owner": "bob", "summary": "of blue"},
        {"workspace": "red", "owner": "ann", "summary": "of red"},
    ]


def test_what_is_joined_with_a_row_is_looked_for_where_the_row_is(
    session: Session, tracker: Tracker, other: Tracker
) -> None:
    tracker.issue("both", "of red")
    other.issue("both", "of blue")
    found = rows(
        session,
        "SELECT p.owner, i.summary FROM tracker.work.projects p JOIN tracker.work.issues i "
        "ON i.project = p.key WHERE p.workspace = 'blue'",
    )
    assert found == [{"owner": "bob", "summary": "of blue"}]
    assert not tracker.calls


@pytest.mark.parametrize("join", ["JOIN tracker.work.projects q USING (key, workspace)"])
def test_using_and_grouping_go_by_it(session: Session, join: str) -> None:
    found = rows(
        session,
        f"SELECT workspace, count(*) AS n FROM tracker.work.projects p {join} "
        "WHERE workspace = '*' GROUP BY workspace ORDER BY 1",
    )
    assert found == [{"workspace": "blue", "n": 2}, {"workspace": "red", "n": 2}]


def test_it_is_a_column_of_a_derived_table(session: Session) -> None:
    found = rows(
        session,
        "WITH all_of_them AS (SELECT key, workspace AS w FROM tracker.work.projects) "
        "SELECT key FROM all_of_them WHERE w = 'blue' ORDER BY key",
    )
    assert [r["key"] for r in found] == ["b", "both"]


def test_a_join_with_another_provider_keeps_to_it(
    aws: str, client: Callable[..., Any], tracker: Tracker, other: Tracker
) -> None:
    client("iam").create_user(UserName="bob")
    other.project("b", owner="bob")
    tracker.project("a", owner="bob")
    with opened(tracker, other, endpoint_url=aws, region="us-east-1") as session:
        found = rows(
            session,
            "SELECT p.key, u.UserName FROM tracker.work.projects p JOIN aws.iam.users u "
            "ON u.UserName = p.owner WHERE p.workspace = 'blue'",
        )
    assert found == [{"key": "b", "UserName": "bob"}]


def test_what_is_written_is_of_the_workspace_that_is_named(
    session: Session, tracker: Tracker, other: Tracker
) -> None:
    rows(
        session,
        "UPDATE tracker.work.projects SET title = 'New' WHERE key = 'both' AND workspace = 'blue'",
    )
    assert (tracker.projects["both"]["title"], other.projects["both"]["title"]) == ("BOTH", "New")
    (made,) = rows(
        session,
        "INSERT INTO tracker.work.projects (key, title) VALUES ('c', 'C') RETURNING key, workspace",
    )
    assert made == {"key": "c", "workspace": "red"}
    rows(session, "DELETE FROM tracker.work.projects WHERE workspace = 'blue'")
    assert (sorted(tracker.projects), sorted(other.projects)) == (["a", "both", "c"], [])


def test_describe_and_explain_name_it(session: Session) -> None:
    described = rows(session, "DESCRIBE EXTENDED tracker.work.projects")
    assert "workspace" in [r["name"] for r in described]
    (step,) = rows(
        session, "EXPLAIN SELECT key FROM tracker.work.projects WHERE workspace = 'blue'"
    )
    assert "workspace = 'blue'" in step["accounts"]


def test_the_session_of_the_environment_has_its_workspace_too(tracker: Tracker) -> None:
    tracker.project("a")
    environ = {"TRACKER_URL": tracker.url, "TRACKER_TOKEN": TOKEN, "TRACKER_WORKSPACE": "green"}
    with Session(Settings(providers=PROVIDERS), environ) as session:
        assert rows(
            session, "SELECT key, workspace FROM tracker.work.projects WHERE workspace = 'green'"
        ) == [{"key": "a", "workspace": "green"}]


def test_a_config_file_names_it(
    tracker: Tracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker.project("a")
    config = tmp_path / "config.toml"
    config.write_text(
        '[providers.tracker]\npython = "tests.support.tracker:of_workspaces"\n'
        f'[connections.one]\nprovider = "tracker"\nendpoint_url = "{tracker.url}"\n'
        'variables = { workspace = "red" }\n'
    )
    monkeypatch.setenv("TRACKER_TOKEN", TOKEN)
    with cirrusql.connect(config=config) as connection:
        found = (
            connection.cursor()
            .execute("SELECT key FROM tracker.work.projects WHERE workspace = 'red'")
            .fetchall()
        )
    assert found == [("a",)]
