"""Pass: how many rows of a source are needed at most.

Only if nothing comes between the rows and LIMIT: a single source, no grouping, ordering, DISTINCT
or window, and no conditions except those that every row of the calls meets: on places, and on a key
that each call is made with and its rows contain.
"""

from __future__ import annotations

from sqlglot import exp

from cirrusql.catalog.model import Role
from cirrusql.plan.model import Constant, Feed
from cirrusql.plan.passes.location_mentions import says_every
from cirrusql.plan.passes.locations import place
from cirrusql.plan.reads.bound_method import BoundMethod
from cirrusql.plan.scope.planning_context import PlanningContext
from cirrusql.plan.scope.resolve import resolve
from cirrusql.plan.scope.scopes import SelectScope, TableReference

_BETWEEN = ("group", "having", "order", "distinct", "qualify", "laterals", "sample")


def limits(draft: PlanningContext) -> None:
    """Fill ``limit`` of the source of a plain SELECT … LIMIT n."""
    for source in draft.sources:
        scope = source.item.scope if source.item is not None else None
        if scope is None or not isinstance(scope.node, exp.Select) or len(scope.items) != 1:
            continue
        query = scope.node
        if (
            any(query.args.get(name) for name in _BETWEEN)
            or source.item is None
            or source.item.is_fixed
        ):
            continue
        if any(
            True for _ in scope.own(exp.AggFunc, exp.Window, exp.Unnest, exp.Explode, exp.Anonymous)
        ):
            continue
        keys = _only_keys(draft, scope, source)
        if keys is None:
            continue
        is_of_all_regions = source.table.is_global or bool(source.table.region_field)
        if is_of_all_regions and len(keys) < len(scope.conjuncts):
            # The calls cover all regions: only the engine knows which rows are meant.
            continue
        count = _number(query.args.get("limit"))
        skipped = query.args.get("offset")
        offset = _number(skipped) if skipped is not None else 0
        if count is not None and offset is not None:
            source.limit, source.limit_keys = count + offset, frozenset(keys)


def limit_of(source: TableReference, chosen: BoundMethod) -> int | None:
    """The limit, if the chosen calls return rows with the keys that it depends on."""
    fixed = [b for b in chosen.bindings if isinstance(b, Constant) or not b.needs]
    given = {name for binding in fixed for name in binding.parameters}
    if not source.places.says_no_region and any(
        isinstance(b, Feed) and b.says_regions for b in chosen.bindings
    ):
        # Some may turn out to be in a region that is not meant.
        return None
    return source.limit if source.limit_keys <= given & set(chosen.method.keys) else None


def _only_keys(
    draft: PlanningContext, scope: SelectScope, source: TableReference
) -> list[str] | None:
    """The parameters that the WHERE compares with one value each; None if it has other conditions.

    Conditions on places are met by where the calls are made.
    """
    if not scope.conjuncts:
        return None if scope.node.args.get("where") is not None else []
    keys = []
    is_placed = False
    for conjunct in scope.conjuncts:
        if says_every(conjunct.node):
            continue
        if conjunct.is_where and place(draft, scope, conjunct.node) is not None:
            if is_placed:
                # If there are two conditions, the calls may meet only the first.
                return None
            is_placed = True
            continue
        key = _key(draft, scope, source, conjunct.node) if conjunct.is_where else None
        if key is None or key in keys:
            return None
        keys.append(key)
    return keys


def _key(
    draft: PlanningContext, scope: SelectScope, source: TableReference, node: exp.Expr
) -> str | None:
    """The text parameter that a condition compares with a single text."""
    if not isinstance(node, exp.EQ):
        return None
    for left, right in ((node.left, node.right), (node.right, node.left)):
        left, right = left.unnest(), right.unnest()
        if not isinstance(left, exp.Column) or not _is_text(draft, right):
            continue
        found = resolve(scope, left)
        column = (
            source.column(found.column) if found is not None and found.item is source.item else None
        )
        if column is None or found is None or found.rest or column.role is not Role.PARAMETER:
            return None
        return column.name if column.type.name == "VARCHAR" else None
    return None


def _is_text(draft: PlanningContext, node: exp.Expr) -> bool:
    if isinstance(node, exp.Literal):
        return bool(node.is_string)
    return isinstance(node, exp.Placeholder | exp.Parameter) and isinstance(
        draft.parameters.get(node.name), str
    )


def _number(node: object) -> int | None:
    if not isinstance(node, exp.Limit | exp.Offset) or node.args.get("limit_options"):
        return None
    value = node.args.get("expression")
    return int(value.this) if isinstance(value, exp.Literal) and value.is_int else None
