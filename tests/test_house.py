"""One name for one thing, files that are read at a sitting, rooms that say what they are for."""

from __future__ import annotations

import ast
from collections import defaultdict
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

import cirrusql

SOURCE = Path(cirrusql.__file__).parent
MODULES = sorted(SOURCE.rglob("*.py"))
ROOMS = sorted({path.parent for path in MODULES})
MOST_LINES = 500
MOST_MODULES = 15
"""Of one folder, ``__init__.py`` aside."""
MOST_FILES = 17
"""With data files."""


def test_no_class_name_stands_for_two_things() -> None:
    found = defaultdict(list)
    for path in MODULES:
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef):
                found[node.name].append(str(path.relative_to(SOURCE)))
    assert {name: paths for name, paths in found.items() if len(paths) > 1 and name[0] != "_"} == {}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_module_is_read_at_a_sitting(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("room", ROOMS, ids=lambda p: str(p.relative_to(SOURCE)))
def test_a_room_says_what_it_is_for_and_fits_a_screen(room: Path) -> None:
    assert ast.get_docstring(ast.parse((room / "__init__.py").read_text("utf-8")))
    files = [
        p for p in room.iterdir() if p.is_file() and p.name != "__init__.py" and p.suffix != ".pyc"
    ]
    assert len(files) <= MOST_FILES, sorted(p.name for p in files)
    modules = sorted(p.name for p in files if p.suffix == ".py")
    assert len(modules) <= MOST_MODULES, modules


def test_no_imports_go_round_those_for_types_included() -> None:
    graph = grimp.build_graph("cirrusql", cache_dir=None)
    imported = {m: sorted(graph.find_modules_directly_imported_by(m)) for m in graph.modules}
    # Raises CycleError, which names those that go round.
    TopologicalSorter(imported).prepare()
