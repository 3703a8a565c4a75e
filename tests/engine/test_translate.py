"""Every duckdb exception is translated into one of ours."""

from __future__ import annotations

from collections import deque

import duckdb
import pytest

from cirrusql import errors
from cirrusql.engine.database import Database
from cirrusql.engine.translate import BY_CLASS, translated

CLASSES = {
    name: thing
    for name, thing in vars(duckdb).items()
    if isinstance(thing, type) and issubclass(thing, duckdb.Error)
}


def test_no_exception_of_duckdb_is_unmapped() -> None:
    assert set(CLASSES) - set(BY_CLASS) == set()


def test_nothing_is_mapped_that_duckdb_does_not_have() -> None:
    assert set(BY_CLASS) - set(CLASSES) == set()


@pytest.mark.parametrize("name", sorted(BY_CLASS))
def test_each_class_becomes_its_own(name: str) -> None:
    found = translated(CLASSES[name]("Some Error: it is so"))
    assert type(found) is BY_CLASS[name]
    assert found.message == (
        "the statement was cancelled" if type(found) is errors.Interrupted else "it is so"
    )


@pytest.mark.parametrize(
    ("sql", "kind", "message"),
    [
        ("SELECT 'a'::INT", errors.DataError, "Could not convert string 'a' to INT32"),
        (
            "SELECT nosuch(1)",
            errors.UnknownFunction,
            "unknown function 'nosuch'",
        ),
        ("INSERT INTO t VALUES (1)", errors.IntegrityError, "Duplicate key"),
        ("SELECT error('own')", errors.DataError, "own"),
        ("SELECT 9223372036854775807 + 1::BIGINT", errors.DataError, "Overflow"),
        ("SELECT * FROM 'nosuch.csv'", errors.QueryFailed, "nosuch.csv"),
    ],
)
def test_what_goes_wrong_has_a_kind(
    database: Database, sql: str, kind: type[errors.Error], message: str
) -> None:
    database.execute("CREATE TABLE t (n INT PRIMARY KEY); INSERT INTO t VALUES (1)")
    with pytest.raises(kind) as caught:
        list(database.run(sql).batches())
    assert message in caught.value.message


def test_a_syntax_error_has_line_column_and_caret(database: Database) -> None:
    with pytest.raises(errors.SqlSyntaxError) as caught:
        database.run("SELECT 1\n  FRO x y")
    assert (caught.value.line, caught.value.column) == (2, 7)
    assert caught.value.place == "LINE 2:   FRO x y\n              ^"


def test_an_unknown_column_names_the_nearest(database: Database) -> None:
    with pytest.raises(errors.UnknownColumn) as caught:
        database.run("SELECT UserNme FROM (SELECT 1 AS UserName)")
    assert (caught.value.name, caught.value.near) == ("UserNme", ("UserName",))


def test_an_unknown_table_says_what_a_cloud_table_is_called(database: Database) -> None:
    with pytest.raises(errors.UnknownTable) as caught:
        database.run("SELECT * FROM nosuchtableatall")
    assert caught.value.name == "nosuchtableatall"
    assert caught.value.hint


@pytest.mark.parametrize(
    "condition",
    [
        "j->'a'->>'b' = 'x'",
        "j->'a' = 1",
        "j->'a' IN ('x')",
        "j->'a' IS NULL",
        "true AND j->'a'->>'b' = 'x'",
        "CASE WHEN j->'a'->>'b' <> 'x' THEN true END",
    ],
)
def test_an_arrow_without_parentheses_is_told_of_its_precedence(
    database: Database, condition: str
) -> None:
    with pytest.raises(errors.ProgrammingError) as caught:
        database.run(f"SELECT 1 FROM (SELECT '{{}}'::JSON AS j) WHERE {condition}")
    assert "(p->'a'->>'b') = 'x'" in (caught.value.hint or "")


def test_relations_of_ours_are_not_named(database: Database) -> None:
    database.execute("CREATE TEMP TABLE _scan_1 AS SELECT 1 AS a")
    with pytest.raises(errors.Error) as caught:
        database.run("SELECT _scan_1.b FROM _scan_1")
    assert "_scan_" not in str(caught.value)


def test_what_goes_wrong_between_two_batches_has_the_same_kind(database: Database) -> None:
    late = "(CASE range WHEN 9_000_000 THEN 'x' ELSE '1' END)::INT"
    rows = database.run(f"SELECT {late} FROM range(10_000_000)")
    with pytest.raises(errors.DataError, match="'x'"):
        deque(rows.batches(), maxlen=0)


@pytest.mark.parametrize(
    ("sql", "kind", "message", "hint"),
    [
        ("SELECT jsonb_array_elements('[]')", "UnknownFunction", "jsonb_array", "unnest(x)"),
        ("FROM json_array_elements('[]')", "UnknownFunction", "json_array", "unnest(x)"),
        ("SELECT to_char(now(), 'x')", "UnknownFunction", "to_char", "strftime"),
        ("SELECT datediff(day, now(), now())", "UnknownColumn", "day", "'day' in quotes"),
        ("SELECT $u, $v", "MissingParameter", "$u, $v", ""),
        ("SELECT ({'Name': 1}).Nam", "ProgrammingError", "no member 'Nam'", "Name"),
        ("SELECT now() - 5", "ProgrammingError", "TIMESTAMP WITH TIME ZONE", "INTERVAL 5 DAY"),
        ("SELECT {'a': 'b'} = 'running'", "ProgrammingError", "is text", "a member of it"),
        ("SELECT ['a'] = 'running'", "ProgrammingError", "is text", "list_contains"),
        ("SELECT 1 + '{}'::JSON", "ProgrammingError", "+ cannot be", "convert one side"),
        ("SELECT [1] LIKE 'x'", "ProgrammingError", "LIKE cannot be", "CAST(x AS VARCHAR)"),
        ("SELECT now() > 'soon'", "DataError", "soon", "INTERVAL 7 DAY"),
        ("SELECT 1 = :u", "SqlSyntaxError", ":", "$name"),
    ],
)
def test_what_leads_astray_is_said_in_other_words(
    database: Database, sql: str, kind: str, message: str, hint: str
) -> None:
    with pytest.raises(errors.Error) as caught:
        list(database.run(sql).batches())
    assert type(caught.value).__name__ == kind
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("sql", "hint"),
    [
        ("SELECT (SELECT * FROM range(3))", "x IN (SELECT …)"),
        ("SELECT list_filter([1, 2], t -> t > 1)", "lambda t: t > 1"),
        ("SELECT * FROM range(3) ORDER BY 'a'", 'ORDER BY "Name"'),
        ("PIVOT range(100001) ON range USING count(*)", "ON x IN ('a', 'b')"),
    ],
)
def test_what_the_engine_would_answer_by_a_setting_has_another_way(
    sql: str, hint: str, database: Database
) -> None:
    with pytest.raises(errors.Error) as caught:
        database.rows(sql)
    assert hint in (caught.value.hint or "")
    assert "SET" not in str(caught.value)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "Division by zero in expression 1/0. Use TRY(...) to return NULL, or SET "
            "error_on_division_by_zero=false to return NULL for all of them.",
            "Division by zero in expression 1/0. Use TRY(...) to return NULL.",
        ),
        (
            "Out of memory\nPossible solutions:\n* SET memory_limit='8GB'\n"
            "* PRAGMA disable_optimizer",
            "Out of memory\nhint: Possible solutions:\n* SET memory_limit='8GB'",
        ),
        (
            "Old\nUse SET table_function_identifier_conversion='X' to revert to the old behavior.",
            "Old",
        ),
    ],
)
def test_no_setting_is_advised_that_cannot_be_changed(said: str, told: str) -> None:
    assert str(translated(duckdb.BinderException(f"Binder Error: {said}"))) == told


def test_signatures_are_listed_as_far_as_they_are_read(database: Database) -> None:
    with pytest.raises(errors.ProgrammingError) as caught:
        database.run("SELECT -(DATE '2026-01-01')")
    assert len((caught.value.hint or "").splitlines()) <= 6
