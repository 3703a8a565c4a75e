"""Statements as values, and the positions of their errors."""

from __future__ import annotations

import subprocess
import sys

import pytest
from sqlglot import exp

from cirrusql.errors import NotSupportedError, SqlSyntaxError
from cirrusql.sql.parse import parse, parse_sql
from cirrusql.sql.split import Piece, split
from cirrusql.sql.statements import (
    Assignment,
    CreateView,
    Delete,
    Describe,
    DropView,
    Exec,
    Explain,
    Hints,
    Insert,
    QueryStatement,
    Refresh,
    SetVariable,
    Show,
    Statement,
    TransactionStatement,
    Update,
)

USERS = ("aws", "iam", "users")


def only(script: str) -> Statement:
    (piece,) = split(script)
    return parse(piece)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "FROM aws.iam.users",
        "WITH x AS (SELECT 1) FROM x",
        "VALUES (1)",
        "PIVOT aws.iam.users ON Path",
        "SUMMARIZE aws.iam.users",
        "CREATE TABLE t AS SELECT 1",
        "COPY (SELECT 1) TO 'f.parquet'",
        "INSERT INTO t VALUES (1)",
        "INSERT OR REPLACE INTO t VALUES (1)",
        "UPDATE t SET a = 1",
        "DELETE FROM t",
        "CREATE MACRO f(a, b := 2) AS a + b",
        "SET VARIABLE v = 1",
        "SHOW ALL TABLES",
        "SHOW DATABASES",
        "DESCRIBE t",
        "DESCRIBE SELECT 1",
        "CALL pragma_version()",
        "EXPORT DATABASE 'x'",
        "DROP VIEW main.v",
        "DROP TABLE t",
    ],
)
def test_what_the_engine_does_itself_is_a_query_of_the_same_text(sql: str) -> None:
    found = only(sql)
    assert isinstance(found, QueryStatement)
    assert (found.text, found.verb) == (sql, sql.split()[0])


def test_comments_become_blanks_and_no_place_moves() -> None:
    found = only("SELECT /* a */ 'it /* is */ -- so' -- b\nFROM t")
    assert found.text == "SELECT         'it /* is */ -- so'     \nFROM t"


@pytest.mark.parametrize(
    ("sql", "hints"),
    [
        ("/*+ FRESH */ SELECT 1", Hints(is_fresh=True)),
        ("SELECT /*+ fresh */ 1", Hints(is_fresh=True)),
        ("DELETE /*+ AWAIT */ FROM a.b.c WHERE true", Hints(awaits=600.0)),
        ("DELETE /*+ AWAIT('5m') FRESH */ FROM a.b.c WHERE true", Hints(True, 300.0)),
        ("DELETE /*+ AWAIT('90 s') */ FROM a.b.c WHERE true", Hints(awaits=90.0)),
        ("SELECT '/*+ FRESH */'", Hints()),
        ("SELECT 1 -- /*+ FRESH */", Hints()),
        ("SELECT 1 /* FRESH */", Hints()),
    ],
)
def test_a_hint_is_a_comment_of_its_own_form(sql: str, hints: Hints) -> None:
    assert only(sql).hints == hints


@pytest.mark.parametrize(
    ("sql", "want"),
    [
        (
            "INSERT INTO aws.iam.users (UserName, \"Path\") VALUES ('a', '/'), ('b', '/') "
            "RETURNING *",
            Insert("", USERS, ("UserName", "Path"), "VALUES ('a', '/'), ('b', '/')", returning="*"),
        ),
        (
            "INSERT INTO aws.iam.users (UserName) SELECT name FROM t",
            Insert("", USERS, ("UserName",), "SELECT name FROM t"),
        ),
        ("INSERT INTO aws.iam.users (SELECT 1 AS a)", Insert("", USERS, (), "(SELECT 1 AS a)")),
        (
            "REPLACE INTO aws.iam.users (a) FROM t",
            Insert("", USERS, ("a",), "FROM t", is_replace=True),
        ),
        (
            "UPDATE aws.iam.users AS u SET Path = '/' || u.Path, \"Tags\"['a b'] = 'x' "
            "WHERE u.UserName IN (SELECT 'where') RETURNING UserName",
            Update(
                "",
                USERS,
                "u",
                (Assignment("Path", "'/' || u.Path"), Assignment("Tags", "'x'", "'a b'")),
                "u.UserName IN (SELECT 'where')",
                returning="UserName",
            ),
        ),
        (
            "UPDATE aws.iam.users SET a = b IS DISTINCT FROM c",
            Update("", USERS, None, (Assignment("a", "b IS DISTINCT FROM c"),), None),
        ),
        ("DELETE FROM aws.iam.users u WHERE true", Delete("", USERS, "u", "true")),
        ("DELETE FROM aws.iam.users RETURNING *", Delete("", USERS, None, None, returning="*")),
        (
            "EXEC aws.iam.users.create_user @UserName = 'a', @Tags = [{'Key': 'a, b', 'Value': "
            "$v}]",
            Exec(
                "",
                (*USERS, "create_user"),
                {"UserName": "'a'", "Tags": "[{'Key': 'a, b', 'Value': $v}]"},
            ),
        ),
        ("EXEC a.b.c.d @@json = '{\"a\": 1}'", Exec("", ("a", "b", "c", "d"), {}, "'{\"a\": 1}'")),
        ("EXEC a.b.c.d", Exec("", ("a", "b", "c", "d"), {})),
        (
            "SELECT u.x FROM (EXEC a.b.c.d @x = (1)) u WHERE u.x > 0",
            Exec(
                "",
                ("a", "b", "c", "d"),
                {"x": "(1)"},
                over=("SELECT u.x FROM ", " u WHERE u.x > 0"),
            ),
        ),
        ("SHOW PROVIDERS", Show("", "providers")),
        (
            "SHOW EXTENDED SERVICES IN aws LIKE '%x''%'",
            Show("", "services", ("aws",), "%x'%", True),
        ),
        ("SHOW INSERT INTO aws.iam.users", Show("", "insert", USERS)),
        ("SHOW CREATE TABLE aws.iam.users", Show("", "create", USERS)),
        ("SHOW PARENTS IN aws.ecs", Show("", "parents", ("aws", "ecs"))),
        ("SHOW ALL", Show("", "variables")),
        ("DESCRIBE aws.iam.users", Describe("", USERS)),
        ("DESC EXTENDED aws.iam.users", Describe("", USERS, is_extended=True)),
        (
            "DESCRIBE METHOD aws.iam.users.list_users",
            Describe("", (*USERS, "list_users"), is_method=True),
        ),
        ("SET cache_ttl = '0s' -- off", SetVariable("", "cache_ttl", "0s")),
        ("SET max_calls TO 5", SetVariable("", "max_calls", "5")),
        ("RESET max_calls", SetVariable("", "max_calls", None)),
        ("BEGIN TRANSACTION", TransactionStatement("", "begin")),
        ("COMMIT", TransactionStatement("", "commit")),
        ("ABORT", TransactionStatement("", "rollback")),
        ("CREATE OR REPLACE VIEW v AS SELECT 1", CreateView("", "v", "SELECT 1", may_replace=True)),
        (
            "CREATE MATERIALIZED VIEW IF NOT EXISTS v AS FROM t",
            CreateView("", "v", "FROM t", is_materialized=True, if_not_exists=True),
        ),
        (
            "CREATE VIEW v(a, b) AS SELECT 1, 2",
            CreateView("", "v", 'SELECT * FROM (SELECT 1, 2) AS _view("a", "b")'),
        ),
        ("REFRESH MATERIALIZED VIEW v", Refresh("", "v")),
        ("DROP VIEW IF EXISTS v", DropView("", "v", if_exists=True)),
    ],
)
def test_a_statement_of_ours_is_a_value(sql: str, want: Statement) -> None:
    found = only(sql)
    assert type(found) is type(want)
    assert {**vars(found), "text": ""} == vars(want)


def test_explain_holds_the_statement_and_how_to_tell_it() -> None:
    found = only("EXPLAIN (FORMAT json, ANALYZE) DELETE FROM aws.iam.users WHERE UserName = 'a'")
    assert isinstance(found, Explain)
    assert isinstance(found.inner, Delete)
    assert (found.format, found.is_analyze) == ("json", True)


@pytest.mark.parametrize(
    ("sql", "message", "at"),
    [
        ("SELEC 1", "syntax error at or near 'SELEC'", "SELEC"),
        ("SELECT a FROM x.y.z WHERE WHERE 1", "syntax error at or near 'WHERE'", "WHERE 1"),
        ("SELECT a, FROM x.y.z WHERE (", "unexpected end of the statement", "("),
        ("SELECT 1;\nSELECT\n  b c d FROM x.y.z", "syntax error at or near 'd'", "d FROM"),
        ("INSERT aws.iam.users VALUES (1)", "INSERT requires INTO", "aws"),
        ("INSERT INTO aws.iam.users (a)", "INSERT expects VALUES (…) or a SELECT", None),
        ("INSERT INTO aws.iam.users (a) VALUES (1 2)", "syntax error at or near '2'", "2)"),
        ("UPDATE aws.iam.users WHERE a = 1", "UPDATE requires SET", "a = 1"),
        ("UPDATE aws.iam.users SET a = WHERE b = 1", "expected a value", "= WHERE"),
        (
            "UPDATE aws.iam.users SET a = 1 + WHERE b = 1",
            "unexpected end of the statement",
            "+ WHERE",
        ),
        ("UPDATE aws.iam.users SET a = 1 FROM t WHERE b = 1", "expected a single value", "1 FROM"),
        ("UPDATE aws.iam.users SET a = 1 WHERE", "WHERE requires a condition", "WHERE"),
        ("UPDATE aws.iam.users SET a = 1 WHERE b = = 2", "syntax error at or near '='", "= 2"),
        ("DELETE aws.iam.users", "DELETE requires FROM", "aws"),
        ("DELETE FROM aws.iam.users USING t WHERE true", "DELETE requires WHERE", "USING"),
        *(
            (f"{start} {clause}", f"{word} is not supported in a statement that writes", at)
            for start in (
                "DELETE FROM aws.iam.users WHERE UserName = 'a'",
                "UPDATE aws.iam.users SET Path = '/'",
                "UPDATE aws.iam.users SET Path = '/' WHERE true",
                "DELETE FROM aws.iam.users RETURNING UserName",
            )
            for clause, word, at in (
                ("LIMIT 0", "LIMIT", "LIMIT"),
                ("OFFSET 5", "OFFSET", "OFFSET"),
                ("ORDER BY UserName LIMIT 1", "ORDER BY", "ORDER"),
                ("GROUP BY 1", "GROUP BY", "GROUP"),
                ("HAVING false", "HAVING", "HAVING"),
                ("QUALIFY false", "QUALIFY", "QUALIFY"),
                ("WINDOW w AS ()", "WINDOW", "WINDOW"),
                ("FOR UPDATE", "FOR", "FOR"),
                ("UNION SELECT 1", "UNION", "UNION"),
                ("EXCEPT SELECT 1", "EXCEPT", "EXCEPT"),
            )
        ),
        ("EXEC a.b.c.d x = 1", "EXEC expects @Parameter = value", "x"),
        ("EXEC a.b.c.d @x 1", "@x requires = and a value", "1"),
        ("EXEC a.b.c.d @x = 1, @X = 2", "@X is specified more than once", None),
        ("EXEC a.b.c.d @@xml = ''", "only @@json accepts a whole request", None),
        ("EXEC a.b.c.d @x = (1", "unexpected end of the statement", None),
        ("SHOW TABLES LIKE x", "expected a 'string'", "x"),
        ("SHOW TABLES x y", "expected the end of the statement", "y"),
        ("EXPLAIN", "EXPLAIN requires a statement", "EXPLAIN"),
        ("EXPLAIN (FORMAT xml) SELECT 1", "unknown EXPLAIN option 'FORMAT xml'", None),
        ("SET x", "SET expects name = value", None),
        ("SET x = ", "expected a value", None),
        (
            "CREATE VIEW v AS SELECT a FROM x.y.z GROUP GROUP",
            "unexpected end of the statement",
            "GROUP",
        ),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(sql: str, message: str, at: str | None) -> None:
    *_, last = split(sql)
    with pytest.raises(SqlSyntaxError) as caught:
        parse(last)
    error = caught.value
    assert message in error.message
    assert "sqlglot" not in str(error)
    if at is not None:
        place = sql.rindex(at)
        assert error.line == sql.count("\n", 0, place) + 1
        assert error.column == place - sql.rfind("\n", 0, place)
        assert error.place is not None
        shown, caret = error.place.split("\n")
        assert shown[caret.index("^") :].startswith(at.split()[0])


def test_importing_the_parser_loads_no_sqlglot() -> None:
    code = (
        "import sys, cirrusql.sql.parse, cirrusql.session.session; print('sqlglot' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("sql", "read"),
    [
        ("SELECT $1,$2", "SELECT $1, $2"),
        ("SELECT x FROM t WHERE a IN ($1,$2)", "SELECT x FROM t WHERE a IN ($1, $2)"),
        ("SELECT $a,$b,$a,$c", "SELECT $a, $b, $a, $c"),
        ("SELECT $$a,b$$, $1,$2", "SELECT 'a,b', $1, $2"),
        ("SELECT '$1,$2', $x,$y, $t$ $1,$2 $t$", "SELECT '$1,$2', $x, $y, ' $1,$2 '"),
        ("SELECT a$b$c,$1,$2", "SELECT a$b$c, $1, $2"),
        ("SELECT l[$a:$b],m[$1]", "SELECT l[$a:$b], m[$1]"),
    ],
)
def test_parameters_need_no_blank_between_them(sql: str, read: str) -> None:
    assert parse_sql(Piece(sql, 0, sql)).sql("duckdb") == read


def test_a_keyword_after_a_dot_is_a_name() -> None:
    sql = "SELECT v.values FROM aws.cloudtrail.values AS v WHERE aws.cloudtrail.values.x = 1"
    tree = parse_sql(split(sql)[0])
    (table,) = tree.find_all(exp.Table)
    assert [p.name for p in table.parts] == ["aws", "cloudtrail", "values"]
    assert sql[table.parts[-1].meta["start"] : table.parts[-1].meta["end"] + 1] == "values"


@pytest.mark.parametrize(
    "text", ["SELECT $x, ''", "SELECT $x WHERE a = $y OR b = ''", "SELECT $1 || ''"]
)
def test_a_statement_with_a_parameter_may_end_in_an_empty_text(text: str) -> None:
    assert isinstance(parse(text), QueryStatement)


@pytest.mark.parametrize(
    "text", ["EXECUTE p", "EXECUTE p(41)", "execute p (x := $y)", 'EXECUTE "a p"']
)
def test_execute_of_one_name_is_a_prepared_statement(text: str) -> None:
    assert isinstance(parse(text), QueryStatement)


@pytest.mark.parametrize("text", ["EXECUTE aws.iam.users.list_users", "EXECUTE m @x = 1", "EXEC p"])
def test_execute_of_a_method_is_exec(text: str) -> None:
    assert isinstance(parse(text), Exec)


@pytest.mark.parametrize(
    "what", ["SET threads = 4", "COPY t TO 'f'", "ATTACH 'f' AS f", "(PRAGMA version)"]
)
def test_what_is_no_query_cannot_be_prepared(what: str) -> None:
    with pytest.raises(NotSupportedError, match="PREPARE of"):
        parse(f"PREPARE p AS {what}")
    assert isinstance(parse("PREPARE p (INT) AS SELECT $1"), QueryStatement)


@pytest.mark.parametrize(
    "condition",
    [
        "'x' = p->'a'->>'b'",
        "s = p->'a'",
        "n = 1 AND s = p->'a'",
        "truth AND p->'a' = 'x'",
        "truth OR p->'a'->>'b' IN ('x')",
        "NOT p->'a' = 'x'",
        "s LIKE p->'a'",
        "s BETWEEN 'a' AND p->'a'",
    ],
)
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 FROM t WHERE {}",
        "SELECT 1 FROM t JOIN u ON {}",
        "SELECT CASE WHEN {} THEN 1 END FROM t",
        "SELECT {} AS x FROM t",
        "SELECT count(*) FILTER (WHERE {}) FROM t",
        "DELETE FROM t WHERE {}",
    ],
)
def test_an_arrow_after_an_operator_is_told_of_its_precedence(
    statement: str, condition: str
) -> None:
    with pytest.raises(SqlSyntaxError, match="applies to the whole expression") as caught:
        parse_sql(Piece(sql := statement.format(condition), 0, sql))
    assert "(p->'a'->>'b') = 'x'" in (caught.value.hint or "")
    assert caught.value.place is not None
    assert caught.value.place.endswith("^")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT p->'a' FROM t WHERE 'x' = (p->'a'->>'b') AND s = p->>'c'",
        "SELECT {'a': p->'b'}, f(p->'a', n + 1), s IN (p->'a'), list_filter(l, x -> x = 'a') FROM "
        "t",
        "UPDATE t SET a = p->'b'",
        "SELECT s = json_extract(p, '$.a'), l[1] = 2 FROM t",
    ],
)
def test_an_arrow_that_stands_for_itself_is_read(sql: str) -> None:
    assert parse_sql(Piece(sql, 0, sql)) is not None


@pytest.mark.parametrize("rows", ["('a', 'b')", "('a')", "(1 + 1)"])
def test_insert_without_values_is_told(rows: str) -> None:
    with pytest.raises(SqlSyntaxError, match="VALUES"):
        parse(f"INSERT INTO aws.iam.users (UserName) {rows}")


@pytest.mark.parametrize(
    ("sql", "word", "keyword"),
    [
        ("SELECT * FORM t", "FORM", "FROM"),
        ("SELECT * FROM t WHRE a = 1", "WHRE", "WHERE"),
        ("SELECT * FROM t u WHER a = 1", "WHER", "WHERE"),
        ("SELECT * FROM t ODER BY 1", "ODER", "ORDER"),
        ("SELECT * FROM a.b.c WHERE a = 'x' LIMT 1", "LIMT", "LIMIT"),
    ],
)
def test_a_misspelt_keyword_is_named(sql: str, word: str, keyword: str) -> None:
    with pytest.raises(SqlSyntaxError) as caught:
        parse(sql.replace(" t", " a.b.t"))
    line, carets = (caught.value.place or "").split("\n")
    assert line[carets.index("^") : carets.rindex("^") + 1] == word
    assert caught.value.hint == f"did you mean {keyword}?"
