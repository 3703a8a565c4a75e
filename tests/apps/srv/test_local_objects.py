"""Tables and views of a session, as PostgreSQL's clients name and list them."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

Connection = psycopg.Connection[Any]


def columns(connection: Connection, name: str) -> list[tuple[str, str]]:
    return connection.execute(
        "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a "
        "JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'public' AND c.relname = %s ORDER BY a.attnum",
        (name,),
    ).fetchall()


def test_short_names_work_within_a_view(connection: Connection) -> None:
    connection.execute('CREATE VIEW short AS SELECT "UserName" FROM iam.users')
    found = connection.execute('SELECT "UserName" FROM short ORDER BY 1').fetchall()
    assert found == [("ann",), ("bob",), ("eve",)]


def test_a_view_names_tables_as_they_are_shown(connection: Connection) -> None:
    connection.execute("CREATE TABLE shown AS SELECT 1 AS a")
    connection.execute("CREATE VIEW public.of_shown AS SELECT public.shown.a FROM public.shown")
    assert connection.execute("SELECT * FROM aws.public.of_shown").fetchall() == [(1,)]


def test_statements_of_every_kind_take_the_schema_public(connection: Connection) -> None:
    counts = [
        connection.execute(sql).statusmessage
        for sql in (
            "CREATE TABLE public.made (a int)",
            "INSERT INTO public.made VALUES (1), (2)",
            'UPDATE "public"."made" SET a = 3 WHERE a = 2',
            "DELETE FROM public.made WHERE public.made.a = 3",
            "CREATE TABLE filled AS SELECT * FROM public.made",
            "DROP TABLE public.made",
            "CREATE VIEW public.one AS SELECT 1 AS n",
            "DROP VIEW public.one",
        )
    ]
    assert counts == [
        "CREATE TABLE",
        "INSERT 0 2",
        "UPDATE 1",
        "DELETE 1",
        "SELECT 1",
        "DROP TABLE",
        "CREATE VIEW",
        "DROP VIEW",
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT public.a FROM (SELECT 1 AS a) AS public",
        "SELECT x.public.a FROM (SELECT {'public': {'a': 1}} AS x)",
        "SELECT 1 AS \"public.a\", 'public.b'",
    ],
)
def test_public_is_a_name_like_any_other(connection: Connection, sql: str) -> None:
    assert connection.execute(sql).fetchone() is not None


def test_views_have_columns(connection: Connection) -> None:
    connection.execute(
        'CREATE VIEW described AS SELECT "UserName", "CreateDate", 1::smallint AS n, '
        "1.5::numeric AS m, ARRAY['a'] AS l FROM iam.users"
    )
    assert columns(connection, "described") == [
        ("UserName", "text"),
        ("CreateDate", "timestamp with time zone"),
        ("n", "smallint"),
        ("m", "numeric"),
        ("l", "text[]"),
    ]


def test_a_view_is_described_as_its_tables_are_now(connection: Connection) -> None:
    connection.execute("CREATE TABLE base AS SELECT 1 AS a")
    connection.execute("CREATE VIEW over_base AS SELECT * FROM base")
    connection.execute("CREATE OR REPLACE TABLE base AS SELECT 1 AS a, date '2020-01-01' AS b")
    assert columns(connection, "over_base") == [("a", "integer"), ("b", "date")]
    connection.execute("DROP TABLE base")
    assert columns(connection, "over_base") == []


def test_show_and_describe_take_short_names(connection: Connection) -> None:
    assert ("UserName", "string") in connection.execute("DESCRIBE iam.users").fetchall()
    methods = connection.execute("SHOW METHODS IN iam.users").fetchall()
    assert ("list_users", "", "SELECT") in methods
    assert ("users", "aws.iam.users") in connection.execute("SHOW RESOURCES IN iam").fetchall()
