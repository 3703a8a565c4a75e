"""Relations: the forms rows come in, and reading them once or whole."""

from __future__ import annotations

import datetime
import gc
from collections.abc import Callable
from decimal import Decimal

import pytest

import cirrusql
from cirrusql.errors import AccessDenied, DatabaseError, DataError, InterfaceError
from tests.support.fault_proxy import FaultProxy, Faults

Opened = Callable[..., cirrusql.Connection]

MANY = "SELECT range AS n FROM range(100000)"


def test_rows_of_a_cloud_come_in_every_shape(con: cirrusql.Connection, users: list[str]) -> None:
    relation = con.sql("SELECT UserName, CreateDate FROM aws.iam.users ORDER BY 1")
    assert relation.columns == ["UserName", "CreateDate"]
    assert relation.types == ["VARCHAR", "TIMESTAMP WITH TIME ZONE"]
    assert relation.arrow()["UserName"].to_pylist() == users
    assert list(relation.df()["UserName"]) == users
    assert relation.pl()["UserName"].to_list() == users
    assert [row[0] for row in relation.fetchall()] == users


def test_parameters_go_by_name(con: cirrusql.Connection, users: list[str]) -> None:
    sql = "SELECT UserName FROM aws.iam.users WHERE UserName = $u"
    assert con.sql(sql, {"u": "bob"}).fetchall() == [("bob",)]


def test_batches_arrive_before_the_last_is_read(local: cirrusql.Connection) -> None:
    batches = local.sql(MANY).batches()
    assert 0 < next(batches).num_rows < 100_000
    assert 0 < sum(batch.num_rows for batch in batches) < 100_000


def test_looking_keeps_the_rows(local: cirrusql.Connection) -> None:
    relation = local.sql(MANY)
    assert "first 10 rows" in repr(relation)
    assert relation.fetchone() == (0,)
    assert relation.fetchmany(2) == [(1,), (2,)]
    assert len(relation.fetchall()) == 99_997
    assert relation.fetchone() is None


def test_rows_read_one_by_one_are_not_silently_missing_from_the_whole(
    local: cirrusql.Connection,
) -> None:
    relation = local.sql(MANY)
    relation.fetchone()
    with pytest.raises(InterfaceError, match="one by one"):
        relation.arrow()
    with pytest.raises(InterfaceError, match="already been read"):
        list(relation.batches())
    assert repr(relation).startswith("<Relation of")


def test_a_whole_relation_may_be_read_again(local: cirrusql.Connection) -> None:
    relation = local.sql(MANY)
    assert relation.arrow().num_rows == relation.df().shape[0] == 100_000
    assert sum(b.num_rows for b in relation.batches()) == sum(
        b.num_rows for b in relation.batches()
    )


def test_another_statement_does_not_take_the_rows_of_the_first(local: cirrusql.Connection) -> None:
    first = local.sql(MANY)
    first.fetchone()
    assert local.sql("SELECT 1").fetchall() == [(1,)]
    assert len(first.fetchall()) == 99_999


def test_a_relation_that_is_let_go_is_closed_by_the_next_statement(
    local: cirrusql.Connection,
) -> None:
    local.sql(MANY).fetchone()
    gc.collect()
    assert local.sql("SELECT 1").fetchall() == [(1,)]
    assert not local._abandoned


def test_values_are_pythons_own(local: cirrusql.Connection) -> None:
    sql = (
        "SELECT 1::HUGEINT, 1.50, DATE '2020-01-02', TIME '10:00', MAP {'a': 1}, {'x': [1]}, "
        "'ab'::BLOB, NULL, '{}'::JSON, TIMESTAMPTZ '2020-01-02 00:00:00Z', true"
    )
    assert local.sql(sql).fetchone() == (
        1,
        Decimal("1.50"),
        datetime.date(2020, 1, 2),
        datetime.time(10),
        {"a": 1},
        {"x": [1]},
        b"ab",
        None,
        "{}",
        datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC),
        True,
    )


def test_a_value_that_python_has_not_says_so(local: cirrusql.Connection) -> None:
    with pytest.raises(DataError, match=r"column 't' .*TIMESTAMP"):
        local.sql("SELECT 'infinity'::TIMESTAMP AS t").fetchall()


def test_headings_may_repeat(local: cirrusql.Connection) -> None:
    relation = local.sql("SELECT 1 AS a, 2 AS a")
    assert relation.columns == ["a", "a"]
    assert relation.fetchall() == [(1, 2)]
    assert relation.pl().columns == ["a", "a_1"]


def test_show_prints_a_table(
    local: cirrusql.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    local.sql("SELECT range AS n FROM range(3)").show(2)
    assert capsys.readouterr().out.endswith("│ 0 │\n│ 1 │\n└───┘\nfirst 2 rows; there are more\n")


def test_rows_that_no_table_can_show_are_shown_a_value_a_line(local: cirrusql.Connection) -> None:
    found = local.sql("SELECT repeat('a', 30) AS a, repeat('b', 30) AS b, repeat('c', 30) AS c")
    assert found.text(10, 60).splitlines()[1] == f"a │ {'a' * 30}"
    assert found.text(10, 120).startswith("┌")
    assert found.text(10, 80).endswith(
        "3 cells are cut short; .arrow() and .df() have them whole\n"
    )


def test_a_statement_without_rows_shows_what_it_did(local: cirrusql.Connection) -> None:
    local.sql("CREATE TABLE t (a INT)")
    assert repr(local.sql("INSERT INTO t VALUES (1), (2)")) == "INSERT 2"


def test_html_is_escaped(local: cirrusql.Connection) -> None:
    html = local.sql("""SELECT '<script>' AS "<b>", '&' AS x""")._repr_html_()
    assert "&lt;script&gt;" in html
    assert "&lt;b&gt;" in html
    assert "<script>" not in html


def test_a_partial_answer_warns_and_names_its_failures(
    con: cirrusql.Connection, proxy: FaultProxy
) -> None:
    proxy.faults = Faults(deny=frozenset({"ec2:DescribeVpcs@eu-west-1"}))
    relation = con.sql("SELECT region FROM aws.ec2.vpcs WHERE region IN ('us-east-1', 'eu-west-1')")
    with pytest.warns(cirrusql.PartialAnswer, match="the result is partial"):
        assert relation.fetchall() == [("us-east-1",)]
    assert [failure.call.target.region for failure in relation.failures] == ["eu-west-1"]


def test_strict_makes_a_partial_answer_an_error(opened: Opened, proxy: FaultProxy) -> None:
    proxy.faults = Faults(deny=frozenset({"ec2:DescribeVpcs@eu-west-1"}))
    with pytest.raises(AccessDenied):
        opened(strict=True).sql(
            "SELECT region FROM aws.ec2.vpcs WHERE region IN ('us-east-1', 'eu-west-1')"
        ).fetchall()


def test_what_fails_while_rows_are_read_is_an_error_of_ours(local: cirrusql.Connection) -> None:
    relation = local.sql(
        "SELECT CAST(CASE range WHEN 99999 THEN 'boom' END AS INT) FROM range(100000)"
    )
    assert relation.fetchone() == (None,)
    with pytest.raises(DatabaseError, match="boom"):
        relation.fetchall()


def test_close_lets_go_of_what_was_not_read(opened: Opened) -> None:
    con = opened()
    with con.sql(MANY) as relation:
        relation.fetchone()
    assert con.sql("SELECT 1").fetchall() == [(1,)]


def test_an_interval_is_a_duration_of_polars(local: cirrusql.Connection) -> None:
    found = local.sql(
        "SELECT INTERVAL 90 MINUTE AS a, -INTERVAL 2 DAY AS b, NULL::INTERVAL AS c, "
        "[{'x': INTERVAL 1 DAY, 'y': 1.5}] AS d, MAP {'k': INTERVAL 1 SECOND} AS e"
    ).pl()
    day = datetime.timedelta(days=1)
    assert found.row(0)[:4] == (
        datetime.timedelta(minutes=90),
        -2 * day,
        None,
        [{"x": day, "y": Decimal("1.5")}],
    )


@pytest.mark.parametrize("sql", ["INTERVAL 2 MONTH", "[INTERVAL 1 YEAR]", "INTERVAL 200000000 DAY"])
def test_an_interval_that_polars_cannot_hold_is_an_error(
    local: cirrusql.Connection, sql: str
) -> None:
    relation = local.sql(f"SELECT {sql} AS d")
    with pytest.raises(DataError, match="column 'd' holds an INTERVAL with"):
        relation.pl()
    assert relation.df().shape == (1, 1)
