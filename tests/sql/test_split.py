"""Splitting a script into statements."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cirrusql.errors import SqlSyntaxError
from cirrusql.sql.split import is_terminated, split


@pytest.mark.parametrize(
    ("script", "texts"),
    [
        ("SELECT 1; SELECT 2", ["SELECT 1", "SELECT 2"]),
        ("SELECT 1;;  ;", ["SELECT 1"]),
        ("", []),
        ("-- nothing\n/* at all */", []),
        ("SELECT ';'; SELECT \";\"", ["SELECT ';'", 'SELECT ";"']),
        ("SELECT 'it''s;'; SELECT 2", ["SELECT 'it''s;'", "SELECT 2"]),
        ("SELECT E'it\\'s; ok'; SELECT 2", ["SELECT E'it\\'s; ok'", "SELECT 2"]),
        ("SELECT 'c:\\'; SELECT 2", ["SELECT 'c:\\'", "SELECT 2"]),
        ("SELECT type'a;\\'; SELECT 2", ["SELECT type'a;\\'", "SELECT 2"]),
        ("SELECT $$;$$; SELECT $x$ ; $$ $x$", ["SELECT $$;$$", "SELECT $x$ ; $$ $x$"]),
        ("SELECT $name; SELECT $1", ["SELECT $name", "SELECT $1"]),
        ("SELECT 1 -- a; b\n; SELECT 2", ["SELECT 1 -- a; b", "SELECT 2"]),
        ("SELECT /* ; /* ; */ ; */ 1; SELECT 2", ["SELECT /* ; /* ; */ ; */ 1", "SELECT 2"]),
        ("-- first\nSELECT 1", ["SELECT 1"]),
        ("/*+ FRESH */ SELECT 1", ["/*+ FRESH */ SELECT 1"]),
    ],
)
def test_a_semicolon_ends_a_statement_unless_something_quotes_it(
    script: str, texts: list[str]
) -> None:
    assert [piece.text for piece in split(script)] == texts


def test_a_piece_knows_its_place_in_the_script() -> None:
    script = "SELECT 1;\n\n  SELECT 2"
    _, second = split(script)
    assert (second.offset, second.line) == (script.index("SELECT 2"), 3)


@pytest.mark.parametrize(
    ("script", "what", "line", "column"),
    [
        ("SELECT 1;\nSELECT 'abc", "string", 2, 8),
        ('SELECT "abc', "quoted name", 1, 8),
        ("SELECT 1 /* abc /* */", "comment", 1, 10),
        ("SELECT $tag$ abc $$", "dollar-quoted string", 1, 8),
        ("SELECT E'abc\\'", "string", 1, 9),
    ],
)
def test_what_does_not_end_is_said_with_its_place(
    script: str, what: str, line: int, column: int
) -> None:
    with pytest.raises(SqlSyntaxError, match=f"unterminated {what}") as caught:
        split(script)
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    "text", ["SELECT 1;", "SELECT 1; -- done", "SELECT 1; /* done */ ", "SELECT ';';"]
)
def test_a_shell_sees_the_end_of_its_input(text: str) -> None:
    assert is_terminated(text)


@pytest.mark.parametrize(
    "text", ["SELECT 1", "SELECT ';", "SELECT 1; SELECT", "SELECT 1 -- ;", "SELECT $$;"]
)
def test_a_shell_waits_for_the_rest_of_its_input(text: str) -> None:
    assert not is_terminated(text)


@given(st.text(alphabet="aE';\"$/*- \n\\"))
def test_any_text_splits_into_parts_of_itself_or_says_what_does_not_end(script: str) -> None:
    try:
        pieces = split(script)
    except SqlSyntaxError:
        return
    assert all(script[p.offset : p.offset + len(p.text)] == p.text for p in pieces)
    assert "".join(p.text for p in pieces).count(";") <= script.count(";")
