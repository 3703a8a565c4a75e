"""Parameters from the command line."""

import io
import sys
from pathlib import Path

import pytest

from cirrusql.apps.cli.script import parameters_of
from cirrusql.errors import ConfigError


def test_after_an_equals_sign_everything_is_text() -> None:
    assert parameters_of(["a=5", "b=", "c=x=y", "d=[1]"]) == {
        "a": "5",
        "b": "",
        "c": "x=y",
        "d": "[1]",
    }


def test_after_a_colon_and_an_equals_sign_it_is_json() -> None:
    given = ["n:=5", "x:=1.5", "on:=true", "gone:=null", "l:=[1, 2]", 's:="5"', 'o:={"a": 1}']
    expected = {"n": 5, "x": 1.5, "on": True, "gone": None, "l": [1, 2], "s": "5", "o": {"a": 1}}
    assert parameters_of(given) == expected


@pytest.mark.parametrize("pair", ["novalue", "=x", ":=5", "a b=1", "n:=five", "n:="])
def test_what_is_neither_is_a_clear_error(pair: str) -> None:
    with pytest.raises(ConfigError, match=r"NAME=VALUE|JSON"):
        parameters_of([pair])


def test_a_secret_may_stand_in_a_file_a_variable_or_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "password"
    file.write_text("se=sa\nme\n")
    monkeypatch.setenv("DB_PASSWORD", "@sesame ")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"open\r\n")))
    given = [f"a=@{file}", "b=@env:DB_PASSWORD", "c=-", 'd:="@x"', "e=a@b"]
    expected = {"a": "se=sa\nme", "b": "@sesame ", "c": "open", "d": "@x", "e": "a@b"}
    assert parameters_of(given) == expected


@pytest.mark.parametrize("pair", ["a=@/no/such/file", "a=@env:NO_SUCH_VARIABLE"])
def test_a_secret_that_is_not_there_is_an_error_that_says_how_to_give_the_text(pair: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parameters_of([pair])
    assert ":=" in str(caught.value.hint)


def test_standard_input_is_read_by_one() -> None:
    for pairs, is_free in ((["a=-", "b=-"], True), (["a=-"], False)):
        with pytest.raises(ConfigError, match="read only once"):
            parameters_of(pairs, is_input_free=is_free)


def test_typed_values_are_what_statements_take_them_for() -> None:
    import subprocess
    import sys

    sql = "SELECT typeof($n), $n + 1, 'b' IN (SELECT unnest($names)), $gone IS NULL, $on"
    variables = ["n:=5", 'names:=["a","b"]', "gone:=null", "on:=false"]
    options = [part for v in variables for part in ("--var", v)]
    command = [sys.executable, "-m", "cirrusql", "exec", "-H", "-o", "csv", sql, *options]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("INTEGER,6,true,true,false\n", 0), done.stderr
