"""Pass: compares a prefix parameter by its meaning: its field starts with it.

The engine sees ``PathPrefix = '/x/'`` as ``left("Path", length('/x/')) = '/x/'``, so that NOT
selects the other rows. The prefix is also sent if a single value binds it; overlapping prefixes
would return rows twice, so with several values all rows are requested. Only shrinks calls through
what ``predicates`` bound; the engine evaluates the condition again.
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from cirrusql.catalog.model import Column
from cirrusql.plan.scope.expression_text import column_span
from cirrusql.plan.scope.planning_context import Edit, PlanningContext
from cirrusql.plan.scope.resolve import is_star, resolve
from cirrusql.plan.scope.scopes import SelectScope, TableReference
from cirrusql.plan.scope.source_text import remember_spans


def prefix_conditions(draft: PlanningContext) -> None:
    """Replace each prefix that is compared with constants by an expression over its field."""
    for scope in draft.scopes():
        for node in list(scope.own(exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ, exp.In)):
            for column, others in _sides(node):
                _compare(draft, scope, column, others)
    for source in draft.sources:
        source.equalities = [
            e for e in source.equalities if e.column not in source.prefixes or len(e.constants) == 1
        ]


def _sides(node: Any) -> list[tuple[Any, list[Any]]]:
    """The columns that a comparison may be about, each with the other side."""
    if isinstance(node, exp.In):
        is_list = node.expressions and not node.args.get("query") and not node.args.get("unnest")
        return [(node.this.unnest(), list(node.expressions))] if is_list else []
    return [(node.left.unnest(), [node.right]), (node.right.unnest(), [node.left])]


def _compare(
    draft: PlanningContext, scope: SelectScope, column: exp.Expr, others: list[Any]
) -> None:
    if not isinstance(column, exp.Column) or is_star(column):
        return
    found = resolve(scope, column)
    source = found.source if found is not None else None
    if found is None or source is None or found.rest or found.item.columns:
        return
    own = source.column(found.column)
    span = column_span(column)
    # A value that is not constant binds the parameter like an option.
    unfit = (exp.Column, exp.Query, exp.Any, exp.All, exp.Null)
    if own is None or not own.begins or span is None or any(o.find(*unfit) for o in others):
        return
    remember_spans(draft, column)
    made = _expression(found.item.node.alias_or_name, own, others)
    draft.edits = [e for e in draft.edits if e.end <= span[0] or span[1] <= e.start]
    draft.edits.append(Edit(*span, made.sql(dialect="duckdb")))
    column.replace(made)
    _note(source, own)


def _note(source: TableReference, own: Column) -> None:
    source.prefixes.add(own.name)
    source.used.add(own.begins)
    source.deciding.add(own.begins)


def _expression(name: str, own: Column, values: list[Any]) -> Any:
    """The start of the field with the value's length; for several values, the one that it starts
    with."""

    def field() -> Any:
        return exp.column(
            exp.to_identifier(own.begins, quoted=True), table=exp.to_identifier(name, quoted=True)
        )

    texts = [exp.cast(v.copy(), "VARCHAR") for v in values]
    if len(texts) == 1:
        return exp.Left(this=field(), expression=exp.Length(this=texts[0]))
    case = exp.Case().when(exp.Is(this=field(), expression=exp.Null()), exp.Null())
    for text in texts:
        case = case.when(exp.StartsWith(this=field(), expression=text), text.copy())
    return case.else_(exp.Literal.string(""))
