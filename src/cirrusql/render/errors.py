"""An error in the words that a terminal shows. The one place that does."""

from __future__ import annotations

from cirrusql.errors import CallFailed, Error
from cirrusql.render.terminal import safe


def error_text(error: Error) -> str:
    """``error: …``, where it was, which call it was, and what would have been right.

    Lines are kept, since a place has a caret under it; anything else that a terminal would
    act on is spelled out, since part of the text comes from elsewhere.
    """
    lines = [f"error: {error.message}"]
    if error.place:
        lines.append(error.place)
    if isinstance(error, CallFailed) and (where := call_place(error)):
        lines.append(f"  in {where}")
    if error.hint:
        lines.append(f"hint: {error.hint}")
    return "\n".join(safe(line.replace("\t", " ")) for text in lines for line in text.split("\n"))


def call_place(error: CallFailed) -> str:
    """The call that failed: ``iam:ListUsers, account 1234…, region …, request …``."""
    parts = (
        f"{error.service}:{error.operation}" if error.operation else error.service,
        f"account {error.account}" if error.account else "",
        f"region {error.region}" if error.region else "",
        f"request {error.request_id}" if error.request_id else "",
    )
    return ", ".join(part for part in parts if part)
