"""Selects connections, accounts and regions of a scope by name and pattern.

Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def is_pattern(text: str) -> bool:
    """Whether LIKE would match more than the text itself."""
    return text == "*" or bool(re.search(r"(?<!\\)[%_]", text)) or "*" in text


def unescaped(pattern: str) -> str:
    """The only name that a pattern without wildcards matches."""
    return re.sub(r"\\(.)", r"\1", pattern)


def like(pattern: str) -> re.Pattern[str]:
    """Convert a LIKE pattern (which may also use ``*``) to a regular expression."""
    if pattern == "*":
        return re.compile(".*", re.DOTALL)
    out = []
    escaped = False
    for char in pattern:
        if escaped:
            out.append(re.escape(char))
            escaped = False
        elif char == "\\":
            escaped = True
        elif char in "%*":
            out.append(".*")
        else:
            out.append("." if char == "_" else re.escape(char))
    return re.compile("".join(out), re.DOTALL)


def selected(
    names: Iterable[str], patterns: Sequence[str] | None, excluded: Sequence[str] = ()
) -> tuple[str, ...]:
    """The names that match any pattern and none of the excluded ones, in order."""
    wanted = None if patterns is None else [like(p) for p in patterns]
    unwanted = [like(p) for p in excluded]
    return tuple(
        n
        for n in names
        if (wanted is None or any(p.fullmatch(n) for p in wanted))
        and not any(p.fullmatch(n) for p in unwanted)
    )
