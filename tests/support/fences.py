"""The fenced blocks of our pages, and how each page says they are run.

A block is marked by an HTML comment on the line before it, which readers do not see::

    <!-- not run: it needs an account -->
    <!-- run by: tests/apps/python/test_documentation.py -->
    <!-- with: --dry-run -->      more options of exec, for SQL
    <!-- exit: 3 -->              the exit status that it is to have
    <!-- finds nothing: why -->   a statement of it has no rows
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (
    *(ROOT / f"{name}.md" for name in ("README", "ARCHITECTURE", "CONTRIBUTING")),
    *sorted((ROOT / "docs").glob("*.md")),
)

_BLOCK = re.compile(r"((?:^<!-- .*? -->\n)*)^```([a-z]*)\n(.*?)^```$", re.M | re.S)
_MARK = re.compile(r"<!-- (not run|run by|with|exit|finds nothing): (.*?) -->")


@dataclass(frozen=True)
class Block:
    """A fenced block: ``line`` is where its text begins in ``page``."""

    page: Path
    line: int
    language: str
    text: str
    marks: dict[str, str] = field(default_factory=dict)
    shown: str | None = None
    """The ``text`` block right after it: what comes out."""

    @property
    def is_run(self) -> bool:
        return not self.marks.keys() & {"not run", "run by"}

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """The blocks of a page, in order."""
    text = page.read_text("utf-8")
    found: list[Block] = []
    end = 0
    for match in _BLOCK.finditer(text):
        follows = bool(found) and not text[end : match.start()].strip()
        end = match.end()
        if match[2] == "text" and follows and found[-1].shown is None and not match[1]:
            last = found.pop()
            found.append(
                Block(last.page, last.line, last.language, last.text, last.marks, match[3])
            )
            continue
        line = text.count("\n", 0, match.start(3)) + 1
        found.append(Block(page, line, match[2], match[3], dict(_MARK.findall(match[1]))))
    return found
