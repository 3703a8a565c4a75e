"""Unnamed columns have the user's own text as their heading,
whatever the plan turned it into."""

from __future__ import annotations

import pytest

from cirrusql.engine.database import Database
from cirrusql.plan.passes.headings import select_items
from tests.plan.oracle import planned


@pytest.mark.parametrize(
    ("items", "headings"),
    [
        ("lower(user_name)", ["lower(user_name)"]),
        (
            "user_name /* so */ || 'a  b',\n  upper(UserName)",
            ["user_name || 'a  b'", "upper(UserName)"],
        ),
        ("(SELECT count(*) FROM toy.iam.groups)", ["(SELECT count(*) FROM toy.iam.groups)"]),
        ("[user_name, 'a,b'], 1 + 1", ["[user_name, 'a,b']", "(1 + 1)"]),
        (
            "toy.iam.users.user_name, max(toy.iam.users.age)",
            ["user_name", "max(toy.iam.users.age)"],
        ),
        ("lower(user_name) AS n, user_name m", ["n", "m"]),
        ("count(*)", ["count_star()"]),
        ("DISTINCT lower(user_name)", ["lower(user_name)"]),
        ('"user_name" || \'"\'', ['"user_name" || \'"\'']),
    ],
)
def test_an_expression_is_called_as_it_was_written(
    items: str, headings: list[str], database: Database
) -> None:
    grouped = " GROUP BY ALL" if "max(" in items else ""
    assert (
        planned(f"SELECT {items} FROM toy.iam.users{grouped}", database=database).headings
        == headings
    )


@pytest.mark.parametrize(
    "sql",
    [
        "WITH u AS (SELECT user_name AS n FROM toy.iam.users) SELECT lower(n) FROM u",
        "FROM toy.iam.users AS u(n) SELECT lower(n)",
        "SELECT lower(n) FROM v UNION SELECT upper(user_name) FROM toy.iam.users ORDER BY lower(n)",
    ],
)
def test_the_first_select_outside_of_parentheses_gives_the_names(
    sql: str, database: Database
) -> None:
    views = {"v": "SELECT user_name AS n FROM toy.iam.users"}
    assert planned(sql, database=database, views=views).headings == ["lower(n)"]


def test_a_view_in_a_subquery_is_called_by_its_name(database: Database) -> None:
    views = {"v": "SELECT user_name AS n FROM toy.iam.users"}
    found = planned("SELECT (SELECT count(*) FROM v)", database=database, views=views)
    assert found.headings == ["(SELECT count(*) FROM v)"]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("SELECT a, f(b, c) FROM t", ["a", "f(b, c)"]),
        ("SELECT 'x, FROM' , \"from\" -- no\nFROM t", ["'x, FROM'", '"from"']),
        (
            "SELECT a.from_date, extract(year FROM d) WHERE 1",
            ["a.from_date", "extract(year FROM d)"],
        ),
        ("SELECT DISTINCT ON (a) b FROM t", []),
        ("VALUES (1, 2)", []),
    ],
)
def test_the_items_of_a_select_are_found_in_its_text(text: str, items: list[str]) -> None:
    assert [text[a:b] for a, b in select_items(text)] == items
