"""From a query to a Plan: the passes, in order.

The user's text is unchanged except for the names of cloud tables and columns, so the engine runs
what the user wrote. Each pass only shrinks the calls; with any of them off, the result is the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlglot import exp

from cirrusql.catalog.catalog import Catalog
from cirrusql.plan.model import EngineQuery, Plan, Scan
from cirrusql.plan.passes.calls import calls
from cirrusql.plan.passes.columns import columns
from cirrusql.plan.passes.equal_keys import equal_keys
from cirrusql.plan.passes.field_windows import field_windows
from cirrusql.plan.passes.filter_pushdown import filter_on_server
from cirrusql.plan.passes.headings import headings
from cirrusql.plan.passes.limits import limits
from cirrusql.plan.passes.location_mentions import place_mentions
from cirrusql.plan.passes.locations import places
from cirrusql.plan.passes.nested_values import nested_values
from cirrusql.plan.passes.option_conditions import option_conditions
from cirrusql.plan.passes.predicates import predicates
from cirrusql.plan.passes.prefix_conditions import prefix_conditions
from cirrusql.plan.passes.references import references
from cirrusql.plan.scope.planning_context import PlanningContext, PlanOptions
from cirrusql.plan.scope.scopes import TableReference
from cirrusql.plan.scope.source_text import all_edits, applied
from cirrusql.sql.split import Piece

PASSES = (
    references,
    columns,
    nested_values,
    headings,
    place_mentions,
    predicates,
    prefix_conditions,
    option_conditions,
    places,
    equal_keys,
    limits,
    calls,
    filter_on_server,
    field_windows,
)
"""In this order: each pass builds on the results of the previous ones."""

_BEFORE_PLACES = PASSES[: PASSES.index(predicates)]
"""The passes required before joined tables' places can be derived from each other."""

MAY_BE_OFF = frozenset(
    {
        "predicates",
        "limits",
        "regions",
        "share",
        "filters",
        "windows",
        "survivors",
        "pruning",
        "equal_keys",
        "batches",
    }
)
"""Passes that only save calls, by name for ``PlanOptions.off``: binding from predicates, LIMIT,
regions fed through a join, one scan for equal reads, API filters, bounds of a row's timestamp,
details only of rows that pass the listing's conditions, children only of parents that pass the
key's conditions, keys known under another name, several keys per call."""

_WHOLE_PASSES = {
    "limits": limits,
    "filters": filter_on_server,
    "windows": field_windows,
    "equal_keys": equal_keys,
}
"""Those that are separate passes; the others are part of a pass."""


def plan_query(
    text: str,
    tree: exp.Expr,
    catalog: Catalog,
    *,
    views: Mapping[str, str] | None = None,
    databases: frozenset[str] = frozenset(),
    parameters: Mapping[str, object] | None = None,
    options: PlanOptions | None = None,
) -> Plan:
    """Plan a query or another statement that the engine runs. ``tree`` is sqlglot's parse of
    ``text``.

    Raises what the passes raise: unknown names, missing parameters.
    """
    draft = PlanningContext(
        text,
        tree,
        catalog,
        options or PlanOptions(),
        views or {},
        databases,
        dict(parameters or {}),
    )
    draft = _placed(draft)
    off = {step for name, step in _WHOLE_PASSES.items() if name in draft.options.off}
    for step in PASSES[len(_BEFORE_PLACES) :]:
        if step not in off:
            step(draft)
    return Plan(
        scans=_streamed(draft),
        query=EngineQuery(
            applied(draft.text, all_edits(draft)), dict(parameters or {}), _is_pivoted(draft)
        ),
        notices=tuple(dict.fromkeys(draft.notices)),
    )


def _placed(draft: PlanningContext) -> PlanningContext:
    """The draft with the statement's meaning for places: if its text needs additions, the draft of
    that text."""
    for step in _BEFORE_PLACES:
        step(draft)
    if len(draft.sources) < 2:
        return draft
    # Seven modules that a statement over one table does not need: a twentieth of its cold planning
    # time.
    from cirrusql.plan.locations.joined_locations import joined_places

    joined = joined_places(draft)
    if joined is None:
        return draft
    from cirrusql.sql.parse import parse_sql

    text = applied(draft.text, joined.edits)
    again = PlanningContext(
        text,
        parse_sql(Piece(text, 0, text)),
        draft.catalog,
        draft.options,
        draft.views,
        draft.databases,
        draft.parameters,
        everywhere=joined.everywhere,
    )
    again.written = draft.written
    again.notices += joined.notices
    for step in _BEFORE_PLACES:
        step(again)
    return again


def _streamed(draft: PlanningContext) -> tuple[Scan, ...]:
    """The scans; a single one that is read once may stream its rows."""
    if isinstance(draft.tree, exp.Describe):
        # Only the columns are requested.
        return tuple(replace(scan, calls=()) for scan in draft.scans)
    if len(draft.scans) == 1 and len(draft.sources) == 1 and _is_read_once(draft, draft.sources[0]):
        return (replace(draft.scans[0], is_streamed=True),)
    return tuple(draft.scans)


def _is_pivoted(draft: PlanningContext) -> bool:
    return draft.tree.find(exp.Pivot) is not None


def _is_read_once(draft: PlanningContext, source: TableReference) -> bool:
    """Whether the engine reads the reference in one pass: PIVOT and some CTEs take two."""
    if source.item is None or draft.tree.find(exp.Pivot, exp.Summarize) is not None:
        return False
    node = source.node
    while node is not None:
        cte = draft.ctes.get(id(node))
        if cte is not None and (cte.uses != 1 or cte.is_recursive):
            return False
        node = node.parent
    return True
