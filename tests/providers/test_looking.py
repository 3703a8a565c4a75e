"""Metadata of a non-AWS provider: SHOW, DESCRIBE, EXPLAIN, the catalog,
pages, search."""

from __future__ import annotations

import pytest

from cirrusql.errors import UnknownColumn, UnknownService
from cirrusql.session.session import Session
from tests.providers.conftest import rows
from tests.support.tracker.server import Tracker


def test_show_providers_has_both(session: Session) -> None:
    found = {r["name"]: r["version"] for r in rows(session, "SHOW PROVIDERS")}
    assert sorted(found) == ["aws", "tracker"]
    assert found["tracker"] == "1"


def test_its_services_resources_and_methods_are_listed(session: Session) -> None:
    assert rows(session, "SHOW SERVICES IN tracker") == [
        {"id": "tracker.work", "name": "work", "title": "Tracker of work"}
    ]
    assert [r["name"] for r in rows(session, "SHOW RESOURCES IN tracker.work")] == [
        "events",
        "issues",
        "projects",
    ]
    methods = rows(session, "SHOW METHODS IN tracker.work.projects")
    assert {r["MethodName"]: (r["RequiredParams"], r["SQLVerb"]) for r in methods} == {
        "list": ("", "SELECT"),
        "get": ("key", "SELECT"),
        "create": ("key, title", "INSERT"),
        "update": ("key", "UPDATE"),
        "delete": ("key", "DELETE"),
    }


def test_it_has_no_second_spelling(session: Session) -> None:
    with pytest.raises(UnknownService):
        rows(session, "SHOW RESOURCES IN tracker.work_api")


def test_describe_tells_its_columns_and_no_region(session: Session) -> None:
    found = {r["name"]: r for r in rows(session, "DESCRIBE EXTENDED tracker.work.issues")}
    assert found["assignee"]["sql_type"] == 'STRUCT("login" VARCHAR, "team" VARCHAR)'
    assert found["project"]["role"] == "field"
    assert found["connection"]["role"] == "context"
    assert not {"region", "account_id", "page", "per_page"} & set(found)
    with pytest.raises(UnknownColumn):
        rows(session, "SELECT region FROM tracker.work.issues")


def test_describe_method_tells_what_goes_in(session: Session) -> None:
    found = rows(session, "DESCRIBE METHOD tracker.work.projects.create")
    assert [(r["name"], r["role"]) for r in found if r["role"] == "input_required"] == [
        ("key", "input_required"),
        ("title", "input_required"),
    ]


def test_explain_tells_the_calls_and_no_iam_action(session: Session, tracker: Tracker) -> None:
    found = rows(session, "EXPLAIN SELECT * FROM tracker.work.issues")
    by_operation = {r["operation"]: r for r in found if r["operation"]}
    assert sorted(by_operation) == [
        "tracker.work:issues/list-for-project",
        "tracker.work:projects/list",
    ]
    assert {r["iam_actions"] or "" for r in by_operation.values()} == {""}
    assert {r["regions"] or "" for r in by_operation.values()} <= {"", "global"}
    assert tracker.calls == []


def test_explain_analyze_counts_the_calls(session: Session, tracker: Tracker) -> None:
    for number in range(3):
        tracker.project(f"p{number}")
    found = rows(session, "EXPLAIN ANALYZE SELECT * FROM tracker.work.projects")
    assert len(found) == 1
    assert tracker.calls == ["GET /projects"] * 2


def test_the_calls_are_in_the_system_table(session: Session, tracker: Tracker) -> None:
    tracker.project("a")
    rows(session, "SELECT key FROM tracker.work.projects")
    (call,) = rows(
        session, "SELECT service, operation, region, status, request_id FROM cirrusql.calls"
    )
    assert call["operation"] == "projects/list"
    assert (call["service"], call["status"], call["request_id"]) == ("tracker.work", 200, "r-1")


def test_information_schema_and_the_catalog_have_its_tables(session: Session) -> None:
    sql = "SELECT resource FROM cirrusql.resources WHERE provider = 'tracker' ORDER BY 1"
    from cirrusql.catalog.catalog import Catalog

    session._given_catalog = Catalog([session.providers["tracker"].source])
    assert [r["resource"] for r in rows(session, sql)] == ["events", "issues", "projects"]
    sql = "SELECT method, sql_verb, required FROM cirrusql.methods WHERE resource = 'events'"
    assert rows(session, sql) == [{"method": "list", "sql_verb": "SELECT", "required": []}]
    sql = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'work' ORDER BY 1"
    assert {r["table_name"] for r in rows(session, sql)} >= {"events", "issues", "projects"}
    hits = session.catalog.index().search("close issue")
    assert any("close" in str(hit) for hit in hits)


def test_show_insert_is_a_statement_that_could_be_run(session: Session) -> None:
    (told,) = rows(session, "SHOW INSERT INTO tracker.work.issues")
    assert "INSERT INTO tracker.work.issues" in told["statement"]
    assert "region" not in told["statement"]
