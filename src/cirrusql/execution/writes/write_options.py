"""How far a session may write.
Apart from ``write_runner``, so that saying it loads none of writing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cirrusql.execution.writes.preview import Preview


@dataclass(frozen=True)
class WriteOptions:
    """How far a session may write without asking."""

    assume_yes: bool = False
    is_dry_run: bool = False
    confirm: Callable[[Preview], bool] | None = None
    """Shown what would be written; True goes ahead. None: there is nobody to ask."""
    show: Callable[[Preview], None] | None = None
    """Shown, before it is written, what is written without a question though the statement does not
    name it literally. None: the result's notices say it."""
    approve: Callable[[Preview], bool] | None = None
    """Shown every write, however little it writes and whatever ``assume_yes`` says;
    False stops it."""
