"""Writing to a non-AWS provider: rows created, updated, deleted;
previews, transactions, the policy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cirrusql.errors import ConfirmationRequired, InvalidParameter, PolicyDenied
from cirrusql.execution.writes.write_options import WriteOptions
from cirrusql.session.session import Session
from cirrusql.settings import Policy, Rule, Settings
from tests.providers.conftest import PROVIDERS, rows
from tests.support.tracker.server import TOKEN, Tracker


@pytest.fixture
def writer(tracker: Tracker) -> Iterator[Session]:
    """A session that writes without confirmation."""
    environ = {"TRACKER_URL": tracker.url, "TRACKER_TOKEN": TOKEN}
    opened = Session(Settings(providers=PROVIDERS), environ, options=WriteOptions(assume_yes=True))
    yield opened
    opened.close()


def test_a_row_is_made_and_given_back(writer: Session, tracker: Tracker) -> None:
    found = rows(
        writer,
        "INSERT INTO tracker.work.projects (key, title, labels) VALUES ('a', 'First', ['x', 'y']) "
        "RETURNING key, labels",
    )
    assert found == [{"key": "a", "labels": ["x", "y"]}]
    assert tracker.bodies == [{"key": "a", "title": "First", "labels": ["x", "y"]}]


def test_what_is_in_the_path_is_not_in_the_body(writer: Session, tracker: Tracker) -> None:
    tracker.project("a")
    rows(
        writer,
        "INSERT INTO tracker.work.issues (project, summary, assignee) "
        "VALUES ('a', 'Broken', {'login': 'ann', 'team': 'core'})",
    )
    assert tracker.issues[1]["assignee"] == {"login": "ann", "team": "core"}
    assert tracker.bodies == [{"summary": "Broken", "assignee": {"login": "ann", "team": "core"}}]


def test_rows_are_changed_that_the_where_finds(writer: Session, tracker: Tracker) -> None:
    tracker.project("a", owner="ann")
    tracker.project("b", owner="bob")
    rows(
        writer,
        "UPDATE tracker.work.projects SET title = title || '!', is_open = false WHERE owner = "
        "'ann'",
    )
    assert (tracker.projects["a"]["title"], tracker.projects["a"]["is_open"]) == ("A!", False)
    assert tracker.projects["b"]["title"] == "B"
    assert "PATCH /projects/b" not in tracker.calls


def test_a_row_that_is_named_is_changed_by_one_call(writer: Session, tracker: Tracker) -> None:
    tracker.project("a")
    rows(writer, "UPDATE tracker.work.projects SET owner = 'ann' WHERE key = 'a'")
    assert tracker.projects["a"]["owner"] == "ann"
    assert tracker.calls == ["PATCH /projects/a"]


def test_rows_are_deleted_by_what_reading_found(writer: Session, tracker: Tracker) -> None:
    tracker.project("a")
    tracker.issue("a", "keep")
    tracker.issue("a", "drop")
    rows(writer, "DELETE FROM tracker.work.issues WHERE summary = 'drop'")
    assert [i["summary"] for i in tracker.issues.values()] == ["keep"]


def test_any_operation_is_called_by_exec(writer: Session, tracker: Tracker) -> None:
    tracker.project("a")
    tracker.issue("a", "x")
    (result,) = writer.run("EXEC tracker.work.issues.close @id = 1")
    assert result.table().to_pylist()[0]["state"] == "closed"


def test_more_than_is_named_is_shown_first(session: Session, tracker: Tracker) -> None:
    tracker.project("a")
    tracker.project("b")
    with pytest.raises(ConfirmationRequired, match="2"):
        rows(session, "DELETE FROM tracker.work.projects WHERE true")
    assert sorted(tracker.projects) == ["a", "b"]


def test_a_preview_names_the_provider_where_there_is_no_account(tracker: Tracker) -> None:
    seen: list[Any] = []

    def confirm(preview: Any) -> bool:
        seen.append(preview)
        return True

    tracker.project("a")
    tracker.project("b")
    environ = {"TRACKER_URL": tracker.url, "TRACKER_TOKEN": TOKEN}
    options = WriteOptions(confirm=confirm)
    opened = Session(Settings(providers=PROVIDERS), environ, options=options)
    rows(opened, "DELETE FROM tracker.work.projects WHERE true")
    assert seen[0].places == ("provider tracker",)
    assert tracker.projects == {}
    opened.close()


def test_a_fault_of_the_values_is_found_before_any_call(writer: Session, tracker: Tracker) -> None:
    with pytest.raises(InvalidParameter, match="part of the path"):
        rows(writer, "UPDATE tracker.work.projects SET title = 'x' WHERE key = ''")
    assert tracker.calls == []


def test_what_the_api_refuses_is_told_in_its_words(writer: Session, tracker: Tracker) -> None:
    tracker.project("a")
    (result,) = writer.run("INSERT INTO tracker.work.projects (key, title) VALUES ('a', 'x')")
    (told,) = result.table().to_pylist()
    assert told["status"] == "failed"
    assert "AlreadyExists: there is a project a" in told["error"]
    assert told["request_id"] == "r-1"


def test_a_transaction_that_fails_undoes_what_was_done(writer: Session, tracker: Tracker) -> None:
    tracker.project("b")
    list(
        writer.run(
            "BEGIN; INSERT INTO tracker.work.projects (key, title) VALUES ('a', 'x');"
            "INSERT INTO tracker.work.projects (key, title) VALUES ('b', 'x')"
        )
    )
    (result,) = writer.run("COMMIT")
    assert {r["operation"]: r["status"] for r in result.table().to_pylist()}
    assert sorted(tracker.projects) == ["b"]


def test_the_policy_speaks_of_it_as_of_any_table(tracker: Tracker) -> None:
    tracker.project("a")
    environ = {"TRACKER_URL": tracker.url, "TRACKER_TOKEN": TOKEN}
    only_reads = Policy(
        allow=(Rule("tracker.*:select", ("tracker", "*", "*", "*"), frozenset({"select"})),)
    )
    opened = Session(Settings(providers=PROVIDERS, policy=only_reads), environ)
    assert rows(opened, "SELECT key FROM tracker.work.projects") == [{"key": "a"}]
    with pytest.raises(PolicyDenied, match=r"tracker\.work\.projects"):
        rows(opened, "DELETE FROM tracker.work.projects WHERE key = 'a'")
    opened.close()


def test_the_audit_log_has_the_call_and_not_the_token(tracker: Tracker, tmp_path: Path) -> None:
    environ = {"TRACKER_URL": tracker.url, "TRACKER_TOKEN": TOKEN}
    log = tmp_path / "audit.jsonl"
    opened = Session(
        Settings(providers=PROVIDERS, audit=str(log)),
        environ,
        options=WriteOptions(assume_yes=True),
    )
    rows(opened, "INSERT INTO tracker.work.projects (key, title) VALUES ('a', 'x')")
    opened.close()
    text = log.read_text()
    first = json.loads(text.splitlines()[0])
    assert "tracker.work:projects/create" in text
    assert TOKEN not in text
    assert first["who"] == {}
