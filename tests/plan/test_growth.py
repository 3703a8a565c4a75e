"""A statement of any shape is planned in time that grows
with its length and not with its square."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from cirrusql.errors import SqlSyntaxError
from cirrusql.session.session import Session
from cirrusql.settings import Settings
from cirrusql.sql.bounds import nesting

USERS = "SELECT UserName FROM aws.iam.users WHERE "

SHAPES: dict[str, Callable[[int], str]] = {
    "a list": lambda n: USERS + "Path IN (" + ", ".join(f"'{i}'" for i in range(8 * n)) + ")",
    "a chain of OR": lambda n: USERS + " OR ".join(f"Path = '{i}'" for i in range(n)),
    "a chain of AND": lambda n: USERS + " AND ".join(f"Path <> '{i}'" for i in range(n)),
    "ORs of ANDs": lambda n: (
        USERS + " OR ".join(f"(Path = '{i}' AND UserId > '{i}')" for i in range(n // 2))
    ),
    "a concatenation": lambda n: USERS + "Path = " + " || ".join(["'a'"] * n),
    "rows to insert": lambda n: (
        "INSERT INTO aws.iam.users (UserName) VALUES "
        + ", ".join(f"('u{i}')" for i in range(2 * n))
    ),
    "columns": lambda n: (
        "SELECT " + ", ".join(f"UserName AS c{i}" for i in range(n)) + " FROM aws.iam.users"
    ),
    "common table expressions": lambda n: (
        "WITH " + ", ".join(f"c{i} AS (SELECT {i})" for i in range(n // 4)) + " FROM c0"
    ),
    "joins by USING": lambda n: (
        "SELECT u.UserName FROM aws.iam.users u"
        + "".join(f" JOIN aws.iam.groups g{i} USING (Path)" for i in range(n // 4))
    ),
    "joins by USING of what feeds each other": lambda n: (
        "SELECT u.UserName FROM aws.iam.users u"
        + "".join(f" JOIN aws.iam.access_keys k{i} USING (UserName)" for i in range(n // 4))
    ),
    "natural joins": lambda n: (
        "SELECT 1 FROM aws.iam.users u"
        + "".join(f" NATURAL JOIN aws.iam.groups g{i}" for i in range(n // 50))
    ),
    "a union": lambda n: " UNION ALL ".join([USERS + "true"] * (n // 2)),
    "a union without tables": lambda n: " UNION ALL ".join(f"SELECT {i}" for i in range(n)),
}


@pytest.fixture(scope="module")
def session() -> Session:
    return Session(Settings(region="eu-west-1"), {})


def _seconds(session: Session, text: str) -> float:
    """The least of several runs, in this thread's own time:
    what others do meanwhile does not count."""
    found = []
    for _ in range(3):
        started = time.thread_time()
        session.plan(session.parse(text), {})
        found.append(time.thread_time() - started)
    return min(found)


@pytest.mark.parametrize("shape", SHAPES)
def test_planning_takes_time_in_proportion_to_the_text(shape: str, session: Session) -> None:
    size = 250
    once, four_times = (_seconds(session, SHAPES[shape](n)) for n in (size, 4 * size))
    # Linear is 4 and a square 16; what lies between leaves room for a noisy machine.
    assert four_times <= 9 * once + 0.02, f"{size}: {once:.4f} s, {4 * size}: {four_times:.4f} s"


@pytest.mark.parametrize(
    "text",
    [
        USERS + " OR ".join(f"Path = '{i}'" for i in range(5000)),
        USERS + " AND ".join(f"NOT (Path = '{i}' OR UserId IS NULL)" for i in range(2000)),
        " UNION ALL ".join(
            f"SELECT UserName FROM aws.iam.users WHERE UserName = 'u{i}'" for i in range(300)
        ),
        "SELECT " + "(" * 200 + "1" + ")" * 200,
        USERS + "NOT " * 500 + "true",
    ],
    ids=["5,000 ORs", "2,000 ANDs", "300 UNIONs", "200 parentheses", "500 NOTs"],
)
def test_what_programs_write_is_not_too_deep(text: str, session: Session) -> None:
    assert session.plan(session.parse(text), {}).query is not None


@pytest.mark.parametrize(
    "text",
    ["SELECT " + "(" * n + "1" + ")" * n for n in (2_000, 100_000)]
    + [
        "SELECT " + "CASE WHEN true THEN 1 ELSE " * 20_000 + "0" + " END" * 20_000,
        "SELECT " + "- " * 100_000 + "1",
        "SELECT " + "[" * 50_000 + "]" * 50_000,
        "SELECT * FROM " + "(SELECT * FROM " * 10_000 + "t" + ")" * 10_000,
    ],
    ids=["parentheses", "more parentheses", "CASEs", "signs", "lists", "subqueries"],
)
def test_what_is_too_deep_is_told_so(text: str, session: Session) -> None:
    with pytest.raises(SqlSyntaxError, match="nested too deeply") as caught:
        session.plan(session.parse(text), {})
    assert "IN, VALUES" in str(caught.value)


def test_a_recursion_error_of_a_planner_is_one_of_the_statement() -> None:
    def forever() -> None:
        forever()

    with pytest.raises(SqlSyntaxError, match="nested too deeply"), nesting():
        forever()
