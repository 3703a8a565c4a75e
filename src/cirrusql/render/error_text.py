"""The text of an error on a terminal. No other module formats errors."""

from __future__ import annotations

import re

from cirrusql.errors import CallFailed, Error, OperationalError
from cirrusql.render.terminal import safe


def error_text(error: Error, *, is_whole: bool = False) -> str:
    """``error: …`` with its place, the call that failed, and a hint.

    Line breaks are kept, since a place has a caret under it; other control characters are escaped,
    because part of the text comes from elsewhere, and no line of it starts like one of ours. Long
    messages of a service are truncated, unless ``is_whole``.
    """
    message = (
        error.message
        if is_whole or not isinstance(error, OperationalError)
        else cut_message(error.message)
    )
    lines = [*_indented(f"error: {message}")]
    if error.place:
        is_caret = _PLACE.match(error.place) is not None
        lines += error.place.split("\n") if is_caret else _indented(f"  {error.place}")
    if isinstance(error, CallFailed) and (where := call_place(error)):
        lines += _indented(f"  in {where}")
    if error.hint:
        lines += _indented(f"hint: {error.hint}")
    return "\n".join(safe(line.replace("\t", " ")) for line in lines)


_PLACE = re.compile(r"LINE \d+: [^\n]*\n *\^+\Z")
"""A line of the user's own statement, and the caret under it."""
MOST_SHOWN = 600
"""Maximum characters of a service's message."""


def cut_message(text: str) -> str:
    """The beginning of a very long message."""
    if len(text) <= MOST_SHOWN:
        return text
    return f"{text[:MOST_SHOWN]}… ({len(text):,} characters, -v shows them)"


def _indented(text: str) -> list[str]:
    """Indent all lines but the first, which could otherwise pass for lines of ours."""
    first, *rest = text.split("\n")
    return [first, *(f"  {line}" for line in rest)]


def call_place(error: CallFailed) -> str:
    """The call that failed: ``service:ListUsers, account 1234…, region …, request …``."""
    parts = (
        f"{error.service}:{error.operation}" if error.operation else error.service,
        f"account {error.account}" if error.account else "",
        f"region {error.region}" if error.region else "",
        f"request {error.request_id}" if error.request_id else "",
    )
    return ", ".join(part for part in parts if part)
