"""How far a session may write. Apart from ``writes``, so that saying it loads none of writing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class WriteOptions:
    """How far a session may write without asking."""

    assume_yes: bool = False
    is_dry_run: bool = False
    confirm: Callable[[Sequence[tuple[str, ...]]], bool] | None = None
    """Shown the preview rows; True goes ahead. None: there is nobody to ask."""
