"""Reading a non-AWS provider: whole tables, pages, parents, conditions, joins."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cirrusql.errors import AccessDenied, BadAnswer, CredentialsMissing
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from tests.providers.conftest import PROVIDERS, rows
from tests.support.tracker.server import Tracker


def test_a_row_has_the_fields_and_the_connection_and_no_region(
    session: Session, tracker: Tracker
) -> None:
    tracker.project("a", owner="ann", labels=["x", "y"])
    assert rows(session, "SELECT * FROM tracker.work.projects") == [
        {
            "key": "a",
            "title": "A",
            "owner": "ann",
            "is_open": True,
            "created_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            "labels": ["x", "y"],
            "connection": None,
        }
    ]
    assert tracker.calls == ["GET /projects"]


def test_pages_are_followed_by_their_links(session: Session, tracker: Tracker) -> None:
    for number in range(5):
        tracker.project(f"p{number}")
    assert rows(session, "SELECT count(*) AS n FROM tracker.work.projects") == [{"n": 5}]
    assert tracker.calls == ["GET /projects"] * 3


def test_a_limit_stops_the_pages(session: Session, tracker: Tracker) -> None:
    for number in range(5):
        tracker.project(f"p{number}")
    assert len(rows(session, "SELECT key FROM tracker.work.projects LIMIT 2")) == 2
    assert tracker.calls == ["GET /projects"]


def test_a_key_is_asked_for_by_itself(session: Session, tracker: Tracker) -> None:
    tracker.project("a")
    tracker.project("b")
    assert rows(session, "SELECT title FROM tracker.work.projects WHERE key = 'b'") == [
        {"title": "B"}
    ]
    assert tracker.calls == ["GET /projects/b"]


def test_a_key_that_does_not_exist_has_no_row(session: Session, tracker: Tracker) -> None:
    assert rows(session, "SELECT title FROM tracker.work.projects WHERE key = 'b'") == []


def test_a_listing_that_needs_a_parent_is_fed_by_it_and_paged_by_number(
    session: Session, tracker: Tracker
) -> None:
    for project, count in (("a", 3), ("b", 1)):
        tracker.project(project)
        for number in range(count):
            tracker.issue(project, f"{project}{number}")
    found = rows(session, "SELECT project, summary FROM tracker.work.issues ORDER BY ALL")
    assert [r["summary"] for r in found] == ["a0", "a1", "a2", "b0"]
    assert sorted(tracker.calls) == [
        "GET /projects",
        *["GET /projects/a/issues"] * 3,
        *["GET /projects/b/issues"] * 2,
    ]


def test_the_next_url_of_an_answer_is_followed(session: Session, tracker: Tracker) -> None:
    tracker.project("a")
    for number in range(5):
        tracker.issue("a", str(number))
    assert rows(session, "SELECT max(id) AS id, count(*) AS n FROM tracker.work.events") == [
        {"id": 5, "n": 5}
    ]
    assert tracker.calls == ["GET /events"] * 3


def test_a_join_feeds_the_parameter(session: Session, tracker: Tracker) -> None:
    for key in ("a", "b", "c"):
        tracker.project(key, owner="ann" if key == "b" else "bob")
        tracker.issue(key, key)
    found = rows(
        session,
        "SELECT i.summary FROM tracker.work.projects p JOIN tracker.work.issues i ON i.project = "
        "p.key "
        "WHERE p.owner = 'ann'",
    )
    assert found == [{"summary": "b"}]
    assert "GET /projects/a/issues" not in tracker.calls


def test_nested_values_are_read_by_their_members(session: Session, tracker: Tracker) -> None:
    tracker.project("a")
    tracker.issue("a", "x", assignee={"login": "ann", "team": "core"})
    found = rows(
        session, "SELECT assignee.team AS team FROM tracker.work.issues WHERE project = 'a'"
    )
    assert found == [{"team": "core"}]


def test_a_token_that_is_refused_is_access_denied(tracker: Tracker) -> None:
    opened = Session(
        Settings(providers=PROVIDERS),
        {"TRACKER_URL": tracker.url, "TRACKER_TOKEN": "of somebody else"},
    )
    with pytest.raises(AccessDenied, match="Bad credentials"):
        rows(opened, "SELECT key FROM tracker.work.projects")
    opened.close()


def test_without_a_token_the_error_names_the_variable(tracker: Tracker) -> None:
    opened = Session(Settings(providers=PROVIDERS), {"TRACKER_URL": tracker.url})
    with pytest.raises(CredentialsMissing) as error:
        rows(opened, "SELECT key FROM tracker.work.projects")
    assert error.value.hint == "set TRACKER_TOKEN"
    assert tracker.calls == []
    opened.close()


def test_a_token_is_not_sent_to_where_a_page_says_the_next_is(
    session: Session, tracker: Tracker
) -> None:
    for number in range(5):
        tracker.project(f"p{number}")
    tracker.next_host = "http://127.0.0.1:1"
    (result,) = session.run("SELECT key FROM tracker.work.projects")
    assert result.table().num_rows == 2
    (failure,) = result.failures
    assert isinstance(failure.error, BadAnswer)
    assert "not requested" in failure.error.message


def test_a_rate_limit_is_waited_for(session: Session, tracker: Tracker) -> None:
    tracker.project("a")
    limit = {"X-RateLimit-Remaining": "0", "Retry-After": "0"}
    tracker.refuse["GET /projects"] = (403, limit, {"message": "API rate limit exceeded"})
    assert rows(session, "SELECT key FROM tracker.work.projects") == [{"key": "a"}]
    assert tracker.calls == ["GET /projects"] * 2
