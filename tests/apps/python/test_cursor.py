"""PEP 249 where the compliance suite is silent."""

from __future__ import annotations

import pytest

import cirrusql
from cirrusql.errors import InterfaceError, ProgrammingError


def test_the_module_says_what_it_is() -> None:
    assert (cirrusql.apilevel, cirrusql.threadsafety, cirrusql.paramstyle) == ("2.0", 2, "qmark")


def test_description_has_seven_items_of_each_column(local: cirrusql.Connection) -> None:
    cursor = local.cursor().execute("SELECT 1.5::DECIMAL(9,2) AS d, 'x' AS s, [1] AS l")
    assert cursor.description == [
        ("d", "DECIMAL", None, None, 9, 2, None),
        ("s", "VARCHAR", None, None, None, None, None),
        ("l", "LIST", None, None, None, None, None),
    ]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (cirrusql.STRING, "'x'"),
        (cirrusql.NUMBER, "1"),
        (cirrusql.NUMBER, "1.5"),
        (cirrusql.NUMBER, "1e0"),
        (cirrusql.BINARY, "'x'::BLOB"),
        (cirrusql.DATETIME, "now()"),
        (cirrusql.DATETIME, "DATE '2020-01-01'"),
    ],
)
def test_a_type_code_equals_its_type_object_and_no_other(
    local: cirrusql.Connection, kind: object, value: str
) -> None:
    description = local.cursor().execute(f"SELECT {value}").description
    assert description is not None
    kinds = [cirrusql.STRING, cirrusql.NUMBER, cirrusql.BINARY, cirrusql.DATETIME, cirrusql.ROWID]
    assert [k for k in kinds if description[0][1] == k] == [kind]


def test_both_parameter_styles_work(local: cirrusql.Connection) -> None:
    cursor = local.cursor()
    assert cursor.execute("SELECT ? + ?", (1, 2)).fetchone() == (3,)
    assert cursor.execute("SELECT $a + $b", {"a": 1, "b": 2}).fetchone() == (3,)


def test_a_cursor_is_iterated(local: cirrusql.Connection) -> None:
    assert list(local.cursor().execute("SELECT range FROM range(3)")) == [(0,), (1,), (2,)]


def test_fetchmany_gives_arraysize_rows(local: cirrusql.Connection) -> None:
    cursor = local.cursor().execute("SELECT range FROM range(5)")
    cursor.arraysize = 3
    assert [len(cursor.fetchmany()) for _ in range(3)] == [3, 2, 0]
    assert len(cursor.execute("SELECT 1").fetchmany(0)) == 0


def test_executemany_counts_the_rows(local: cirrusql.Connection) -> None:
    cursor = local.cursor()
    cursor.execute("CREATE TABLE t (a INT)")
    assert cursor.executemany("INSERT INTO t VALUES (?)", [(1,), (2,), (3,)]).rowcount == 3


def test_executemany_refuses_to_read(local: cirrusql.Connection) -> None:
    with pytest.raises(ProgrammingError, match="use execute"):
        local.cursor().executemany("SELECT ?", [(1,)])


def test_fetching_before_a_statement_is_an_error(local: cirrusql.Connection) -> None:
    with pytest.raises(ProgrammingError, match="no rows to fetch"):
        local.cursor().fetchall()


def test_a_failed_statement_leaves_no_rows_of_the_one_before(local: cirrusql.Connection) -> None:
    cursor = local.cursor().execute("SELECT 1")
    with pytest.raises(cirrusql.Error):
        cursor.execute("SELEC 1")
    assert cursor.description is None
    with pytest.raises(ProgrammingError):
        cursor.fetchone()


def test_a_closed_cursor_says_so(local: cirrusql.Connection) -> None:
    with local.cursor() as cursor:
        cursor.execute("SELECT 1")
    cursor.close()
    for use in (cursor.fetchone, lambda: cursor.execute("SELECT 1")):
        with pytest.raises(InterfaceError, match="closed"):
            use()


def test_cursors_of_one_connection_keep_apart(local: cirrusql.Connection) -> None:
    one, two = local.cursor(), local.cursor()
    one.execute("SELECT range FROM range(50000)")
    two.execute("SELECT 'two'")
    assert one.fetchone() == (0,)
    assert two.fetchall() == [("two",)]
    assert len(one.fetchall()) == 49_999
