"""Recognising a SELECT that reads no table."""

import pytest

from cirrusql.sql.tableless import reads_no_table


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1",
        "select now(), $a + 1",
        "SELECT 'FROM x'",
        'SELECT 1 AS "from"',
        "SELECT $$ FROM x $$ || 'a'",
    ],
)
def test_expressions_over_nothing_read_no_table(text: str) -> None:
    assert reads_no_table(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM t",
        "SELECT (SELECT count(*) FROM aws.iam.users)",
        "SELECT EXISTS (TABLE t)",
        "WITH a AS (SELECT 1) SELECT 1",
        "SELECT /*+ FRESH */ 1",
        "SELECT 1 -- FROM",
        "SHOW TABLES",
        "INSERT INTO t VALUES (1)",
        "SELECT 1 WHERE 1 IN (PIVOT t ON a)",
    ],
)
def test_anything_that_may_name_a_table_is_left_to_the_parser(text: str) -> None:
    assert not reads_no_table(text)
