"""docs/cookbook.md lists every question of the cookbook.

``python -m tests.docs.test_cookbook_page`` writes the list again.
"""

from __future__ import annotations

from cirrusql.apps.cookbook.questions import THEMES, questions
from tests.support.fences import ROOT

PAGE = ROOT / "docs" / "cookbook.md"


def page() -> str:
    """The page as it should be: its own beginning, then a table for each theme."""
    head = PAGE.read_text("utf-8").split(f"## {THEMES[0].capitalize()}\n")[0].rstrip()
    sections = []
    for theme in THEMES:
        rows = "".join(f"| `{q.name}` | {q.question} |\n" for q in questions() if q.theme == theme)
        sections.append(
            f"\n\n## {theme.capitalize()}\n\n| name | question |\n|---|---|\n{rows}".rstrip()
        )
    return head + "".join(sections) + "\n"


def test_the_page_lists_every_question_by_theme() -> None:
    assert PAGE.read_text("utf-8") == page()


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
