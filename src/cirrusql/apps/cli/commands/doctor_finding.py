"""The result of one check of ``doctor``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """The result of a check. ``advice`` says what to do about a problem."""

    subject: str
    value: str
    is_well: bool = True
    advice: str = ""
