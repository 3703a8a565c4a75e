"""From a query to a Plan: the passes, in their order.

The user's text is kept as it is but for the names of cloud tables and columns, so that the
engine runs what the user wrote. Each pass only shrinks the calls; with any of them off the
answer is the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cirrusql.catalog.catalog import Catalog
from cirrusql.plan.calls import calls
from cirrusql.plan.columns import columns
from cirrusql.plan.draft import Draft, Edit, Options
from cirrusql.plan.limits import limits
from cirrusql.plan.model import Plan, Query
from cirrusql.plan.places import places
from cirrusql.plan.predicates import predicates
from cirrusql.plan.references import applied, references

PASSES = (references, columns, predicates, places, limits, calls)
"""``references`` and ``columns`` bind, and are never off; nor is ``calls``."""

_MAY_BE_OFF = frozenset({"predicates", "places", "limits"})


def plan_query(
    text: str,
    tree: Any,
    catalog: Catalog,
    *,
    views: Mapping[str, str] | None = None,
    databases: frozenset[str] = frozenset(),
    parameters: Mapping[str, object] | None = None,
    options: Options | None = None,
) -> Plan:
    """The plan of anything that the engine runs. ``tree`` is sqlglot's parse of ``text``.

    Raises what the passes raise: unknown names, missing parameters.
    """
    draft = Draft(text, tree, catalog, options or Options(), views or {}, databases)
    for step in PASSES:
        if step.__name__ in _MAY_BE_OFF and step.__name__ in draft.options.off:
            continue
        step(draft)
    return Plan(
        scans=_streamed(draft),
        query=Query(applied(draft.text, _edits(draft)), dict(parameters or {})),
    )


def _edits(draft: Draft) -> list[Edit]:
    """Every spelling that changes, and each cloud table by its relation."""
    found = list(draft.edits)
    for source in draft.sources:
        parts = source.node.parts
        start, end = parts[0].meta["start"], parts[-1].meta["end"] + 1
        alias = "" if source.node.alias else f' AS "{source.alias}"'
        found.append(Edit(start, end, f"{source.relation}{alias}"))
    return found


def _streamed(draft: Draft) -> tuple[Any, ...]:
    """The scans; one that is alone and read once may hand its rows on as they come."""
    if len(draft.scans) == 1 and len(draft.sources) == 1:
        return (replace(draft.scans[0], is_streamed=True),)
    return tuple(draft.scans)
