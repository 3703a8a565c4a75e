"""A statement sees one current time, however it asks for it."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from cirrusql.engine.database import Database
from cirrusql.errors import Error
from cirrusql.session.session import Session
from tests.session.conftest import Ask, rows_of
from tests.support.fault_proxy import FaultProxy

NOW = "strftime(now(), '%Y%m%d%H%M%S%f')"


def asked_for(proxy: FaultProxy) -> list[str]:
    """The names of the users that were requested."""
    return [parse_qs(body.decode())["UserName"][0] for body in proxy.bodies]


def test_a_key_made_of_the_time_is_the_time_of_the_query(ask: Ask, proxy: FaultProxy) -> None:
    (row,) = ask(
        f"SELECT {NOW} AS t, (SELECT count(*) FROM aws.iam.users WHERE UserName = {NOW}) AS n"
    )
    assert asked_for(proxy) == [row["t"]]


def test_the_next_statement_has_its_own_time(session: Session, proxy: FaultProxy) -> None:
    sql = f"SELECT count(*) AS n FROM aws.iam.users WHERE UserName = {NOW}"
    # Unclosed results do not stop the clock.
    opened = [next(session.run(sql)) for _ in range(2)]
    first, second = rows_of(session, f"SELECT {NOW} AS t"), rows_of(session, f"SELECT {NOW} AS t")
    times = [*asked_for(proxy), first[0]["t"], second[0]["t"]]
    assert times == sorted(set(times))
    assert [r.table().to_pylist() for r in opened] == [[{"n": 0}], [{"n": 0}]]


def test_what_fails_leaves_no_transaction(session: Session, proxy: FaultProxy) -> None:
    sql = (
        f"SELECT error('no') WHERE (SELECT count(*) FROM aws.iam.users WHERE UserName = {NOW}) = 0"
    )
    with pytest.raises(Error, match="no"):
        rows_of(session, sql)
    assert rows_of(session, "CREATE TABLE t AS SELECT 1 AS a; SELECT a FROM t") == [{"a": 1}]


def test_what_is_made_while_the_clock_stands_is_kept() -> None:
    database = Database()
    database.hold_clock()
    first = database.rows("SELECT epoch_us(now())")
    database.execute("CREATE TABLE t AS SELECT epoch_us(now()) AS moment")
    assert database.rows("SELECT moment FROM t") == first
    database.release_clock()
    assert database.rows("SELECT moment FROM t") == first != database.rows("SELECT epoch_us(now())")
    database.close()


def test_a_transaction_of_the_user_s_is_left_alone() -> None:
    database = Database()
    database.execute("BEGIN")
    database.execute("CREATE TABLE t (a INT)")
    database.hold_clock()
    database.release_clock()
    database.execute("ROLLBACK")
    assert database.tables() == ()
    database.close()
