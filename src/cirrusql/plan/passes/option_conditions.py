"""Pass: options and scopes, request parameters that shape the response and select no rows.

They are not part of the statement's conditions: an equality, in any form, binds one, and then holds
for every row. So the option's value replaces the column in the engine's text: ``OwnerIds = 'self'``
becomes a comparison of 'self' with 'self', whatever the API's type. Any other condition on an
option is an error that says how to bind it. A parameter that shares a field's name but not its
meaning is treated in the same way if the parameter is meant.

A list-valued key or filter is compared by its only value if the other side is a single value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlglot import exp

from cirrusql.catalog.model import Column, ParameterRole, Role, Verb
from cirrusql.catalog.rows.column_types import sql_type
from cirrusql.errors import InvalidParameter
from cirrusql.plan.parameter_values.value_checks import check_single, fits, value_of
from cirrusql.plan.parameter_values.windows import bounds, window_ends
from cirrusql.plan.scope.expression_text import column_span
from cirrusql.plan.scope.lineage import sources_behind
from cirrusql.plan.scope.planning_context import Edit, PlanningContext
from cirrusql.plan.scope.resolve import (
    ResolvedColumn,
    is_alias,
    is_bound_by_lambda,
    is_star,
    resolve,
)
from cirrusql.plan.scope.scopes import Equality, SelectScope, TableReference
from cirrusql.plan.scope.source_text import remember_spans
from cirrusql.types import ListType, MapType, SqlType, StructType

SENT_ONLY = frozenset({ParameterRole.OPTION, ParameterRole.SCOPE})


def option_conditions(draft: PlanningContext) -> None:
    """Bind options from equalities. Raises InvalidParameter for other conditions on them."""
    for source in draft.sources:
        _tightest(source)
    said = list(_said(draft))
    for source, equality in said:
        source.must_send.add(equality.column)
    for source, equality in said:
        alone = [e for s, e in said if s is source and e.column == equality.column]
        is_one = len(alone) == 1 or equality.is_end
        if is_one and equality.constants and not equality.is_list and equality.group is None:
            _put(draft, equality)
    for scope in draft.scopes():
        for node in _conditions(scope):
            _refuse(scope, node)
            _one_for_a_list(draft, scope, node)
    for conditions in (draft.filters, draft.conditions):
        for item, nodes in conditions.items():
            conditions[item] = [n for n in nodes if not _is_stale(n)]


def _tightest(source: TableReference) -> None:
    """Of several bounds for one end of a window, the tightest."""
    for name in {e.column for e in source.equalities if e.is_end}:
        own = source.column(name)
        ends = [e for e in source.equalities if e.column == name and e.is_end]
        if own is None or len(ends) < 2:
            continue
        values = [exp.cast(e.constants[0].copy(), parameter_type(source, own).sql) for e in ends]
        chosen = exp.Greatest if ends[0].is_start else exp.Least
        one = chosen(this=values[0], expressions=values[1:])
        source.equalities = [
            replace(e, constants=(one,)) if e.column == name and e.is_end else e
            for e in source.equalities
        ]


def is_sent_only(column: Column) -> bool:
    """Whether a parameter selects no rows."""
    return column.parameter_role in SENT_ONLY or bool(column.begins)


def parameter_type(source: TableReference, column: Column) -> SqlType:
    """The type of the parameter, if a field has the same name."""
    if column.role is Role.PARAMETER:
        return column.type
    for method in source.table.methods:
        if Verb.SELECT in (method.verb, method.api_verb) and column.name in method.parameters:
            return sql_type(method.parameters[column.name].shape)
    return column.type


def checked(
    draft: PlanningContext, source: TableReference, column: Column, equality: Equality
) -> Equality | None:
    """An equality that binds a parameter; None if it only compares a field of that name.

    Raises InvalidParameter for a value that the parameter cannot have.
    """
    type_ = parameter_type(source, column)
    values = [] if equality.is_list else [value_of(c, draft.parameters) for c in equality.constants]
    if column.is_apart:
        is_meant = bool(values) and all(fits(v, type_) for v in values)
        # An expression has the type of the timestamp field, although the parameter is a number.
        is_of_field = None in values and (_is_nested(type_) or type_.name != column.type.name)
        if not is_meant or is_of_field:
            return None
    elif is_sent_only(column):
        for node, value in zip(equality.constants, values, strict=False):
            if not fits(value, type_):
                raise InvalidParameter(
                    f"{source.table.id}: {column.name} is {_called(type_)}, and {node.sql()} is "
                    "not",
                    hint=f"DESCRIBE EXTENDED {source.table.id} shows the types",
                )
    else:
        if not equality.is_list:
            check_single(source.table, column, equality.constants, draft.parameters)
        return equality
    return replace(
        equality, constants=tuple(_cast(c, v, type_) for c, v in _pairs(equality, values))
    )


def _pairs(equality: Equality, values: list[object]) -> Iterator[tuple[Any, object]]:
    if not values:
        yield from ((c, None) for c in equality.constants)
        return
    yield from zip(equality.constants, values, strict=True)


def _cast(node: exp.Expr, value: object, type_: SqlType) -> Any:
    """Convert text or numbers that stand for a boolean; other values are unchanged."""
    if type_.name == "BOOLEAN" and isinstance(node, exp.Literal):
        return exp.Boolean(this=str(value).lower() in ("true", "1"))
    return node


def _called(type_: SqlType) -> str:
    if isinstance(type_, ListType):
        return "a list"
    return "a structure" if _is_nested(type_) else f"of type {type_.sql}"


def _is_nested(type_: SqlType) -> bool:
    return isinstance(type_, StructType | MapType | ListType)


def _said(draft: PlanningContext) -> Iterator[tuple[TableReference, Equality]]:
    """The equalities that bind options, scopes, and parameters that only share a field's name."""
    for source in draft.sources:
        for equality in source.equalities:
            column = source.column(equality.column)
            if equality.column in source.prefixes:
                continue
            if (
                column is not None
                and (column.is_apart or is_sent_only(column))
                and not equality.is_for_keys
            ):
                yield source, equality


def _put(draft: PlanningContext, equality: Equality) -> None:
    """Replace the column by the value in its condition, in the text and in the tree."""
    node = equality.node
    span = column_span(node) if node is not None else None
    if node is None or span is None or node.meta.get("put"):
        return
    value = equality.shown if equality.shown is not None else equality.constants[0]
    remember_spans(draft, node)
    draft.edits = [e for e in draft.edits if e.end <= span[0] or span[1] <= e.start]
    draft.edits.append(Edit(*span, f"({value.sql(dialect='duckdb')})"))
    node.meta["put"] = True
    node.replace(exp.Paren(this=value.copy()))


def _is_stale(node: exp.Expr) -> bool:
    return bool(node.meta.get("put"))


def _conditions(scope: SelectScope) -> Iterator[Any]:
    """The conditions on rows of a SELECT, wherever they are written."""
    for conjunct in scope.conjuncts:
        if not _is_stale(conjunct.node):
            yield conjunct.node
    for name in ("having", "qualify"):
        part = scope.node.args.get(name)
        if part is not None:
            yield part.this


def _own_columns(node: exp.Expr) -> Iterator[Any]:
    """The columns of a condition that are not in a nested query."""
    if isinstance(node, exp.Query):
        return
    if isinstance(node, exp.Column):
        if not is_star(node):
            yield node
        return
    for child in node.iter_expressions():
        yield from _own_columns(child)


def _refuse(scope: SelectScope, node: exp.Expr) -> None:
    for column in _own_columns(node):
        found = resolve(scope, column)
        if found is None:
            _refuse_unclear(scope, column)
            continue
        for source, name in sources_behind(found.item, found.column):
            own = source.column(name)
            if own is not None and is_sent_only(own) and own.name not in source.must_send:
                raise misused(source, own)
            if (
                own is not None
                and is_sent_only(own)
                and any(b.column is column for b in bounds(node))
            ):
                # If no parameter takes one half of a window, that half would compare the sent
                # value.
                raise misused(source, own)


def _refuse_unclear(scope: SelectScope, column: Any) -> None:
    """Raise an error if an unqualified name may be an option's: it would be compared with NULL."""
    if len(column.parts) > 1 or is_bound_by_lambda(column) or is_alias(scope, column):
        return
    place: SelectScope | None = scope
    while place is not None:
        for item in place.items:
            own = item.source.column(column.name) if item.source is not None else None
            if item.source is None or own is None or not is_sent_only(own):
                continue
            if own.name not in item.source.must_send:
                raise InvalidParameter(
                    f"{item.source.table.id}: cannot tell which table the request option "
                    f"{column.name} belongs to",
                    hint=f"qualify it: {item.node.alias_or_name}.{own.name}",
                )
        place = place.parent


def misused(source: TableReference, column: Column) -> InvalidParameter:
    """The error for a condition on an option that does not bind it, saying how to bind it."""
    if column.begins:
        return InvalidParameter(
            f"{source.table.id}: {column.name} is a prefix of {column.begins}, and can only be "
            "compared with constants by =, <> and IN",
            hint=f"compare the field instead: {column.begins} LIKE '…%'",
        )
    is_truth = column.type.name == "BOOLEAN"
    how = f"{column.name} = true" if is_truth else f"{column.name} = …"
    role = "a scope" if column.parameter_role is ParameterRole.SCOPE else "an option"
    is_end = column.name in window_ends(source.table, is_sent_only)
    more = "; a time window also with >=, >, <, <= or BETWEEN and constants" if is_end else ""
    what = "widens" if column.parameter_role is ParameterRole.SCOPE else "shapes"
    return InvalidParameter(
        f"{source.table.id}: {column.name} is {role} of the request: it {what} the response and "
        "is not part of its rows, so this condition can be neither sent nor evaluated",
        hint=f"bind it with an equality that every row must meet: {how}, {column.name} IN (…), "
        f"or a join{more}",
    )


def _one_for_a_list(draft: PlanningContext, scope: SelectScope, node: exp.Expr) -> None:
    """``InstanceIds = 'i-1'`` compares the list's only value."""
    compared = (
        exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ,
        exp.Like, exp.ILike, exp.In, exp.Between,
    )  # fmt: skip
    for part in [n for n in node.walk() if isinstance(n, compared)]:
        sides = [part.this, *_others(part)]
        for side in sides:
            column = side.unnest()
            if (
                not isinstance(column, exp.Column)
                or is_star(column)
                or not _is_list_parameter(scope, column)
            ):
                continue
            rest = [s for s in sides if s is not side]
            if rest and all(is_one_value(draft, scope, s) for s in rest):
                _index(draft, column)


def _others(node: exp.Expr) -> list[Any]:
    if isinstance(node, exp.In):
        query = node.args.get("query")
        return [query] if query is not None else list(node.expressions)
    if isinstance(node, exp.Between):
        return [node.args["low"], node.args["high"]]
    return [node.expression]


def _is_list_parameter(scope: SelectScope, column: exp.Expr) -> bool:
    found = resolve(scope, column)
    own = _column_of(found)
    is_parameter = own is not None and own.role is Role.PARAMETER and not (found and found.rest)
    return bool(
        is_parameter and own and isinstance(own.type, ListType) and not _is_nested(own.type.element)
    )


def _column_of(found: ResolvedColumn | None) -> Column | None:
    if found is None:
        return None
    for source, name in sources_behind(found.item, found.column):
        return source.column(name)
    return None


def _index(draft: PlanningContext, column: exp.Expr) -> None:
    span = column_span(column)
    if span is None:
        return
    remember_spans(draft, column)
    edit = Edit(span[1], span[1], "[1]")
    if edit not in draft.edits:
        draft.edits.append(edit)
    bracket = exp.Bracket(this=column.copy(), expressions=[exp.Literal.number(0)])
    column.replace(bracket)
    bracket.set("this", column)


_LISTS = frozenset(
    {"list_value", "list", "array_agg", "range", "generate_series", "flatten", "string_split"}
)
_SINGLES = frozenset(
    {"list_extract", "list_element", "array_length", "list_sum", "list_min", "list_max"}
)


def is_one_value(draft: PlanningContext, scope: SelectScope, node: exp.Expr) -> bool:
    """Whether an expression is known to be a single value rather than a list."""
    node = node.unnest()
    if isinstance(node, exp.Any):
        return _is_one_of_several(draft, scope, node.this.unnest())
    if isinstance(node, exp.Subquery):
        node = node.this
    if isinstance(node, exp.Select):
        inner = next((s for s in draft.scopes() if s.node is node), None)
        return (
            len(node.selects) == 1
            and inner is not None
            and is_one_value(draft, inner, node.selects[0])
        )
    if isinstance(node, exp.Alias):
        node = node.this
    if isinstance(node, exp.Column):
        own = _column_of(resolve(scope, node))
        return own is not None and not _is_nested(own.type) and own.type.name != "JSON"
    if isinstance(node, exp.Literal | exp.Placeholder | exp.Boolean):
        value = value_of(node, draft.parameters)
        is_text_of_list = isinstance(value, str) and value.lstrip()[:1] == "["
        return value is not None and not isinstance(value, list | tuple) and not is_text_of_list
    if isinstance(node, exp.Cast):
        return not node.to.args.get("nested") and not node.to.is_type("array", "list")
    if isinstance(node, exp.Anonymous):
        name = node.name.lower()
        return name in _SINGLES or not (name in _LISTS or name.startswith(("list_", "array_")))
    lists = (
        exp.Array,
        exp.List,
        exp.Struct,
        exp.ArrayAgg,
        exp.Split,
        exp.Null,
        exp.SetOperation,
        exp.Any,
    )
    return not isinstance(node, lists) and not type(node).__name__.startswith(("Array", "Sort"))


def _is_one_of_several(draft: PlanningContext, scope: SelectScope, node: exp.Expr) -> bool:
    """Whether each element of ANY's operand is a single value."""
    if isinstance(node, exp.Array):
        return all(is_one_value(draft, scope, e) for e in node.expressions)
    if isinstance(node, exp.Placeholder):
        given = value_of(node, draft.parameters)
        return isinstance(given, list | tuple) and not any(
            isinstance(v, list | tuple) for v in given
        )
    return isinstance(node, exp.Query) and is_one_value(draft, scope, node)
