"""There is one entry point for writes: everything that makes calls is behind the audit log."""

from __future__ import annotations

import ast
from pathlib import Path

import cirrusql

SOURCE = Path(cirrusql.__file__).parent
DOORS = {
    # Before each call it is written down.
    "execution/writes/write_calls.py",
    # It only looks at what was written.
    "execution/writes/awaiting.py",
}


def test_nothing_else_asks_the_fetcher_for_whole_answers() -> None:
    found = set()
    for path in SOURCE.rglob("*.py"):
        place = path.relative_to(SOURCE).as_posix()
        if place.startswith("fetch/"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr == "answers":
                found.add(place)
    assert found == DOORS
