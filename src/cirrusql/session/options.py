"""How far a session may write. Apart from ``writes``, so that saying it loads none of writing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cirrusql.session.preview import Preview


@dataclass(frozen=True)
class WriteOptions:
    """How far a session may write without asking."""

    assume_yes: bool = False
    is_dry_run: bool = False
    confirm: Callable[[Preview], bool] | None = None
    """Shown what would be written; True goes ahead. None: there is nobody to ask."""
