"""The search index of the site for columns and operations, in small files.

A file has the names that start with the same two characters, so that a browser loads only what is
typed. An operation is found by each of its words (``AccessKey`` finds ``ListAccessKeys``);
``assets/site.js`` reads the files.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from cirrusql.catalog.model import Role, Table

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")


class SearchShards:
    """Collects the names of documented tables, and writes them."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, list[tuple[str, str, str]]]] = defaultdict(dict)

    def add(self, table: Table) -> None:
        """Add a table with its columns and operations."""
        page = f"{table.schema}/{table.name}/"
        self._put(table.name, (table.id, "table", page))
        for column in table.columns:
            if column.role is Role.FIELD:
                where = (f"{table.id}.{column.name}", "column", f"{page}#{column.name}")
                self._put(column.name, where)
        for method in table.methods:
            where = (method.operation.id, "operation", f"{page}#{table.spelled(method)}")
            for begun in _beginnings(method.operation.name):
                self._put(begun, where)

    def write(self, folder: Path) -> None:
        """Write a file for each pair of first characters."""
        folder.mkdir(parents=True, exist_ok=True)
        for first, names in self._found.items():
            (folder / f"{first}.json").write_text(json.dumps(names, separators=(",", ":")), "utf-8")

    def _put(self, name: str, where: tuple[str, str, str]) -> None:
        key = re.sub(r"[^a-z0-9]", "", name.lower())
        if len(key) > 1:
            self._found[key[:2]].setdefault(key, []).append(where)


def _beginnings(name: str) -> Iterable[str]:
    """The suffixes of an operation's name that start at each of its words."""
    starts = [match.start() for match in _WORD.finditer(name)] or [0]
    return (name[start:] for start in dict.fromkeys((0, *starts)))
