"""The forms of rows on a terminal, and what of them is not shown. Imports nothing."""

from __future__ import annotations

from dataclasses import dataclass

FORMS = ("auto", "table", "vertical")
"""``auto`` is a table if each row fits, otherwise vertical."""


@dataclass
class ScreenReport:
    """What of the rows is not on the screen."""

    cut: int = 0
    """Cells that end in an ellipsis."""
    hidden: int = 0
    """Columns left out, NULL in every row."""
    is_unfinished: bool = False
    """The pager was left before the last row, and the rest was not read."""
