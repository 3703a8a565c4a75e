"""%cirrusql and %%cirrusql in a real IPython shell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

import cirrusql
from cirrusql.apps.python.magic import CirrusqlMagics


@pytest.fixture(scope="module")
def ipython(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A shell with the extension loaded.
    One for all tests: it takes seconds to begin and to end."""
    make: Any = InteractiveShell
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        # IPython warns of an active environment that is not the running one.
        patch.delenv("VIRTUAL_ENV", raising=False)
        shell = make()
        shell.run_line_magic("load_ext", "cirrusql")
        yield shell
        shell._atexit_once()


@pytest.fixture
def shell(ipython: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The shell; nothing listens where its own connection points."""
    monkeypatch.setenv("CIRRUSQL_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("CIRRUSQL_SANDBOX", "1")
    before = set(ipython.user_ns)
    yield ipython
    ipython.magics_manager.registry[CirrusqlMagics.__name__].close()
    for name in set(ipython.user_ns) - before:
        del ipython.user_ns[name]


def test_a_line_gives_a_relation(shell: Any) -> None:
    assert shell.run_line_magic("cirrusql", "SELECT 8 >> 1").fetchall() == [(4,)]


def test_a_cell_takes_variables_of_the_notebook(shell: Any) -> None:
    shell.user_ns["who"] = "ann'; --"
    assert shell.run_cell_magic("cirrusql", "", "SELECT $who AS a,\n'$who' AS b").fetchall() == [
        ("ann'; --", "$who")
    ]


def test_a_line_is_not_expanded_as_text(shell: Any) -> None:
    shell.user_ns["who"] = "1, 2"
    result = shell.run_cell("%cirrusql SELECT $who, {'a': 1}")
    assert result.result.fetchall() == [("1, 2", {"a": 1})]


@pytest.mark.parametrize(("line", "cell"), [(">> found", "SELECT 1"), (">>found", "SELECT 1;")])
def test_the_relation_goes_into_a_variable(shell: Any, line: str, cell: str) -> None:
    assert shell.run_cell_magic("cirrusql", line, cell) is None
    assert shell.user_ns["found"].fetchall() == [(1,)]


def test_a_connection_of_the_users_is_used(shell: Any, local: cirrusql.Connection) -> None:
    local.sql("CREATE TABLE mine AS SELECT 7 AS n")
    shell.user_ns["con"] = local
    assert shell.run_line_magic("cirrusql", "--connection con SELECT n FROM mine").fetchall() == [
        (7,)
    ]
    shell.run_cell_magic("cirrusql", "-c con >> rows", "SELECT n FROM mine")
    assert shell.user_ns["rows"].fetchall() == [(7,)]


def test_a_notebook_shows_an_escaped_table(shell: Any) -> None:
    relation = shell.run_line_magic("cirrusql", "SELECT '<b>' AS x")
    data, _ = shell.display_formatter.format(relation)
    assert "<td>&lt;b&gt;</td>" in data["text/html"]
    assert "│ <b> │" in data["text/plain"]


@pytest.mark.parametrize(
    ("line", "cell", "message"),
    [
        (">> x", "  ", "statement is required"),
        ("SELECT 1", "SELECT 2", "unknown argument"),
        ("-c nothing", "SELECT 1", "not a connection"),
        ("", "SELECT $nobody", "variable 'nobody'"),
        ("", "SELEC 1", "SELEC"),
    ],
)
def test_mistakes_are_said_without_a_traceback(
    shell: Any, line: str, cell: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        shell.run_cell_magic("cirrusql", line, cell)
