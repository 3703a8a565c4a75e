"""What was changed outside of a stack, as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cirrusql.stacks.output.plan_json import shown
from cirrusql.stacks.output.value_text import value_text
from cirrusql.stacks.planning.plan import Drift


def drift_lines(drift: Iterable[Drift]) -> Iterator[str]:
    """A line for each value that was changed, and for each row that is gone."""
    for found in drift:
        since = f"as applied until {found.since}" if found.since else "never seen as applied"
        if not found.column:
            yield f"- {found.address}  is gone; {since}"
            continue
        managed, live = value_text(shown(found.managed)), value_text(shown(found.live))
        yield f"~ {found.address}  {found.column}: {managed} is {live}; {since}"
