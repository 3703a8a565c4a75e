"""Text made fit for a terminal: no value moves the cursor, hides or reorders what stands there."""

from __future__ import annotations

import re

# Control characters (C0, DEL, C1), line and paragraph separators, and what changes the
# direction of text (Unicode 15, section 23.2).
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def safe(text: str) -> str:
    """The text on one line, every character that a terminal would act on spelled out."""
    return text if text.isascii() and text.isprintable() else _UNSAFE.sub(_spelled, text)


def _spelled(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    return _SHORT.get(character) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")


def cells(text: str) -> int:
    """How many columns of a terminal the text takes (CJK and emoji take two)."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def fitted(text: str, width: int, *, at_right: bool = False) -> str:
    """The text padded to ``width`` columns; longer text is left as it is."""
    blanks = " " * (width - cells(text))
    return blanks + text if at_right else text + blanks


def cut(text: str, width: int) -> str:
    """The text in at most ``width`` columns, with an ellipsis where some of it is missing."""
    if cells(text) <= width:
        return text
    if width <= 1:
        return "…"
    from rich.cells import set_cell_size

    return set_cell_size(text, width - 1).rstrip() + "…"
