"""psycopg 3 against a live server: both formats, parameters, blocks, cursors, COPY, cancel."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg import errors

from tests.apps.srv.conftest import OPEN, Server, running
from tests.support.fault_proxy import FaultProxy, Faults

Connection = psycopg.Connection[Any]

TYPES = """
SELECT 1::smallint, 2, 3::bigint, 1.5::double, 1.25::decimal(10,2), true, date '2024-02-29',
  timestamp '2024-02-29 01:02:03.5', timestamptz '2024-02-29 01:02:03+00', INTERVAL 3 DAY, [1, 2],
  ['a', NULL], {'a': 1, 'b': ['x']}, '\\x41'::blob, NULL, 12345678901234567890::hugeint, json '{"k": []}'
"""  # noqa: E501
PYTHON: tuple[object, ...] = (
    1, 2, 3, 1.5, Decimal("1.25"), True, date(2024, 2, 29),
    datetime(2024, 2, 29, 1, 2, 3, 500_000), datetime(2024, 2, 29, 1, 2, 3, tzinfo=UTC), timedelta(3), [1, 2],  # noqa: E501
    ["a", None], {"a": 1, "b": ["x"]}, b"A", None, Decimal(12345678901234567890), {"k": []},
)  # fmt: skip


@pytest.mark.parametrize("is_binary", [False, True])
def test_every_type_arrives_as_the_python_value_it_is(
    connection: Connection, is_binary: bool
) -> None:
    cursor = connection.cursor(binary=is_binary)
    assert cursor.execute(TYPES).fetchone() == PYTHON


@pytest.mark.parametrize("is_binary", [False, True])
@pytest.mark.parametrize(
    "value",
    [1, 2**40, -1.5, "it's; -- $1", date(2024, 2, 29), datetime(2024, 2, 29, tzinfo=UTC), True, b"\0\xff",  # noqa: E501
     Decimal("1.50"), timedelta(days=1, seconds=5), [1, 2], None],
)  # fmt: skip
def test_a_parameter_comes_back_as_it_was_sent(
    connection: Connection, value: object, is_binary: bool
) -> None:
    cursor = connection.cursor(binary=is_binary)
    # Beside another column, so that a wrong length would be seen.
    assert cursor.execute("SELECT %s, 'end'", (value,)).fetchone() == (value, "end")


def test_cloud_tables_answer_with_parameters_in_their_predicates(connection: Connection) -> None:
    sql = (
        'SELECT "UserName", "CreateDate" > %s FROM iam.users WHERE "UserName" = ANY(%s) ORDER '
        "BY 1 LIMIT %s"
    )
    rows = connection.execute(sql, ("2020-01-01", ["eve", "ann", "nobody"], 5)).fetchall()
    assert rows == [("ann", True), ("eve", True)]


def test_a_statement_in_a_parameter_is_only_text(connection: Connection) -> None:
    evil = "x'; DELETE FROM aws.iam.users WHERE true; --"
    assert (
        connection.execute(
            'SELECT "UserName" FROM iam.users WHERE "UserName" = %s', (evil,)
        ).fetchall()
        == []
    )
    assert len(connection.execute("SELECT * FROM iam.users").fetchall()) == 3


def test_nested_values_are_json(connection: Connection) -> None:
    rows = connection.execute(
        """SELECT "Tags" FROM iam.users WHERE "UserName" = 'ann'"""
    ).fetchall()
    assert rows == [([{"Key": "team", "Value": "web"}],)]


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("SELECT nope FROM iam.users", errors.UndefinedColumn),
        ("SELECT * FROM iam.nope", errors.UndefinedTable),
        ("SELEC 1", errors.SyntaxError),
        ("SELECT CAST('x' AS INTEGER)", errors.DataException),
        ("SELECT * FROM read_text('/etc/passwd')", errors.SyntaxErrorOrAccessRuleViolation),
        ("COPY (SELECT 1) TO '/tmp/x'", errors.SyntaxErrorOrAccessRuleViolation),
        ("COPY t FROM STDIN", errors.FeatureNotSupported),
    ],
)
def test_an_error_has_its_sqlstate_and_the_connection_lives(
    connection: Connection, sql: str, error: type[psycopg.Error]
) -> None:
    with pytest.raises(error):
        connection.execute(sql)
    assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_failed_block_takes_nothing_before_its_end(server: Server) -> None:
    with psycopg.connect(server.dsn()) as connection:
        with pytest.raises(errors.SyntaxError):
            connection.execute("SELEC 1")
        with pytest.raises(errors.InFailedSqlTransaction):
            connection.execute("SELECT 1")
        connection.rollback()
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_write_says_how_many_and_a_failed_one_what_failed(connection: Connection) -> None:
    insert = 'INSERT INTO iam.users ("UserName") VALUES (%s)'
    cursor = connection.execute(insert, ("zoe",))
    assert (cursor.statusmessage, cursor.description) == ("INSERT 0 1", None)
    with pytest.raises(errors.FdwError, match="EntityAlreadyExists"):
        connection.execute(insert, ("zoe",))
    assert connection.execute("""DELETE FROM iam.users WHERE "UserName" = 'zoe'""").rowcount == 1


def test_returning_gives_rows(connection: Connection) -> None:
    sql = """INSERT INTO iam.groups ("GroupName") VALUES ('g1') RETURNING "GroupName", "Path" """
    assert connection.execute(sql).fetchall() == [("g1", "/")]
    connection.execute("""DELETE FROM iam.groups WHERE "GroupName" = 'g1'""")


INSERT = """INSERT INTO iam.users ("UserName") VALUES (%s)"""


def there(connection: Connection, *names: str) -> list[str]:
    """Which of those users exist."""
    sql = """SELECT "UserName" FROM iam.users WHERE "UserName" = ANY(%s) ORDER BY 1"""
    return [n for (n,) in connection.execute(sql, (list(names),)).fetchall()]


def test_what_is_written_in_a_block_is_made_at_its_commit(
    server: Server, connection: Connection
) -> None:
    with psycopg.connect(server.dsn()) as block:
        assert block.execute(INSERT, ("tx1",)).statusmessage == "INSERT 0 1"
        assert block.info.transaction_status.name == "INTRANS"
        assert there(connection, "tx1") == []
        block.commit()
        assert block.info.transaction_status.name == "IDLE"
        assert there(connection, "tx1") == ["tx1"]
        block.execute("""DELETE FROM iam.users WHERE "UserName" = 'tx1'""")
    assert there(connection, "tx1") == []


def test_a_block_that_is_rolled_back_calls_nothing(server: Server, connection: Connection) -> None:
    with psycopg.connect(server.dsn()) as block:
        block.execute(INSERT, ("tx2",))
        block.rollback()
        block.execute("SELECT 1")
    assert there(connection, "tx2") == []


def test_a_commit_that_fails_is_an_error_and_undone(server: Server, connection: Connection) -> None:
    connection.execute(INSERT, ("tx3",))
    with psycopg.connect(server.dsn()) as block:
        block.execute(INSERT, ("tx4",))
        block.execute(INSERT, ("tx3",))
        with pytest.raises(errors.FdwError, match=r"rolled back.*EntityAlreadyExists") as caught:
            block.commit()
        assert "iam:CreateUser UserName=tx4: undone: iam:DeleteUser" in (
            caught.value.diag.message_detail or ""
        )
        assert block.info.transaction_status.name == "IDLE"
    assert there(connection, "tx3", "tx4") == ["tx3"]
    connection.execute("""DELETE FROM iam.users WHERE "UserName" = 'tx3'""")


def test_a_savepoint_is_a_place_in_the_queue(server: Server, connection: Connection) -> None:
    with psycopg.connect(server.dsn()) as block:
        block.execute(INSERT, ("tx5",))
        block.execute("SAVEPOINT here")
        block.execute(INSERT, ("tx6",))
        with pytest.raises(errors.UndefinedColumn):
            block.execute("""INSERT INTO iam.users ("Nobody") VALUES ('x')""")
        block.execute("ROLLBACK TO SAVEPOINT here")
        with block.transaction():
            block.execute(INSERT, ("tx7",))
    assert there(connection, "tx5", "tx6", "tx7") == ["tx5", "tx7"]
    connection.execute("""DELETE FROM iam.users WHERE "UserName" IN ('tx5', 'tx7')""")


def test_returning_has_nothing_to_return_in_a_block(server: Server) -> None:
    with (
        psycopg.connect(server.dsn()) as block,
        pytest.raises(errors.FeatureNotSupported, match="RETURNING"),
    ):
        block.execute(f'{INSERT} RETURNING "Arn"', ("tx8",))


def test_a_server_side_cursor_reads_in_pieces_while_others_are_run(server: Server) -> None:
    with psycopg.connect(server.dsn()) as connection, connection.cursor(name="slow") as cursor:
        cursor.itersize = 7
        cursor.execute("SELECT * FROM range(%s)", (20,))
        assert cursor.fetchmany(3) == [(0,), (1,), (2,)]
        assert connection.execute("SELECT 42").fetchone() == (42,)
        assert [n for (n,) in cursor] == list(range(3, 20))


def test_copy_to_stdout_streams_rows_as_text_and_csv(connection: Connection) -> None:
    rows = "(SELECT * FROM (VALUES (1, 'a\tb', NULL), (2, 'say \"x\", y', 't')) ORDER BY 1)"
    with connection.cursor().copy(f"COPY {rows} TO STDOUT") as copy:
        assert b"".join(bytes(d) for d in copy) == b'1\ta\\tb\t\\N\n2\tsay "x", y\tt\n'
    with connection.cursor().copy(f"COPY {rows} TO STDOUT (FORMAT csv)") as copy:
        assert b"".join(bytes(d) for d in copy) == b'1,a\tb,\n2,"say ""x"", y",t\n'


def test_a_hundred_thousand_rows_stream(connection: Connection) -> None:
    stream = connection.cursor().stream("SELECT i, 'row ' || i FROM range(100000) t(i)")
    assert sum(i for i, _ in stream) == 4_999_950_000


def test_a_pipeline_and_prepared_statements(connection: Connection) -> None:
    with connection.pipeline():
        cursors = [connection.execute("SELECT %s::int + 1", (i,), prepare=True) for i in range(20)]
    assert [c.fetchone() for c in cursors] == [(i + 1,) for i in range(20)]


ENDLESS = "SELECT count(*) FROM range(100000000) a, range(100000) b"


def test_a_cancel_stops_the_statement_and_nothing_else(connection: Connection) -> None:
    timer = threading.Timer(0.2, connection.cancel_safe)
    timer.start()
    with pytest.raises(errors.QueryCanceled, match="user request"):
        connection.execute(ENDLESS)
    timer.join()
    assert connection.execute("SELECT 1").fetchone() == (1,)


def test_statement_timeout_is_kept(connection: Connection) -> None:
    connection.execute("SET statement_timeout = 100")
    with pytest.raises(errors.QueryCanceled, match="statement timeout"):
        connection.execute(ENDLESS)
    connection.execute("RESET statement_timeout")
    assert connection.execute("SHOW statement_timeout").fetchone() == ("0",)


def test_what_could_not_be_read_is_a_warning(endpoint: str) -> None:
    heard: list[str] = []
    proxy = FaultProxy(endpoint).start()
    with running(OPEN, proxy.url) as server, server.connect() as connection:
        proxy.faults = Faults(only=frozenset({"iam:ListAccessKeys"}), malform=1.0)
        connection.add_notice_handler(lambda d: heard.append(f"{d.severity} {d.message_primary}"))
        rows = connection.execute(
            'SELECT u."UserName", k."AccessKeyId" FROM iam.users u '
            'LEFT JOIN iam.access_keys k ON k."UserName" = u."UserName"'
        ).fetchall()
    proxy.stop()
    assert len(rows) == len(heard) == 3
    assert all(h.startswith("WARNING iam:ListAccessKeys in ") for h in heard)


def test_a_block_in_a_block_is_a_warning(connection: Connection) -> None:
    heard: list[str | None] = []
    connection.add_notice_handler(lambda d: heard.append(d.sqlstate))
    connection.execute("BEGIN")
    connection.execute("BEGIN")
    assert heard == ["25001"]


def test_settings_are_a_connections_own(server: Server) -> None:
    with server.connect() as one, server.connect() as other:
        one.execute("SET region = 'eu-west-1'")
        assert one.execute("SHOW region").fetchone() == ("eu-west-1",)
        assert other.execute("SHOW region").fetchone() == ("us-east-1",)


def test_an_unbound_parameter_in_plain_text_is_an_error(connection: Connection) -> None:
    with pytest.raises(errors.UndefinedParameter, match=r"no parameter \$1"):
        connection.execute("SELECT $1")
