"""Imports are at the top of a file, except where a lazy import pays off."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import cirrusql

SOURCE = Path(cirrusql.__file__).parent
PATHS = {
    ".".join(("cirrusql", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(
        ".__init__"
    ): path
    for path in sorted(SOURCE.rglob("*.py"))
}
MANY = 4
"""From this number of modules of ours on, what is loaded late takes a millisecond or more."""
HEAVY = frozenset(
    """
    asyncio concurrent.futures email getpass hashlib http importlib.metadata importlib.resources
    importlib.util logging ssl subprocess urllib.error urllib.request zoneinfo
    """.split()
)
"""Modules of Python's own that take a millisecond or more."""
NOT_EVERYWHERE = frozenset({"pwd", "resource"})
"""Modules that some operating systems do not have."""
WORTH = {
    ("cirrusql.engine.translate", "cirrusql.engine.engine_words"): (
        "its patterns take 2 ms to compile, and are needed for errors only"
    ),
    (
        "cirrusql.providers.aws.source.botocore_source",
        "cirrusql.providers.aws.resource_types.resource_types",
    ): "4 ms at the start of every SELECT, and needed for a few errors only",
}
"""What else is worth it, with why."""


class _Imports(ast.NodeVisitor):
    """The modules that a file imports when it is loaded, and those that its functions import."""

    def __init__(self) -> None:
        self.early: set[str] = set()
        self.late: list[tuple[int, list[str]]] = []
        self._depth = 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._depth += 1
        self.generic_visit(node)
        self._depth -= 1

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._depth += 1
        self.generic_visit(node)
        self._depth -= 1

    def visit_If(self, node: ast.If) -> None:
        if not (isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
            self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        self._add(node.lineno, [alias.name for alias in node.names])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        package = str(node.module)
        names = [f"{package}.{alias.name}" for alias in node.names]
        self._add(node.lineno, [name if name in PATHS else package for name in names])

    def _add(self, line: int, names: list[str]) -> None:
        if self._depth:
            self.late.append((line, names))
        else:
            self.early.update(names)


@cache
def imports(module: str) -> _Imports:
    found = _Imports()
    found.visit(ast.parse(PATHS[module].read_text("utf-8")))
    return found


@cache
def loaded(module: str) -> frozenset[str]:
    """A module, and all that is loaded with it."""
    found: set[str] = set()
    left = [module]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += [name.rpartition(".")[0]] if "." in name else []
            left += imports(name).early if name in PATHS else []
    return frozenset(found)


def is_heavy(name: str) -> bool:
    top = name.partition(".")[0]
    is_pythons = top in sys.stdlib_module_names
    return name in HEAVY | NOT_EVERYWHERE if is_pythons else top != "cirrusql"


def without_worth(module: str) -> Iterator[str]:
    for line, names in imports(module).late:
        if any((module, name) in WORTH for name in names):
            continue
        more = frozenset().union(*map(loaded, names)) - loaded(module)
        ours = [name for name in more if name in PATHS]
        if len(ours) < MANY and not any(map(is_heavy, more)):
            yield f"{PATHS[module].relative_to(SOURCE)}:{line} imports {', '.join(names)}"


@pytest.mark.parametrize("module", PATHS)
def test_an_import_within_a_function_saves_loading_something_heavy(module: str) -> None:
    assert list(without_worth(module)) == []


def test_the_exceptions_are_still_there() -> None:
    there = {(m, name) for m in PATHS for _, names in imports(m).late for name in names}
    assert set(WORTH) - there == set()
