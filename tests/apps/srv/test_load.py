"""Many clients at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.apps.srv.conftest import Server, StartServer

CLIENTS = 50


def test_fifty_clients_at_once_get_each_their_own_right_answers(start: StartServer) -> None:
    server = start(max_connections=CLIENTS)

    def work(client: int) -> list[Any]:
        with server.connect() as connection:
            connection.execute(f"CREATE TABLE mine AS SELECT {client} AS who")
            found: list[Any] = []
            for number in range(5):
                found += (
                    connection.execute("SELECT %s::int + %s", (client, number)).fetchone() or ()
                )
            for sql in ("FROM iam.users", "FROM pg_namespace WHERE nspname = 'iam'"):
                found += connection.execute(f"SELECT count(*) {sql}").fetchone() or ()
            return [*found, *(connection.execute("SELECT who FROM mine").fetchone() or ())]

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(work, range(CLIENTS)))
    assert answers == [[n, n + 1, n + 2, n + 3, n + 4, 3, 1, n] for n in range(CLIENTS)]


def test_clients_in_a_loop_leave_nothing_behind(start: StartServer) -> None:
    server = start(max_connections=2)
    for number in range(60):
        with server.connect() as connection:
            assert connection.execute("SELECT %s::int", (number,)).fetchone() == (number,)


def test_an_identical_read_of_one_client_is_answered_from_memory(server: Server) -> None:
    sql = """SELECT "UserName" FROM iam.users ORDER BY 1"""
    with server.connect() as connection:
        rows: list[Any] = connection.execute(sql).fetchall()
        assert connection.execute(sql).fetchall() == rows
        cached = connection.execute("SELECT count(*) FROM cirrusql.calls WHERE cached").fetchone()
    assert cached == (1,)
