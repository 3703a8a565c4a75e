"""PostgreSQL's array literals, and list parameters, wherever a statement compares with them."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from cirrusql.apps.srv.dialect.array_texts import with_lists
from tests.apps.srv.conftest import Server
from tests.apps.srv.test_other_clients import run


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("SELECT '{a}'::text[]", "SELECT ARRAY['a']::text[]"),
        ("SELECT '{}'::int[]", "SELECT ARRAY[]::int[]"),
        ("'{{1,2},{3,4}}'::int[][]", "ARRAY[ARRAY['1', '2'], ARRAY['3', '4']]::int[][]"),
        ("CAST('{1,NULL}' AS double precision[])", "CAST(ARRAY['1', NULL] AS double precision[])"),
        ("SELECT '{int4}'::regtype[]", "SELECT ARRAY['int4'::regtype]"),
        ("x = ANY('{a,\"b c\"}')", "x IN ('a', 'b c')"),
        ("x = any ( '{it''s}' )", "x IN ('it''s')"),
        ("x <> ALL('{1,2}') AND y", "x NOT IN ('1', '2') AND y"),
        ("x = ANY('{}')", "x = ANY(ARRAY[])"),
        ("x > ANY('{1}')", "x > ANY(ARRAY['1'])"),
        ("x = ANY('{a}'::varchar(3)[])", "x = ANY(ARRAY['a']::varchar(3)[])"),
    ],
)  # fmt: skip
def test_the_text_of_an_array_is_a_list_where_it_is_taken_for_one(text: str, made: str) -> None:
    assert with_lists(text) == made


@pytest.mark.parametrize(
    "text",
    [
        """SELECT '{"k": 1}'::json""",
        "x = '{a,b}'",
        "SELECT '{a}'::text, ARRAY['{b}']",
        "SELECT '{a' -- '{b}'::text[]",
        "INSERT INTO t VALUES ('{a}')",
        "x = ANY(ARRAY['{a}'])",
        "SELECT $$ '{a}'::text[] $$",
    ],
)
def test_every_other_text_stays(text: str) -> None:
    assert with_lists(text) == text


def rows(server: Server, sql: str, given: Any = (), **more: Any) -> list[Any]:
    with server.connect() as connection:
        kind = more.get("kind", psycopg.Cursor)
        return [r[0] for r in kind(connection).execute(sql, given).fetchall()]


_USERS = 'SELECT "UserName" FROM iam.users WHERE "UserName" {} ORDER BY 1'


@pytest.mark.parametrize("kind", [psycopg.Cursor, psycopg.ClientCursor, psycopg.RawCursor])
@pytest.mark.parametrize(
    ("condition", "listed", "found"),
    [
        ("= ANY({})", ["ann", "eve"], ["ann", "eve"]),
        ("= ANY({})", [], []),
        ("<> ALL({})", ["ann"], ["bob", "eve"]),
        ("<> ALL({})", [], ["ann", "bob", "eve"]),
        ("= ANY({}::text[])", ["bob"], ["bob"]),
    ],
)
def test_a_list_is_compared_with_as_clients_send_it(
    kind: Any, condition: str, listed: list[str], found: list[str], server: Server
) -> None:
    sql = _USERS.format(condition.format("$1" if kind is psycopg.RawCursor else "%s"))
    assert rows(server, sql, (listed,), kind=kind) == found


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("= ANY('{ann,\"bob\"}')", ["ann", "bob"]),
        ("<> ALL('{ann,bob}'::text[])", ["eve"]),
        ("= ANY('{}')", []),
    ],
)
def test_a_text_is_compared_with(condition: str, found: list[str], server: Server) -> None:
    assert rows(server, _USERS.format(condition)) == found


def test_asyncpg_is_told_that_a_parameter_is_a_list(server: Server) -> None:
    asked: list[tuple[str, list[Any]]] = [
        (_USERS.format("= ANY($1)"), ["ann"]),
        (_USERS.format("<> ALL($1)"), ["bob", "eve"]),
        ("SELECT 'ann' FROM pg_class WHERE relkind = ANY($1) LIMIT 1", ["r", "v", "f"]),
        ("SELECT x FROM (VALUES ('ann'), ('c')) t(x) WHERE x = ANY($1)", ["ann"]),
    ]

    async def work(connection: Any) -> list[str]:
        return [await connection.fetchval(sql, given) for sql, given in asked]

    assert run(server, work) == ["ann"] * len(asked)


@pytest.mark.parametrize("kind", [psycopg.Cursor, psycopg.ClientCursor])
def test_writes_take_lists_too(kind: Any, server: Server) -> None:
    with server.connect() as connection:
        cursor = kind(connection)
        cursor.execute("INSERT INTO iam.users (\"UserName\") VALUES ('zoe')")
        cursor.execute(
            'UPDATE iam.users SET "Path" = \'/z/\' WHERE "UserName" = ANY(%s)', (["zoe"],)
        )
        assert cursor.statusmessage == "UPDATE 1"
        cursor.execute('DELETE FROM iam.users WHERE "UserName" = ANY(%s)', (["zoe"],))
        assert cursor.statusmessage == "DELETE 1"


def test_the_catalog_takes_texts_of_arrays(server: Server) -> None:
    sql = "SELECT typname FROM pg_type WHERE oid = ANY('{int4,text}'::regtype[])"
    assert rows(server, sql) == ["int4", "text"]
    sql = "SELECT count(*) > 0 FROM pg_class WHERE relkind = ANY('{r,v,f}')"
    assert rows(server, sql) == [True]


def test_numbers_are_compared_with_the_texts_of_numbers(server: Server) -> None:
    numbers = "SELECT x FROM (VALUES (1), (3)) t(x) WHERE x"
    assert rows(server, f"{numbers} = ANY('{{1,2}}')") == [1]
    assert rows(server, f"{numbers} <> ALL(%s)", ([1, 2],), kind=psycopg.ClientCursor) == [3]
    assert rows(server, "SELECT '{1,2}'::int[]") == [[1, 2]]
