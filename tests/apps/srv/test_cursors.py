"""DECLARE, FETCH, MOVE and CLOSE as PostgreSQL counts them, and count(*) where it is described."""

from __future__ import annotations

import subprocess
from typing import Any

import psycopg
import pyarrow as pa
import pytest

from cirrusql.apps.srv.client_commands import ALL, Direction, Fetch, command
from cirrusql.apps.srv.protocol.cursors import Scroll
from tests.apps.srv.conftest import Server
from tests.apps.srv.test_other_clients import needs_psql, run

FORWARD, ABSOLUTE, RELATIVE = Direction.FORWARD, Direction.ABSOLUTE, Direction.RELATIVE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("FETCH c", (FORWARD, 1)),
        ("FETCH NEXT FROM c", (FORWARD, 1)),
        ("FETCH PRIOR FROM c", (FORWARD, -1)),
        ("FETCH FIRST IN c", (ABSOLUTE, 1)),
        ("FETCH LAST c", (ABSOLUTE, -1)),
        ("FETCH 7 FROM c", (FORWARD, 7)),
        ("FETCH -2 FROM c", (FORWARD, -2)),
        ("FETCH 0 FROM c", (FORWARD, 0)),
        ("FETCH ALL c", (FORWARD, ALL)),
        ("FETCH FORWARD FROM c", (FORWARD, 1)),
        ("FETCH FORWARD 3 IN c", (FORWARD, 3)),
        ("FETCH FORWARD ALL IN c", (FORWARD, ALL)),
        ("FETCH BACKWARD c", (FORWARD, -1)),
        ("FETCH BACKWARD 3 FROM c", (FORWARD, -3)),
        ("FETCH BACKWARD ALL FROM c", (FORWARD, -ALL)),
        ("FETCH ABSOLUTE -4 FROM c", (ABSOLUTE, -4)),
        ("MOVE RELATIVE 4 FROM c", (RELATIVE, 4)),
        ("move absolute 0 in c", (ABSOLUTE, 0)),
    ],
)
def test_every_direction_is_read(text: str, said: tuple[Direction, int]) -> None:
    found = command(text)
    assert isinstance(found, Fetch)
    assert (found.name, found.direction, found.count) == ("c", *said)
    assert found.is_move is text.lower().startswith("move")


@pytest.mark.parametrize(
    ("start", "direction", "count", "rows", "end"),
    [
        (0, FORWARD, 2, [1, 2], 2),
        (4, FORWARD, 2, [5], 6),
        (5, FORWARD, 1, [], 6),
        (0, FORWARD, ALL, [1, 2, 3, 4, 5], 6),
        (6, FORWARD, -2, [5, 4], 4),
        (2, FORWARD, -ALL, [1], 0),
        (1, FORWARD, -1, [], 0),
        (3, FORWARD, 0, [3], 3),
        (0, FORWARD, 0, [], 0),
        (0, ABSOLUTE, 3, [3], 3),
        (0, ABSOLUTE, 9, [], 6),
        (0, ABSOLUTE, -1, [5], 5),
        (4, ABSOLUTE, -9, [], 0),
        (4, ABSOLUTE, 0, [], 0),
        (2, RELATIVE, 2, [4], 4),
        (2, RELATIVE, -1, [1], 1),
        (2, RELATIVE, -2, [], 0),
    ],
)
def test_a_scroll_cursor_stands_where_postgresql_says(
    start: int, direction: Direction, count: int, rows: list[int], end: int
) -> None:
    scroll = Scroll(pa.table({"n": [1, 2, 3, 4, 5]}), start)
    assert scroll.fetch(direction, count)["n"].to_pylist() == rows
    assert scroll.position == end


def test_a_cursor_goes_forward_and_over_rows(server: Server) -> None:
    with psycopg.connect(server.dsn()) as connection:
        connection.execute('DECLARE c CURSOR FOR SELECT "UserName" FROM iam.users ORDER BY 1')
        assert connection.execute("MOVE 1 IN c").statusmessage == "MOVE 1"
        assert connection.execute("FETCH NEXT FROM c").fetchall() == [("bob",)]
        assert connection.execute("MOVE ALL IN c").statusmessage == "MOVE 1"
        assert connection.execute("FETCH ALL FROM c").fetchall() == []
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="only scan forward"):
            connection.execute("FETCH BACKWARD 1 FROM c")


@pytest.mark.parametrize("is_binary", [False, True])
def test_a_scroll_cursor_goes_both_ways(server: Server, is_binary: bool) -> None:
    with (
        psycopg.connect(server.dsn()) as connection,
        connection.cursor(name="both", scrollable=True, binary=is_binary) as cursor,
    ):
        cursor.execute("SELECT i::int FROM range(1, 8) t(i)")
        assert cursor.fetchmany(3) == [(1,), (2,), (3,)]
        cursor.scroll(-2)
        assert cursor.fetchone() == (2,)
        cursor.scroll(0, mode="absolute")
        assert cursor.fetchall() == [(i,) for i in range(1, 8)]


@pytest.mark.parametrize("is_binary", [False, True])
def test_a_cursor_counts_the_rows_of_a_cloud_table(server: Server, is_binary: bool) -> None:
    with (
        psycopg.connect(server.dsn()) as connection,
        connection.cursor(name="counted", binary=is_binary) as cursor,
    ):
        cursor.execute("SELECT count(*) FROM iam.users")
        assert cursor.fetchall() == [(3,)]


def test_a_count_can_be_described_before_it_is_run(server: Server) -> None:
    async def work(connection: Any) -> object:
        statement = await connection.prepare("SELECT count(*) FROM iam.users")
        return await statement.fetchval()

    assert run(server, work) == 3


def test_a_declare_that_fails_leaves_no_cursor(server: Server) -> None:
    with psycopg.connect(server.dsn()) as connection:
        connection.execute("SAVEPOINT s")
        with pytest.raises(psycopg.errors.UndefinedColumn):
            connection.execute('DECLARE c CURSOR FOR SELECT "Nosuch" FROM iam.users')
        connection.execute("ROLLBACK TO s")
        connection.execute("DECLARE c CURSOR FOR SELECT 1")
        with pytest.raises(psycopg.errors.DuplicateCursor):
            connection.execute("DECLARE c CURSOR FOR SELECT 2")


@needs_psql
def test_psql_reads_by_its_fetch_count(server: Server) -> None:
    script = (
        "\\set FETCH_COUNT 2\n"
        'SELECT count(*) FROM iam.users;\nSELECT "UserName" FROM iam.users ORDER BY 1;\n'
    )
    told = subprocess.run(
        ["psql", "-AtX", server.dsn()], input=script, capture_output=True, text=True, check=True
    )
    assert (told.stdout, told.stderr) == ("3\nann\nbob\neve\n", "")
