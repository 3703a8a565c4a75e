"""Detects whether a plan reads the clock in more than one place, which must all see the
same time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cirrusql.plan.model import Feed, Plan, Scan

_CLOCK = re.compile(
    r"\b(now|today|current_(date|time|timestamp)|localtime(stamp)?|transaction_timestamp"
    r"|get_current_time(stamp)?|age)\b",
    re.IGNORECASE,
)


def feeds_ask_the_clock(plan: Plan) -> bool:
    """Whether a feed depends on the time, and so does the engine's own query."""
    return any(_CLOCK.search(text) for scan in plan.scans for text in _texts(scan))


def _texts(scan: Scan) -> Iterator[str]:
    for call_set in scan.calls:
        yield from (b.sql for b in call_set.bindings if isinstance(b, Feed))
    if scan.scope.region_feed is not None:
        yield scan.scope.region_feed.sql
    yield from (f"{c.ctes}{c.sql}" for c in scan.scope.conditions)
