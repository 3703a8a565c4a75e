"""Pass: how many rows of a source are ever needed.

Only where nothing stands between the rows and LIMIT: one source, no predicate, grouping,
ordering, DISTINCT, window or offset without a bound.
"""

from __future__ import annotations

from cirrusql.plan.draft import Draft

_BETWEEN = (
    "where",
    "group",
    "having",
    "order",
    "distinct",
    "qualify",
    "joins",
    "laterals",
    "windows",
    "sample",
)


def limits(draft: Draft) -> None:
    """Fill ``limit`` of the source of a plain SELECT … LIMIT n."""
    from sqlglot import exp

    for source in draft.sources:
        query = source.scope.expression if source.scope is not None else None
        if not isinstance(query, exp.Select) or any(query.args.get(name) for name in _BETWEEN):
            continue
        if any(item.find(exp.AggFunc, exp.Window, exp.Unnest, exp.Explode) for item in query.selects):
            continue
        count = _number(query.args.get("limit"))
        skipped = query.args.get("offset")
        offset = _number(skipped) if skipped is not None else 0
        if count is not None and offset is not None:
            source.limit = count + offset


def _number(node: object) -> int | None:
    from sqlglot import exp

    value = node.args.get("expression") if isinstance(node, exp.Limit | exp.Offset) else None
    return int(value.this) if isinstance(value, exp.Literal) and value.is_int else None
