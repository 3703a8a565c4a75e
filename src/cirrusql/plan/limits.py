"""Pass: how many rows of a source are ever needed.

Only where nothing stands between the rows and LIMIT: one source, no grouping, ordering,
DISTINCT, window, and no condition but on where calls are made, which the calls fulfil.
"""

from __future__ import annotations

from cirrusql.plan.draft import Draft
from cirrusql.plan.places import place
from cirrusql.plan.scopes import Scope

_BETWEEN = ("group", "having", "order", "distinct", "qualify", "laterals", "sample")


def limits(draft: Draft) -> None:
    """Fill ``limit`` of the source of a plain SELECT … LIMIT n."""
    from sqlglot import exp

    for source in draft.sources:
        scope = source.item.scope if source.item is not None else None
        if scope is None or not isinstance(scope.node, exp.Select) or len(scope.items) != 1:
            continue
        query = scope.node
        if any(query.args.get(name) for name in _BETWEEN) or source.item is None or source.item.is_fixed:
            continue
        if any(True for _ in scope.own(exp.AggFunc, exp.Window, exp.Unnest, exp.Explode, exp.Anonymous)):
            continue
        if not _is_only_of_places(draft, scope):
            continue
        if scope.conjuncts and (source.table.is_global or source.table.region_field):
            # Its calls answer for all regions: which rows are meant, the engine says.
            continue
        count = _number(query.args.get("limit"))
        skipped = query.args.get("offset")
        offset = _number(skipped) if skipped is not None else 0
        if count is not None and offset is not None:
            source.limit = count + offset


def _is_only_of_places(draft: Draft, scope: Scope) -> bool:
    """Whether every row that the calls give fulfils the WHERE, since it only says where to call."""
    if not scope.conjuncts:
        return scope.node.args.get("where") is None
    return all(c.is_where and place(draft, scope, c.node) is not None for c in scope.conjuncts)


def _number(node: object) -> int | None:
    from sqlglot import exp

    if not isinstance(node, exp.Limit | exp.Offset) or node.args.get("limit_options"):
        return None
    value = node.args.get("expression")
    return int(value.this) if isinstance(value, exp.Literal) and value.is_int else None
