"""Extra columns of a row that are not sent: names and old values for the preview, and allowed
places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cirrusql.plan.model import Write
from cirrusql.plan.writes.preview_columns import AFTER, BEFORE, NAME_COLUMN
from cirrusql.transport.model import About, Call, Elsewhere

Prepared = Sequence[tuple[Write, Sequence[Call]]]
"""The writes of a statement with their calls."""

OldValues = Callable[[Prepared], Prepared]
"""The same with further old values, read for a preview."""


class NotRead:
    """Stands for an old value that was not read."""

    def __str__(self) -> str:
        return "not read"


NOT_READ = NotRead()


def about_of(write: Write, row: dict[str, Any]) -> About | None:
    """Take from a row the columns that are for display only."""
    name = row.pop(NAME_COLUMN, None)
    before = {c.removeprefix(BEFORE): row.pop(c) for c in list(row) if c.startswith(BEFORE)}
    after = {c.removeprefix(AFTER): row.pop(c) for c in list(row) if c.startswith(AFTER)}
    if write.verb == "UPDATE" and not write.is_remaking:
        # A row has the values of all parts of the statement; this write is one of them.
        own = {c.column.lower() for c in write.changes}
        before = {n: v for n, v in before.items() if n.lower() in own}
        # A secret is known to be hidden only where the request calls it the same.
        secret = {c.column for c in write.changes if c.is_secret} - set(write.method.parameters)
        before = {n: v for n, v in before.items() if n not in secret}
        after = {n: v for n, v in after.items() if n.lower() in own}
    return About("" if name is None else str(name), before, after) if name or before else None


def elsewhere_of(write: Write) -> Elsewhere:
    """What to do with a call whose bucket is in another region: if the WHERE names a region, it is
    not made."""
    is_said = write.scope.regions is not None and write.verb in ("UPDATE", "DELETE")
    is_bound = is_said and not write.is_found_by_reading and not write.table.is_api_spelling
    return Elsewhere.DROP if is_bound else Elsewhere.FOLLOW
