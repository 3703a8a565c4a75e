"""Parameters: ? and $name outside strings and comments, and no others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cirrusql
from cirrusql.apps.python.parameter_styles import named, names
from cirrusql.errors import ProgrammingError


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT ?", "SELECT $p1"),
        ("a=?AND b=?", "a=$p1 AND b=$p2"),
        ("'?' \"?\" -- ?\n/* ? */ ?", "'?' \"?\" -- ?\n/* ? */ $p1"),
        ("$$ ? $$ || ?", "$$ ? $$ || $p1"),
        ("E'\\'?' || ?", "E'\\'?' || $p1"),
    ],
)
def test_question_marks_become_names(sql: str, expected: str) -> None:
    values = [f"v{n}" for n in range(expected.count("$p"))]
    assert named(sql, values) == (expected, {f"p{n}": v for n, v in enumerate(values, 1)})


def test_names_are_found_outside_strings_only() -> None:
    assert names("SELECT $a, '$b', \"$c\", $d -- $e\n, $a, $$ $f $$, x$g") == ["a", "d"]


@pytest.mark.parametrize("values", [(), (1,), (1, 2, 3)])
def test_too_few_or_too_many_values_are_counted(values: tuple[int, ...]) -> None:
    with pytest.raises(ProgrammingError, match=rf"has 2 \? and {len(values)} values"):
        named("SELECT ?, ?", values)


@pytest.mark.parametrize("parameters", ["text", b"bytes", 3, {1, 2}])
def test_what_is_neither_sequence_nor_mapping_is_refused(parameters: object) -> None:
    with pytest.raises(ProgrammingError, match="a sequence for"):
        named("SELECT ?", parameters)  # type: ignore[arg-type]


def test_both_styles_at_once_are_refused() -> None:
    with pytest.raises(ProgrammingError, match=r"\$a, which a sequence"):
        named("SELECT ?, $a", [1])


def test_a_missing_value_is_named() -> None:
    with pytest.raises(ProgrammingError, match=r"no value for \$u"):
        named("SELECT $u", None)


def test_question_marks_without_values_are_an_error() -> None:
    with pytest.raises(ProgrammingError, match=r"1 \?"):
        named("SELECT ?", None)


@given(st.text())
def test_a_statement_without_parameters_stays_as_it_is(text: str) -> None:
    sql = "SELECT '" + text.replace("'", "''") + "'"
    assert named(sql, ()) == (sql, {})


@pytest.mark.parametrize("hostile", ["'; DROP TABLE t; --", "$p1", "?", "\\", "\x00", "é😀"])
def test_a_value_is_never_read_as_sql(local: cirrusql.Connection, hostile: str) -> None:
    assert local.sql("SELECT ?, ?", [hostile, hostile]).fetchall() == [(hostile, hostile)]
