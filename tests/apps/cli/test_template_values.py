"""Script templates are filled in from a file; a value cannot end the text it stands in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cirrusql.apps.cli.template_values import filled_in
from cirrusql.errors import ConfigError

VALUES = {"a": {"user": "o'k", "n": 5, "on": True, "none": None, "l": ["x", {"b": "y"}]}}


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "values.json"
    path.write_text(json.dumps(VALUES), "utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("'{{ .a.user }}'", "'o''k'"),
        ("'x-{{.a.n}}-{{- .a.on -}}'", "'x-5-true'"),
        ("{{ .a.n }} {{ .a.on }} {{ .a.none }}", "5 true NULL"),
        ("{{ index .a.l 0 }}", "x"),
        ("""{{ index .a.l 1 "b" }}""", "y"),
        ("'{{ .a.l }}'", """'["x", {"b": "y"}]'"""),
        ("{{ a.n }}", "5"),
        ("-- {{ .nosuch }}\nSELECT 1", "-- {{ .nosuch }}\nSELECT 1"),
    ],
)
def test_a_value_takes_the_place_of_its_template(script: str, found: str, file: str) -> None:
    assert filled_in(script, file) == found


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("{{ .a.nosuch }}", "has no a.nosuch"),
        ("{{ .a.user }}", "neither a number nor a name"),
        ("{{ range .a.l }}", "only values are filled in"),
        ("'{{ if .a.on }}'", "only values are filled in"),
    ],
)
def test_what_cannot_be_filled_in_is_an_error(script: str, message: str, file: str) -> None:
    with pytest.raises(ConfigError, match=message):
        filled_in(script, file)


def test_a_file_that_is_not_there_or_no_json_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        filled_in("SELECT 1", str(tmp_path / "nosuch.json"))
    (tmp_path / "bad.json").write_text("{a: 1}", "utf-8")
    with pytest.raises(ConfigError, match="is not JSON"):
        filled_in("SELECT 1", str(tmp_path / "bad.json"))


def test_jsonnet_needs_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "_jsonnet", None)
    path = tmp_path / "values.jsonnet"
    path.write_text("{a: 1 + 1}", "utf-8")
    with pytest.raises(ConfigError) as caught:
        filled_in("{{ .a }}", str(path))
    assert caught.value.hint == "pip install 'cirrusql[jsonnet]'"
    path.write_text('{"a": 2}', "utf-8")
    assert filled_in("{{ .a }}", str(path)) == "2"
