"""The cookbook's questions: one TOML file per theme beside this module, one table per question.

Owns what a question is and reads the files; showing and running them is ``command``'s.
Each runs as it stands on the sandbox's company; ``tests/apps/cookbook`` holds the rows that
come back there and the calls that it takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from cirrusql.data_files import data_file

THEMES = ("security", "cost", "inventory", "operations")
"""In this order; each is the name of a file."""


@dataclass(frozen=True)
class Question:
    """Something worth knowing, and how to ask it."""

    name: str
    """What it is called on a command line: ``users-without-mfa``. Unique in the whole cookbook."""
    theme: str
    title: str
    """A heading of a few words."""
    question: str
    """A sentence in the words of who asks."""
    sql: str
    """One statement, without a semicolon at its end."""


@cache
def questions() -> tuple[Question, ...]:
    """All of them, by theme, in the order of the files."""
    found = []
    for theme in THEMES:
        for name, entry in data_file("cirrusql.apps.cookbook", f"{theme}.toml").items():
            found.append(
                Question(
                    name, theme, entry["title"], entry["question"], entry["sql"].strip().rstrip(";")
                )
            )
    return tuple(found)
