"""The page of a table on the site: examples first, columns and methods with their own places."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cirrusql.apps.docs.answers import Asked, Rows, by_table
from cirrusql.apps.docs.search_shards import SearchShards
from cirrusql.apps.docs.table_page import table_page
from cirrusql.catalog.model import Role, Table
from tests.support.catalog import CATALOG
from tests.support.services import sampled

USERS = CATALOG.table("aws", "iam", "users")
QUESTION = Asked("Who is there?", "SELECT UserName FROM aws.iam.users")


def some_tables() -> list[Table]:
    services = [*sampled(5), "s3"]
    return [CATALOG.table("aws", s, name) for s in services for name in CATALOG.resources("aws", s)]


def test_a_question_stands_first_with_its_sql_and_its_rows() -> None:
    rows = Rows(("| UserName |", "| --- |", "| alice |"))
    page = table_page(USERS, asked=[QUESTION], run=lambda sql: rows)
    order = [
        page.index(text) for text in ("Who is there?", QUESTION.sql, "| alice |", "## Columns")
    ]
    assert order == sorted(order)


def test_rows_beyond_the_first_six_are_counted() -> None:
    rows = Rows(("| n |", "| --: |", *(f"| {n} |" for n in range(9))))
    page = table_page(USERS, asked=[QUESTION], run=lambda sql: rows)
    assert "| 5 |\n\n3 more rows." in page
    assert "| 6 |" not in page


@pytest.mark.parametrize("rows", [None, Rows(("| UserName |", "| --- |"))])
def test_without_rows_there_is_the_sql_alone(rows: Rows | None) -> None:
    page = table_page(USERS, asked=[QUESTION], run=lambda sql: rows)
    assert QUESTION.sql in page
    assert "| UserName |" not in page


def test_a_statement_that_names_a_thing_is_not_run() -> None:
    ran: list[str] = []
    table = CATALOG.table("aws", "s3", "objects")
    table_page(table, run=lambda sql: ran.append(sql))
    assert all("WHERE" not in sql for sql in ran)


def test_questions_about_few_tables_come_first() -> None:
    wide = Asked("w", "SELECT 1 FROM aws.iam.users u JOIN aws.iam.groups g ON true")
    assert by_table([wide, QUESTION])["iam.users"] == [QUESTION, wide]
    assert by_table([wide, QUESTION])["iam.groups"] == [wide]


def test_every_column_and_method_has_a_place_and_every_link_within_a_page_leads_to_one() -> None:
    for table in some_tables():
        page = table_page(table)
        places = re.findall(r'<\w[^<>]* id="([^"]+)"', page)
        assert len(places) == len(set(places)), table.id
        fields = {c.name for c in table.columns if c.role is Role.FIELD}
        assert fields | {table.spelled(m) for m in table.methods} == set(places), table.id
        assert set(re.findall(r'(?:\]\(|href=")#([^)"]+)', page)) <= set(places)


def test_a_long_page_is_folded() -> None:
    page = table_page(CATALOG.table("aws", "ec2", "instances"))
    assert page.count('<details class="method"') == page.count('<span class="verb ')
    assert "<details open" not in page


def test_all_html_is_closed() -> None:
    for table in some_tables():
        page = table_page(table)
        for tag in ("details", "summary", "table", "tbody", "tr", "td", "div", "span"):
            opened = len(re.findall(rf"<{tag}[ >]", page))
            assert opened == page.count(f"</{tag}>"), (table.id, tag)


def found(tables: list[Table], folder: Path) -> dict[str, set[str]]:
    """The search index: places by key."""
    shards = SearchShards()
    for table in tables:
        shards.add(table)
    shards.write(folder)
    return {
        key: {place for _, _, place in places}
        for file in folder.glob("*.json")
        for key, places in json.loads(file.read_text("utf-8")).items()
        if key[:2] == file.stem
    }


def test_the_search_finds_every_column_and_operation_at_its_own_place(tmp_path: Path) -> None:
    tables = some_tables()
    known = found(tables, tmp_path)
    for table in tables:
        page = f"{table.schema}/{table.name}/"
        for column in table.columns:
            key = re.sub(r"[^a-z0-9]", "", column.name.lower())
            if column.role is Role.FIELD and len(key) > 1:
                assert f"{page}#{column.name}" in known[key]
        for method in table.methods:
            assert f"{page}#{table.spelled(method)}" in known[method.operation.name.lower()]


def test_an_operation_is_found_by_the_words_within_its_name(tmp_path: Path) -> None:
    known = found([CATALOG.table("aws", "iam", "access_keys")], tmp_path)
    assert "iam/access_keys/#list_access_keys" in known["accesskeys"]
    assert "iam/access_keys/#list_access_keys" in known["keys"]


def test_a_type_of_hundreds_of_members_is_cut() -> None:
    page = table_page(CATALOG.table("aws", "quicksight", "dashboard_definitions"))
    assert len(page) < 200_000
    assert "…</code></details>" in page
