"""The cookbook: one TOML file per theme beside this module, one table per query.

Owns the format and reads the files; the command shows and runs them. Each query runs unchanged on
the sandbox's company; ``tests/apps/cookbook`` has the expected rows and calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from cirrusql.catalog.index.search import Hit
from cirrusql.data_files import data_file

THEMES = ("security", "cost", "inventory", "operations")
"""The themes in order; each is the name of a file."""


@dataclass(frozen=True)
class Question:
    """A question and its query."""

    name: str
    """Its name on the command line: ``users-without-mfa``. Unique in the whole cookbook."""
    theme: str
    title: str
    """A heading of a few words."""
    question: str
    """A sentence in the words of a user."""
    sql: str
    """One statement, without a final semicolon."""
    words: str = ""
    """Further words that find it."""


def as_hits() -> tuple[Hit, ...]:
    """The questions, for search."""
    return tuple(
        Hit("question", q.name, f"{q.title}. {q.question}", words=q.words) for q in questions()
    )


@cache
def questions() -> tuple[Question, ...]:
    """All of them, by theme, in the order of the files."""
    found = []
    for theme in THEMES:
        for name, entry in data_file("cirrusql.apps.cookbook", f"{theme}.toml").items():
            found.append(
                Question(
                    name,
                    theme,
                    entry["title"],
                    entry["question"],
                    entry["sql"].strip().rstrip(";"),
                    entry.get("words", ""),
                )
            )
    return tuple(found)
