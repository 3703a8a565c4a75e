"""Pass: the conditions that every relevant row of a source must meet.

An equality in a condition that rows must meet is not true for NULL, so it narrows each item whose
rows the condition can drop: all items for WHERE, the sides that the join does not preserve for ON.
It applies inside derived tables (``resolve.bases``), but never outside a subquery, where NOT EXISTS
may look for a row that does not meet it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlglot import exp

from cirrusql.catalog.model import Column
from cirrusql.plan.parameter_values.value_sources import (
    driver_of,
    is_alone,
    is_recursive,
    prints_as_written,
)
from cirrusql.plan.parameter_values.windows import WindowBound, bounds, window_ends, within
from cirrusql.plan.passes.option_conditions import checked, is_sent_only, parameter_type
from cirrusql.plan.scope.constants import is_constant, is_never_true, suits, truth_of
from cirrusql.plan.scope.expression_text import spell
from cirrusql.plan.scope.filters import is_never_null, keep_filters
from cirrusql.plan.scope.lineage import bases, sources_behind
from cirrusql.plan.scope.planning_context import PlanningContext
from cirrusql.plan.scope.resolve import ResolvedColumn, resolve
from cirrusql.plan.scope.scopes import (
    Conjunct,
    Equality,
    Item,
    SelectScope,
    TableReference,
    conjuncts,
)


def predicates(draft: PlanningContext) -> None:
    """Fill ``equalities`` of every source and ``filters`` of the draft."""
    for scope in draft.scopes():
        for conjunct in scope.conjuncts:
            if is_never_true(conjunct.node, draft.parameters):
                _need_no_rows(conjunct)
            for target, equality in _equalities(draft, scope, conjunct.node):
                for item in narrowed(scope, conjunct, target):
                    _give(draft, item, target, equality)
        for conjunct in scope.conjuncts:
            _windows(draft, scope, conjunct)
        keep_filters(draft, scope)
        for target, equality in _asked_for(draft, scope):
            _give(draft, target.item, target, equality)


def _need_no_rows(conjunct: Conjunct) -> None:
    """Mark the tables of which no row can meet a condition that is true for none: they are not
    read."""
    for item in conjunct.narrows:
        if item.source is not None:
            item.source.needs_no_rows = True


def narrowed(scope: SelectScope, conjunct: Conjunct, target: ResolvedColumn) -> Iterator[Item]:
    """The items that an equality on a column narrows: its own, and those that USING
    merged with it."""
    merged = scope.usings.get(target.column.lower(), ()) if conjunct.is_where else ()
    for item in (target.item, *(i for i in merged if i is not target.item)):
        if item.scope is scope and item in conjunct.narrows:
            yield item


def _give(draft: PlanningContext, item: Item, target: ResolvedColumn, equality: Equality) -> None:
    of = equality.query if equality.query is not None else equality.item and equality.item.node
    if of is not None and is_recursive(draft, of):
        return
    for base, column in bases(item, target.column):
        source = base.source
        own = source.column(column) if source is not None else None
        if source is None or own is None or (equality.item is not None and equality.item is base):
            continue
        bound = checked(draft, source, own, equality)
        if bound is not None and (bound is not equality or _is_usable(source, own.name, equality)):
            source.equalities.append(replace(bound, column=own.name))


def _windows(draft: PlanningContext, scope: SelectScope, conjunct: Conjunct) -> None:
    """Bind the ends of time windows from comparisons with constants."""
    for bound in bounds(conjunct.node):
        target = _target(scope, bound.column)
        if target is None or not is_constant(bound.value, draft.parameters):
            continue
        for item in narrowed(scope, conjunct, target):
            for base, column in bases(item, target.column):
                if base.source is not None and _are_ends(
                    base.source, column, bounds(conjunct.node)
                ):
                    _give_end(draft, base.source, column, bound)


def _are_ends(source: TableReference, column: str, found: list[WindowBound]) -> bool:
    """Whether a parameter takes each end of a window that the condition bounds: both,
    for BETWEEN."""
    of_same = [b for b in found if b.column is found[0].column]
    return all(_end(source, column, b.is_start) is not None for b in of_same) or len(of_same) < len(
        found
    )


def _end(source: TableReference, column: str, is_start: bool) -> Column | None:
    """The parameter for an end of the window that a column belongs to."""
    ends = window_ends(source.table, lambda c: is_sent_only(c) or c.is_apart)
    own = source.column(column)
    end = ends.get(own.name) if own is not None else None
    if end is None:
        return None
    name = end.column if end.is_start == is_start else end.partner
    return source.column(name) if name else None


def _give_end(
    draft: PlanningContext, source: TableReference, column: str, bound: WindowBound
) -> None:
    to = _end(source, column, bound.is_start)
    if to is None:
        return
    equality = Equality(
        to.name,
        constants=(bound.value,),
        node=bound.column,
        shown=within(bound.value, bound, parameter_type(source, to).name),
        is_end=True,
        is_start=bound.is_start,
    )
    made = checked(draft, source, to, equality)
    if made is not None:
        source.equalities.append(replace(made, column=to.name))


def _is_usable(source: TableReference, column: str, equality: Equality) -> bool:
    """Whether the values have the column's kind of type: otherwise equality means
    something else."""
    own = source.column(column)
    return own is not None and (
        equality.is_list or all(suits(v, own.type) for v in equality.constants)
    )


def _target(scope: SelectScope, node: exp.Expr) -> ResolvedColumn | None:
    """The column of an item of this scope that a node is."""
    node = node.unnest()
    if not isinstance(node, exp.Column) or isinstance(node.this, exp.Star):
        return None
    found = resolve(scope, node)
    return found if found is not None and not found.rest and found.item.scope is scope else None


def _equalities(
    draft: PlanningContext, scope: SelectScope, node: exp.Expr
) -> Iterator[tuple[ResolvedColumn, Equality]]:
    """The equalities on single columns of the scope's items that a condition implies."""
    truth = _truth(scope, node)
    if truth is not None:
        yield truth
    elif isinstance(node, exp.EQ | exp.NullSafeEQ):
        for left, right in ((node.left, node.right), (node.right, node.left)):
            yield from _equality(draft, scope, left, right.unnest())
    elif isinstance(node, exp.Anonymous) and node.name.lower() == "_same_connection":
        for left, right in (node.expressions, node.expressions[::-1]):
            yield from _equality(draft, scope, left, right.unnest())
    elif isinstance(node, exp.In):
        yield from _membership(draft, scope, node)
    elif isinstance(node, exp.Or):
        yield from _alternatives(draft, scope, node)
    elif isinstance(node, exp.Exists):
        yield from _existence(draft, scope, node)


def _truth(scope: SelectScope, node: exp.Expr) -> tuple[ResolvedColumn, Equality] | None:
    """The value of a boolean column that a condition requires."""
    found = truth_of(node)
    target = _target(scope, found[0]) if found is not None else None
    if found is None or target is None or not _is_truth(target):
        return None
    return target, Equality("", constants=(exp.Boolean(this=found[1]),), node=found[0])


def _is_truth(target: ResolvedColumn) -> bool:
    found = [source.column(name) for source, name in sources_behind(target.item, target.column)]
    return bool(found) and all(c is not None and c.type.name == "BOOLEAN" for c in found)


def _equality(
    draft: PlanningContext, scope: SelectScope, left: exp.Expr, right: exp.Expr
) -> Iterator[tuple[ResolvedColumn, Equality]]:
    node = left.unnest()
    target = _target(scope, node) or _cast_option(scope, node)
    if target is None:
        return
    if isinstance(node, exp.Cast):
        node = node.this.unnest()
    if isinstance(right, exp.Any) and is_constant(right.this.unnest(), draft.parameters):
        yield target, Equality("", constants=(right.this.unnest(),), is_list=True, node=node)
    elif is_constant(right, draft.parameters):
        yield target, Equality("", constants=(right,), node=node)
    elif isinstance(right, exp.Query):
        if is_alone(draft, right):
            yield target, Equality("", query=right, node=node)
    elif isinstance(right, exp.Any) and isinstance(right.this, exp.Subquery):
        if is_alone(draft, right.this.this):
            yield target, Equality("", query=right.this.this, node=node)
    else:
        driver = _driver(draft, scope, right)
        if driver is not None and driver is not target.item:
            yield target, Equality("", item=driver, expression=right, node=node)


def _cast_option(scope: SelectScope, node: exp.Expr) -> ResolvedColumn | None:
    """The option inside a cast, whose target type does not matter for rows."""
    target = _target(scope, node.this) if isinstance(node, exp.Cast) else None
    found = list(sources_behind(target.item, target.column)) if target is not None else []
    columns = [source.column(name) for source, name in found]
    return target if columns and all(c is not None and is_sent_only(c) for c in columns) else None


def _driver(draft: PlanningContext, scope: SelectScope, node: exp.Expr) -> Item | None:
    """The item whose columns an expression uses, if its value can be computed from the
    user's text."""
    if not prints_as_written(node):
        spell(draft, node)
    return driver_of(scope, node)


def _membership(
    draft: PlanningContext, scope: SelectScope, node: exp.Expr
) -> Iterator[tuple[ResolvedColumn, Equality]]:
    this = node.this.unnest()
    columns = this.expressions if isinstance(this, exp.Tuple) else [this]
    query = node.args.get("query")
    if query is None and len(node.expressions) == 1 and isinstance(node.expressions[0], exp.Values):
        query = node.expressions[0]
    if query is not None:
        inner = query.this if isinstance(query, exp.Subquery) else query
        if is_alone(draft, inner):
            for position, column in enumerate(columns):
                if (target := _target(scope, column)) is not None:
                    yield target, Equality("", query=inner, position=position, node=column.unnest())
        return
    values = node.args.get("field")
    if values is not None:
        if (target := _target(scope, this)) is not None and is_constant(values, draft.parameters):
            yield target, Equality("", constants=(values,), is_list=True, node=this)
        return
    rows = [_parts(value, isinstance(this, exp.Tuple)) for value in node.expressions]
    if not rows or any(len(row) != len(columns) for row in rows):
        return
    for position, column in enumerate(columns):
        values = tuple(row[position] for row in rows)
        target = _target(scope, column)
        if target is not None and all(is_constant(v, draft.parameters) for v in values):
            group = node if len(columns) > 1 else None
            alone = column.unnest() if group is None else None
            yield target, Equality("", constants=values, position=position, group=group, node=alone)


def _parts(value: Any, is_tuple: bool) -> list[Any]:
    node = value.unnest()
    return list(node.expressions) if is_tuple and isinstance(node, exp.Tuple) else [node]


def _alternatives(
    draft: PlanningContext, scope: SelectScope, node: exp.Expr
) -> Iterator[tuple[ResolvedColumn, Equality]]:
    """From ``a = 1 OR (a IN (2, 3) AND b)``, derive that a is 1, 2 or 3."""
    branches = []
    for branch in node.flatten():
        found: dict[tuple[Item, str], tuple[ResolvedColumn, tuple[Any, ...]]] = {}
        for part in conjuncts(branch):
            for target, equality in _equalities(draft, scope, part):
                if equality.constants and not equality.is_list:
                    found.setdefault((target.item, target.column), (target, equality.constants))
        branches.append(found)
    for key, (target, _) in branches[0].items():
        if all(key in other for other in branches):
            values = tuple(value for other in branches for value in other[key][1])
            yield target, Equality("", constants=values)


def _existence(
    draft: PlanningContext, scope: SelectScope, node: exp.Expr
) -> Iterator[tuple[ResolvedColumn, Equality]]:
    """From ``EXISTS (SELECT … FROM u WHERE u.a = k.a)``, derive that k.a is among the values of
    u.a."""
    inner = _scope_of(draft, node.this)
    if inner is None or _may_be_without_rows(inner):
        return
    for conjunct in inner.conjuncts:
        if not conjunct.is_where and conjunct.narrows != frozenset(inner.items):
            continue
        pair = conjunct.node
        if pair.key != "eq":
            continue
        for left, right in ((pair.left, pair.right), (pair.right, pair.left)):
            target = _outer_target(scope, inner, left)
            driver = _driver(draft, inner, right.unnest())
            if target is not None and driver is not None and driver.scope is inner:
                yield target, Equality("", item=driver, expression=right.unnest())


def _scope_of(draft: PlanningContext, query: exp.Expr) -> SelectScope | None:
    while query.key == "subquery":
        query = query.this
    return next((s for s in draft.scopes() if s.node is query), None)


def _may_be_without_rows(scope: SelectScope) -> bool:
    """Whether EXISTS may be true without a row of its FROM: an aggregate returns a row anyway."""
    cut = ("limit", "offset", "group", "having", "qualify", "sample")
    return any(scope.node.args.get(k) for k in cut) or any(
        True for _ in scope.own(exp.AggFunc, exp.Anonymous)
    )


def _outer_target(scope: SelectScope, inner: SelectScope, node: exp.Expr) -> ResolvedColumn | None:
    node = node.unnest()
    if not isinstance(node, exp.Column):
        return None
    found = resolve(inner, node)
    return found if found is not None and not found.rest and found.item.scope is scope else None


def _asked_for(
    draft: PlanningContext, scope: SelectScope
) -> Iterator[tuple[ResolvedColumn, Equality]]:
    """For ``x IN (SELECT a FROM k …)`` in a condition: only rows of k whose a is some x are
    relevant.

    A row with any other a cannot make it true. If x is NULL, only NOT IN depends on whether there
    are rows at all, so it requires an x that is known not to be NULL. Rows with a NULL a do not
    exist where a must be sent.
    """
    for conjunct in scope.conjuncts:
        for node, is_negated in _memberships(conjunct.node):
            query = node.args.get("query")
            inner = _scope_of(draft, query) if query is not None else None
            this = node.this.unnest()
            if inner is None or isinstance(this, exp.Tuple) or _is_cut(inner):
                continue
            driver = driver_of(scope, this)
            selected = inner.node.expressions
            if driver is None or driver.scope is not scope or len(selected) != 1:
                continue
            if is_negated and not is_never_null(scope, this):
                continue
            target = _target(inner, selected[0].unalias())
            if target is not None and not target.item.is_fixed:
                yield target, Equality("", item=driver, expression=this, is_for_keys=True)


def _memberships(node: exp.Expr) -> Iterator[tuple[Any, bool]]:
    """The IN conditions whose truth follows from the condition's, and whether they are negated."""
    node = node.unnest()
    if isinstance(node, exp.And | exp.Or):
        yield from _memberships(node.left)
        yield from _memberships(node.right)
    elif isinstance(node, exp.In):
        yield node, False
    elif isinstance(node, exp.Not) and isinstance(node.this.unnest(), exp.In):
        yield node.this.unnest(), True


def _is_cut(scope: SelectScope) -> bool:
    cut = ("limit", "offset", "group", "having", "qualify", "sample", "distinct")
    return any(scope.node.args.get(k) for k in cut) or any(
        True for _ in scope.own(exp.Window, exp.AggFunc)
    )


def narrowest(equalities: list[Equality], column: str) -> list[Equality]:
    """The equalities on a column, constants first, then by number of values."""
    own = [e for e in equalities if e.column == column]
    return sorted(own, key=lambda e: (not e.constants, e.count, e.query is None))
