"""Escapes text for a terminal: no value can move the cursor, or hide or reorder what is shown."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cirrusql.render.byte_sink import ByteSink

# Control characters (C0, DEL, C1), line and paragraph separators, and characters that change the
# text direction (Unicode 15, section 23.2).
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def safe(text: str) -> str:
    """The text on one line, with every character that a terminal would interpret escaped."""
    return text if text.isascii() and text.isprintable() else _UNSAFE.sub(_spelled, text)


def _spelled(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    return _SHORT.get(character) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")


class Shown:
    """Escapes the output of a text format on its way to a terminal.

    Line breaks and tabs belong to the format.
    """

    def __init__(self, out: ByteSink) -> None:
        self._out = out
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""

    def write(self, data: bytes) -> int:
        """As in the wrapped stream."""
        text = self._held + self._decoder.decode(data)
        # Only the next part tells whether this carriage return is part of a line break.
        self._held = "\r" if text.endswith("\r") else ""
        self._out.write(_ACTING.sub(_spelled, text.removesuffix("\r")).encode())
        return len(data)

    def flush(self) -> None:
        """As in the wrapped stream."""
        if self._held:
            self._held = ""
            self._out.write(b"\\r")
        if (flush := getattr(self._out, "flush", None)) is not None:
            flush()


_ACTING = re.compile(rf"\r(?!\n)|(?![\t\r\n]){_UNSAFE.pattern}")


def cells(text: str) -> int:
    """The terminal columns that the text occupies (two per CJK character or emoji)."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def fitted(text: str, width: int, *, at_right: bool = False) -> str:
    """The text padded to ``width`` columns; longer text is unchanged."""
    blanks = " " * (width - cells(text))
    return blanks + text if at_right else text + blanks


def cut(text: str, width: int) -> str:
    """The text in at most ``width`` columns, with an ellipsis if it was truncated."""
    if cells(text) <= width:
        return text
    if width <= 1:
        return "…"
    from rich.cells import set_cell_size

    return set_cell_size(text, width - 1).rstrip() + "…"
