"""An error in the words that a terminal shows. The one place that does."""

from __future__ import annotations

import re

from cirrusql.errors import CallFailed, Error, OperationalError
from cirrusql.render.terminal import safe


def error_text(error: Error, *, is_whole: bool = False) -> str:
    """``error: …``, where it was, which call it was, and what would have been right.

    Lines are kept, since a place has a caret under it; anything else that a terminal would act on
    is spelled out, since part of the text comes from elsewhere, and none of its lines begins as
    ours do. What a service says at length is cut, unless ``is_whole``.
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
"""Characters of a service's message."""


def cut_message(text: str) -> str:
    """The beginning of a message that goes on and on."""
    if len(text) <= MOST_SHOWN:
        return text
    return f"{text[:MOST_SHOWN]}… ({len(text):,} characters, -v shows them)"


def _indented(text: str) -> list[str]:
    """Its lines; those after the first could pass for lines of ours at the margin."""
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
